"""What is read of launches: plain values, as one asker may see them."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.bets.records import BetView, EvidenceView, StepView, VerdictView


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

    @property
    def kind(self) -> str:
        """What it is, as the subject of a bet."""
        return "launch"

    @property
    def link(self) -> str:
        """Where to read it in Slack; empty until it is posted."""
        return self.permalink


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

    ``roles`` are member ids by role; ``announced`` counts the channels it was announced in;
    ``told`` of ``to_tell`` askers were told what is to be told.
    """

    roles: dict[str, str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    items: tuple[Item, ...] = ()
    announced: int = 0
    told: int = 0
    to_tell: int = 0


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
