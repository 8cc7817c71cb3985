"""What is read of decisions: plain values, as one asker may see them."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.bets.records import BetView, EvidenceView, StepView, VerdictView


@dataclass(frozen=True)
class Tripwire:
    """A metric bound that reopens a decision. ``metric_id`` may name one hidden from the asker."""

    metric_id: str
    side: str  # above, below
    bound: float
    days: int
    tripped_at: datetime | None = None


@dataclass(frozen=True)
class DecisionView:
    """One decision. ``permalink`` leads to the thread it came from, ``post_permalink`` to its own
    message (empty until it is posted); ``link`` is the better of the two.
    """

    id: str
    number: int
    title: str
    context: str
    options: tuple[str, ...]
    choice: str
    rationale: str
    owner_id: str
    participants: tuple[str, ...]
    confidence: int | None
    is_reversible: bool | None
    area: str
    would_change: str
    revisit_on: date | None
    status: str
    reason: str
    supersedes_id: str | None
    superseded_by: str | None
    source_channel_id: str | None
    thread_ts: str
    permalink: str
    snapshot: str
    snapshot_by: str
    post_id: str
    posted_to: str
    post_permalink: str
    created_by: str
    created_at: datetime
    accepted_at: datetime | None
    accepted_by: str
    ended_at: datetime | None
    tripwire: Tripwire | None = None
    revisited_at: datetime | None = None
    bet: BetView | None = None
    evidence: EvidenceView | None = None
    verdict: VerdictView | None = None
    step: StepView | None = None

    @property
    def kind(self) -> str:
        """What it is, as the subject of a bet."""
        return "decision"

    @property
    def reopened_at(self) -> datetime | None:
        """When its tripwire reopened it; None once its owner has answered."""
        tripped = self.tripwire.tripped_at if self.tripwire else None
        is_answered = bool(tripped and self.revisited_at and self.revisited_at >= tripped)
        return None if is_answered else tripped

    @property
    def link(self) -> str:
        """Where to read it in Slack; empty when it stands nowhere."""
        return self.post_permalink or self.permalink


@dataclass(frozen=True)
class DecisionDetail:
    """A decision with its chain both ways, and the ids of what led to it and what came of it."""

    decision: DecisionView
    supersedes: tuple[DecisionView, ...] = ()
    superseded_by: DecisionView | None = None
    theme_ids: tuple[str, ...] = ()
    launch_ids: tuple[str, ...] = ()
