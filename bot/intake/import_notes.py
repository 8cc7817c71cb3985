"""What is said of a feedback file beside its rows: left out, guessed, not known. Pure."""

from collections.abc import Sequence

from bot.feedback.rules import CustomerCard, find_customer, named_customer
from bot.intake.feedback_file import FeedbackFile, FeedbackRow

# Of a list in a sentence; the file itself has them all.
NAMED, STRANGERS_NAMED, NAME_LIMIT = 8, 4, 40


def note_file(found: FeedbackFile, cards: Sequence[CustomerCard]) -> list[str]:
    """Return in sentences what of a file is left out, guessed, or said by customers not known."""
    notes = []
    if found.left_out:
        shown = ", ".join(found.left_out[:NAMED])
        notes.append(f"Columns that mean nothing to me were left out: {shown}.")
    if found.guessed:
        shown = ", ".join(f"“{word[:NAME_LIMIT]}”" for word in found.guessed[:NAMED])
        notes.append(f"{shown}: no kind or importance of mine, so I guessed these from the words.")
    return [*notes, *_note_strangers(found.rows, cards)]


def _note_strangers(rows: Sequence[FeedbackRow], cards: Sequence[CustomerCard]) -> list[str]:
    """Their words come in, but as those of nobody known: they would count for no customer."""
    names = [one.customer for one in rows if one.customer and customer_of(one, cards) is None]
    if not names:
        return []
    each = list(dict.fromkeys(names))
    shown = ", ".join(f"“{name[:NAME_LIMIT]}”" for name in each[:STRANGERS_NAMED])
    more = f" and {len(each) - STRANGERS_NAMED} more" if len(each) > STRANGERS_NAMED else ""
    lines = "1 line names a customer" if len(names) == 1 else f"{len(names):,} lines name customers"
    fix = "Add them with /daybook customers, undo, and import again."
    return [f"{lines} that I do not know: {shown}{more}. {fix}"]


def customer_of(one: FeedbackRow, cards: Sequence[CustomerCard]) -> CustomerCard | None:
    """Return who said it: by name, by the address's domain, by what stands in the words."""
    return named_customer(cards, one.customer) or find_customer(
        cards, channel_id="", email=one.address, text=one.text
    )
