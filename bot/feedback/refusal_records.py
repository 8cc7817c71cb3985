"""What is read of honest noes and of questions to askers: plain values."""

from dataclasses import dataclass
from datetime import date, datetime

STANDING, REARMED, TAKEN_BACK = "standing", "rearmed", "taken_back"
METRIC, CUSTOMERS, DATE = "metric", "customers", "date"


@dataclass(frozen=True)
class RefusalView:
    """A no to a theme, and what would make it a question again (``condition`` empty: nothing)."""

    id: str
    theme_id: str
    theme_number: int
    theme_name: str
    reason: str
    owner_id: str
    declined_at: datetime
    condition: str
    metric_id: str | None
    side: str
    bound: float | None
    days: int
    customers: int | None
    on_date: date | None
    timezone: str
    state: str
    source_channel_id: str | None


@dataclass(frozen=True)
class QuestionView:
    """What somebody wants to know of all who asked for a theme."""

    id: str
    theme_id: str
    theme_number: int
    theme_name: str
    text: str
    asked_by: str
    asked_at: datetime
    source_channel_id: str | None
