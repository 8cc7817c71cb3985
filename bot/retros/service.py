"""Use cases of retros' series and runs, each inside the caller's unit of work."""

import random
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Rule
from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.engine.schedules import Plan, end_schedule, put_schedule
from bot.entries.log import Line, append
from bot.errors import BadInput, NotFound
from bot.retros import rules
from bot.retros.tables import RetroAnswer, RetroMark, RetroRun, RetroSeries
from bot.workspaces.numbers import take_number


@dataclass(frozen=True)
class NewSeries:
    """A series as somebody sets it up. ``rule`` None: held by hand."""

    name: str
    template: str
    questions: Sequence[str]
    channel_id: str
    timezone: str
    rule: Rule | None = None
    words: str = ""
    is_anonymous: bool = False


async def create_series(
    session: AsyncSession, workspace_id: str, new: NewSeries, *, by: str, at: datetime
) -> RetroSeries:
    """Set a series up; ``by`` owns it and is told when it cannot be held."""
    row = RetroSeries(
        workspace_id=workspace_id,
        id=new_id(),
        number=await take_number(session, workspace_id, "number"),
        name=new.name,
        template=new.template,
        questions=list(new.questions),
        source_channel_id=new.channel_id,
        rule=new.rule.to_json() if new.rule else "",
        words=new.words,
        timezone=new.timezone,
        owner_id=by,
        is_anonymous=new.is_anonymous,
        state=rules.ACTIVE,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    facts = {"is_anonymous": row.is_anonymous, "is_scheduled": bool(row.rule)}
    prose = "\n".join((row.name, *row.questions))
    await _log_series(session, row, "retro.created", by=by, at=at, prose=prose, **facts)
    await _schedule(session, row, at=at)
    return row


async def _schedule(session: AsyncSession, row: RetroSeries, *, at: datetime) -> None:
    if not row.rule:
        return
    plan = Plan(
        kind=rules.OPEN_JOB,
        subject_id=row.id,
        rule=Rule.from_json(row.rule),
        timezone=row.timezone,
        owner_id=row.owner_id,
        latest_minutes=rules.OPEN_LATEST_MINUTES,
    )
    await put_schedule(session, row.workspace_id, plan, at=at)


async def get_series_row(session: AsyncSession, workspace_id: str, series_id: str) -> RetroSeries:
    """Return a series for change; raises ``NotFound``. Who may is for the caller."""
    query = select(RetroSeries).where(
        RetroSeries.workspace_id == workspace_id, RetroSeries.id == series_id
    )
    row = await session.scalar(query.with_for_update())
    if row is None or row.state == rules.REMOVED:
        raise NotFound("This retro was removed.")
    return row


async def pause_series(session: AsyncSession, row: RetroSeries, *, by: str, at: datetime) -> None:
    """Open no more by itself until somebody resumes it."""
    row.state = rules.PAUSED
    await end_schedule(session, row.workspace_id, rules.OPEN_JOB, row.id, reason="paused")
    await _log_series(session, row, "retro.paused", by=by, at=at)


async def resume_series(session: AsyncSession, row: RetroSeries, *, by: str, at: datetime) -> None:
    """Open by itself again, from the next date on."""
    row.state = rules.ACTIVE
    await _schedule(session, row, at=at)
    await _log_series(session, row, "retro.resumed", by=by, at=at)


async def remove_series(session: AsyncSession, row: RetroSeries, *, by: str, at: datetime) -> None:
    """End a series for good; its runs and promises stay, and an open run still closes."""
    row.state = rules.REMOVED
    await end_schedule(session, row.workspace_id, rules.OPEN_JOB, row.id, reason="removed")
    await _log_series(session, row, "retro.removed", by=by, at=at)


@dataclass(frozen=True)
class Opening:
    """How a run opens. ``by`` is empty for its schedule, which names its ``occurrence_id``."""

    covers_from: datetime
    happened: Sequence[str]
    by: str = ""
    occurrence_id: str | None = None
    shown_at: datetime | None = None  # its headline waits until then; the 24 hours begin there


async def open_run(
    session: AsyncSession, series: RetroSeries, opening: Opening, *, at: datetime
) -> RetroRun:
    """Open a run; it closes 24 hours after it is shown. Raises ``BadInput`` while one is open."""
    if await find_open_row(session, series.workspace_id, series.id):
        raise BadInput(
            field="name",
            problem=f"“{series.name}” is open already.",
            fix="Close it before the next one.",
        )
    row = RetroRun(
        workspace_id=series.workspace_id,
        id=new_id(),
        series_id=series.id,
        number=await take_number(session, series.workspace_id, "number"),
        questions=list(series.questions),
        is_anonymous=series.is_anonymous,
        salt=secrets.token_hex(16) if series.is_anonymous else "",
        source_channel_id=series.source_channel_id,
        covers_from=opening.covers_from,
        happened=list(opening.happened),
        state=rules.OPEN,
        opened_by=opening.by,
        opened_at=at,
        closes_at=rules.closing_at(opening.shown_at or at),
        occurrence_id=opening.occurrence_id,
    )
    session.add(row)
    await session.flush()
    plan = Plan(
        kind=rules.CLOSE_JOB,
        subject_id=row.id,
        rule=rules.once_at(row.closes_at),
        timezone="UTC",
        owner_id=series.owner_id,
        latest_minutes=rules.CLOSE_LATEST_MINUTES,
    )
    await put_schedule(session, row.workspace_id, plan, at=at)
    await _log_run(session, row, "retro.opened", by=opening.by, at=at, prose=series.name)
    return row


async def find_open_row(
    session: AsyncSession, workspace_id: str, series_id: str
) -> RetroRun | None:
    """Return the open run of a series, for change."""
    query = select(RetroRun).where(
        RetroRun.workspace_id == workspace_id,
        RetroRun.series_id == series_id,
        RetroRun.state == rules.OPEN,
    )
    return await session.scalar(query.with_for_update())


async def find_run_of_occurrence(
    session: AsyncSession, workspace_id: str, occurrence_id: str
) -> RetroRun | None:
    """Return the run that a scheduled occurrence has opened already."""
    query = select(RetroRun).where(
        RetroRun.workspace_id == workspace_id, RetroRun.occurrence_id == occurrence_id
    )
    return await session.scalar(query)


async def get_run_row(session: AsyncSession, workspace_id: str, run_id: str) -> RetroRun:
    """Return a run for change; raises ``NotFound``. Who may is for the caller."""
    query = select(RetroRun).where(RetroRun.workspace_id == workspace_id, RetroRun.id == run_id)
    row = await session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such retro.")
    return row


async def put_answers(
    session: AsyncSession, row: RetroRun, texts: Mapping[int, str], *, by: str, at: datetime
) -> bool:
    """Keep what one person answers, by question; True when they are new to this run.

    Answering again changes one's answers. In an anonymous run, where nothing knows which they are,
    it adds to them. Raises ``BadInput`` for no text at all, ``NotAllowed`` once it is closed.
    """
    rules.check_open(row.state)
    said = {question: text for question, text in texts.items() if text}
    if not said:
        raise BadInput(field="q0", problem="Nothing is written.", fix="One answer is enough.")
    if row.is_anonymous:
        is_new = await _add_unsigned(session, row, said, by)
    else:
        is_new = await _replace_signed(session, row, said, by)
    if is_new:
        row.answered += 1
        await session.flush()
        # Without an actor, signed or not: who answered is nobody's statistics.
        await _log_run(session, row, "retro.answered", by="", at=at, answered=row.answered)
    return is_new


async def _replace_signed(
    session: AsyncSession, row: RetroRun, said: Mapping[int, str], author: str
) -> bool:
    gone = await session.execute(
        delete(RetroAnswer)
        .where(
            RetroAnswer.workspace_id == row.workspace_id,
            RetroAnswer.run_id == row.id,
            RetroAnswer.author_id == author,
        )
        .returning(RetroAnswer.id)
    )
    is_new = not gone.all()
    _write(session, row, [(question, text, author) for question, text in said.items()])
    await session.flush()
    return is_new


async def _add_unsigned(
    session: AsyncSession, row: RetroRun, said: Mapping[int, str], user_id: str
) -> bool:
    mark = rules.mark_of(row.salt, user_id)
    is_new = await insert_unless_there(
        session, RetroMark, workspace_id=row.workspace_id, run_id=row.id, mark=mark
    )
    of_run = (RetroAnswer.workspace_id == row.workspace_id, RetroAnswer.run_id == row.id)
    known = await session.execute(select(RetroAnswer.question, RetroAnswer.text).where(*of_run))
    everything = [(question, text, None) for question, text in (*known, *said.items())]
    random.SystemRandom().shuffle(everything)
    await session.execute(delete(RetroAnswer).where(*of_run))
    _write(session, row, everything)
    await session.flush()
    return is_new


def _write(
    session: AsyncSession, row: RetroRun, answers: Sequence[tuple[int, str, str | None]]
) -> None:
    for question, text, author in answers:
        session.add(
            RetroAnswer(
                workspace_id=row.workspace_id,
                # Random: an id in order of time would tell whose it is.
                id=str(uuid.uuid4()),
                run_id=row.id,
                question=question,
                text=text,
                author_id=author,
            )
        )


async def close_run(
    session: AsyncSession, row: RetroRun, summary: str, *, by: str, at: datetime
) -> bool:
    """Take no more answers; False when it was closed before. ``by`` is empty: by itself."""
    if row.state != rules.OPEN:
        return False
    row.state, row.closed_at, row.closed_by = rules.CLOSED, at, by
    row.summary = summary
    await session.flush()
    await end_schedule(session, row.workspace_id, rules.CLOSE_JOB, row.id, reason="closed")
    count = row.answered
    await _log_run(session, row, "retro.closed", by=by, at=at, prose=summary, answered=count)
    return True


async def _log_run(
    session: AsyncSession,
    row: RetroRun,
    kind: str,
    *,
    by: str,
    at: datetime,
    prose: str = "",
    **facts: Any,
) -> None:
    line = Line(
        kind=kind,
        subject_kind="retro",
        subject_id=row.id,
        actor=by,
        source_channel_id=row.source_channel_id,
        facts={"number": row.number, "series": row.series_id} | facts,
        prose=prose,
    )
    await append(session, row.workspace_id, line, at=at)


async def _log_series(
    session: AsyncSession,
    row: RetroSeries,
    kind: str,
    *,
    by: str,
    at: datetime,
    prose: str = "",
    **facts: Any,
) -> None:
    line = Line(
        kind=kind,
        subject_kind="retro_series",
        subject_id=row.id,
        actor=by,
        source_channel_id=row.source_channel_id,
        facts={"number": row.number} | facts,
        prose=prose or row.name,
    )
    await append(session, row.workspace_id, line, at=at)
