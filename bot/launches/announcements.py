"""The announcement of a launch: drafted from its facts, edited and posted by a person. Pure."""

from collections.abc import Sequence

from bot.launches.records import LaunchDetail, LaunchView
from bot.launches.stages import BETA, LIVE, PLANNED, PROTOTYPE, ROLLING_OUT
from bot.slack.blocks import Message, View, channels_select, context, field_input, modal, section
from bot.slack.blocks import text_input as text_field
from bot.slack.ids import Form
from bot.slack.text import channel, escape, link, person, shorten

TEXT_LIMIT = 2_000
THEMES_NAMED = 3
OPENINGS = {
    PROTOTYPE: "{title} can be tried as a prototype.",
    PLANNED: "{title} is coming.",
    BETA: "{title} is in beta: the first customers have it.",
    ROLLING_OUT: "{title} is rolling out.",
    LIVE: "{title} is live for everybody.",
}


def draft_announcement(detail: LaunchDetail, asked_in: Sequence[str]) -> str:
    """Return a draft in plain text. No figure stands in it: who may see one is not known yet.

    ``asked_in`` are names of themes as the drafter sees them; they edit before anybody reads it.
    """
    launch = detail.launch
    opening = OPENINGS.get(launch.stage, "{title} was live, and is not any more.")
    lines = [opening.format(title=launch.title)]
    if launch.summary:
        lines.append(launch.summary)
    if asked_in:
        lines.append(f"Customers asked for it: {'; '.join(asked_in[:THEMES_NAMED])}.")
    if launch.bet and launch.bet.check_date and launch.stage == LIVE:
        day = launch.bet.check_date
        lines.append(f"Whether it does what we hope is checked on {day.day} {day:%B}.")
    return shorten("\n".join(lines), TEXT_LIMIT)


def render_announcement_form(launch: LaunchView, draft: str, channel_id: str) -> View:
    """The draft, to be edited; nothing is posted before this form is sent."""
    text = text_field("text", initial=draft, multiline=True, limit=TEXT_LIMIT)
    hint = "Yours to change. It is posted when you send this form, and only then."
    return modal(
        Form.LAUNCH_ANNOUNCE,
        "Announce",
        [
            section(f"#{launch.number} {escape(launch.title, limit=100)}"),
            field_input("channel", "Channel", channels_select("channel", chosen=channel_id)),
            field_input("text", "Announcement", text, hint=hint),
        ],
        submit="Post it",
        state={"launch": launch.id},
    )


def render_announcement(detail: LaunchDetail, text: str, by: str) -> Message:
    """The announcement as its writer sent it, with where to ask."""
    launch = detail.launch
    ask = detail.crew.roles.get("support", launch.owner_id)
    parts = [f"Announced by {person(by)}", f"Questions: {person(ask)}"]
    if launch.permalink:
        parts.append(link(launch.permalink, f"Launch #{launch.number}"))
    return Message(escape(text), [section(escape(text)), context(" · ".join(parts))])


def render_announced_note(by: str, channel_id: str) -> Message:
    """The line in the thread once it was announced."""
    return Message(f"{person(by)} announced it in {channel(channel_id)}.")
