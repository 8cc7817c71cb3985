"""Use cases of who takes part in a launch, each inside the caller's unit of work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.db.upsert import insert_or_update
from bot.entries.log import append
from bot.errors import BadInput, NotFound
from bot.launches.crew_tables import LaunchAnnouncement, LaunchApproval, LaunchItem, LaunchRole
from bot.launches.readiness import ROLES
from bot.launches.service import subject_of
from bot.launches.tables import Launch


async def _log(
    session: AsyncSession,
    launch: Launch,
    kind: str,
    *,
    by: str,
    at: datetime,
    prose: str = "",
    **facts: Any,
) -> None:
    line = subject_of(launch).line(kind, actor=by, prose=prose, **facts)
    await append(session, launch.workspace_id, line, at=at)


async def claim_role(
    session: AsyncSession, launch: Launch, role: str, *, by: str, at: datetime
) -> str:
    """Take a role; returns whose it was. Raises ``BadInput`` for a role that there is not."""
    if role not in ROLES:
        raise BadInput(field="role", problem="There is no such role.")
    before = await _holder(session, launch, role)
    if before == by:
        return before
    await insert_or_update(
        session,
        LaunchRole,
        ("workspace_id", "launch_id", "role"),
        workspace_id=launch.workspace_id,
        launch_id=launch.id,
        role=role,
        id=new_id(),
        member_id=by,
        at=at,
    )
    await _log(session, launch, "launch.role_taken", by=by, at=at, role=role, before=before)
    return before


async def leave_role(
    session: AsyncSession, launch: Launch, role: str, *, by: str, at: datetime
) -> bool:
    """Step back from a role; False when it is not this person's."""
    if await _holder(session, launch, role) != by:
        return False
    await session.execute(
        delete(LaunchRole).where(
            LaunchRole.workspace_id == launch.workspace_id,
            LaunchRole.launch_id == launch.id,
            LaunchRole.role == role,
        )
    )
    await _log(session, launch, "launch.role_left", by=by, at=at, role=role)
    return True


async def _holder(session: AsyncSession, launch: Launch, role: str) -> str:
    query = select(LaunchRole.member_id).where(
        LaunchRole.workspace_id == launch.workspace_id,
        LaunchRole.launch_id == launch.id,
        LaunchRole.role == role,
    )
    return await session.scalar(query) or ""


async def ask_for_go(
    session: AsyncSession, launch: Launch, member_ids: Sequence[str], *, by: str, at: datetime
) -> list[LaunchApproval]:
    """Ask people for a go; who is being asked already is not asked again. Returns the asked."""
    known = {row.member_id: row for row in await _approvals(session, launch)}
    asked = []
    for member_id in dict.fromkeys(member_ids):
        row = known.get(member_id)
        if row and not row.answer:
            continue
        if row is None:
            row = LaunchApproval(
                workspace_id=launch.workspace_id,
                id=new_id(),
                launch_id=launch.id,
                member_id=member_id,
            )
            session.add(row)
        row.asked_by, row.asked_at, row.answer, row.reason = by, at, "", ""
        row.answered_at = row.question_id = None
        asked.append(row)
    await session.flush()
    if asked:
        people = [row.member_id for row in asked]
        await _log(session, launch, "launch.go_asked", by=by, at=at, people=people)
    return asked


async def answer_go(
    session: AsyncSession,
    launch: Launch,
    answer: str,
    *,
    by: str,
    at: datetime,
    reason: str = "",
) -> LaunchApproval | None:
    """Say go or no-go; None when that was said before. Raises ``BadInput`` for who is not asked."""
    row = next((one for one in await _approvals(session, launch) if one.member_id == by), None)
    if row is None:
        raise BadInput(
            field="go",
            problem="You were not asked for a go here.",
            fix="Whoever is to decide can be asked under *Checklist and people*.",
        )
    if (row.answer, row.reason) == (answer, reason):
        return None
    row.answer, row.reason, row.answered_at = answer, reason, at
    await session.flush()
    await _log(session, launch, "launch.go_answered", by=by, at=at, prose=reason, answer=answer)
    return row


async def _approvals(session: AsyncSession, launch: Launch) -> list[LaunchApproval]:
    query = select(LaunchApproval).where(
        LaunchApproval.workspace_id == launch.workspace_id,
        LaunchApproval.launch_id == launch.id,
    )
    return list(await session.scalars(query.with_for_update()))


async def add_item(
    session: AsyncSession, launch: Launch, text: str, *, by: str, at: datetime
) -> None:
    """Put a line on the checklist."""
    session.add(
        LaunchItem(
            workspace_id=launch.workspace_id,
            id=new_id(),
            launch_id=launch.id,
            text=text,
            added_by=by,
            added_at=at,
        )
    )
    await session.flush()
    await _log(session, launch, "launch.item_added", by=by, at=at, prose=text)


async def tick_item(
    session: AsyncSession, launch: Launch, item_id: str, *, by: str, at: datetime
) -> LaunchItem:
    """Mark a line as done, or as open again."""
    row = await session.get(LaunchItem, (launch.workspace_id, item_id))
    if row is None or row.launch_id != launch.id:
        raise NotFound("This line is no longer on the checklist.")
    is_done = not row.done_by
    row.done_by, row.done_at = (by, at) if is_done else ("", None)
    await session.flush()
    kind = "launch.item_done" if is_done else "launch.item_reopened"
    await _log(session, launch, kind, by=by, at=at, prose=row.text)
    return row


async def note_announcement(
    session: AsyncSession,
    launch: Launch,
    channel_id: str,
    message_id: str,
    text: str,
    *,
    by: str,
    at: datetime,
) -> None:
    """Keep that it was announced, where, and by whose click."""
    session.add(
        LaunchAnnouncement(
            workspace_id=launch.workspace_id,
            id=new_id(),
            launch_id=launch.id,
            channel_id=channel_id,
            message_id=message_id,
            by=by,
            at=at,
        )
    )
    await session.flush()
    await _log(session, launch, "launch.announced", by=by, at=at, prose=text, channel=channel_id)
