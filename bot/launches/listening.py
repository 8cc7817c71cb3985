"""The listening window: what customers say in the days after a launch, and whether it is more."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.entries.log import append
from bot.feedback.queries import FeedbackView, find_feedback
from bot.launches.crew_tables import LaunchReaction
from bot.launches.queries import find_launches, get_launch, title_words
from bot.launches.records import LaunchDetail, Reaction
from bot.launches.service import subject_of
from bot.launches.stages import LIVE, ROLLING_OUT
from bot.launches.tables import Launch
from bot.workspaces.asker import Asker

# Two weeks: later words are about the product as it is, not about the change.
LISTEN_DAYS = 14
# Two words in common are about the same thing; one is often an accident.
WORDS_IN_COMMON = 2
MOST_READ = 500
OFFERED, TAKEN, DECLINED = "offered", "taken", "declined"


@dataclass(frozen=True)
class Ear:
    """What is listened for: the themes that asked for it, its area, the words of its title."""

    theme_ids: frozenset[str]
    area: str
    words: frozenset[str]


def ear_of(detail: LaunchDetail) -> Ear:
    """Return what is listened for after this launch."""
    launch = detail.launch
    words = frozenset(title_words(launch.title))
    return Ear(frozenset(detail.theme_ids), launch.area.strip().lower(), words)


def is_heard(ear: Ear, item: FeedbackView) -> bool:
    """Tell whether feedback may be about the launch."""
    if item.theme_id and item.theme_id in ear.theme_ids:
        return True
    if ear.area and item.area.strip().lower() == ear.area:
        return True
    common = len(ear.words & title_words(item.text))
    return common >= min(WORDS_IN_COMMON, len(ear.words)) > 0


def chance_of(after: int, before: int) -> float:
    """Return how likely so many ``after``, or more, are of the same rate in windows alike.

    The exact conditional test of two Poisson counts (Przyborowski and Wilenski 1940): of all of
    them, the share after is a coin's when nothing changed.
    """
    total = after + before
    tail = sum(math.comb(total, n) for n in range(after, total + 1))
    return float(tail / 2**total)


def days_begun(span: timedelta) -> int:
    """Return a window's length as people count it: a check in the morning of a launch's fifteenth
    day stands for fourteen days, like the metric's own window.
    """
    return max(math.ceil(span / timedelta(days=1)), 1)


async def count_complaints(
    session: AsyncSession, readers: Asker, detail: LaunchDetail, *, at: datetime
) -> dict[str, Any] | None:
    """Return bugs reported after and before, in windows alike; None before it was live.

    Counted is what the launch's readers may see. What its owner says is not about it is left out.
    """
    live_at = detail.launch.live_at
    if live_at is None or at <= live_at:
        return None
    span = min(timedelta(days=LISTEN_DAYS), at - live_at)
    found = await find_feedback(
        session, readers, since=live_at - span, until=live_at + span, limit=MOST_READ
    )
    declined = await _declined(session, readers, detail.launch.id)
    ear = ear_of(detail)
    heard = [
        one for one in found if one.kind == "bug" and one.id not in declined and is_heard(ear, one)
    ]
    after = sum(one.logged_at >= live_at for one in heard)
    before = len(heard) - after
    return {
        "after": after,
        "before": before,
        "days": days_begun(span),
        "chance": chance_of(after, before),
    }


async def _declined(session: AsyncSession, asker: Asker, launch_id: str) -> set[str]:
    query = select(LaunchReaction.feedback_id).where(
        LaunchReaction.workspace_id == asker.workspace_id,
        LaunchReaction.launch_id == launch_id,
        LaunchReaction.state == DECLINED,
    )
    return set(await session.scalars(query))


async def offer_reactions(
    session: AsyncSession, asker: Asker, feedback_id: str, *, at: datetime
) -> int:
    """Offer new feedback to the launches it may be about; ``asker`` sees what its channel sees."""
    found = await find_feedback(session, asker, ids=[feedback_id], limit=1)
    if not found:
        return 0
    query = select(Launch.id).where(
        Launch.workspace_id == asker.workspace_id,
        Launch.stage.in_((LIVE, ROLLING_OUT)),
        Launch.exposed_at > at - timedelta(days=LISTEN_DAYS),
    )
    offered = 0
    for launch in await find_launches(session, asker, ids=list(await session.scalars(query))):
        detail = await get_launch(session, asker, launch.id)
        if is_heard(ear_of(detail), found[0]):
            offered += await insert_unless_there(
                session,
                LaunchReaction,
                workspace_id=asker.workspace_id,
                id=new_id(),
                launch_id=launch.id,
                feedback_id=feedback_id,
                at=at,
            )
    return offered


async def home_reactions(session: AsyncSession, asker: Asker, *, limit: int = 2) -> list[Reaction]:
    """Return what may be a reaction to this person's launches, as far as they may read it."""
    query = (
        select(LaunchReaction.id, LaunchReaction.launch_id, LaunchReaction.feedback_id)
        .join(
            Launch,
            (Launch.workspace_id == LaunchReaction.workspace_id)
            & (Launch.id == LaunchReaction.launch_id),
        )
        .where(
            LaunchReaction.workspace_id == asker.workspace_id,
            LaunchReaction.state == OFFERED,
            asker.owns(Launch.owner_id),
        )
        .order_by(LaunchReaction.at, LaunchReaction.id)
        .limit(MOST_READ)
    )
    rows = list((await session.execute(query)).tuples())
    if not rows:
        return []
    launches = await find_launches(session, asker, ids=[row[1] for row in rows], limit=MOST_READ)
    by_launch = {one.id: one for one in launches}
    items = await find_feedback(session, asker, ids=[row[2] for row in rows], limit=MOST_READ)
    by_item = {one.id: one for one in items}
    found = [
        Reaction(id_, by_launch[launch_id], by_item[item_id].text)
        for id_, launch_id, item_id in rows
        if launch_id in by_launch and item_id in by_item
    ]
    return found[:limit]


async def answer_reaction(
    session: AsyncSession,
    workspace_id: str,
    reaction_id: str,
    answer: str,
    *,
    by: str,
    at: datetime,
) -> bool:
    """Note that feedback is, or is not, about its owner's launch; False when it is not theirs."""
    row = await session.get(LaunchReaction, (workspace_id, reaction_id))
    launch = await session.get(Launch, (workspace_id, row.launch_id)) if row else None
    if row is None or launch is None or launch.owner_id != by or row.state == answer:
        return False
    row.state = answer
    line = subject_of(launch).line(
        "launch.reaction", actor=by, feedback=row.feedback_id, answer=answer
    )
    await append(session, workspace_id, line, at=at)
    await session.flush()
    return True
