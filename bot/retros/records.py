"""What is read of retros: plain values, as one asker may see them."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class SeriesView:
    """A series. ``next_at`` is None when it is held by hand or paused."""

    id: str
    number: int
    name: str
    questions: tuple[str, ...]
    channel_id: str
    rule: str
    words: str
    timezone: str
    owner_id: str
    is_anonymous: bool
    state: str
    next_at: datetime | None = None
    open_run_id: str | None = None


@dataclass(frozen=True)
class ActionView:
    """One promise."""

    id: str
    series_id: str
    run_id: str
    number: int
    text: str
    owner_id: str
    due_on: date
    expected_effect: str
    check: str
    state: str
    word: str
    channel_id: str
    post_id: str
    checked_at: datetime | None = None


@dataclass(frozen=True)
class RunView:
    """One run with what its message needs. ``permalink`` is empty until it is posted."""

    id: str
    number: int
    series_id: str
    name: str
    owner_id: str
    timezone: str
    questions: tuple[str, ...]
    is_anonymous: bool
    channel_id: str
    covers_from: datetime
    happened: tuple[str, ...]
    state: str
    opened_by: str
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    answered: int
    summary: str
    headline_id: str
    permalink: str
    actions: tuple[ActionView, ...] = ()


@dataclass(frozen=True)
class Said:
    """One answer. ``author_id`` is empty in an anonymous run."""

    text: str
    author_id: str = ""


@dataclass(frozen=True)
class Standing:
    """What one person has answered in a run; ``texts`` by question, none in an anonymous run."""

    has_answered: bool = False
    texts: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Promise:
    """An action as somebody promises it. ``timezone`` is the owner's."""

    text: str
    owner_id: str
    due_on: date
    timezone: str
    expected_effect: str = ""
    check: str = ""
