"""The announcement of a launch: drafted from its facts, edited and posted by a person. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.ai.announcing import AnnouncementFacts
from bot.clock import local_date, zone_named
from bot.launches.records import LaunchDetail, LaunchView
from bot.launches.stages import BETA, LIVE, PLANNED, PROTOTYPE, ROLLING_OUT, WORDS
from bot.slack.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    channels_select,
    context,
    field_input,
    modal,
    section,
)
from bot.slack.blocks import text_input as text_field
from bot.slack.ids import Action, Form
from bot.slack.text import channel, escape, link, person, shorten

TEXT_LIMIT = 2_000
# The text's field, and its name once a model has worded it anew.
TEXT, WORDED = "text", "text_worded"
WORDINGS = {
    "asked": "The model is asked. The text changes here when it has answered; you need not wait.",
    "done": "Worded by a model from the facts of this launch. Please check it before you post it.",
    "failed": "The model's words could not be used, so the facts stand as they were.",
}
THEMES_NAMED = 3
OPENINGS = {
    PROTOTYPE: "{title} can be tried as a prototype.",
    PLANNED: "{title} is coming.",
    BETA: "{title} is in beta: the first customers have it.",
    ROLLING_OUT: "{title} is rolling out.",
    LIVE: "{title} is live for everybody.",
}


def draft_announcement(detail: LaunchDetail, asked_in: Sequence[str], *, at: datetime) -> str:
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
    if day := _checked_on(launch, at):
        lines.append(f"Whether it does what we hope is checked on {day}.")
    return shorten("\n".join(lines), TEXT_LIMIT)


def _checked_on(launch: LaunchView, at: datetime) -> str:
    """Return the day on which its bet is checked, while that is still to come."""
    bet = launch.bet
    if bet is None or launch.stage != LIVE or bet.state != "open":
        return ""
    day = bet.check_date
    is_past = day < local_date(at, zone_named(bet.timezone))
    return "" if is_past else f"{day.day} {day:%B}"


def facts_of(
    detail: LaunchDetail, asked_in: Sequence[str], updates: Sequence[str], *, at: datetime
) -> AnnouncementFacts:
    """Return what a model may reword; ``updates`` are what people told in the launch's thread."""
    launch = detail.launch
    return AnnouncementFacts(
        title=launch.title,
        stage=WORDS[launch.stage],
        summary=launch.summary,
        asked_for=tuple(asked_in[:THEMES_NAMED]),
        updates=tuple(updates),
        checked_on=_checked_on(launch, at),
    )


def render_announcement_form(
    launch: LaunchView, draft: str, channel_id: str, *, field: str = TEXT, wording: str = ""
) -> View:
    """The draft, to be edited; nothing is posted before this form is sent.

    ``field`` names the text's field: Slack keeps what stands in a field of the same name.
    ``wording`` says how far a model's wording is: offered, asked, done, failed; empty without one.
    """
    text = text_field("text", initial=draft, multiline=True, limit=TEXT_LIMIT)
    hint = "Yours to change. It is posted when you send this form, and only then."
    return modal(
        Form.LAUNCH_ANNOUNCE,
        "Announce",
        [
            section(f"#{launch.number} {escape(launch.title, limit=100)}"),
            field_input("channel", "Channel", channels_select("channel", chosen=channel_id)),
            field_input(field, "Announcement", text, hint=hint),
            *_wording(launch, wording),
        ],
        submit="Post it",
        state={"launch": launch.id},
    )


def _wording(launch: LaunchView, wording: str) -> list[Block]:
    if wording == "offered":
        return [actions(button("Word it with the model", Action.LAUNCH_WORD, launch.id))]
    return [context(WORDINGS[wording])] if wording else []


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
