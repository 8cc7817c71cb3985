"""What people see of exports. Pure."""

from bot.slack.blocks import View, context, field_input, modal, section, select
from bot.slack.ids import Form

KINDS = ("feedback", "customers", "decisions", "launches", "verdicts", "told")


def render_export_form() -> View:
    """What, and as what."""
    kinds = [(kind.capitalize(), kind) for kind in KINDS]
    forms = [("CSV, one file each", "csv"), ("JSON lines, one file", "jsonl")]
    return modal(
        Form.EXPORT,
        "Export",
        [
            field_input("kinds", "What", select("kinds", kinds, chosen="feedback", multiple=True)),
            field_input("form", "As", select("form", forms, chosen="csv")),
            context(
                "You get what you may see, in a direct message; without names of members. Cells "
                "that a spreadsheet would run as a formula are marked as text."
            ),
        ],
        submit="Export",
    )


def render_exporting() -> View:
    """Say that it has begun."""
    return modal(Form.PROBLEM, "Export", [section("It comes as a direct message.")])


def say_rows(rows: int) -> str:
    """Return the note beside a file."""
    return f"{rows:,} row{'' if rows == 1 else 's'}, as you may see it."
