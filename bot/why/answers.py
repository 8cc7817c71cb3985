"""The answer to a question, for one asker: the story of its best match, and what else it may be."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.clock import local_date, zone_named
from bot.db.session import Database
from bot.entries.links import Node
from bot.slack.blocks import Message
from bot.why.queries import find_candidates, find_numbered, get_candidate, read_story
from bot.why.records import Candidate
from bot.why.rules import ALSO, asked_number, rank
from bot.why.views import render_nothing, render_story, render_usage
from bot.workspaces.asker import Asker

# A question is a few words; what follows is somebody's pasted text.
QUESTION_CHARACTERS = 300


async def answer_question(
    db: Database, asker: Asker, question: str, *, at: datetime, near_themes: Sequence[str] = ()
) -> Message:
    """Answer "why importer", "why did we build the importer?" or "why #12", for ``asker``.

    ``near_themes`` are near the question in meaning: told of where no word fits better.
    """
    question = question.strip()[:QUESTION_CHARACTERS]
    if not question:
        return render_usage()
    by_words, near = await _matches(db, asker, question, near_themes)
    if not by_words and not near:
        return render_nothing(question)
    return await _tell(db, asker, [*by_words, *near], at=at, unfound="" if by_words else question)


async def answer_about(db: Database, asker: Asker, node: Node, *, at: datetime) -> Message:
    """Tell the story of one thing; raises ``NotFound`` when the asker cannot see it."""
    async with db.read() as session:
        about = await get_candidate(session, asker, node)
    return await _tell(db, asker, [about], at=at)


async def _matches(
    db: Database, asker: Asker, question: str, near_themes: Sequence[str]
) -> tuple[list[Candidate], list[Candidate]]:
    """Return what fits by number or words, and what else is near in meaning."""
    number = asked_number(question)
    async with db.read() as session:
        if number is not None:
            found = await find_numbered(session, asker, number)
            return ([found] if found else []), []
        candidates = await find_candidates(session, asker)
    found_by_words = await asyncio.to_thread(rank, question, candidates)
    themes = {one.node.id: one for one in candidates if one.node.kind == "theme"}
    near = [themes[theme_id] for theme_id in near_themes if theme_id in themes]
    return found_by_words, [one for one in near if one not in found_by_words]


async def _tell(
    db: Database, asker: Asker, found: list[Candidate], *, at: datetime, unfound: str = ""
) -> Message:
    best, *others = found
    async with db.read() as session:
        story = await read_story(session, asker, best)
    told = {row.id for row in story.themes} | {row.id for row in story.decisions}
    told |= {one.launch.id for one in story.launches}
    also = [one for one in others if one.node.id not in told][:ALSO]
    today = local_date(at, zone_named(asker.timezone))
    return render_story(story, also, today=today, unfound=unfound)
