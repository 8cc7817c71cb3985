"""What is said of a digest's use: the buttons under it, a snooze, the proposal to end it. Pure."""

from datetime import date

from bot.digests.views import day_name
from bot.slack.blocks import Block, Message, actions, button, section
from bot.slack.ids import Action
from bot.slack.kinds import is_person
from bot.slack.text import channel, escape, person

NAME_LIMIT = 80


def render_use_buttons(post_id: str) -> Block:
    """The row under a digest."""
    return actions(
        button("Useful", Action.DIGEST_USEFUL, post_id),
        button("Not useful", Action.DIGEST_NOT_USEFUL, post_id),
        button("Snooze a week", Action.DIGEST_SNOOZE, post_id),
        block_id="use",
    )


def render_vote(*, counts: bool, is_useful: bool) -> Message:
    """Thank for a word on a digest; only the one who gave it sees this."""
    if not counts:
        return Message("Taken back.")
    said = "useful" if is_useful else "not useful"
    return Message(
        f"Noted as {said}; nobody is shown who said so. The same button takes it back."
        + ("" if is_useful else " Fewer metrics or days: `/daybook digest list`, then Edit.")
    )


def render_snoozed(name: str, until: date, by: str, digest_id: str) -> Message:
    """Say in the digest's thread that it is silent for a while, and how to end that."""
    text = (
        f"{person(by)} snoozed {escape(name, limit=NAME_LIMIT)}: nothing is posted before "
        f"{day_name(until)}. It goes on by itself."
    )
    return Message(
        text, [section(text), actions(button("Wake it now", Action.DIGEST_WAKE, digest_id))]
    )


def render_proposal(name: str, number: int, target: str, digest_id: str, posts: int) -> Message:
    """Ask the owner of a digest that nobody used whether it should end."""
    where = f"a DM to {person(target)}" if is_person(target) else channel(target)
    head = f"Should the digest {escape(name, limit=NAME_LIMIT)} (#{number}) to {where} end?"
    text = (
        f"{head} In its last {posts} posts nobody found it useful, opened a number or asked "
        "about one. Nothing changes unless you say so."
    )
    buttons = [
        button("Keep it", Action.DIGEST_KEEP, digest_id, style="primary"),
        button("Edit", f"{Action.DIGEST_EDIT}:{number}", digest_id),
        button("End it", f"{Action.DIGEST_REMOVE}:{number}", digest_id),
    ]
    return Message(head, [section(text), actions(*buttons)])
