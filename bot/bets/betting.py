"""Use cases of bets, each inside the caller's unit of work: set, freeze, wait, end."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.measurement import METHOD
from bot.bets.rules import (
    BY_HAND,
    IS_SETTLED,
    REACH_COUNT,
    SETTLED,
    check_date_of,
    default_check_date,
    first_measured_day,
)
from bot.bets.tables import Bet
from bot.clock import Once, Rule, zone_named
from bot.db.types import new_id
from bot.engine.schedules import Plan, end_schedule, put_schedule
from bot.entries.links import Node, put_link
from bot.entries.log import Line, append
from bot.errors import BadInput, NotFound

CHECK, ASK = "launch.check", "launch.ask"
CHECK_AT = time(9, 30)
# A verdict that is a month late still counts; the digest's lateness does not apply.
LATEST_MINUTES = 30 * 24 * 60


@dataclass(frozen=True)
class Subject:
    """What a bet is on, with what its lines in the log carry."""

    kind: str  # launch, decision
    id: str
    number: int
    title: str
    owner_id: str
    source_channel_id: str | None

    def line(self, kind: str, *, actor: str = "", prose: str = "", **facts: Any) -> Line:
        """Build a line of the log about this subject."""
        return Line(
            kind=kind,
            subject_kind=self.kind,
            subject_id=self.id,
            actor=actor,
            source_channel_id=self.source_channel_id,
            facts={self.kind: self.id, "number": self.number, **facts},
            prose=prose,
        )


@dataclass(frozen=True)
class Terms:
    """What is bet. ``target`` is a daily level, or a total for a count."""

    kind: str
    check_date: date
    timezone: str
    expectation: str = ""
    metric_id: str | None = None
    metric_version: int | None = None
    metric_label: str = ""
    good: str = "up"
    target: float | None = None
    guardrails: tuple[dict[str, Any], ...] = ()
    confidence: int | None = None


@dataclass(frozen=True)
class Frozen:
    """What was known before anybody met it; None where there was too little to know.

    ``first_day`` is the first day measured, in the metric's zone.
    """

    baseline: float | None = None
    baseline_from: date | None = None
    baseline_to: date | None = None
    smallest_visible: float | None = None
    first_day: date | None = None


async def get_bet(session: AsyncSession, workspace_id: str, bet_id: str) -> Bet:
    """Return a bet for change. Who may is for the caller, who has read its subject."""
    query = select(Bet).where(Bet.workspace_id == workspace_id, Bet.id == bet_id)
    bet = await session.scalar(query.with_for_update())
    if bet is None:
        raise NotFound("There is no such bet.")
    return bet


async def find_bet(session: AsyncSession, workspace_id: str, subject: Subject) -> Bet | None:
    """Return the bet on a subject for change, or None."""
    query = select(Bet).where(
        Bet.workspace_id == workspace_id,
        Bet.subject_kind == subject.kind,
        Bet.subject_id == subject.id,
    )
    return await session.scalar(query.with_for_update())


async def set_bet(
    session: AsyncSession,
    workspace_id: str,
    subject: Subject,
    terms: Terms,
    frozen: Frozen,
    *,
    by: str,
    at: datetime,
    live_at: datetime | None = None,
) -> bool:
    """Set the bet, or change it; False when it says the same already. Raises ``BadInput``.

    A change after its days began to count is noted and said in the verdict. What its metrics meant
    by then stays written down too, so that a new definition of them is said beside it.
    """
    bet = await find_bet(session, workspace_id, subject)
    if bet and bet.state in SETTLED:
        raise BadInput(field="bet", problem=IS_SETTLED, fix="Another bet needs its own launch.")
    if bet and _says_same(bet, terms):
        return False
    before = terms_as_facts(bet) if bet else {}
    if bet and live_at:
        terms = _with_versions_of(bet, terms)
    if bet is None:
        bet = Bet(
            workspace_id=workspace_id,
            id=new_id(),
            subject_kind=subject.kind,
            subject_id=subject.id,
            state="open",
            asked=0,
            set_by=by,
            set_at=at,
        )
        session.add(bet)
    bet.owner_id, bet.source_channel_id = subject.owner_id, subject.source_channel_id
    _fill(bet, terms)
    after = terms_as_facts(bet)
    check_date_of(terms.check_date, at.astimezone(zone_named(terms.timezone)).date())
    freeze(bet, frozen, live_at)
    is_after_live = bool(before) and live_at is not None
    if is_after_live:
        bet.changed_at = at
    if before:
        bet.state, bet.asked = "open", 0
        await end_schedule(session, workspace_id, ASK, bet.id)
    await session.flush()
    kind = "bet.changed" if before else "bet.set"
    facts: dict[str, Any] = {"bet": bet.id, "to": after}
    if before:
        facts["from"] = before
    line = subject.line(
        kind, actor=by, prose=terms.expectation, is_after_live=is_after_live, **facts
    )
    await append(session, workspace_id, line, at=at)
    if bet.metric_id:
        subject_node, metric = Node(subject.kind, subject.id), Node("metric", bet.metric_id)
        await put_link(session, workspace_id, subject_node, "judged_on", metric, at=at, actor=by)
    await schedule_check(session, bet, at=at)
    return True


def _says_same(bet: Bet, terms: Terms) -> bool:
    """Tell whether nothing is bet anew; another definition of a metric is no change."""
    old, new = terms_as_facts(bet), terms_as_facts(terms)
    if old["metric"] == new["metric"]:
        new["metric_version"] = old["metric_version"]
    return old == new and bet.expectation == terms.expectation


def _with_versions_of(bet: Bet, terms: Terms) -> Terms:
    """Return terms with the definitions that the metrics of ``bet`` had when it was set."""
    known = {str(guard["metric_id"]): guard.get("version") for guard in bet.guardrails}
    guardrails = tuple(
        guard | {"version": known.get(str(guard["metric_id"]), guard.get("version"))}
        for guard in terms.guardrails
    )
    if terms.metric_id == bet.metric_id:
        terms = replace(terms, metric_version=bet.metric_version)
    return replace(terms, guardrails=guardrails)


def _fill(bet: Bet, terms: Terms) -> None:
    bet.kind, bet.expectation = terms.kind, terms.expectation
    bet.metric_id, bet.metric_version = terms.metric_id, terms.metric_version
    bet.metric_label, bet.good, bet.target = terms.metric_label, terms.good, terms.target
    bet.check_date, bet.timezone = terms.check_date, terms.timezone
    bet.guardrails, bet.confidence = list(terms.guardrails), terms.confidence


def terms_as_facts(bet: Bet | Terms) -> dict[str, Any]:
    """What a bet says, without what people typed; read by whom its headline was written for."""
    return {
        "kind": bet.kind,
        "metric": bet.metric_id,
        "metric_version": bet.metric_version,
        "target": bet.target,
        "check_date": bet.check_date.isoformat(),
        "guardrails": [[g["metric_id"], g["harm"]] for g in bet.guardrails],
        "confidence": bet.confidence,
        "expectation": bool(bet.expectation),
    }


def freeze(bet: Bet, frozen: Frozen, live_at: datetime | None) -> None:
    """Write down what was known before; ``live_at`` fixes the first measured day."""
    is_count = bet.kind == REACH_COUNT
    bet.baseline = 0.0 if is_count else frozen.baseline
    bet.baseline_from = None if is_count else frozen.baseline_from
    bet.baseline_to = None if is_count else frozen.baseline_to
    bet.smallest_visible = None if is_count else frozen.smallest_visible
    bet.method = METHOD if bet.metric_id and not is_count else ""
    bet.controls = []
    bet.first_day = None
    if live_at:
        bet.first_day = frozen.first_day or first_measured_day(live_at, zone_named(bet.timezone))


def frozen_of(bet: Bet) -> Frozen:
    """Return what a bet was frozen with."""
    return Frozen(bet.baseline, bet.baseline_from, bet.baseline_to, bet.smallest_visible)


async def schedule_check(session: AsyncSession, bet: Bet, *, at: datetime) -> None:
    """Have the bet checked in the morning of its check date, in its owner's zone."""
    await _check_on(session, bet, bet.check_date, at=at)


async def check_later(session: AsyncSession, bet: Bet, day: date, *, at: datetime) -> None:
    """Try the check again on ``day``; the check date itself stays."""
    await _check_on(session, bet, day, at=at)


async def _check_on(session: AsyncSession, bet: Bet, day: date, *, at: datetime) -> None:
    plan = Plan(
        kind=CHECK,
        subject_id=bet.id,
        rule=Rule(at=CHECK_AT, on=Once(on=day)),
        timezone=bet.timezone,
        owner_id=bet.owner_id,
        latest_minutes=LATEST_MINUTES,
    )
    await put_schedule(session, bet.workspace_id, plan, at=at)


async def catch_up(
    session: AsyncSession, bet: Bet, subject: Subject, *, by: str, at: datetime
) -> None:
    """What goes live on its check date or later is checked two weeks after going live."""
    today = at.astimezone(zone_named(bet.timezone)).date()
    if bet.check_date > (bet.first_day or today) or bet.kind == BY_HAND:
        return
    before = terms_as_facts(bet)
    bet.check_date = default_check_date(bet.first_day or today)
    facts: dict[str, Any] = {"bet": bet.id, "from": before, "to": terms_as_facts(bet)}
    line = subject.line("bet.changed", actor=by, is_after_live=False, **facts)
    await append(session, bet.workspace_id, line, at=at)
    await schedule_check(session, bet, at=at)


async def end_bet(session: AsyncSession, bet: Bet, *, reason: str) -> None:
    """Stop waiting for a bet whose subject was taken back; what was measured is still asked."""
    if bet.state == "open":
        bet.state = "ended"
        await end_schedule(session, bet.workspace_id, CHECK, bet.id, reason=reason)


async def reopen(session: AsyncSession, bet: Bet, *, at: datetime) -> bool:
    """Wait for a bet again whose subject came back; False when its check date has passed."""
    if bet.check_date <= at.astimezone(zone_named(bet.timezone)).date():
        return False
    bet.state = "open"
    await schedule_check(session, bet, at=at)
    return True
