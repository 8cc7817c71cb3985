"""Read which themes may be one, with the evidence, and what was answered lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.feedback.grouping import Reader
from bot.feedback.memory import SplitIdea
from bot.feedback.queries import FeedbackView, ThemeView, find_feedback, find_themes
from bot.feedback.tables import Theme, ThemeAnswer
from bot.workspaces.asker import Asker

# Asked at once: about three for every hundred texts is what helps, and more is a chore.
ASKED_AT_ONCE = 2
# Some are dropped: of private channels, of themes that the asker sees no text of.
LOOKED_AT = 8
QUOTES = 2
# Of a part; more than a database takes as variables is never asked about at once.
MOST_READ = 400
UNDOABLE = timedelta(days=7)
ANSWERS_SHOWN = 3


@dataclass(frozen=True)
class Proposal:
    """Two themes that may be one: the larger, the smaller, their link, words of each."""

    larger: ThemeView
    smaller: ThemeView
    link: float
    larger_quotes: tuple[FeedbackView, ...]
    smaller_quotes: tuple[FeedbackView, ...]


@dataclass(frozen=True)
class Answered:
    """What was answered lately, to be undone."""

    id: str
    gone_number: int
    into_number: int
    answer: str
    at: datetime


async def scopes_of(session: AsyncSession, asker: Asker) -> list[str]:
    """Return the scopes whose themes the asker may see, the public one first."""
    query = (
        select(Theme.scope)
        .where(Theme.workspace_id == asker.workspace_id, asker.sees(Theme.source_channel_id))
        .distinct()
    )
    return sorted(await session.scalars(query))


async def find_proposals(
    session: AsyncSession, asker: Asker, pairs: Sequence[tuple[str, str, float]]
) -> list[Proposal]:
    """Return the pairs (larger, smaller, link) of which the asker sees both sides."""
    ids = [theme_id for larger, smaller, _ in pairs for theme_id in (larger, smaller)]
    themes = {t.id: t for t in await find_themes(session, asker, ids=ids, limit=len(ids) or 1)}
    found: list[Proposal] = []
    for larger, smaller, link in pairs:
        if larger in themes and smaller in themes and len(found) < ASKED_AT_ONCE:
            found.append(
                Proposal(
                    themes[larger],
                    themes[smaller],
                    link,
                    await _quotes(session, asker, larger),
                    await _quotes(session, asker, smaller),
                )
            )
    return found


async def _quotes(session: AsyncSession, asker: Asker, theme_id: str) -> tuple[FeedbackView, ...]:
    return tuple(await find_feedback(session, asker, theme_ids=[theme_id], limit=QUOTES))


async def home_proposals(session: AsyncSession, asker: Asker, reader: Reader) -> list[Proposal]:
    """Return what this member may be asked about themes; nothing for guests."""
    if not asker.is_member:
        return []
    pairs: list[tuple[str, str, float]] = []
    for scope in await scopes_of(session, asker):
        pairs += await reader.pairs_to_ask(asker.workspace_id, scope, LOOKED_AT)
    return await find_proposals(session, asker, pairs)


@dataclass(frozen=True)
class SplitProposal:
    """A theme that may be two things, with words of each part."""

    theme: ThemeView
    idea: SplitIdea
    smaller_quotes: tuple[FeedbackView, ...]
    larger_quotes: tuple[FeedbackView, ...]


async def home_splits(session: AsyncSession, asker: Asker, reader: Reader) -> list[SplitProposal]:
    """Return the clearest theme that may be two, of which this member reads every word."""
    if not asker.is_member:
        return []
    for scope in await scopes_of(session, asker):
        for idea in await reader.splits_to_ask(asker.workspace_id, scope):
            if found := await _split(session, asker, idea):
                return [found]
    return []


async def _split(session: AsyncSession, asker: Asker, idea: SplitIdea) -> SplitProposal | None:
    parts = []
    for ids in (idea.smaller_ids, idea.larger_ids):
        newest = list(ids)[-MOST_READ:]
        items = await find_feedback(session, asker, ids=newest, limit=len(newest))
        if len(items) < len(newest):
            return None
        parts.append(tuple(items[:QUOTES]))
    themes = await find_themes(session, asker, ids=[idea.theme_id], limit=1)
    return SplitProposal(themes[0], idea, *parts) if themes else None


async def home_answered(session: AsyncSession, asker: Asker, *, at: datetime) -> list[Answered]:
    """Return what was answered about themes within the last days, newest first."""
    if not asker.is_member:
        return []
    gone, into = aliased(Theme), aliased(Theme)
    query = (
        select(
            ThemeAnswer.id, gone.number, into.number, ThemeAnswer.answer, ThemeAnswer.answered_at
        )
        .join(
            gone,
            (gone.workspace_id == ThemeAnswer.workspace_id) & (gone.id == ThemeAnswer.gone_id),
        )
        .join(
            into,
            (into.workspace_id == ThemeAnswer.workspace_id) & (into.id == ThemeAnswer.into_id),
        )
        .where(
            ThemeAnswer.workspace_id == asker.workspace_id,
            ThemeAnswer.undone_at.is_(None),
            ThemeAnswer.answered_at > at - UNDOABLE,
            asker.sees(gone.source_channel_id),
        )
        .order_by(ThemeAnswer.answered_at.desc(), ThemeAnswer.id)
        .limit(ANSWERS_SHOWN)
    )
    return [Answered(*row) for row in await session.execute(query)]
