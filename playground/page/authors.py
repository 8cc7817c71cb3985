"""Who wrote a message, as the page shows them."""

from dataclasses import dataclass

from playground.server.rows import Message, User
from playground.server.world import SLACKBOT, World

TINTS = 12  # classes tint-0 to tint-11 in page.css


@dataclass(frozen=True, slots=True)
class Author:
    """A name with its avatar. `badge` says in a word what is special, or is empty."""

    id: str
    name: str
    initials: str
    tint: str
    badge: str = ""


def author_of(message: Message, world: World) -> Author:
    """The author of a message, under the name that the app chose for it if it did."""
    user = world.users.get(message.user)
    if user is None:
        return Author(message.user, "Somebody", "?", "tint-0")
    known = portrait(user, world)
    if message.username:
        return Author(known.id, message.username, _initials(message.username), known.tint, "app")
    return known


def portrait(user: User, world: World) -> Author:
    """A person or bot of the workspace."""
    return Author(
        user.id, user.real_name, _initials(user.real_name), _tint(user, world), _badge(user, world)
    )


def _badge(user: User, world: World) -> str:
    if user.is_bot:
        return "Slack" if user.id == SLACKBOT else "app"
    if user.team_id != world.team.id:
        return "customer"
    return "guest" if user.is_restricted else ""


def _tint(user: User, world: World) -> str:
    if user.id == world.app.bot_user_id:
        return "tint-app"
    ids = [one.id for one in world.users.all() if not one.is_bot]
    return f"tint-{ids.index(user.id) % TINTS}" if user.id in ids else "tint-0"


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"
