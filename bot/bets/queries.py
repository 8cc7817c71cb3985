"""Read bets, their evidence and their verdicts, as their asker may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.records import BetView, EvidenceView, Judged, LiveBet, Outcome, StepView, VerdictView
from bot.bets.rules import day_of
from bot.bets.tables import Bet, Evidence, MissStep, Verdict
from bot.db.plain import execute_plain
from bot.metrics.tables import Metric
from bot.metrics.units import Unit
from bot.workspaces.asker import Asker

_OPEN = (
    select(Bet.subject_id)
    .where(
        Bet.workspace_id == bindparam("of"),
        Bet.subject_kind == bindparam("kind"),
        Bet.state == "open",
        Bet.first_day.is_not(None),
    )
    .order_by(Bet.check_date, Bet.id)
)


async def outcomes_of(
    session: AsyncSession, asker: Asker, subject_kind: str, subject_ids: Sequence[str]
) -> dict[str, Outcome]:
    """Return bets with all that came of them, by subject id.

    Who may see the subjects is for the caller's query; so are the names of other launches.
    """
    bets = await bets_of(session, asker, subject_kind, subject_ids)
    if not bets:
        return {}
    ids = [bet.id for bet in bets.values()]
    evidence = await latest_evidence(session, asker, list(bets.values()))
    verdicts = await verdicts_of(session, asker, ids)
    steps = await steps_of(session, asker, ids)
    return {
        subject_id: Outcome(
            bet, evidence.get(bet.id), tuple(verdicts.get(bet.id, ())), steps.get(bet.id)
        )
        for subject_id, bet in bets.items()
    }


async def open_subjects(session: AsyncSession, asker: Asker, subject_kind: str) -> list[str]:
    """Return the subjects of bets that are live, the next to be checked first."""
    of = {"of": asker.workspace_id, "kind": subject_kind}
    return list((await execute_plain(session, _OPEN, of)).scalars())


async def subjects_of(session: AsyncSession, asker: Asker, subject_kind: str) -> list[str]:
    """Return the subjects of bets that are waited for, measured or asked about."""
    query = select(Bet.subject_id).where(
        Bet.workspace_id == asker.workspace_id,
        Bet.subject_kind == subject_kind,
        Bet.state.in_(("open", "measured")),
    )
    return list(await session.scalars(query))


async def subjects_to_judge(session: AsyncSession, asker: Asker, subject_kind: str) -> list[str]:
    """Return the subjects whose verdict this person was asked for and has not given."""
    query = select(Bet.subject_id).where(
        Bet.workspace_id == asker.workspace_id,
        Bet.subject_kind == subject_kind,
        Bet.state.in_(("measured", "unjudged")),
        asker.owns(Bet.owner_id),
    )
    return list(await session.scalars(query))


async def subjects_to_mend(session: AsyncSession, asker: Asker, subject_kind: str) -> list[str]:
    """Return the subjects whose miss this person still fixes or removes."""
    query = (
        select(Bet.subject_id)
        .join(MissStep, and_(MissStep.workspace_id == Bet.workspace_id, MissStep.bet_id == Bet.id))
        .where(
            Bet.workspace_id == asker.workspace_id,
            Bet.subject_kind == subject_kind,
            MissStep.state == "open",
            asker.owns(MissStep.owner_id),
        )
    )
    return list(await session.scalars(query))


def live_bet_of(subject: Judged, at: datetime) -> LiveBet | None:
    """Return a subject's bet as day n of m; None without one, or where it is hidden."""
    bet = subject.bet
    if bet is None or bet.is_hidden:
        return None
    today = at.astimezone(ZoneInfo(bet.timezone)).date()
    day, days = day_of(bet.first_day, bet.check_date, today)
    return LiveBet(
        subject.kind,
        subject.id,
        subject.number,
        subject.title,
        subject.link,
        subject.owner_id,
        bet,
        day,
        days,
    )


async def bets_of(
    session: AsyncSession, asker: Asker, subject_kind: str, subject_ids: Sequence[str]
) -> dict[str, BetView]:
    """Return the bets by subject id. Who may see the subjects is for the caller's query."""
    if not subject_ids:
        return {}
    query = select(Bet).where(
        Bet.workspace_id == asker.workspace_id,
        Bet.subject_kind == subject_kind,
        Bet.subject_id.in_(subject_ids),
    )
    rows = list(await session.scalars(query))
    metrics = await _metrics(session, asker, rows)
    return {row.subject_id: _bet(row, metrics) for row in rows}


async def _metrics(session: AsyncSession, asker: Asker, rows: list[Bet]) -> dict[str, Metric]:
    ids = {row.metric_id for row in rows if row.metric_id}
    ids |= {str(guard["metric_id"]) for row in rows for guard in row.guardrails}
    if not ids:
        return {}
    query = select(Metric).where(
        Metric.workspace_id == asker.workspace_id,
        Metric.id.in_(sorted(ids)),
        asker.sees(Metric.source_channel_id),
    )
    return {row.id: row for row in await session.scalars(query)}


async def latest_evidence(
    session: AsyncSession, asker: Asker, bets: Sequence[BetView]
) -> dict[str, EvidenceView]:
    """Return the newest evidence by bet id; without figures where the bet is hidden."""
    hidden = {bet.id for bet in bets if bet.is_hidden}
    query = (
        select(Evidence)
        .where(
            Evidence.workspace_id == asker.workspace_id,
            Evidence.bet_id.in_([bet.id for bet in bets]),
        )
        .order_by(Evidence.at, Evidence.id)
    )
    rows = {row.bet_id: row for row in await session.scalars(query)}
    seen = await _visible_metric_ids(session, asker, list(rows.values()))
    return {
        bet_id: _evidence(row, seen, is_hidden=bet_id in hidden) for bet_id, row in rows.items()
    }


async def _visible_metric_ids(
    session: AsyncSession, asker: Asker, rows: list[Evidence]
) -> set[str]:
    ids = {str(guard["metric_id"]) for row in rows for guard in row.guardrails}
    query = select(Metric.id).where(
        Metric.workspace_id == asker.workspace_id,
        Metric.id.in_(sorted(ids)),
        asker.sees(Metric.source_channel_id),
    )
    return set(await session.scalars(query))


async def verdicts_of(
    session: AsyncSession, asker: Asker, bet_ids: Sequence[str]
) -> dict[str, list[VerdictView]]:
    """Return every verdict by bet id, oldest first: the last one stands."""
    query = (
        select(Verdict)
        .where(Verdict.workspace_id == asker.workspace_id, Verdict.bet_id.in_(bet_ids))
        .order_by(Verdict.at, Verdict.id)
    )
    found: dict[str, list[VerdictView]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.bet_id, []).append(_verdict(row))
    return found


async def steps_of(
    session: AsyncSession, asker: Asker, bet_ids: Sequence[str]
) -> dict[str, StepView]:
    """Return what the misses of these bets asked for, by bet id."""
    query = select(MissStep).where(
        MissStep.workspace_id == asker.workspace_id, MissStep.bet_id.in_(bet_ids)
    )
    return {
        row.bet_id: StepView(row.step, row.owner_id, row.due_on, row.state)
        for row in await session.scalars(query)
    }


def unit_of(metric: Metric) -> Unit:
    """Return what a metric's figures are counted in."""
    return Unit(metric.unit, metric.currency, metric.is_percent, metric.is_minor)


def _bet(row: Bet, metrics: dict[str, Metric]) -> BetView:
    metric = metrics.get(row.metric_id or "")
    is_hidden = bool(row.metric_id) and metric is None
    return BetView(
        id=row.id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        owner_id=row.owner_id,
        kind=row.kind,
        expectation=row.expectation,
        metric_id=None if is_hidden else row.metric_id,
        metric_version=row.metric_version,
        metric_label="" if is_hidden else row.metric_label,
        unit=unit_of(metric) if metric else Unit(),
        good=row.good,
        baseline=None if is_hidden else row.baseline,
        baseline_from=row.baseline_from,
        baseline_to=row.baseline_to,
        target=None if is_hidden else row.target,
        first_day=row.first_day,
        check_date=row.check_date,
        timezone=row.timezone,
        guardrails=tuple(g for g in row.guardrails if str(g["metric_id"]) in metrics),
        confidence=row.confidence,
        smallest_visible=None if is_hidden else row.smallest_visible,
        state=row.state,
        asked=row.asked,
        changed_at=row.changed_at,
        is_hidden=is_hidden,
    )


def _evidence(row: Evidence, seen: set[str], *, is_hidden: bool) -> EvidenceView:
    figures: dict[str, Any] = {
        name: None if is_hidden else getattr(row, name)
        for name in ("value", "target", "effect", "lo", "hi", "expected", "smallest_visible")
    }
    return EvidenceView(
        id=row.id,
        kind=row.kind,
        is_reached=row.is_reached,
        grade=row.grade,
        grade_reason=row.grade_reason,
        method=row.method,
        problem=row.problem,
        window_from=row.window_from,
        window_to=row.window_to,
        data_as_of=row.data_as_of,
        metric_version=row.metric_version,
        guardrails=tuple(g for g in row.guardrails if str(g["metric_id"]) in seen),
        facts=row.facts,
        message_id=row.message_id,
        at=row.at,
        other_ids=tuple(str(id_) for id_ in row.others),
        **figures,
    )


def _verdict(row: Verdict) -> VerdictView:
    return VerdictView(
        verdict=row.verdict,
        lesson=row.lesson,
        next_step=row.next_step,
        is_against_evidence=row.is_against_evidence,
        reason=row.reason,
        by=row.by,
        at=row.at,
    )
