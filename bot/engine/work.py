"""What jobs get: an event to work on, or an occurrence to run. Plain values, no session behind."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.engine.deliveries import Cause, Waits


@dataclass(frozen=True)
class EventWork:
    """One event to work on. Its deliveries' cause is ``cause``."""

    workspace_id: str
    id: str
    kind: str
    event_id: str
    payload: dict[str, Any]
    attempts: int
    at: datetime

    @property
    def cause(self) -> Cause:
        """Why this job says something: answers to people go first."""
        return Cause(self.workspace_id, f"event:{self.id}", self.at, priority=1)


@dataclass(frozen=True)
class SlotWork:
    """One occurrence to run. ``slot`` is the local date it stands for."""

    workspace_id: str
    id: str
    kind: str
    subject_id: str
    schedule_id: str
    slot: date
    due_at: datetime
    at: datetime
    attempts: int
    asked_by: str
    target: str
    owner_id: str
    timezone: str
    latest_minutes: int
    keeps_weekday: bool = False

    @property
    def cause(self) -> Cause:
        """Why this job says something. What nobody asked for now waits for the calendar."""
        return self._cause(is_measured=False)

    @property
    def measured(self) -> Cause:
        """The same, for what tells of numbers: they were read on their date, and say so."""
        return self._cause(is_measured=True)

    def _cause(self, *, is_measured: bool) -> Cause:
        waits = Waits(self.due_at, self.timezone, self.keeps_weekday, is_measured)
        return Cause(
            self.workspace_id,
            f"occurrence:{self.id}",
            self.at,
            self.asked_by or self.owner_id,
            waits=None if self.is_by_hand else waits,
        )

    @property
    def is_by_hand(self) -> bool:
        """Whether a person asked for this run."""
        return bool(self.asked_by)

    def is_too_late(self, now: datetime) -> bool:
        """Whether the slot is past its lateness limit; a run by hand never is."""
        late = now - self.due_at
        return not self.is_by_hand and late > timedelta(minutes=self.latest_minutes)
