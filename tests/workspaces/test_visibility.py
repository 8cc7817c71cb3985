"""Whatever the memberships: nobody reads words that come from where they may not read."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from bot.db.session import Database
from bot.db.types import new_id
from bot.feedback import service
from bot.feedback.grouping import Reading
from bot.feedback.queries import find_feedback, find_themes
from bot.feedback.tables import Feedback, Report, Theme
from bot.slack.gateway import Identity
from bot.workspaces.asker import Asker
from bot.workspaces.directory import register
from bot.workspaces.tables import Channel

NOW = datetime(2026, 5, 18, tzinfo=UTC)
CHANNELS = ("C1", "C2", "C3", "C4")


@dataclass(frozen=True)
class Words:
    """One thing said: where, by whom reported, in which group."""

    channel: str | None
    reporter: str
    group: int


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, bool], list[Words], Asker]:
    private = {c: draw(st.booleans()) for c in CHANNELS[:3]}  # C4 is unknown to the bot
    said = draw(
        st.lists(
            st.builds(
                Words,
                st.sampled_from([*CHANNELS, None]),
                st.sampled_from(["U1", "U2", ""]),
                st.integers(1, 2),
            ),
            min_size=1,
            max_size=7,
        )
    )
    is_guest = draw(st.booleans()) and draw(st.booleans())
    asker = Asker(
        "",
        user_id=draw(st.sampled_from(["U1", "U2", "U3", ""])),
        sees_public=draw(st.booleans()) and not is_guest,
        is_guest=is_guest,
        channel_ids=frozenset(draw(st.sets(st.sampled_from(CHANNELS)))),
        is_outsider=draw(st.booleans()) and draw(st.booleans()),
    )
    return private, said, asker


def _may_read(private: dict[str, bool], words: Words, asker: Asker) -> bool:
    if asker.is_outsider:
        return False
    if asker.user_id and words.reporter == asker.user_id:
        return True
    if words.channel is None:
        return asker.sees_public
    is_public = words.channel in private and not private[words.channel]
    return words.channel in asker.channel_ids or (asker.sees_public and is_public)


async def _tell(db: Database, ws: str, private: dict[str, bool], said: list[Words]) -> None:
    async with db.write() as session:
        for table in (Report, Feedback, Theme, Channel):
            await session.execute(delete(table))
        for channel_id, is_private in private.items():
            session.add(
                Channel(workspace_id=ws, id=channel_id, is_private=is_private, refreshed_at=NOW)
            )
        for number, words in enumerate(said):
            is_private = private.get(words.channel or "", words.channel is not None)
            text = f"secret{number} of {words.channel}"
            await service.capture(
                session,
                ws,
                service.Said(
                    id=new_id(),
                    text=text,
                    source_channel_id=words.channel,
                    message_ts=f"{number}.0" if words.channel else None,
                    permalink="",
                    author_id="U9",
                    reporter_id=words.reporter,
                    means="emoji",
                    said_at=NOW,
                    scope=(words.channel or "") if is_private else "",
                ),
                Reading(
                    "bug",
                    "",
                    2,
                    "neutral",
                    words.group,
                    beside="",
                    theme_name=f"name secret{number}",
                ),
                at=NOW,
            )


@pytest.fixture(scope="module")
def file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("visible") / "a.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return path


@settings(max_examples=40)
@given(worlds())
def test_no_query_returns_words_whose_source_its_asker_cannot_read(
    file: Path, world: tuple[dict[str, bool], list[Words], Asker]
) -> None:
    private, said, asker = world

    told, texts = asyncio.run(_look(file, private, said, asker))
    readable = {n for n, words in enumerate(said) if _may_read(private, words, asker)}
    assert texts == {f"secret{n} of {said[n].channel}" for n in readable}
    # A theme is named after its newest words, and so tells of them too.
    hidden = set(range(len(said))) - readable
    assert [n for n in hidden if f"secret{n}'" in told or f"secret{n} " in told] == []


async def _look(
    file: Path, private: dict[str, bool], said: list[Words], asker: Asker
) -> tuple[str, set[str]]:
    db = Database(f"sqlite+aiosqlite:///{file}")
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    ws = (await register(db, identity, at=NOW)).id
    await _tell(db, ws, private, said)
    who = replace(asker, workspace_id=ws)
    async with db.read() as session:
        items = await find_feedback(session, who, limit=100)
        hits = await find_feedback(session, who, words=["secret"], limit=100)
        themes = await find_themes(session, who, limit=100)
        by_name = await find_themes(session, who, words=["name"], limit=100)
    await db.close()
    assert {item.id for item in items} == {item.id for item in hits}
    assert {theme.id for theme in by_name} <= {theme.id for theme in themes}
    return f"{items} {themes} {by_name}", {item.text for item in items}
