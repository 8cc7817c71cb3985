"""The one message after the installing: what Daybook does, where it listens, how to begin."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.deliveries import Cause, plan_post
from bot.engine.inbox import Arrival, receive
from bot.errors import DaybookError, MethodMissing
from bot.general.welcome_views import render_welcome
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place
from bot.workspaces.tables import Installation

# People looked at in search of an admin: one call to Slack each, once in an installation's life.
PEOPLE_SEARCHED = 60


async def welcome_due(deps: Deps, *, at: datetime) -> None:
    """Say at start that the welcome is due, in every workspace that has not had it."""
    for place in deps.places.all():
        async with deps.db.write() as session:
            for installation in await _unwelcomed(session, place):
                arrival = Arrival("welcome.due", {"installation": installation.id})
                event_id = f"welcome:{installation.id}:{at.isoformat()}"
                await receive(session, place.workspace_id, event_id, arrival, at=at)


async def welcome(deps: Deps, place: Place, *, at: datetime, opened_by: str = "") -> str:
    """Welcome the installer, else the first admin found, else who opened the App Home; once.

    Returns who was welcomed, or an empty string when nobody was (again).
    """
    async with deps.db.read() as session:
        waiting = await _unwelcomed(session, place)
    if not waiting:
        return ""
    person = await _whom(place, waiting[0], opened_by, at=at)
    if person is None:
        return ""
    channels = await _listens_in(place, person)
    message = render_welcome(channels, emoji=sorted(deps.settings.emoji))
    async with deps.db.write() as session:
        if not await _claim(session, waiting[0], at=at):
            return ""
        cause = Cause(place.workspace_id, f"welcome:{waiting[0].id}", at, person.user_id)
        await plan_post(session, cause.about("The welcome"), person.user_id, "welcome", message)
    return person.user_id


async def _unwelcomed(session: AsyncSession, place: Place) -> list[Installation]:
    query = select(Installation).where(
        Installation.workspace_id == place.workspace_id,
        Installation.bot_user_id == place.identity.user_id,
        Installation.welcomed_at.is_(None),
        Installation.revoked_at.is_(None),
    )
    return list(await session.scalars(query))


async def _claim(session: AsyncSession, installation: Installation, *, at: datetime) -> bool:
    taken = await session.execute(
        update(Installation)
        .where(
            Installation.workspace_id == installation.workspace_id,
            Installation.id == installation.id,
            Installation.welcomed_at.is_(None),
        )
        .values(welcomed_at=at)
        .returning(Installation.id)
    )
    return taken.first() is not None


async def _whom(
    place: Place, installation: Installation, opened_by: str, *, at: datetime
) -> Asker | None:
    if installation.installed_by:
        installer = await _member(place, installation.installed_by, at=at)
        if installer:
            return installer
    if opened_by:
        return await _member(place, opened_by, at=at)
    try:
        async for user_id in _people(place):
            person = await _member(place, user_id, at=at)
            if person and person.is_admin:
                return person
    except MethodMissing:
        pass  # the server cannot name anybody; who opens the App Home is welcomed then
    return None


async def _member(place: Place, user_id: str, *, at: datetime) -> Asker | None:
    try:
        member = await place.directory.member(user_id, at=at)
        asker = await place.directory.asker(user_id, at=at)
    except DaybookError:
        return None
    return asker if asker.is_member and not member.is_bot else None


async def _people(place: Place) -> AsyncIterator[str]:
    """Yield the people of the channels that the bot is in, each once."""
    seen: set[str] = {place.identity.user_id}
    for channel in await place.gateway.channels_of(place.identity.user_id):
        for user_id in await place.gateway.channel_members(channel.id):
            if user_id not in seen and len(seen) <= PEOPLE_SEARCHED:
                seen.add(user_id)
                yield user_id


async def _listens_in(place: Place, reader: Asker) -> list[str]:
    """Return the channels that the bot is in, as far as the reader may know of them."""
    try:
        found = await place.gateway.channels_of(place.identity.user_id)
    except DaybookError:
        return []
    return [
        channel.id
        for channel in found
        if not channel.is_private or channel.id in reader.channel_ids
    ]
