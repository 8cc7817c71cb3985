"""Who is told of a failure: the owner, else whoever installed Daybook, else an admin.

Reads what is known of people, no network: a failure must be told in the unit that records it.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.workspaces.tables import Installation, Member


async def whom_to_tell(
    session: AsyncSession, workspace_id: str, owner_id: str, *, besides: Collection[str] = ()
) -> str:
    """Return who is told in a DM, or nothing where nobody is known who could be.

    ``besides`` are those whom it cannot reach.
    """
    candidates = [owner_id, *await _installers(session, workspace_id)]
    for person in candidates:
        if person and person not in besides and await _is_here(session, workspace_id, person):
            return person
    return await find_admin(session, workspace_id, besides=besides)


async def find_admin(
    session: AsyncSession, workspace_id: str, *, besides: Collection[str] = ()
) -> str:
    """Return the installer if an active admin, else the first admin known; or nothing."""
    query = select(Member.id).where(
        Member.workspace_id == workspace_id,
        Member.is_admin.is_(True),
        Member.is_deleted.is_(False),
        Member.is_outsider.is_(False),
        Member.is_bot.is_(False),
        Member.id.not_in(list(besides)),
    )
    admins = list(await session.scalars(query.order_by(Member.id)))
    installers = await _installers(session, workspace_id)
    return next((one for one in installers if one in admins), admins[0] if admins else "")


async def _installers(session: AsyncSession, workspace_id: str) -> list[str]:
    query = select(Installation.installed_by).where(
        Installation.workspace_id == workspace_id,
        Installation.installed_by != "",
        Installation.revoked_at.is_(None),
    )
    return list(await session.scalars(query.order_by(Installation.installed_at.desc())))


async def _is_here(session: AsyncSession, workspace_id: str, user_id: str) -> bool:
    member = await session.get(Member, (workspace_id, user_id))
    # Nobody known by that id: Slack knows better, and says so when it cannot be reached.
    return member is None or not (member.is_deleted or member.is_outsider or member.is_bot)
