"""Handing over, in words and forms. Pure."""

from collections.abc import Mapping

from bot.slack.blocks import (
    Message,
    View,
    actions,
    button,
    context,
    field_input,
    modal,
    section,
    users_select,
)
from bot.slack.ids import Action, Form
from bot.slack.text import person

NOUNS = {
    "digest": ("digest", "digests"),
    "launch": ("launch", "launches"),
    "bet": ("bet", "bets"),
    "step": ("step after a miss", "steps after a miss"),
    "decision": ("decision", "decisions"),
    "retro": ("retro series", "retro series"),
    "action": ("action", "actions"),
    "metric": ("metric", "metrics"),
    "customer": ("customer", "customers"),
    "follow_up": ("customer to tell", "customers to tell"),
    "refusal": ("declined theme", "declined themes"),
}
METRICS_HINT = (
    "Metrics are declared in the metrics file: change their owner there too, or it comes back at "
    "the next start."
)


def say_counts(counts: Mapping[str, int]) -> str:
    """Return e.g. ``2 launches, 1 digest``."""
    listed = [f"{n} {NOUNS[kind][n != 1]}" for kind, n in counts.items()]
    return ", ".join(listed) or "nothing"


def render_form(from_id: str, counts: Mapping[str, int], *, is_admin: bool) -> View:
    """Who gives, who takes. Admins may pick whose things they are."""
    blocks = [section(f"{person(from_id)} owns {say_counts(counts)}.")]
    if is_admin:
        picker = users_select("from", chosen=from_id)
        blocks.append(field_input("from", "Everything of", picker))
    blocks.append(field_input("to", "goes to", users_select("to")))
    blocks.append(
        context("Schedules go along. What comes from private channels that they are not in stays.")
    )
    state = {"from": from_id}
    return modal(Form.HANDOVER, "Hand over", blocks, submit="Hand over", state=state)


def render_done(
    handover_id: str, from_id: str, to_id: str, counts: Mapping[str, int], left: int
) -> View:
    """Say what changed hands, with a way back."""
    text = f"Handed over from {person(from_id)} to {person(to_id)}: {say_counts(counts)}."
    blocks = [section(text)]
    if left:
        noun = "thing" if left == 1 else "things"
        blocks.append(section(f"{left} {noun} stayed: from private channels that they are not in."))
    if "metric" in counts:
        blocks.append(context(METRICS_HINT))
    if counts:
        blocks.append(actions(button("Undo", Action.HANDOVER_UNDO, handover_id)))
    return modal(Form.PROBLEM, "Hand over", blocks)


def render_undone(count: int) -> View:
    """Say that it was taken back."""
    noun = "thing has" if count == 1 else "things have"
    return modal(Form.PROBLEM, "Hand over", [section(f"{count} {noun} the owner of before again.")])


def render_received(from_id: str, by: str, counts: Mapping[str, int]) -> Message:
    """Tell the new owner, once."""
    text = f"You own what was {person(from_id)}'s now: {say_counts(counts)}."
    return Message(
        text,
        [section(text), context(f"Handed over by {person(by)}. The App Home shows what is yours.")],
    )


def render_deactivated(user_id: str, counts: Mapping[str, int]) -> Message:
    """Ask an admin, once, who takes over what a deactivated person owned."""
    text = f"{person(user_id)} was deactivated and still owns {say_counts(counts)}."
    return Message(
        text,
        [
            section(f"{text} Questions and failures reach nobody until somebody takes over."),
            actions(button("Hand over", Action.HANDOVER_OPEN, user_id, style="primary")),
        ],
    )
