"""Every table in one metadata: imports all table modules and nothing else."""

from sqlalchemy import MetaData

from bot.db.base import Base


def metadata() -> MetaData:
    """Return the metadata with every table of Daybook registered."""
    import bot.calendars.tables
    import bot.decisions.tables
    import bot.digests.tables
    import bot.engine.tables
    import bot.entries.tables
    import bot.feedback.tables
    import bot.launches.tables
    import bot.metrics.tables
    import bot.retros.tables
    import bot.workspaces.tables  # noqa: F401

    return Base.metadata
