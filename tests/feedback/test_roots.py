"""Which theme another one belongs to now."""

from datetime import UTC, datetime

import pytest

from bot.db.session import Database
from bot.feedback.roots import NAMED_AT_MOST, find_roots
from bot.feedback.stored_themes import find_places
from bot.feedback.tables import Theme
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Workspace

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
TEAM = "team"


async def _themes(db: Database) -> None:
    """One that stands, one that merged into it, and one of a private channel."""
    async with db.write() as session:
        session.add(Workspace(id=TEAM, team_id="T1", created_at=AT))
        await session.flush()
        for n, (id_, into, scope) in enumerate(
            (("kept", None, ""), ("gone", "kept", ""), ("secret", None, "C2")), 1
        ):
            session.add(
                Theme(
                    workspace_id=TEAM,
                    id=id_,
                    number=n,
                    name=f"About {id_}",
                    scope=scope,
                    source_channel_id=scope or None,
                    group_id=n,
                    merged_into=into,
                    created_at=AT,
                )
            )


@pytest.mark.parametrize("others", [0, NAMED_AT_MOST])
async def test_a_theme_that_merged_is_the_one_it_belongs_to_however_many_are_asked_for(
    db: Database, others: int
) -> None:
    await _themes(db)
    asked = ["gone", "secret", None, *(f"unknown{n}" for n in range(others))]
    async with db.read() as session:
        found = await find_roots(session, Asker(TEAM, "U1", sees_public=True), asked)
    assert {one: (root.id, root.name) for one, root in found.items()} == {
        "gone": ("kept", "About kept"),
        "secret": ("secret", "#3"),
    }


async def test_one_that_merged_is_placed_where_it_belongs_though_it_is_read_alone(
    db: Database,
) -> None:
    await _themes(db)
    async with db.read() as session:
        [place] = await find_places(session, TEAM, Theme.id == "gone")
    assert (place.id, place.root_id, place.group) == ("gone", "kept", 1)
