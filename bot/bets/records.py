"""What is read of bets: plain values, as one asker may see them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from bot.metrics.units import Unit


@dataclass(frozen=True)
class BetView:
    """A bet. ``is_hidden``: its metric is not for this asker, so figures and names are blank."""

    id: str
    subject_kind: str
    subject_id: str
    owner_id: str
    kind: str
    expectation: str
    metric_id: str | None
    metric_version: int | None
    metric_label: str
    unit: Unit
    good: str
    baseline: float | None
    baseline_from: date | None
    baseline_to: date | None
    target: float | None
    first_day: date | None
    check_date: date
    timezone: str
    guardrails: tuple[dict[str, Any], ...]
    confidence: int | None
    smallest_visible: float | None
    state: str
    asked: int
    changed_at: datetime | None
    is_hidden: bool = False


@dataclass(frozen=True)
class OtherLaunch:
    """Another launch that went live in the same days."""

    number: int
    title: str
    live_at: datetime


@dataclass(frozen=True)
class EvidenceView:
    """What a check measured; shares are relative to the level expected."""

    id: str
    kind: str
    is_reached: bool | None
    value: float | None
    target: float | None
    effect: float | None
    lo: float | None
    hi: float | None
    expected: float | None
    smallest_visible: float | None
    grade: str
    grade_reason: str
    method: str
    problem: str
    window_from: date | None
    window_to: date | None
    data_as_of: datetime | None
    metric_version: int | None
    guardrails: tuple[dict[str, Any], ...]
    facts: dict[str, Any]
    message_id: str | None
    at: datetime
    other_ids: tuple[str, ...] = ()
    others: tuple[OtherLaunch, ...] = ()  # those of them that the asker may see, named


@dataclass(frozen=True)
class VerdictView:
    """What a person said of a bet; never added up by person."""

    verdict: str
    lesson: str
    next_step: str
    is_against_evidence: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class StepView:
    """What a miss asked for: fix or remove by a date; state is open, done or dropped."""

    step: str
    owner_id: str
    due_on: date
    state: str


class Judged(Protocol):
    """What has a bet, as one asker may see it: a launch, or a decision.

    ``link`` is where to read it in Slack, empty while it stands nowhere.
    """

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def owner_id(self) -> str: ...
    @property
    def link(self) -> str: ...
    @property
    def bet(self) -> BetView | None: ...
    @property
    def evidence(self) -> EvidenceView | None: ...
    @property
    def verdict(self) -> VerdictView | None: ...
    @property
    def step(self) -> StepView | None: ...


@dataclass(frozen=True)
class LiveBet:
    """A bet that is being waited for: day ``day`` of ``days``, and no score before the end."""

    kind: str  # of its subject: launch, decision
    subject_id: str
    number: int
    title: str
    permalink: str
    owner_id: str
    bet: BetView
    day: int
    days: int


@dataclass(frozen=True)
class Outcome:
    """A bet with what was measured and said of it, and what a miss asked for."""

    bet: BetView
    evidence: EvidenceView | None = None
    verdicts: tuple[VerdictView, ...] = ()  # oldest first: the last one stands
    step: StepView | None = None

    @property
    def verdict(self) -> VerdictView | None:
        """The verdict that stands."""
        return self.verdicts[-1] if self.verdicts else None
