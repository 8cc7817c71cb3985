"""The forms of removing and erasing, what they say before and after. Pure."""

from bot.feedback.queries import FeedbackView
from bot.privacy.erasure import Found
from bot.privacy.rules import MONTHS
from bot.slack.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    field_input,
    modal,
    section,
    select,
    text_input,
    users_select,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape, quote

FINAL = "This cannot be undone."


def render_privacy_door() -> Block:
    """The button to how long words are kept, in the settings; admins only."""
    return button("How long words are kept", Action.PRIVACY_RETENTION)


def render_redact_form(item: FeedbackView, *, page_id: str = "") -> View:
    """What would go, before it goes; ``page_id`` is the view that it stands on."""
    return modal(
        Form.FEEDBACK_REDACT,
        "Remove the words?",
        [
            section(f"*#{item.number}*\n{quote(item.text, limit=600)}"),
            section(
                "These words go from Daybook everywhere: from search, themes, drafts, the log, and "
                "from messages of mine of the last day. That it was said stays: its number, kind, "
                "customer and theme. The message itself is its author's; delete it in Slack."
            ),
            context(FINAL),
        ],
        submit="Remove the words",
        state={"feedback": item.id, "page": page_id},
    )


def render_redacted(number: int, messages: int) -> View:
    """Say what went."""
    more = f" {_count(messages, 'message')} of mine quoted them; no more." if messages else ""
    text = f"The words of #{number} are removed.{more}"
    return modal(Form.PROBLEM, "Removed", [section(text)])


def render_erase_form(*, is_admin: bool) -> View:
    """Whom to erase: oneself, and for an admin anybody."""
    if not is_admin:
        text = (
            "This erases *you*: what you wrote and was logged as feedback, your named retro "
            "answers, your name, address and time off. An admin can erase others."
        )
        return modal(Form.ERASE_WHOM, "Erase a person", [section(text)], submit="Show what goes")
    address = text_input("address", placeholder="ann@acme.example", limit=320)
    return modal(
        Form.ERASE_WHOM,
        "Erase a person",
        [
            section("A customer's person by their address, or somebody of this workspace."),
            field_input("address", "E-mail address", address, optional=True),
            field_input("member", "Or a member or guest", users_select("member"), optional=True),
            context("You see what goes before it goes."),
        ],
        submit="Show what goes",
    )


def render_erase_preview(who: str, found: Found, state: dict[str, object]) -> View:
    """What would go, before it goes. ``who`` is inert already."""
    if found.is_nothing:
        text = f"I know nothing of {who}. There is nothing to erase."
        return modal(Form.PROBLEM, "Erase a person", [section(text)])
    return modal(
        Form.ERASE,
        "Erase a person",
        [
            section(f"*{who}*\nThis goes:\n{say_found(found)}"),
            section(
                "That it happened stays, without the words and without who. Anonymous retro "
                "answers cannot be found by anybody, so they stay. Slack's own messages stay in "
                "Slack."
            ),
            context(FINAL),
        ],
        submit="Erase",
        state=state,
    )


def render_erasing() -> View:
    """Say that it has begun."""
    text = "Erasing. A receipt comes to you as a direct message."
    return modal(Form.PROBLEM, "Erase a person", [section(text)])


def render_receipt(found: Found, messages: int) -> Message:
    """What went, without whose it was."""
    lines = say_found(found)
    if messages:
        lines += f"\n• the words in {_count(messages, 'message')} of mine"
    text = "The person is erased."
    return Message(text, [section(f"{text} This went:\n{lines}"), context(FINAL)])


def say_found(found: Found) -> str:
    """Return the counts as a list, without what there is none of."""
    parts = [
        (found.feedback, "feedback text"),
        (found.lines, "line of the log", "lines of the log"),
        (found.answers, "retro answer"),
        (found.snapshots, "message kept with a decision", "messages kept with decisions"),
        (
            found.mentions,
            "note of others that names the address (the rest of it stays)",
            "notes of others that name the address (the rest of them stays)",
        ),
        (found.profiles, "profile (name, address, time off)", "profiles"),
    ]
    return "\n".join(f"• {_count(*part)}" for part in parts if part[0])  # type: ignore[arg-type]


def render_retention_form(months: int, counts: dict[int, int]) -> View:
    """How long words are kept; each choice says what it would remove."""
    options = [(_choice(n, counts.get(n, 0)), str(n)) for n in MONTHS]
    menu = select("months", options, chosen=str(months))
    return modal(
        Form.PRIVACY_RETENTION,
        "How long words are kept",
        [
            field_input("months", "Customers' words are kept for", menu),
            context(
                "Each night the words of older feedback are removed, and what decisions keep of "
                "older threads: they cannot come back. Numbers, kinds, customers and themes stay."
            ),
            actions(button("Erase a person", Action.PRIVACY_ERASE)),
        ],
        submit="Save",
    )


def render_retention_saved(months: int) -> View:
    """Say what holds from now on."""
    text = (
        f"Customers' words are kept for {months} months; what is older goes tonight."
        if months
        else "Customers' words are kept for good."
    )
    return modal(Form.PROBLEM, "Saved", [section(text)])


def name_person(address: str) -> str:
    """Return an address as it is shown."""
    return escape(address, limit=100)


def _choice(months: int, count: int) -> str:
    if not months:
        return "As long as we want"
    gone = f" ({count:,} go tonight)" if count else ""
    return f"{months} months{gone}"


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
