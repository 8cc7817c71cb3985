"""Check a bet on its date: what is needed, the measurement, and what is kept of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.histories import Timing, read_history
from bot.bets.judging import evidence_of
from bot.bets.measurement import (
    Guard,
    History,
    Measured,
    Span,
    foresee,
    measure_change,
    measure_count,
    measure_guards,
)
from bot.bets.rules import BY_HAND, MOVE_METRIC, REACH_COUNT, spoken_date
from bot.bets.tables import Bet, Evidence
from bot.clock import slot_instant, zone_named
from bot.errors import MetricUnreadable, NotFound
from bot.metrics.queries import MetricView, find_metric
from bot.workspaces.asker import Asker

# Mornings on which a check waits for data; a source that is silent for longer is broken.
MAX_WAIT_DAYS = 7
NOT_YET = {
    "launch": "It was not live by its check date.",
    "decision": "It was not accepted by its check date.",
}
# Other launches named beside a result: more is a season, not a window.
OTHERS_NAMED = 12


@dataclass(frozen=True)
class Waiting:
    """The data of the window are not complete yet."""

    problem: str


@dataclass(frozen=True)
class Material:
    """All that a measurement needs, read for those who read its thread."""

    metric: MetricView | None = None
    history: History | None = None
    span: Span | None = None
    guards: tuple[Guard, ...] = ()
    others: tuple[str, ...] = ()
    problem: str = ""  # why nothing can be measured
    complaints: dict[str, Any] | None = None  # counts, and the chance of them

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """From when to before when the days lie that are measured or left out."""
        if self.metric is None or self.span is None:
            return None
        zone, span = zone_named(self.metric.timezone), self.span
        since = slot_instant(min(span.exposed, span.first), time(0), zone)
        return since, slot_instant(span.last + timedelta(days=1), time(0), zone)


def metric_ids(bet: Bet) -> list[str]:
    """Return the metrics that a check reads."""
    return [*filter(None, [bet.metric_id]), *(str(g["metric_id"]) for g in bet.guardrails)]


async def gather_material(
    session: AsyncSession, readers: Asker, bet: Bet, timing: Timing
) -> Material:
    """Read what the check needs; ``problem`` says why it cannot be measured at all.

    ``timing`` is when it came to those whom it should move. What else was launched in the
    material's ``window`` is for the caller to name.
    """
    if bet.kind == BY_HAND:
        return Material()
    if timing.live_at is None or bet.first_day is None:
        return Material(problem=NOT_YET[bet.subject_kind])
    try:
        metric = await find_metric(session, readers, bet.metric_id or "")
    except NotFound:
        return Material(problem="Its metric is gone, or no longer for everybody in this channel.")
    exposed = timing.exposed_on(zone_named(metric.timezone), timing.live_at)
    span = Span(min(exposed, bet.first_day), bet.first_day, bet.check_date - timedelta(days=1))
    if span.last < span.first:
        return Material(metric, problem="There is no whole day to measure before the check date.")
    history = await read_history(session, readers, metric, until=span.last)
    guards = await _guards(session, readers, bet, span)
    return Material(metric=metric, history=history, span=span, guards=guards)


async def _guards(session: AsyncSession, readers: Asker, bet: Bet, span: Span) -> tuple[Guard, ...]:
    found = []
    for kept in bet.guardrails:
        guard = Guard(
            str(kept["metric_id"]), str(kept["label"]), str(kept["good"]), float(kept["harm"])
        )
        try:
            metric = await find_metric(session, readers, guard.metric_id)
            history = await read_history(session, readers, metric, until=span.last)
            is_redefined = kept.get("version") not in (None, metric.version)
            found.append(replace(guard, history=history, is_redefined=is_redefined))
        except NotFound:
            found.append(guard)
    return tuple(found)


def waits_for(material: Material, problems: Sequence[MetricUnreadable]) -> Waiting | None:
    """Return why the check has to wait, or None when the window is complete.

    ``problems`` are of the guardrails too; only that of the bet's own metric holds the check.
    """
    history, span, metric = material.history, material.span, material.metric
    if material.problem or history is None or span is None or metric is None:
        return None
    if history.last_complete and history.last_complete >= span.last:
        return None
    last = history.last_complete
    through = f"readings through {spoken_date(last)}" if last else "no readings"
    own = [one for one in problems if one.metric == metric.label]
    said = f" {own[0].problem} {own[0].fix}".rstrip() if own else ""
    needed = spoken_date(span.last)
    return Waiting(f"{metric.label} has {through}, the check needs {needed}.{said}")


def may_wait(bet: Bet, today: date) -> bool:
    """Tell whether the check may still be put off."""
    return (today - bet.check_date).days < MAX_WAIT_DAYS


async def measure(bet: Bet, material: Material, *, checked_on: date, at: datetime) -> Evidence:
    """Measure off the event loop, and build the row that keeps it."""
    measured, guards, facts = await asyncio.to_thread(_measure, bet, material)
    evidence = evidence_of(bet, measured, checked_on=checked_on, at=at)
    evidence.guardrails, evidence.others = guards, list(material.others)
    evidence.facts = facts
    if material.metric:
        evidence.metric_version = material.metric.version
    if material.span and not material.problem:
        evidence.window_from, evidence.window_to = material.span.first, material.span.last
    if material.history:
        evidence.data_as_of = material.history.as_of
    return evidence


def _measure(
    bet: Bet, material: Material
) -> tuple[Measured, list[dict[str, object]], dict[str, Any]]:
    """Measure the bet, and judge its guardrails together with the complaints."""
    measured, facts = _measured(bet, material)
    complaints = material.complaints
    guards, is_more = measure_guards(
        list(material.guards),
        material.span,
        complaints=complaints["chance"] if complaints else None,
    )
    if complaints:
        facts["complaints"] = complaints | {"is_more": is_more}
    return measured, guards, facts


def _measured(bet: Bet, material: Material) -> tuple[Measured, dict[str, Any]]:
    if bet.kind == BY_HAND:
        return Measured(None, None, "by_hand", "D", "a person judges it"), {}
    history, span = material.history, material.span
    if material.problem or history is None or span is None or bet.target is None:
        measured = Measured(
            None, None, "not_measured", "D", "nothing was measured", problem=material.problem
        )
        return measured, {}
    if bet.kind == REACH_COUNT:
        return measure_count(history, span, bet.target), {}
    measured = measure_change(history, span, bet.target, bet.good)
    return measured, _facts(bet, measured, history, span)


def _facts(bet: Bet, measured: Measured, history: History, span: Span) -> dict[str, Any]:
    """Why nothing can be told, or what would have decided it."""
    facts: dict[str, Any] = {"baseline": bet.baseline, "controls": bet.controls}
    if measured.kind == "too_little_history" and measured.change:
        facts["reason"] = measured.change.get("reason", "")
    if bet.kind == MOVE_METRIC and measured.kind in {"within_noise", "moved"}:
        days = (span.last - span.first).days + 1
        outlook = foresee(history, bet.target, bet.good, before=span.exposed, days=days)
        facts["decided_after"] = outlook.decided_after
    return facts
