"""What a miss asks for: fix or remove by a date, asked about on that date, closed by an answer."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.betting import CHECK_AT, LATEST_MINUTES, Subject
from bot.bets.tables import Bet, MissStep
from bot.clock import Once, Rule
from bot.db.types import new_id
from bot.engine.schedules import Plan, end_schedule, find_schedule, put_schedule
from bot.entries.log import append
from bot.errors import BadInput

STEP = "launch.step"
KEEP, FIX, REMOVE = "keep", "fix", "remove"
OPEN, DONE, DROPPED = "open", "done", "dropped"
LATER = "later"
# Two weeks: what a fix takes a small team, and long enough not to nag.
STEP_DAYS = 14
# Asked on its date and twice more, a week apart; then it only stands in the App Home.
MOST_ASKED, ASK_AGAIN_DAYS = 3, 7


def step_date(picked: date | None, today: date) -> date:
    """Return by when it is to be done; raises ``BadInput`` (due_on) for a past day."""
    day = picked or today + timedelta(days=STEP_DAYS)
    if day <= today:
        raise BadInput(
            field="due_on", problem="This day is not in the future.", fix="Pick a later one."
        )
    return day


async def find_step(session: AsyncSession, bet: Bet) -> MissStep | None:
    """Return what the miss of a bet asked for, for change."""
    query = select(MissStep).where(
        MissStep.workspace_id == bet.workspace_id, MissStep.bet_id == bet.id
    )
    return await session.scalar(query.with_for_update())


async def put_step(
    session: AsyncSession, bet: Bet, subject: Subject, step: str, due_on: date, *, at: datetime
) -> None:
    """Follow up a miss: ``fix`` or ``remove`` by ``due_on``; anything else ends what was open."""
    row = await find_step(session, bet)
    if step not in {FIX, REMOVE}:
        if row and row.state == OPEN:
            await _close(session, bet, row, DROPPED, at=at)
        return
    if row is None:
        row = MissStep(workspace_id=bet.workspace_id, id=new_id(), bet_id=bet.id)
        session.add(row)
    row.step, row.owner_id, row.due_on, row.timezone = step, bet.owner_id, due_on, bet.timezone
    row.state, row.asked, row.question_id, row.set_at, row.closed_at = OPEN, 0, None, at, None
    await session.flush()
    await _ask_on(session, row, due_on, at=at)


async def _ask_on(session: AsyncSession, row: MissStep, day: date, *, at: datetime) -> None:
    plan = Plan(
        kind=STEP,
        subject_id=row.bet_id,
        rule=Rule(at=CHECK_AT, on=Once(on=day)),
        timezone=row.timezone,
        owner_id=row.owner_id,
        latest_minutes=LATEST_MINUTES,
    )
    await put_schedule(session, row.workspace_id, plan, at=at)


async def was_asked_on(session: AsyncSession, row: MissStep, day: date) -> bool:
    """Tell whether the question due on ``day`` was asked before (a job may run twice)."""
    schedule = await find_schedule(session, row.workspace_id, STEP, row.bet_id)
    return bool(row.asked and (schedule is None or (schedule.next_date or day) > day))


async def ask_again_later(
    session: AsyncSession, row: MissStep, today: date, *, at: datetime
) -> None:
    """Count a question, and plan the next while there is one left."""
    row.asked += 1
    if row.asked < MOST_ASKED:
        await _ask_on(session, row, today + timedelta(days=ASK_AGAIN_DAYS), at=at)
    await session.flush()


async def answer_step(
    session: AsyncSession,
    bet: Bet,
    subject: Subject,
    answer: str,
    *,
    by: str,
    at: datetime,
    today: date,
) -> MissStep | None:
    """Note that it is done, dropped, or later; None when it is no longer open."""
    row = await find_step(session, bet)
    if row is None or row.state != OPEN:
        return None
    if answer == LATER:
        row.due_on, row.asked = today + timedelta(days=STEP_DAYS), 0
        await _ask_on(session, row, row.due_on, at=at)
    else:
        await _close(session, bet, row, DONE if answer == DONE else DROPPED, at=at)
    facts: dict[str, Any] = {"step": row.step, "state": row.state, "due": row.due_on.isoformat()}
    line = subject.line("launch.step", actor=by, prose=subject.title, bet=bet.id, **facts)
    await append(session, bet.workspace_id, line, at=at)
    await session.flush()
    return row


async def close_by_removal(
    session: AsyncSession, bet: Bet, subject: Subject, *, by: str, at: datetime
) -> None:
    """What was to be removed has been taken back or retired: that is done."""
    row = await find_step(session, bet)
    if row and row.step == REMOVE:
        await answer_step(session, bet, subject, DONE, by=by, at=at, today=at.date())


async def hand_over(session: AsyncSession, bet: Bet, *, at: datetime) -> None:
    """Ask the bet's new owner from now on."""
    row = await find_step(session, bet)
    if row and row.state == OPEN:
        row.owner_id, row.timezone = bet.owner_id, bet.timezone
        await _ask_on(session, row, max(row.due_on, at.date() + timedelta(days=1)), at=at)


async def _close(
    session: AsyncSession, bet: Bet, row: MissStep, state: str, *, at: datetime
) -> None:
    row.state, row.closed_at = state, at
    await end_schedule(session, bet.workspace_id, STEP, bet.id, reason=state)
