"""What the engine says by itself: only that something failed, to the one who can mend it. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.blocks import Message, actions, button, section
from bot.slack.ids import Action
from bot.slack.kinds import is_channel
from bot.slack.text import channel, escape, person, when

FIXES = {
    "not_in_channel": "I am not a member there (any more). Invite me with `/invite @Daybook`.",
    "channel_not_found": "The channel is gone, or I was removed. Invite me, or pick another one.",
    "is_archived": "The channel is archived. Unarchive it, or pick another one.",
    "user_not_found": "The person is no longer in this workspace. Pick somebody else.",
    "missing_scope": "The app lacks a permission. Ask an admin to reinstall it from app.yaml.",
    "invalid_auth": "Slack does not accept the bot's token. Ask whoever runs Daybook to renew it.",
    "token_revoked": "Daybook was removed from this workspace. Install it again.",
}


def render_job_failed(kind: str, reason: str, due_at: datetime) -> Message:
    """Say that a run failed for good."""
    what = kind.split(".", maxsplit=1)[0]
    text = f"The {what} due {when(due_at)} could not run. {escape(reason, limit=500)}"
    return Message(text, [section(text)])


def render_job_missed(kind: str, due_at: datetime, minutes: int) -> Message:
    """Say that the one date of something passed while nobody ran it."""
    what = kind.split(".", maxsplit=1)[0]
    text = (
        f"The {what} due {when(due_at)} did not run: when Daybook came to it, it was {minutes} "
        "minutes late, which is too late for it. It has no further date, so please see to it."
    )
    return Message(text, [section(text)])


def render_event_failed(where: str, at: datetime, reason: str) -> Message:
    """Say that what somebody did or asked for came to nothing; ``where`` is a channel or empty."""
    what = f"handle what you did in {channel(where)}" if where else "do what you asked for"
    text = f"I could not {what}, {when(at)}. {escape(reason, limit=300)} Please try it again."
    return Message(text, [section(text)])


def render_delivery_failed(
    label: str, target: str, code: str, reason: str, delivery_id: str
) -> Message:
    """Say what did not arrive where, why, and what to do; with a button to send it again."""
    where = channel(target) if is_channel(target) else "its reader"
    fix = FIXES.get(code, escape(reason, limit=300))
    text = f"{escape(label) or 'A message'} did not reach {where}. {fix}"
    return Message(
        text,
        [section(text), actions(button("Send it again", Action.ENGINE_RESEND, delivery_id))],
    )


def with_pause(message: Message, schedule_id: str, failures: int) -> Message:
    """Add to a failure's note that its schedule was paused; with a button to let it go on."""
    said = (
        f"It failed {failures} times in a row, so I paused it. "
        "Resume it when the cause is mended; it goes on with its next date."
    )
    resume = button("Resume", Action.ENGINE_RESUME, schedule_id)
    blocks = message.blocks or [section(message.text)]
    return Message(f"{message.text} {said}", [*blocks, section(said), actions(resume)])


def render_untold(reader: str, message: Message) -> Message:
    """Hand a note on that could not reach its reader."""
    lead = f"I could not tell {person(reader)} this:"
    blocks = message.blocks or [section(message.text)]
    return Message(f"{lead} {message.text}", [section(lead), *blocks])


STOPPED = {
    "archive": "was archived, so I paused what goes there",
    "deleted": "was deleted, so I paused what goes there",
    "left": "is closed to me since I was removed. What goes there will not arrive",
}
STOPPED_FIX = {
    "archive": "Unarchive it and resume, or pick another channel.",
    "deleted": "Pick another channel.",
    "left": "Invite me with `/invite @Daybook`, or pick another channel.",
}


def render_channel_stopped(target: str, how: str, names: Sequence[str]) -> Message:
    """Say that a channel takes no messages any more, and what went there. ``names`` escaped."""
    listed = "\n".join(f"• {name}" for name in names)
    text = f"{channel(target)} {STOPPED[how]}:"
    return Message(text, [section(f"{text}\n{listed}"), section(STOPPED_FIX[how])])


def closed_words(channel_id: str) -> str:
    """Say that a channel takes no message now, before anything failed there, and the fix."""
    return f"I cannot post in {channel(channel_id)} now. Invite me there with `/invite @Daybook`."


def render_channel_back(target: str, paused: Sequence[tuple[str, str]]) -> Message:
    """Offer to resume what was paused; ``paused`` are (schedule's id, name, escaped)."""
    text = f"I can post in {channel(target)} again. What is paused there:"
    rows = [
        section(name, accessory=button("Resume", f"{Action.ENGINE_RESUME}:{id_}", id_))
        for id_, name in paused
    ]
    return Message(text, [section(text), *rows])


def render_picture_failed(label: str, target: str, delivery_id: str) -> Message:
    """Say that a message stands without its picture; with a button to try again."""
    where = channel(target) if is_channel(target) else "its reader"
    what = escape(label) or "A message"
    text = f"{what} reached {where}, but its picture could not be shown. The text is complete."
    return Message(
        text,
        [
            section(text),
            actions(button("Try the picture again", Action.ENGINE_RESEND, delivery_id)),
        ],
    )


def render_delivery_uncertain(label: str, target: str, delivery_id: str) -> Message:
    """Say that Slack's answer was lost and the message cannot be looked up."""
    where = channel(target) if is_channel(target) else "its reader"
    text = (
        f"{escape(label) or 'A message'} may or may not have reached {where}: Slack's answer was "
        "lost and I cannot look there. Please check; I will not send it twice by myself."
    )
    return Message(
        text,
        [section(text), actions(button("Send it again", Action.ENGINE_RESEND, delivery_id))],
    )
