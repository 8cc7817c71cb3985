"""Every table in one metadata: imports all table modules and nothing else."""

from sqlalchemy import MetaData
from sqlalchemy.schema import SchemaItem

from bot.db.base import Base


def is_ours(
    _item: SchemaItem, name: str | None, _kind: str, _reflected: bool, _compared: SchemaItem | None
) -> bool:
    """Tell Alembic which objects are ours: all but procrastinate's own, on Postgres."""
    return not (name or "").startswith(("procrastinate_", "idx_procrastinate_"))


def metadata() -> MetaData:
    """Return the metadata with every table of Daybook registered."""
    import bot.alerts.tables
    import bot.bets.tables
    import bot.calendars.tables
    import bot.decisions.tables
    import bot.digests.tables
    import bot.engine.tables
    import bot.entries.tables
    import bot.feedback.tables
    import bot.handover.tables
    import bot.intake.tables
    import bot.launches.crew_tables
    import bot.launches.tables
    import bot.metrics.tables
    import bot.retros.tables
    import bot.workspaces.tables  # noqa: F401

    return Base.metadata
