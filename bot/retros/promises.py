"""Use cases of actions: promised in a retro, checked by their owner on the day."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Once, Rule
from bot.db.types import new_id
from bot.engine.schedules import Plan, end_schedule, put_schedule
from bot.entries.links import Node, put_link
from bot.entries.log import Line, append
from bot.errors import BadInput, NotAllowed, NotFound
from bot.retros import rules
from bot.retros.records import Promise
from bot.retros.tables import RetroAction, RetroRun, RetroSeries
from bot.slack.text import shorten
from bot.workspaces.numbers import take_number


async def promise_actions(
    session: AsyncSession, run: RetroRun, promises: Sequence[Promise], *, by: str, at: datetime
) -> list[RetroAction]:
    """Keep what was promised; raises ``BadInput`` beyond three open ones of the series."""
    rules.check_closed(run.state)
    # The series is locked, so that two people at once do not promise six.
    query = select(RetroSeries.id).where(
        RetroSeries.workspace_id == run.workspace_id, RetroSeries.id == run.series_id
    )
    await session.scalar(query.with_for_update())
    rules.check_room(await open_titles(session, run.workspace_id, run.series_id), len(promises))
    return [await _promise(session, run, one, by=by, at=at) for one in promises]


async def open_titles(session: AsyncSession, workspace_id: str, series_id: str) -> list[str]:
    """Return the open actions of a series by number and name, not yet escaped."""
    query = select(RetroAction.number, RetroAction.text).where(
        RetroAction.workspace_id == workspace_id,
        RetroAction.series_id == series_id,
        RetroAction.state == rules.OPEN,
    )
    rows = await session.execute(query.order_by(RetroAction.number))
    return [f"#{number} {shorten(' '.join(text.split()), 60)}" for number, text in rows]


async def _promise(
    session: AsyncSession, run: RetroRun, promise: Promise, *, by: str, at: datetime
) -> RetroAction:
    row = RetroAction(
        workspace_id=run.workspace_id,
        id=new_id(),
        series_id=run.series_id,
        run_id=run.id,
        number=await take_number(session, run.workspace_id, "number"),
        text=promise.text,
        owner_id=promise.owner_id,
        due_on=promise.due_on,
        expected_effect=promise.expected_effect,
        check=promise.check,
        state=rules.OPEN,
        source_channel_id=run.source_channel_id,
        created_by=by,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    plan = Plan(
        kind=rules.ACTION_JOB,
        subject_id=row.id,
        rule=Rule(at=rules.ASKED_AT, on=Once(on=row.due_on)),
        timezone=promise.timezone,
        owner_id=row.owner_id,
        latest_minutes=rules.CLOSE_LATEST_MINUTES,
    )
    await put_schedule(session, row.workspace_id, plan, at=at)
    retro, action = Node("retro", run.id), Node("action", row.id)
    await put_link(session, row.workspace_id, retro, "promised", action, at=at, actor=by)
    await _log(session, row, "action.promised", by=by, at=at)
    return row


async def get_action_row(session: AsyncSession, workspace_id: str, action_id: str) -> RetroAction:
    """Return an action for change; raises ``NotFound``. Who may is for the caller."""
    query = select(RetroAction).where(
        RetroAction.workspace_id == workspace_id, RetroAction.id == action_id
    )
    row = await session.scalar(query.with_for_update())
    if row is None:
        raise NotFound("There is no such action.")
    return row


async def check_action(
    session: AsyncSession, row: RetroAction, state: str, *, by: str, at: datetime
) -> bool:
    """Note how it went: worked, did_not, not_done. False when that was said before.

    Only its owner says so; they may change their mind.
    """
    if state not in rules.ANSWERS:
        raise BadInput(field="state", problem="I do not know that answer.")
    if by != row.owner_id:
        raise NotAllowed("Only the action's owner can say how it went.")
    if row.state == state:
        return False
    row.state, row.checked_at = state, at
    await session.flush()
    await end_schedule(session, row.workspace_id, rules.ACTION_JOB, row.id, reason=state)
    await _log(session, row, "action.checked", by=by, at=at)
    return True


async def say_word(
    session: AsyncSession, row: RetroAction, word: str, *, by: str, at: datetime
) -> None:
    """Keep what the owner says to how it went."""
    if by != row.owner_id:
        raise NotAllowed("Only the action's owner can say how it went.")
    row.word = word
    await session.flush()
    await _log(session, row, "action.explained", by=by, at=at)


async def _log(
    session: AsyncSession, row: RetroAction, kind: str, *, by: str, at: datetime
) -> None:
    parts = (row.text, row.expected_effect, row.check, row.word)
    line = Line(
        kind=kind,
        subject_kind="action",
        subject_id=row.id,
        actor=by,
        source_channel_id=row.source_channel_id,
        facts={
            "number": row.number,
            "state": row.state,
            "owner": row.owner_id,
            "due": row.due_on.isoformat(),
            "retro": row.run_id,
        },
        prose="\n".join(part for part in parts if part),
    )
    await append(session, row.workspace_id, line, at=at)
