"""The list of channels, people and the app at the left."""

from collections.abc import Callable
from dataclasses import dataclass

from playground.page.authors import Author, portrait
from playground.page.reader import Reader
from playground.server.rows import Channel, User
from playground.server.world import SLACKBOT, World


@dataclass(frozen=True, slots=True)
class Place:
    """One line. kind: public, private, dm, app; `note` says in words what the sign means."""

    id: str
    name: str
    href: str
    kind: str
    is_current: bool
    unread: int = 0
    is_shared: bool = False
    note: str = ""
    author: Author | None = None


@dataclass(frozen=True, slots=True)
class Rail:
    """The groups of the list; `others` can be looked at but have not been joined."""

    channels: tuple[Place, ...]
    others: tuple[Place, ...]
    direct: tuple[Place, ...]
    app: Place | None


def build_rail(world: World, reader: Reader, current: str, unread: Callable[[str], int]) -> Rail:
    """The rail of the reader; `unread` counts for a channel id; `current` is what is open."""
    rooms = sorted(
        (c for c in world.channels.all() if not c.is_im and not c.is_archived),
        key=lambda channel: channel.name,
    )
    seen = [room for room in rooms if world.can_see(reader.user_id, room.id)]
    joined = [room for room in seen if reader.user_id in room.members]
    return Rail(
        channels=tuple(_room(room, reader, current, unread(room.id)) for room in joined),
        others=tuple(_room(room, reader, current, 0) for room in seen if room not in joined),
        direct=tuple(_people(world, reader, current, unread)),
        app=_app(world, reader, current, unread),
    )


def channel_note(channel: Channel) -> str:
    """What a channel's signs mean, in words."""
    notes = ["private"] if channel.is_private else []
    notes += ["shared with a customer"] if channel.is_ext_shared else []
    return ", ".join(notes)


def default_channel(world: World, user_id: str) -> Channel | None:
    """Where a person who asked for nothing in particular begins."""
    own = [c for c in world.channels.of(user_id) if not c.is_im and not c.is_archived]
    favourites = [c for c in own if c.name in ("product", "general")]
    rooms = sorted(favourites, key=lambda c: c.name, reverse=True) or own
    return rooms[0] if rooms else None


def people_of(world: World) -> list[User]:
    """Everybody one can be: persons who are still there."""
    return [user for user in world.users.all() if not user.is_bot and not user.deleted]


def _room(channel: Channel, reader: Reader, current: str, unread: int) -> Place:
    return Place(
        id=channel.id,
        name=channel.name,
        href=f"/p/{reader.user_id}/c/{channel.id}",
        kind="private" if channel.is_private else "public",
        is_current=channel.id == current,
        unread=unread,
        is_shared=channel.is_ext_shared,
        note=channel_note(channel),
    )


def _people(
    world: World, reader: Reader, current: str, unread: Callable[[str], int]
) -> list[Place]:
    places = []
    for user in people_of(world):
        if user.id == reader.user_id or not _may_meet(user, reader, world):
            continue
        channel = world.channels.find_direct(reader.user_id, user.id)
        opened = channel.id if channel is not None else ""
        places.append(
            Place(
                id=opened or user.id,
                name=user.real_name,
                href=f"/p/{reader.user_id}/" + (f"c/{opened}" if opened else f"dm/{user.id}"),
                kind="dm",
                is_current=bool(opened) and opened == current,
                unread=unread(opened) if opened else 0,
                author=portrait(user, world),
            )
        )
    return places


def _may_meet(user: User, reader: Reader, world: World) -> bool:
    """People meet when they are of one company, or in one channel."""
    me = world.users.get(reader.user_id)
    if me is not None and me.team_id == user.team_id and not me.is_restricted:
        return True
    mine = world.channels.of(reader.user_id)
    return any(user.id in channel.members for channel in mine if not channel.is_im)


def _app(world: World, reader: Reader, current: str, unread: Callable[[str], int]) -> Place | None:
    me = world.users.get(reader.user_id)
    if me is None or me.team_id != world.team.id or world.bot.id == SLACKBOT:
        return None
    channel = world.channels.find_direct(reader.user_id, world.bot.id)
    opened = channel.id if channel is not None else ""
    return Place(
        id=opened,
        name=world.bot.real_name,
        href=f"/p/{reader.user_id}/home",
        kind="app",
        is_current=current in ("home", opened or "home"),
        unread=unread(opened) if opened else 0,
        author=portrait(world.bot, world),
    )
