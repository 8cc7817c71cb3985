"""A workspace written straight into the tables: for tests of what is read, not of how it came."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.db.session import Database
from bot.decisions.tables import Decision
from bot.entries.links import Node, put_link
from bot.feedback.tables import Feedback, Theme
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Channel, Counter, Customer, Workspace

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
TEAM = "w1"
PUBLIC, SECRET = "C1", "C2"
ANA, BEN, GIL = "U1", "U2", "U3"


def member(user: str = ANA, *rooms: str) -> Asker:
    """A full member who is in these private channels."""
    return Asker(TEAM, user, sees_public=True, channel_ids=frozenset(rooms))


def guest(*rooms: str) -> Asker:
    """A guest of these channels."""
    return Asker(TEAM, GIL, channel_ids=frozenset(rooms), is_guest=True)


@dataclass
class Seeds:
    """Writes rows and counts their numbers."""

    db: Database
    number: int = 0
    groups: dict[str, int] = field(default_factory=dict)

    async def begin(self) -> None:
        """The workspace, a public channel and a private one."""
        async with self.db.write() as session:
            session.add(Workspace(id=TEAM, team_id="T1", name="N", created_at=AT))
            await session.flush()
            session.add(Counter(workspace_id=TEAM, name="number", value=1000))
            for room, is_private in ((PUBLIC, False), (SECRET, True)):
                session.add(
                    Channel(workspace_id=TEAM, id=room, is_private=is_private, refreshed_at=AT)
                )

    async def customer(self, name: str, **more: Any) -> str:
        """A customer; returns its id."""
        async with self.db.write() as session:
            session.add(Customer(workspace_id=TEAM, id=name, name=name, updated_at=AT, **more))
        return name

    async def theme(self, name: str, *, room: str = "", **more: Any) -> str:
        """A theme, of a private channel with ``room``; returns its id."""
        self.number += 1
        self.groups[room] = self.groups.get(room, 0) + 1
        async with self.db.write() as session:
            session.add(
                Theme(
                    workspace_id=TEAM,
                    id=name,
                    number=self.number,
                    name=name,
                    scope=room,
                    source_channel_id=room or None,
                    group_id=self.groups[room],
                    created_at=AT,
                    **more,
                )
            )
        return name

    async def said(
        self, theme: str, *, who: str = "", days_ago: float = 0, room: str = PUBLIC, **more: Any
    ) -> str:
        """Feedback of a theme; ``who`` is a customer's id. Returns its id."""
        self.number += 1
        at = AT - timedelta(days=days_ago)
        values: dict[str, Any] = {
            "text": f"words {self.number}",
            "kind": "request",
            "author_id": "U9",
            "reporter_id": ANA,
        } | more
        async with self.db.write() as session:
            session.add(
                Feedback(
                    workspace_id=TEAM,
                    id=f"f{self.number}",
                    number=self.number,
                    source_channel_id=room,
                    message_ts=f"{self.number}.0",
                    theme_id=theme,
                    customer_id=who or None,
                    said_at=at,
                    logged_at=at,
                    **values,
                )
            )
        return f"f{self.number}"

    async def decision(self, name: str, theme: str, *, room: str = PUBLIC) -> str:
        """An accepted decision about a theme, in a channel; returns its id."""
        self.number += 1
        async with self.db.write() as session:
            session.add(
                Decision(
                    workspace_id=TEAM,
                    id=name,
                    number=self.number,
                    title=name,
                    choice=name,
                    owner_id="U8",
                    status="accepted",
                    source_channel_id=room,
                    created_by="U8",
                    created_at=AT,
                    accepted_at=AT,
                )
            )
            await session.flush()
            first, then = Node("theme", theme), Node("decision", name)
            await put_link(session, TEAM, first, "decided_by", then, at=AT)
        return name
