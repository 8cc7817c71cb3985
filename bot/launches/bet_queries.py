"""Read bets, their evidence and their verdicts, as their asker may see them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.launches.crew_tables import MissStep
from bot.launches.records import BetView, EvidenceView, OtherLaunch, StepView, VerdictView
from bot.launches.tables import Bet, Evidence, Launch, Verdict
from bot.metrics.tables import Metric
from bot.metrics.units import Unit
from bot.workspaces.asker import Asker


async def bets_of(
    session: AsyncSession, asker: Asker, subject_kind: str, subject_ids: Sequence[str]
) -> dict[str, BetView]:
    """Return the bets by subject id. Who may see the subjects is for the caller's query."""
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
    others = await _others(session, asker, list(rows.values()))
    return {
        bet_id: _evidence(row, others, seen, is_hidden=bet_id in hidden)
        for bet_id, row in rows.items()
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


async def _others(
    session: AsyncSession, asker: Asker, rows: list[Evidence]
) -> dict[str, OtherLaunch]:
    ids = sorted({str(other) for row in rows for other in row.others})
    query = select(Launch.id, Launch.number, Launch.title, Launch.live_at).where(
        Launch.workspace_id == asker.workspace_id,
        Launch.id.in_(ids),
        asker.sees(Launch.source_channel_id),
    )
    return {
        id_: OtherLaunch(number, title, live_at)
        for id_, number, title, live_at in await session.execute(query)
        if live_at is not None
    }


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


def _evidence(
    row: Evidence, others: dict[str, OtherLaunch], seen: set[str], *, is_hidden: bool
) -> EvidenceView:
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
        others=tuple(others[id_] for id_ in row.others if id_ in others),
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
