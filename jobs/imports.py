"""Files become feedback or customers, a batch at a time; one message tells how far it is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.deps import Deps
from bot.engine.deliveries import plan_update
from bot.engine.inbox import Arrival, receive
from bot.engine.queue import EventWork
from bot.errors import BadInput, SlackRefused
from bot.feedback import service
from bot.feedback.queries import customer_cards
from bot.feedback.receipts import scope_of
from bot.feedback.rules import CustomerCard
from bot.intake.customer_undo import count_taken_back, keep_changes, put_back_some
from bot.intake.feedback_file import BYTES_AT_MOST, FeedbackRow, read_feedback_file
from bot.intake.import_notes import customer_of, note_file
from bot.intake.import_views import render_not_read, render_progress, render_taken_back
from bot.intake.imports import (
    BATCH,
    BEGIN,
    CUSTOMERS,
    DONE,
    GO_ON,
    PROBLEMS_KEPT,
    RUNNING,
    TAKE_BACK,
    UNIT,
    finish_import,
    get_import,
    known_texts,
    origin_of,
    view_of,
    withdraw_some,
)
from bot.intake.tables import Import
from bot.slack.text import storable
from bot.workspaces.asker import Asker
from bot.workspaces.customer_file import CustomerRow, read_customers
from bot.workspaces.customers import put_customers

EventJob = Callable[[EventWork, Deps], Awaitable[str]]


async def on_begin(work: EventWork, deps: Deps) -> str:
    """Fetch and read the file; say at once what is wrong with it."""
    gateway = deps.places.of(work.workspace_id).gateway
    async with deps.db.read() as session:
        row = await session.get_one(Import, (work.workspace_id, work.payload["import"]))
    if row.rows or row.state != RUNNING:
        return "ignored: it has begun already"
    name, content = row.name, row.content
    try:
        if work.payload["file"]:
            name, raw = await gateway.fetch_file(work.payload["file"], limit=BYTES_AT_MOST)
            content = _decoded(raw)
        if row.kind == CUSTOMERS:
            customers = read_customers(content)
            rows, problems = len(customers.rows), [*customers.notes]
        else:
            found = await asyncio.to_thread(read_feedback_file, name, content)
            async with deps.db.read() as session:
                cards = await _cards(session, work)
            rows, problems = len(found.rows), [*found.problems, *note_file(found, cards)]
    except (BadInput, SlackRefused) as error:
        return await _give_up(work, deps, name, str(error))
    async with deps.db.write() as session:
        row = await get_import(session, work.workspace_id, row.id)
        row.name, row.content, row.rows = storable(name)[:200], content, rows
        row.problems = problems
        await _go_on(session, work, row)
    return f"{rows} rows to bring in"


def _decoded(raw: bytes) -> str:
    # Excel's "Unicode text" begins with one of two marks.
    code = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return storable(raw.decode(code))
    except UnicodeDecodeError as error:
        fix = "Save it as CSV UTF-8."
        raise BadInput(field="file", problem="That is not a text in UTF-8.", fix=fix) from error


async def _give_up(work: EventWork, deps: Deps, name: str, problem: str) -> str:
    async with deps.db.write() as session:
        row = await get_import(session, work.workspace_id, work.payload["import"])
        row.state, row.finished_at, row.problems = DONE, work.at, [problem[:500]]
        row.content = ""
        told = render_not_read(name, problem)
        await plan_update(session, work.cause, "problem", told, of=row.message_id or "")
    return f"cannot be read: {problem[:80]}"


async def _go_on(session: AsyncSession, work: EventWork, row: Import) -> None:
    """Have the next batch done, and show how far it is."""
    arrival = Arrival(GO_ON, {"import": row.id, "from": row.done})
    key = f"import:{row.id}:{row.done}"
    await receive(session, work.workspace_id, key, arrival, at=work.at)
    await _show(session, work, row)


async def _show(session: AsyncSession, work: EventWork, row: Import) -> None:
    told = render_progress(view_of(row))
    await plan_update(session, work.cause, f"at.{row.done}", told, of=row.message_id or "")


async def on_go_on(work: EventWork, deps: Deps) -> str:
    """Bring the next batch in; the last one finishes."""
    async with deps.db.read() as session:
        row = await session.get_one(Import, (work.workspace_id, work.payload["import"]))
    start = int(work.payload["from"])
    if row.state != RUNNING or row.done > start:
        return "ignored: it went on already, or was taken back"
    if row.kind == CUSTOMERS:
        batch = read_customers(row.content).rows[start : start + BATCH]
        return await _customers(work, deps, row, batch)
    found = await asyncio.to_thread(read_feedback_file, row.name, row.content)
    rows = found.rows[start : start + BATCH]
    added = 0
    for first in range(0, len(rows), UNIT):
        added += await _log_some(work, deps, row, rows[first : first + UNIT])
    async with deps.db.write() as session:
        row = await get_import(session, work.workspace_id, row.id)
        if row.state == RUNNING:
            await _advance(session, work, row, len(rows), added)
    return f"{added} of {len(rows)} were new"


async def _advance(
    session: AsyncSession, work: EventWork, row: Import, looked_at: int, added: int
) -> None:
    row.done += looked_at
    row.added += added
    row.known += looked_at - added
    if row.done < row.rows:
        await _go_on(session, work, row)
        return
    await finish_import(session, row, at=work.at)
    await _show(session, work, row)


async def _customers(work: EventWork, deps: Deps, row: Import, batch: Sequence[CustomerRow]) -> str:
    """Customers come all or none of a batch; what is wrong is told with its line."""
    import_id = row.id
    try:
        async with deps.db.write() as session:
            row = await get_import(session, work.workspace_id, import_id)
            if row.state != RUNNING:
                return "ignored: it was taken back"
            changes = await put_customers(
                session, work.workspace_id, batch, at=work.at, by=row.begun_by
            )
            await keep_changes(session, work.workspace_id, import_id, changes)
            await _advance(session, work, row, len(batch), len(changes))
    except BadInput as error:
        async with deps.db.write() as session:
            row = await get_import(session, work.workspace_id, import_id)
            lines = error.problem.split("\n")
            row.problems = [*row.problems, *lines][:PROBLEMS_KEPT]
            row.done += len(batch)
            if row.done < row.rows:
                await _go_on(session, work, row)
            else:
                await finish_import(session, row, at=work.at)
                await _show(session, work, row)
        return "some could not be used"
    return f"{len(batch)} customers"


@dataclass(frozen=True)
class _Desk:
    """What is the same for all rows of an import."""

    row: Import
    scope: str
    cards: Sequence[CustomerCard]


async def _log_some(work: EventWork, deps: Deps, row: Import, rows: Sequence[FeedbackRow]) -> int:
    directory = deps.places.of(work.workspace_id).directory
    channel = await directory.channel(row.channel_id, at=work.at) if row.channel_id else None
    async with deps.db.read() as session:
        cards = await _cards(session, work)
        seen = await known_texts(session, work.workspace_id, [one.text for one in rows])
    desk = _Desk(row, scope_of(channel) if channel else "", cards)
    todo = []
    for one in rows:
        said = _said(work, desk, one)
        if (said.text, said.customer_id) in seen:
            continue
        seen.add((said.text, said.customer_id))
        reading = await deps.feedback.read(work.workspace_id, said.scope, said.id, said.text)
        todo.append((said, reading))
    added = 0
    async with deps.db.write() as session:
        if (await get_import(session, work.workspace_id, row.id)).state != RUNNING:
            return 0
        for said, reading in todo:
            done = await service.capture(session, work.workspace_id, said, reading, at=work.at)
            added += done.is_new
    return added


async def _cards(session: AsyncSession, work: EventWork) -> list[CustomerCard]:
    return await customer_cards(session, Asker(work.workspace_id, "-", sees_public=True))


def _said(work: EventWork, desk: _Desk, one: FeedbackRow) -> service.Said:
    card = customer_of(one, desk.cards)
    return service.Said(
        id=new_id(),
        text=one.text,
        source_channel_id=desk.row.channel_id,
        message_ts=None,
        permalink="",
        author_id="",
        reporter_id=desk.row.begun_by,
        means="import",
        said_at=min(one.said_at or work.at, work.at),
        customer_id=card.id if card else None,
        kind=one.kind,
        scope=desk.scope,
        area=one.area,
        importance=one.importance,
        person=one.address,
        origin=origin_of(one),
        import_id=desk.row.id,
    )


async def on_take_back(work: EventWork, deps: Deps) -> str:
    """Take back all that an import brought, and say what came of it."""
    async with deps.db.read() as session:
        row = await session.get_one(Import, (work.workspace_id, work.payload["import"]))
    if row.kind == CUSTOMERS:
        return await _put_customers_back(work, deps, row)
    total = 0
    while True:
        async with deps.db.write() as session:
            count = await withdraw_some(session, work.workspace_id, row.id, at=work.at)
        total += count
        if not count:
            return f"{total} taken back"


async def _put_customers_back(work: EventWork, deps: Deps, row: Import) -> str:
    by = str(work.payload.get("by") or row.begun_by)
    count = 1
    while count:
        async with deps.db.write() as session:
            count = await put_back_some(session, work.workspace_id, row.id, by=by, at=work.at)
    async with deps.db.write() as session:
        done = await count_taken_back(session, work.workspace_id, row.id)
        told = render_taken_back(row.name, done)
        await plan_update(session, work.cause, "taken_back", told, of=row.message_id or "")
    return f"{done.removed + done.restored} put back, {done.archived + done.left} not"


EVENTS: dict[str, EventJob] = {BEGIN: on_begin, GO_ON: on_go_on, TAKE_BACK: on_take_back}
