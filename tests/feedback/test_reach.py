"""Whatever the memberships: on no surface do words reach who could not read where they were said."""

import asyncio
import itertools
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from sqlalchemy.ext.asyncio import AsyncSession

from bot.ai.lexical import Lexical
from bot.db.session import Database
from bot.db.types import new_id
from bot.entries.queries import find_entries
from bot.errors import NotFound
from bot.feedback import service
from bot.feedback.grouping import Reader
from bot.feedback.proposal_queries import home_answered, home_proposals, home_splits
from bot.feedback.proposal_views import render_home_proposals
from bot.feedback.queries import find_themes, get_feedback_view
from bot.feedback.receipt_queries import Likeness, home_logged, read_receipt
from bot.feedback.tables import FollowUp
from bot.feedback.theme_page import read_page
from bot.feedback.theme_page_views import render_page
from bot.feedback.theme_queries import Wanted, read_ranking
from bot.feedback.told_queries import due_for, find_follow_ups
from bot.feedback.triage_queries import count_open, read_inbox
from bot.feedback.triage_views import render_home_inbox, render_inbox
from bot.feedback.views import render_home_logged
from bot.feedback.weekly import read_weekly
from bot.feedback.weekly_views import Issue, render_weekly
from bot.general.home_views import BARE, NEWS, render_latest
from bot.general.search import search_everything
from bot.intake.exports import READERS, make_exports
from bot.why.answers import answer_question
from bot.workspaces.asker import Asker
from bot.workspaces.directory import register
from bot.workspaces.tables import Channel
from tests.workspaces.test_visibility import NOW, Identity, Words, _may_read, worlds

WORLDS = itertools.count()


def word(number: int) -> str:
    """A word that only this feedback holds."""
    return f"quokka{number}q"


@pytest.fixture(scope="module")
def file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reach") / "a.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return path


@settings(max_examples=10, deadline=None)
@given(worlds())
def test_no_surface_shows_words_to_who_cannot_read_their_source(
    file: Path, world: tuple[dict[str, bool], list[Words], Asker]
) -> None:
    private, said, asker = world
    shown = asyncio.run(_surfaces(file, private, said, asker))
    for number, words in enumerate(said):
        seen = {name for name, told in shown.items() if word(number) in told}
        if _may_read(private, words, asker):
            assert {"log", "told drafts"} <= seen
        else:
            assert seen == set()


async def _surfaces(
    file: Path, private: dict[str, bool], said: list[Words], asker: Asker
) -> dict[str, str]:
    db = Database(f"sqlite+aiosqlite:///{file}")
    team = f"T{next(WORLDS)}"
    identity = Identity(team, "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    ws = (await register(db, identity, at=NOW)).id
    reader = Reader(db, Lexical())
    ids = await _tell(db, reader, ws, private, said)
    who = replace(asker, workspace_id=ws)
    async with db.read() as session:
        shown = {
            "receipt": await _receipts(session, who, ids),
            "search": str(await search_everything(session, who, "quokka export", reader)),
            "theme page": await _pages(session, who),
            "ranking": str(await read_ranking(session, who, Wanted(show="all"), at=NOW)),
            "App Home": await _home(session, who, reader),
            "log": str(await find_entries(session, who, limit=500)),
            "weekly digest": await _weekly(session, who),
            "told drafts": str(await find_follow_ups(session, who)),
        }
        for form in ("csv", "jsonl"):
            files = await make_exports(session, who, list(READERS), form, at=NOW)
            shown[f"export {form}"] = str([one.content for one in files])
    shown["why"] = "".join(
        [str(await answer_question(db, who, asked, at=NOW)) for asked in ("export", "#1", "#2")]
    )
    await db.close()
    return shown


async def _tell(
    db: Database, reader: Reader, ws: str, private: dict[str, bool], said: list[Words]
) -> list[str]:
    async with db.write() as session:
        for channel_id, is_private in private.items():
            session.add(
                Channel(workspace_id=ws, id=channel_id, is_private=is_private, refreshed_at=NOW)
            )
    ids = []
    for number, words in enumerate(said):
        is_private = private.get(words.channel or "", words.channel is not None)
        scope = (words.channel or "") if is_private else ""
        text = f"{word(number)} wants the CSV export and the {'PDF' if words.group > 1 else ''} too"
        about = service.Said(
            id=new_id(),
            text=text,
            source_channel_id=words.channel,
            message_ts=f"{number}.0" if words.channel else None,
            permalink="",
            author_id="U9",
            reporter_id=words.reporter,
            means="emoji",
            said_at=NOW,
            scope=scope,
        )
        reading = await reader.read(ws, scope, about.id, text)
        async with db.write() as session:
            done = await service.capture(session, ws, about, reading, at=NOW)
            session.add(
                FollowUp(
                    workspace_id=ws,
                    id=new_id(),
                    asker_key=done.feedback_id,
                    feedback_id=done.feedback_id,
                    owner_id=words.reporter,
                    subject_kind="launch",
                    subject_id="L",
                    event="shipped",
                    state="drafted",
                    draft=f"Hi, you wrote: {text}",
                    source_channel_id=words.channel,
                    created_at=NOW,
                )
            )
        ids.append(done.feedback_id)
    return ids


async def _receipts(session: AsyncSession, who: Asker, ids: list[str]) -> str:
    told = []
    for feedback_id in ids:
        try:
            item = await get_feedback_view(session, who, feedback_id)
        except NotFound:
            continue
        near = [Likeness(one, 1.0) for one in ids]
        told.append(str(await read_receipt(session, who, item.id, alike=near)))
    return "".join(told)


async def _pages(session: AsyncSession, who: Asker) -> str:
    pages = []
    for theme in await find_themes(session, who, limit=50):
        try:
            pages.append(str(render_page(await read_page(session, who, theme.id, at=NOW))))
        except NotFound:
            continue
    return "".join(pages)


async def _home(session: AsyncSession, who: Asker, reader: Reader) -> str:
    proposals = await home_proposals(session, who, reader)
    answered = await home_answered(session, who, at=NOW)
    inbox = await read_inbox(session, who, reader, at=NOW)
    splits = await home_splits(session, who, reader)
    latest = await find_entries(session, who, kinds=(*NEWS, *BARE), limit=50)
    logged = await home_logged(session, who, since=NOW - timedelta(days=1), limit=50)
    return "".join(
        str(part)
        for part in (
            render_home_proposals(proposals, answered, splits),
            render_home_logged(logged),
            render_home_inbox(await count_open(session, who, at=NOW)),
            render_inbox(inbox, below=0, undo=None),
            render_latest(latest),
            await due_for(session, who),
        )
    )


async def _weekly(session: AsyncSession, who: Asker) -> str:
    week = await read_weekly(session, who, target="C1", at=NOW)
    return str(render_weekly(Issue(1, "Week", date(2026, 5, 18), week)))
