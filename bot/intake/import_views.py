"""What people see of imports: the form, and one message edited as it goes. Pure."""

from bot.intake.customer_undo import TakenBack
from bot.intake.imports import CUSTOMERS, DONE, FEEDBACK, UNDONE, ImportView
from bot.slack.blocks import (
    Message,
    View,
    actions,
    button,
    channels_select,
    context,
    field_input,
    file_input,
    modal,
    section,
    select,
    text_input,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape

STEPS = 20
SHOWN_PROBLEMS = 10
FILE_TYPES = ("csv", "json", "jsonl", "txt", "tsv")


def render_import_form() -> View:
    """Which file, and what it holds."""
    kinds = [("Feedback", FEEDBACK), ("Customers", CUSTOMERS)]
    return modal(
        Form.IMPORT,
        "Import",
        [
            field_input("kind", "What is in it?", select("kind", kinds, chosen=FEEDBACK)),
            field_input("file", "The file", file_input("file", FILE_TYPES), optional=True),
            field_input(
                "pasted",
                "Or a few lines, pasted",
                text_input("pasted", multiline=True, placeholder="text,customer"),
                optional=True,
            ),
            field_input(
                "channel",
                "Whose readers see it",
                channels_select("channel"),
                optional=True,
                hint="Empty: all members. A private channel: its members only.",
            ),
            context(
                "Feedback: CSV with a header, or JSON; *text* must be there, and *customer, email, "
                "kind, area, importance, said_at, id* may. Customers: CSV with *name, domains, "
                "channel, owner, tier, status, monthly_revenue, currency*."
            ),
        ],
        submit="Import",
    )


def render_importing() -> View:
    """Say that it has begun."""
    text = "It has begun. A direct message shows how far it is."
    return modal(Form.PROBLEM, "Import", [section(text)])


def render_progress(view: ImportView) -> Message:
    """How far it is; what came of it, with Undo."""
    name = escape(view.name, limit=80)
    if view.state == UNDONE and view.kind == CUSTOMERS:
        return Message(f"The import of {name} is being taken back.")
    if view.state == UNDONE:
        return Message(f"The import of {name} is taken back: what it brought is no longer logged.")
    if view.state != DONE:
        counted = f"{view.done:,} of {view.rows:,} rows" if view.rows else "reading it"
        text = f"Importing {name}: {counted}."
        return Message(text, [section(f"{text}\n{_bar(view)}")])
    text = f"Imported {name}: {_outcome(view)}."
    blocks = [section(text)]
    if view.problems:
        shown = "\n".join(f"• {escape(one, limit=280)}" for one in view.problems[:SHOWN_PROBLEMS])
        more = len(view.problems) - SHOWN_PROBLEMS
        blocks.append(section(shown + (f"\n… and {more} more." if more > 0 else "")))
    if view.added:
        ask = f"All {view.added:,} that came with this file will no longer be logged."
        if view.kind == CUSTOMERS:
            ask = (
                f"The {_count(view.added, 'customer')} of this file will be what they were before, "
                "but for those that somebody edited since."
            )
        blocks.append(actions(button("Undo", Action.IMPORT_UNDO, view.id, confirm=ask)))
    return Message(text, blocks)


def render_taken_back(name: str, done: TakenBack) -> Message:
    """Say what came of taking customers back."""
    parts = [
        f"{done.removed:,} removed" if done.removed else "",
        f"{done.restored:,} as before" if done.restored else "",
        f"{done.archived:,} archived, as feedback is theirs" if done.archived else "",
        f"{done.left:,} left, as edited since" if done.left else "",
    ]
    told = "; ".join(filter(None, parts)) or "nothing was left to do"
    return Message(f"The import of {escape(name, limit=80)} is taken back. Customers: {told}.")


def render_not_read(name: str, problem: str) -> Message:
    """Say why nothing was brought in."""
    text = f"I could not import {escape(name, limit=80)}. Nothing was changed."
    return Message(text, [section(text), section(escape(problem))])


def _bar(view: ImportView) -> str:
    share = view.done / view.rows if view.rows else 0
    full = int(share * STEPS)
    return f"`{'█' * full}{'░' * (STEPS - full)}` {share:.0%}"


def _outcome(view: ImportView) -> str:
    if view.kind == CUSTOMERS:
        parts = [f"{_count(view.added, 'customer')} added or changed"]
        known = "as they were"
    else:
        parts, known = [f"{_count(view.added, 'line')} added"], "known already"
    if view.known:
        parts.append(f"{view.known:,} {known}")
    if view.problems:
        parts.append(f"{len(view.problems):,} to look at")
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
