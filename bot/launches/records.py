"""What is read of launches and bets: plain values, as one asker may see them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

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
    others: tuple[OtherLaunch, ...] = ()


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


@dataclass(frozen=True)
class StageStep:
    """When a launch came to a stage."""

    stage: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class LaunchView:
    """A launch with its bet and what came of it. ``permalink`` is empty until it is posted."""

    id: str
    number: int
    title: str
    summary: str
    owner_id: str
    area: str
    stage: str
    source_channel_id: str
    headline_id: str
    permalink: str
    created_by: str
    created_at: datetime
    exposed_at: datetime | None
    live_at: datetime | None
    ended_at: datetime | None
    bet: BetView | None = None
    evidence: EvidenceView | None = None
    verdict: VerdictView | None = None
    step: StepView | None = None


@dataclass(frozen=True)
class Approval:
    """Somebody was asked for a go. ``answer`` is go, no_go, or empty while it is open."""

    member_id: str
    answer: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Item:
    """A line that people put on the checklist; ``done_by`` is empty while it is open."""

    id: str
    text: str
    done_by: str = ""


@dataclass(frozen=True)
class Crew:
    """Who takes part in a launch, and what people put on its checklist.

    ``roles`` are member ids by role; ``announced`` counts the channels it was announced in.
    """

    roles: dict[str, str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    items: tuple[Item, ...] = ()
    announced: int = 0


@dataclass(frozen=True)
class Reaction:
    """One piece of feedback that may be about a launch."""

    id: str
    launch: LaunchView
    text: str


@dataclass(frozen=True)
class LaunchDetail:
    """One launch with its stages, oldest first, and the ids of who asked and what decided it."""

    launch: LaunchView
    steps: tuple[StageStep, ...]
    theme_ids: tuple[str, ...] = ()
    decision_ids: tuple[str, ...] = ()
    verdicts: tuple[VerdictView, ...] = field(default=())
    crew: Crew = field(default_factory=Crew)


@dataclass(frozen=True)
class LiveBet:
    """A bet that is being waited for: day ``day`` of ``days``, and no score before the end."""

    launch_id: str
    number: int
    title: str
    permalink: str
    owner_id: str
    bet: BetView
    day: int
    days: int
