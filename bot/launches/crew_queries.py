"""Read who takes part in a launch. Whoever may see the launch may see these."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.told_counts import count_told
from bot.launches.crew_tables import LaunchAnnouncement, LaunchApproval, LaunchItem, LaunchRole
from bot.launches.records import Approval, Crew, Item
from bot.workspaces.asker import Asker


async def crew_of(session: AsyncSession, asker: Asker, launch_id: str) -> Crew:
    """Return the crew of a launch that the caller has read for this asker."""
    roles = select(LaunchRole.role, LaunchRole.member_id).where(
        LaunchRole.workspace_id == asker.workspace_id, LaunchRole.launch_id == launch_id
    )
    announced = (
        select(func.count())
        .select_from(LaunchAnnouncement)
        .where(
            LaunchAnnouncement.workspace_id == asker.workspace_id,
            LaunchAnnouncement.launch_id == launch_id,
        )
    )
    told, to_tell = await count_told(session, asker, launch_id)
    return Crew(
        roles={row.role: row.member_id for row in await session.execute(roles)},
        approvals=await _approvals(session, asker, launch_id),
        items=await _items(session, asker, launch_id),
        announced=await session.scalar(announced) or 0,
        told=told,
        to_tell=to_tell,
    )


async def _approvals(session: AsyncSession, asker: Asker, launch_id: str) -> tuple[Approval, ...]:
    query = (
        select(LaunchApproval.member_id, LaunchApproval.answer, LaunchApproval.reason)
        .where(
            LaunchApproval.workspace_id == asker.workspace_id,
            LaunchApproval.launch_id == launch_id,
        )
        .order_by(LaunchApproval.asked_at, LaunchApproval.id)
    )
    return tuple(Approval(*row) for row in await session.execute(query))


async def _items(session: AsyncSession, asker: Asker, launch_id: str) -> tuple[Item, ...]:
    query = (
        select(LaunchItem.id, LaunchItem.text, LaunchItem.done_by)
        .where(LaunchItem.workspace_id == asker.workspace_id, LaunchItem.launch_id == launch_id)
        .order_by(LaunchItem.added_at, LaunchItem.id)
    )
    return tuple(Item(*row) for row in await session.execute(query))


async def awaiting_go(session: AsyncSession, asker: Asker) -> list[str]:
    """Return the ids of launches that wait for this person's go."""
    query = select(LaunchApproval.launch_id).where(
        LaunchApproval.workspace_id == asker.workspace_id,
        asker.owns(LaunchApproval.member_id),
        LaunchApproval.answer == "",
    )
    return list(await session.scalars(query))
