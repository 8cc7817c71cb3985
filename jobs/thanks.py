"""Whoever logged what fed a decision, a launch or a verdict is thanked: together, next morning."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.queries import find_decisions
from bot.deps import Deps
from bot.engine.deliveries import Cause, plan_post
from bot.engine.queue import SlotWork
from bot.entries.consumers import Consumer
from bot.entries.tables import Entry, Link
from bot.feedback.queries import may_see
from bot.feedback.roots import is_in_themes
from bot.feedback.tables import Feedback, Report, Thanks
from bot.feedback.thanks import DECIDED, SEND, mark_said, note_thanks, owed_to
from bot.feedback.thanks_views import Fed, render_thanks
from bot.feedback.told_askers import reporters_of_themes
from bot.launches.queries import find_launches
from bot.workspaces.asker import Asker


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """A decision was accepted: those who logged what it answers are owed thanks."""
    for entry in entries:
        themes = await _themes(session, entry.workspace_id, entry.subject_id)
        users = await reporters_of_themes(session, entry.workspace_id, themes)
        await note_thanks(
            session, entry.workspace_id, users, "decision", entry.subject_id, DECIDED, at=cause.at
        )


async def _themes(session: AsyncSession, workspace_id: str, subject_id: str) -> list[str]:
    query = select(Link.from_id).where(
        Link.workspace_id == workspace_id, Link.to_id == subject_id, Link.from_kind == "theme"
    )
    return list(await session.scalars(query.distinct()))


async def send_thanks(work: SlotWork, deps: Deps) -> str:
    """Say all that is owed to one person, as far as they may see what came of it."""
    user_id = work.subject_id
    asker = await deps.places.of(work.workspace_id).directory.asker(user_id, at=work.at)
    async with deps.db.write() as session:
        owed = await owed_to(session, work.workspace_id, user_id)
        fed = [one for row in owed if (one := await what_came_of(session, asker, row))]
        await mark_said(session, work.workspace_id, user_id, owed, at=work.at)
        if fed and asker.is_member:
            cause = work.cause.about("thanks", user_id)
            await plan_post(session, cause, user_id, "thanks", render_thanks(fed))
    return f"thanked for {len(fed)}"


async def what_came_of(session: AsyncSession, asker: Asker, row: Thanks) -> Fed | None:
    """Return what a person is thanked for; None when it is not for their eyes (any more)."""
    numbers = await _logged(session, asker, row.subject_id)
    if not numbers:
        return None
    if row.subject_kind == "decision":
        for view in await find_decisions(session, asker, ids=[row.subject_id], limit=1):
            return Fed(row.event, view.number, view.title, view.link, numbers)
    for launch in await find_launches(session, asker, ids=[row.subject_id], limit=1):
        return Fed(row.event, launch.number, launch.title, launch.permalink, numbers)
    return None


async def _logged(session: AsyncSession, asker: Asker, subject_id: str) -> tuple[int, ...]:
    """Return the numbers of what this person logged that led to something."""
    themes = await _themes(session, asker.workspace_id, subject_id)
    query = (
        select(Feedback.number)
        .join(
            Report,
            (Report.workspace_id == Feedback.workspace_id) & (Report.feedback_id == Feedback.id),
        )
        .where(
            may_see(asker),
            is_in_themes(asker.workspace_id, themes),
            asker.owns(Report.user_id),
            Report.withdrawn_at.is_(None),
        )
        .order_by(Feedback.number)
    )
    return tuple(await session.scalars(query))


SLOTS: dict[str, Callable[[SlotWork, Deps], Awaitable[str]]] = {SEND: send_thanks}
CONSUMERS = {"thanks": Consumer.of(on_entries, "decision.accepted")}
