"""The source ``daybook``: the team's own work, counted from Daybook's own tables."""

from datetime import date, timedelta

from bot.db.session import Database
from bot.metrics.builtin import Window, read_built_in
from bot.metrics.definition import MetricDefinition
from bot.metrics.sources.protocol import DayValue


class DaybookSource:
    """Counts for one workspace what every member may see."""

    def __init__(self, db: Database, workspace_id: str) -> None:
        self._db, self._workspace_id = db, workspace_id

    async def read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        """Keep ``Source.read``'s contract; ``definition.name`` says what is counted."""
        window = Window(since, until - timedelta(days=1), definition.zone)
        async with self._db.read() as session:
            found = await read_built_in(session, self._workspace_id, definition.name, window)
        return [DayValue(day, value) for day, value in found.items() if value is not None]
