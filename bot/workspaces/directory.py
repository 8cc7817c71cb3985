"""Who and where: people, channels and what an asker may see, kept fresh from Slack.

Reads Slack outside any transaction; what it learns is stored, so that Slack's silence degrades to
the last known state and the unknown to "no".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select

from bot.calendars.statuses import away_until
from bot.clock import zone_named
from bot.db.plain import execute_plain
from bot.db.session import Database
from bot.db.types import new_id
from bot.db.upsert import insert_or_update, insert_unless_there
from bot.errors import BadInput, DaybookError, MethodMissing, NotFound, SlackRefused
from bot.slack.gateway import Gateway, Identity, SlackChannel, SlackUser
from bot.slack.kinds import is_person
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Channel, Installation, Member, Workspace

# People and channels seldom change, and Slack tells of most changes by events.
FRESH = timedelta(hours=6)
# Membership of private channels decides what is shown, so it is asked again soon.
FRESH_ACCESS = timedelta(seconds=60)


_MEMBER = cast(Table, Member.__table__)
_PEOPLE = select(_MEMBER.c.id, _MEMBER.c.is_guest, _MEMBER.c.is_outsider).where(
    _MEMBER.c.workspace_id == bindparam("of"), _MEMBER.c.id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True)
class _Access:
    at: datetime
    channel_ids: frozenset[str]


class Directory:
    """One workspace's people and channels."""

    def __init__(self, db: Database, gateway: Gateway, workspace_id: str, team_id: str) -> None:
        self._db, self._gateway = db, gateway
        self.workspace_id, self.team_id = workspace_id, team_id
        self._access: dict[str, _Access] = {}

    async def member(self, user_id: str, *, at: datetime) -> Member:
        """Return a person, asking Slack when what is known is old. Raises ``NotFound``."""
        async with self._db.read() as session:
            known = await session.get(Member, (self.workspace_id, user_id))
        if known and abs(at - known.refreshed_at) < FRESH:
            return known
        try:
            user = await self._gateway.user(user_id)
        except DaybookError as error:
            if known:
                return known
            if isinstance(error, SlackRefused) and error.code == "user_not_found":
                raise NotFound("Slack does not know this person.") from error
            raise
        return await self._store_member(user, at)

    async def refresh_member(self, user_id: str, *, at: datetime) -> Member:
        """Return a person as Slack describes them now."""
        return await self._store_member(await self._gateway.user(user_id), at)

    async def _store_member(self, user: SlackUser, at: datetime) -> Member:
        is_outsider = user.is_stranger or bool(user.team and user.team != self.team_id)
        values = {
            "workspace_id": self.workspace_id,
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "timezone": user.timezone or "UTC",
            "is_guest": user.is_guest,
            "is_outsider": is_outsider,
            "is_bot": user.is_bot,
            "is_deleted": user.is_deleted,
            "is_admin": user.is_admin,
            "away_until": _away_until(user, at),
            "refreshed_at": at,
        }
        async with self._db.write() as session:
            await insert_or_update(session, Member, ("workspace_id", "id"), **values)
        return Member(**values)

    async def channel(self, channel_id: str, *, at: datetime, is_stale: bool = False) -> Channel:
        """Return a channel, asking Slack when what is known is old. Raises ``NotFound``."""
        async with self._db.read() as session:
            known = await session.get(Channel, (self.workspace_id, channel_id))
        if known and not is_stale and abs(at - known.refreshed_at) < FRESH:
            return known
        try:
            found = await self._gateway.channel(channel_id)
            guests = await self._has_guests(found, at=at)
        except DaybookError as error:
            if known:
                return known
            if isinstance(error, SlackRefused):
                raise NotFound("I cannot see that channel. Invite me there first.") from error
            raise
        return await self._store_channel(found, at=at, has_guests=guests)

    async def _has_guests(self, channel: SlackChannel, *, at: datetime) -> bool:
        if channel.is_dm:
            return False
        try:
            ids = await self._gateway.channel_members(channel.id)
            people = await self._members(ids[:200], at=at)
        except MethodMissing as error:
            return not error.is_plain
        except (SlackRefused, NotFound):
            return True
        return len(ids) > len(people) or any(people.values())

    async def _members(self, ids: list[str], *, at: datetime) -> dict[str, bool]:
        """Return for each of some people whether they are a guest or an outsider."""
        of = {"of": self.workspace_id, "ids": ids}
        async with self._db.read() as session:
            rows = (await execute_plain(session, _PEOPLE, of)).all()
        found = {row.id: row.is_guest or row.is_outsider for row in rows}
        for user_id in ids:
            if user_id not in found:
                member = await self.member(user_id, at=at)
                found[user_id] = member.is_guest or member.is_outsider
        return found

    async def _store_channel(
        self, found: SlackChannel, *, at: datetime, has_guests: bool
    ) -> Channel:
        values = {
            "workspace_id": self.workspace_id,
            "id": found.id,
            "name": found.name,
            "is_private": found.is_private,
            "is_shared": found.is_shared,
            "is_archived": found.is_archived,
            "is_dm": found.is_dm,
            "has_bot": found.has_bot,
            "has_guests": has_guests,
            "refreshed_at": at,
        }
        async with self._db.write() as session:
            row = await insert_or_update(session, Channel, ("workspace_id", "id"), **values)
        return Channel(**row)

    async def forget_channel(self, channel_id: str, *, at: datetime) -> None:
        """Ask Slack again at the next look, and drop cached access."""
        self._access.clear()
        async with self._db.write() as session:
            known = await session.get(Channel, (self.workspace_id, channel_id))
            if known:
                known.refreshed_at = at - FRESH

    async def asker(self, user_id: str, *, at: datetime, here: str = "") -> Asker:
        """Return what a person may see. ``here`` is the channel their request came from."""
        member = await self.member(user_id, at=at)
        seen = await self._channels_of(member, at)
        return Asker(
            workspace_id=self.workspace_id,
            user_id=user_id,
            channel_id=here,
            sees_public=not (member.is_guest or member.is_outsider or member.is_deleted),
            channel_ids=frozenset(seen | ({here} if here else set())),
            timezone=member.timezone,
            is_guest=member.is_guest,
            is_outsider=member.is_outsider or member.is_deleted,
            is_admin=member.is_admin,
        )

    async def _channels_of(self, member: Member, at: datetime) -> set[str]:
        known = self._access.get(member.id)
        if known and abs(at - known.at) < FRESH_ACCESS:
            return set(known.channel_ids)
        try:
            channels = await self._gateway.channels_of(member.id)
        except MethodMissing as error:
            is_team = not (member.is_guest or member.is_outsider or member.is_deleted)
            return await self._open_channels() if is_team and error.is_plain else set()
        except DaybookError:
            return set()
        await self._note_privacy(channels)
        ids = {found.id for found in channels}
        self._access[member.id] = _Access(at, frozenset(ids))
        return ids

    async def _open_channels(self) -> set[str]:
        """Return the public channels that are known: a server that lists nobody's keeps none out.

        Members may read them anyway.
        """
        query = select(Channel.id).where(
            Channel.workspace_id == self.workspace_id, Channel.is_private.is_(False)
        )
        async with self._db.read() as session:
            return set(await session.scalars(query))

    async def _note_privacy(self, channels: Sequence[SlackChannel]) -> None:
        """Follow what became private, public or shared of the channels that are known."""
        now = {found.id: (found.is_private, found.is_shared) for found in channels}
        query = select(Channel.id, Channel.is_private, Channel.is_shared).where(
            Channel.workspace_id == self.workspace_id, Channel.id.in_(now)
        )
        async with self._db.read() as session:
            known = {id_: tuple(was) for id_, *was in await session.execute(query)}
        changed = [id_ for id_, was in known.items() if was != now[id_]]
        if not changed:
            return
        async with self._db.write() as session:
            for id_ in changed:
                row = await session.get_one(Channel, (self.workspace_id, id_))
                row.is_private, row.is_shared = now[id_]

    async def audience(self, target: str, *, at: datetime) -> Asker:
        """Return what everybody who reads ``target`` (a channel, or a person's DM) may see."""
        if is_person(target):
            return await self.asker(target, at=at)
        return readers_of(await self.channel(target, at=at))

    async def names(self, user_ids: set[str]) -> dict[str, str]:
        """Return the known names of people; those never seen are left out."""
        query = select(Member.id, Member.name).where(
            Member.workspace_id == self.workspace_id, Member.id.in_(user_ids)
        )
        async with self._db.read() as session:
            return {row.id: row.name for row in await session.execute(query)}


def readers_of(channel: Channel) -> Asker:
    """Return what everybody who reads a channel may see."""
    return Asker(
        workspace_id=channel.workspace_id,
        channel_id=channel.id,
        # Who reads a DM is not known by its id: a person's own id is.
        sees_public=not (channel.is_shared or channel.has_guests or channel.is_dm),
        channel_ids=frozenset({channel.id}),
    )


def _away_until(user: SlackUser, at: datetime) -> datetime | None:
    try:
        zone = zone_named(user.timezone or "UTC")
    except BadInput:
        zone = zone_named("UTC")
    return away_until(user.status_emoji, user.status_text, user.status_expires, at=at, zone=zone)


async def register(db: Database, identity: Identity, *, at: datetime) -> Workspace:
    """Store the workspace and the bot's installation there; safe at every start."""
    key = (Workspace.enterprise_id == identity.enterprise_id, Workspace.team_id == identity.team_id)
    async with db.write() as session:
        await insert_unless_there(
            session,
            Workspace,
            id=new_id(),
            enterprise_id=identity.enterprise_id,
            team_id=identity.team_id,
            name=identity.team,
            url=identity.url,
            settings={},
            created_at=at,
        )
        workspace = (await session.scalars(select(Workspace).where(*key))).one()
        workspace.name, workspace.url = identity.team, identity.url
        query = select(Installation).where(
            Installation.workspace_id == workspace.id,
            Installation.bot_user_id == identity.user_id,
        )
        installation = (await session.scalars(query)).first()
        if installation is None:
            installation = Installation(
                workspace_id=workspace.id, bot_user_id=identity.user_id, installed_at=at
            )
            session.add(installation)
        installation.bot_id, installation.scopes = identity.bot_id, list(identity.scopes)
    return workspace
