"""Use cases of a bet's end, each inside the caller's unit of work: evidence, question, verdict."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.betting import (
    ASK,
    CHECK,
    CHECK_AT,
    LATEST_MINUTES,
    Subject,
    end_bet,
    find_bet,
    schedule_check,
    terms_as_facts,
)
from bot.bets.measurement import Measured
from bot.bets.rules import default_check_date
from bot.bets.steps import close_by_removal, hand_over, put_step, step_date
from bot.bets.tables import Bet, Evidence, Verdict
from bot.clock import Once, Rule, zone_named
from bot.db.types import new_id
from bot.engine.schedules import Plan, end_schedule, find_schedule, put_schedule
from bot.entries.log import append

# Days after the first question when the owner is asked again; the last one ends the asking.
ASK_AGAIN_DAYS = (2, 5)
UNJUDGED_AFTER_DAYS = 8


@dataclass(frozen=True)
class Given:
    """A verdict as its giver states it."""

    verdict: str
    by: str
    lesson: str = ""
    next_step: str = ""
    is_against_evidence: bool = False
    reason: str = ""
    check_again: date | None = None  # with too_early
    smallest_visible: float | None = None  # by then; None where that cannot be said anew
    due_on: date | None = None  # with a miss: by when it is fixed or removed


async def record_evidence(
    session: AsyncSession,
    bet: Bet,
    subject: Subject,
    evidence: Evidence,
    *,
    at: datetime,
) -> Evidence:
    """Keep what a check measured and log it, without the figures."""
    session.add(evidence)
    bet.state = "measured"
    await session.flush()
    line = subject.line(
        "evidence.measured",
        bet=bet.id,
        evidence=evidence.kind,
        grade=evidence.grade,
        is_reached=evidence.is_reached,
        window=[_iso(evidence.window_from), _iso(evidence.window_to)],
    )
    await append(session, bet.workspace_id, line, at=at)
    return evidence


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def evidence_of(bet: Bet, measured: Measured, *, checked_on: date, at: datetime) -> Evidence:
    """Build the row of a measurement."""
    return Evidence(
        workspace_id=bet.workspace_id,
        id=new_id(),
        bet_id=bet.id,
        checked_on=checked_on,
        kind=measured.kind,
        is_reached=measured.is_reached,
        value=measured.value,
        target=bet.target,
        effect=measured.number("effect"),
        lo=measured.number("lo"),
        hi=measured.number("hi"),
        expected=measured.number("baseline"),
        smallest_visible=measured.number("smallest_visible"),
        grade=measured.grade,
        grade_reason=measured.grade_reason,
        method=str(measured.change["method"]) if measured.change else "",
        problem=measured.problem,
        metric_version=bet.metric_version,
        guardrails=[],
        others=[],
        facts={},
        at=at,
    )


async def hand_over_bet(
    session: AsyncSession, workspace_id: str, subject: Subject, zone: str, *, at: datetime
) -> None:
    """Ask the new owner of what a bet is on from now on, by the days of their ``zone``."""
    bet = await find_bet(session, workspace_id, subject)
    if bet:
        bet.owner_id, bet.timezone = subject.owner_id, zone
        if bet.state == "open":
            await schedule_check(session, bet, at=at)
        await hand_over(session, bet, at=at)
        await session.flush()


async def end_with(
    session: AsyncSession,
    workspace_id: str,
    subject: Subject,
    reason: str,
    *,
    by: str,
    at: datetime,
) -> None:
    """What a bet is on came to its end: nothing is waited for, and a removal is done."""
    bet = await find_bet(session, workspace_id, subject)
    if bet:
        await close_by_removal(session, bet, subject, by=by, at=at)
        if bet.state != "judged":
            await end_bet(session, bet, reason=reason)


async def was_asked_on(session: AsyncSession, bet: Bet, day: date) -> bool:
    """Tell whether the question due on ``day`` was asked before (a job may run twice)."""
    schedule = await find_schedule(session, bet.workspace_id, ASK, bet.id)
    return bool(schedule and schedule.next_date and schedule.next_date > day)


async def ask_again_later(session: AsyncSession, bet: Bet, today: date, *, at: datetime) -> None:
    """Count a question to the owner, and plan the next step: ask again, or give up asking."""
    bet.asked += 1
    first = today if bet.asked == 1 else _first_asked(bet, today)
    waits = (*ASK_AGAIN_DAYS, UNJUDGED_AFTER_DAYS)
    await ask_on(session, bet, first + timedelta(days=waits[min(bet.asked, len(waits)) - 1]), at=at)


async def ask_on(session: AsyncSession, bet: Bet, day: date, *, at: datetime) -> None:
    """Plan the next question, or the end of asking, for the morning of ``day``."""
    plan = Plan(
        kind=ASK,
        subject_id=bet.id,
        rule=Rule(at=CHECK_AT, on=Once(on=day)),
        timezone=bet.timezone,
        owner_id=bet.owner_id,
        latest_minutes=LATEST_MINUTES,
    )
    await put_schedule(session, bet.workspace_id, plan, at=at)


def _first_asked(bet: Bet, today: date) -> date:
    """Return the day of the first question, from which the later ones are counted."""
    passed = ASK_AGAIN_DAYS[min(bet.asked - 1, len(ASK_AGAIN_DAYS)) - 1]
    return today - timedelta(days=passed)


async def record_verdict(
    session: AsyncSession,
    bet: Bet,
    subject: Subject,
    given: Given,
    evidence_kind: str,
    *,
    at: datetime,
) -> Verdict:
    """Keep what a person says of the bet; the last verdict stands, earlier ones are kept."""
    if given.verdict != "missed":
        given = replace(given, next_step="")
    verdict = Verdict(
        workspace_id=bet.workspace_id,
        id=new_id(),
        bet_id=bet.id,
        verdict=given.verdict,
        lesson=given.lesson,
        next_step=given.next_step,
        is_against_evidence=given.is_against_evidence,
        reason=given.reason if given.is_against_evidence else "",
        by=given.by,
        asked=bet.asked,
        at=at,
    )
    session.add(verdict)
    await end_schedule(session, bet.workspace_id, ASK, bet.id, reason="answered")
    line = subject.line(
        "verdict.given",
        actor=given.by,
        prose="\n".join(filter(None, (subject.title, given.lesson, verdict.reason))),
        bet=bet.id,
        verdict=given.verdict,
        next_step=given.next_step,
        evidence=evidence_kind,
        is_against_evidence=given.is_against_evidence,
        asked=bet.asked,
    )
    await append(session, bet.workspace_id, line, at=at)
    today = at.astimezone(zone_named(bet.timezone)).date()
    await put_step(session, bet, subject, given.next_step, step_date(given.due_on, today), at=at)
    if given.verdict == "too_early":
        await _wait_longer(session, bet, subject, given, at=at)
    else:
        bet.state = "judged"
        await end_schedule(session, bet.workspace_id, CHECK, bet.id, reason="judged")
    await session.flush()
    return verdict


async def _wait_longer(
    session: AsyncSession, bet: Bet, subject: Subject, given: Given, *, at: datetime
) -> None:
    before = terms_as_facts(bet)
    today = at.astimezone(zone_named(bet.timezone)).date()
    bet.check_date = given.check_again or default_check_date(today)
    bet.state, bet.asked, bet.changed_at = "open", 0, at
    if given.smallest_visible is not None:
        bet.smallest_visible = given.smallest_visible
    facts: dict[str, Any] = {"from": before, "to": terms_as_facts(bet)}
    line = subject.line("bet.changed", actor=given.by, bet=bet.id, is_after_live=True, **facts)
    await append(session, bet.workspace_id, line, at=at)
    await schedule_check(session, bet, at=at)


async def mark_unjudged(session: AsyncSession, bet: Bet, subject: Subject, *, at: datetime) -> None:
    """Nobody answered: say so, once; a late verdict is still taken."""
    bet.state = "unjudged"
    await end_schedule(session, bet.workspace_id, ASK, bet.id, reason="asked often enough")
    line = subject.line("verdict.unjudged", bet=bet.id, asked=bet.asked, prose=subject.title)
    await append(session, bet.workspace_id, line, at=at)
