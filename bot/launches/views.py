"""What people see of launches: headline, lists, offers, App Home. Pure."""

from collections.abc import Sequence

from bot.bets.cards import outcome_phrase, render_bet, render_outcome, verdict_button
from bot.bets.rules import spoken_date
from bot.bets.words import (
    bet_phrase,
)
from bot.launches.crew_views import people, render_crew_lines
from bot.launches.readiness import needs_go
from bot.launches.records import LaunchDetail, LaunchView
from bot.launches.stages import LIVE, NEXT, WORDS
from bot.slack.blocks import Block, Message, actions, button, context, section, select
from bot.slack.ids import Action
from bot.slack.text import escape, link, person, quote, when


def render_headline(detail: LaunchDetail, asked_by: Sequence[str] = ()) -> Message:
    """The one message of a launch in its channel, edited in place on every change."""
    launch = detail.launch
    title = escape(launch.title, limit=150)
    text = (
        f"Launch #{launch.number}: {title}, {WORDS[launch.stage]}, owner {person(launch.owner_id)}"
    )
    blocks = [section(f"*{title}*\n{_about(launch, detail)}")]
    if launch.summary:
        blocks.append(section(escape(launch.summary, limit=600)))
    if launch.bet:
        blocks += render_bet(launch.bet)
    blocks += render_outcome(launch)
    if asked_by:
        names = ", ".join(escape(name, limit=80) for name in asked_by[:5])
        blocks.append(context(f"Asked for in: {names}"))
    blocks += render_crew_lines(detail)
    blocks.append(_headline_buttons(launch))
    return Message(text, blocks)


def _about(launch: LaunchView, detail: LaunchDetail) -> str:
    parts = [f"#{launch.number}", _stage(launch, detail), person(launch.owner_id)]
    if launch.area:
        parts.append(escape(launch.area, limit=60))
    return " · ".join(parts)


def _stage(launch: LaunchView, detail: LaunchDetail) -> str:
    last = detail.steps[-1] if detail.steps else None
    since = f" since {when(last.at, '{date_short_pretty}')}" if last else ""
    why = f" (“{escape(last.reason, limit=200)}”)" if last and last.reason else ""
    return f"*{WORDS[launch.stage]}*{since}{why}"


def _headline_buttons(launch: LaunchView) -> Block:
    options = [(WORDS[stage].capitalize(), stage) for stage in NEXT[launch.stage]]
    move = select(f"{Action.LAUNCH_STAGE}:{launch.id}", options, placeholder="Move to …")
    row = [
        move,
        button("Edit", Action.LAUNCH_EDIT, launch.id),
        button("Post an update", Action.LAUNCH_UPDATE, launch.id),
        button("Checklist and people", Action.LAUNCH_CREW, launch.id),
    ]
    give = verdict_button(launch)
    return actions(*row, *([give] if give else []))


def render_stage_note(detail: LaunchDetail) -> Message:
    """The line in the thread when a launch comes to another stage."""
    step = detail.steps[-1]
    text = f"Now *{WORDS[step.stage]}*, says {person(step.actor)}."
    blocks = [section(text)]
    if step.reason:
        blocks.append(section(quote(step.reason)))
    if missing := needs_go(detail, step.stage):
        blocks.append(context(f"Without the go of {people(one.member_id for one in missing)}."))
    bet = detail.launch.bet
    if step.stage == LIVE and bet and bet.first_day and bet.state == "open":
        blocks.append(
            context(
                f"The bet is measured from {spoken_date(bet.first_day)} on "
                f"and checked on {spoken_date(bet.check_date)}."
            )
        )
    return Message(text, blocks)


def render_update(text: str, by: str) -> Message:
    """An update in the thread, in its writer's words."""
    said = f"{person(by)}: {escape(text)}"
    return Message(said, [section(f"Update by {person(by)}"), section(quote(text, limit=2_500))])


def render_edit_note(launch: LaunchView, by: str, changed: Sequence[str]) -> Message:
    """The line in the thread when something of a launch was changed."""
    words = {"title": "title", "owner_id": "owner", "area": "area"}
    words |= {"summary": "sentence about it", "bet": "bet"}
    what = ", ".join(words[name] for name in changed if name in words)
    text = f"{person(by)} changed the {what}."
    blocks = [section(text)]
    if "bet" in changed and launch.bet:
        late = " This was after launch and will be said in the verdict." if launch.live_at else ""
        blocks.append(context(f"Now: {bet_phrase(launch.bet)}.{late}"))
    if "owner_id" in changed:
        blocks.append(context(f"Owner now: {person(launch.owner_id)}"))
    return Message(text, blocks)


def render_offer(title: str, offer_id: str) -> Message:
    """The private question to the author of a launch-like message."""
    text = f"This reads like a launch: “{escape(title, limit=100)}”. Log it?"
    row = actions(
        button("Log the launch", Action.LAUNCH_OFFER_TAKE, offer_id, style="primary"),
        button("No, thanks", Action.LAUNCH_OFFER_DECLINE, offer_id),
    )
    small = context(
        "Only you see this. It keeps one headline here and can come back with a result."
    )
    return Message(text, [section(text), row, small])


def render_form_offer(value: str) -> Message:
    """The private answer to a mention without a title: a button that opens the form."""
    text = "What was launched? The form takes ten seconds."
    return Message(
        text,
        [
            section(text),
            actions(button("Log a launch", Action.LAUNCH_OPEN, value, style="primary")),
        ],
    )


def render_logged_note(launch: LaunchView, note: str = "") -> Message:
    """The private answer to a mention that was logged at once; ``note`` is a sentence of ours."""
    title = escape(launch.title, limit=100)
    text = f"Logged as launch #{launch.number}: {title}" + ("" if title.endswith("…") else ".")
    row = actions(button("Add a bet", Action.LAUNCH_EDIT, launch.id))
    return Message(text, [section(f"{text} {note}".strip()), row])


def render_declined() -> Message:
    """Say that an offer is dropped."""
    return Message("Fine, not a launch. I will not ask about this message again.")


def render_already_logged(launch: LaunchView) -> Message:
    """Say that a message became a launch before."""
    where = link(launch.permalink, launch.title) if launch.permalink else escape(launch.title)
    return Message(f"That message is launch #{launch.number} already: {where}.")


def render_launch_line(launch: LaunchView) -> str:
    """One launch on one or two lines: what, stage, owner, what came of it."""
    where = link(launch.permalink, launch.title) if launch.permalink else escape(launch.title)
    parts = [WORDS[launch.stage], person(launch.owner_id)]
    if launch.area:
        parts.append(escape(launch.area, limit=60))
    return f"*#{launch.number}* {where} · {' · '.join(parts)}\n{outcome_phrase(launch)}".rstrip()


def render_list(launches: Sequence[LaunchView], wanted: str, *, is_guest: bool = False) -> Message:
    """``/daybook launch list``: newest first. A guest, who cannot log one, is not told to."""
    first = "" if is_guest else " Type `/launch` to log the first one."
    head = f"Launches: {escape(wanted, limit=80)}" if wanted else "Launches, newest first"
    if not launches:
        return Message(
            f"No launches found for “{escape(wanted, limit=80)}”. Filter by an area, a stage "
            "(prototype, planned, beta, rolling out, live, rolled back, retired) or an owner."
            if wanted
            else f"No launches that you can see yet.{first}"
        )
    return Message(
        head, [section(f"*{head}*"), *(section(render_launch_line(one)) for one in launches)]
    )


def render_similar(launches: Sequence[LaunchView]) -> list[Block]:
    """What was launched before under such a title, and how it ended."""
    if not launches:
        return []
    lines = [f"#{one.number} {escape(one.title, limit=80)}: {_ending(one)}" for one in launches]
    return [context("Launched before, much like this:\n" + "\n".join(lines))]


def _ending(launch: LaunchView) -> str:
    ending = outcome_phrase(launch)
    return ending[:1].lower() + ending[1:] if ending else WORDS[launch.stage]


def render_home_mine(launches: Sequence[LaunchView]) -> list[Block]:
    """The person's own launches."""
    return [
        section(
            render_launch_line(one),
            accessory=button("Edit", f"{Action.LAUNCH_EDIT}:{one.id}", one.id),
        )
        for one in launches
    ]
