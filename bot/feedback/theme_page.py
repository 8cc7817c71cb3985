"""Read one theme's page: how it stands, who said what, what came of it, for its asker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.records import DecisionView
from bot.errors import NotFound
from bot.feedback.queries import FeedbackView, find_feedback, may_see
from bot.feedback.refusal_queries import find_questions, standing_refusal
from bot.feedback.refusal_records import QuestionView, RefusalView
from bot.feedback.tables import Feedback
from bot.feedback.theme_queries import (
    Standing,
    of_theme,
    read_standings,
    read_voices,
    what_came_of,
)
from bot.feedback.told_queries import find_follow_ups
from bot.feedback.told_records import FollowUpView
from bot.launches.records import LaunchView
from bot.metrics.queries import list_metrics
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Customer

# What fits on a phone before it is a list to be read elsewhere.
QUOTES = 5
CUSTOMERS = 8


@dataclass(frozen=True)
class Account:
    """A customer who asked, as they were when they last did. ``revenue``: monthly, minor units."""

    name: str
    tier: str
    revenue: int | None
    currency: str
    times: int
    newest_at: datetime


@dataclass(frozen=True)
class ThemePage:
    """Everything about one theme. ``older_than`` is where the next quotes begin; None: no more."""

    theme: Standing
    accounts: tuple[Account, ...]
    quotes: tuple[FeedbackView, ...]
    older_than: int | None
    decisions: tuple[DecisionView, ...]
    launches: tuple[LaunchView, ...]
    told: tuple[FollowUpView, ...]
    refusal: RefusalView | None
    may_act: bool
    questions: tuple[QuestionView, ...] = ()
    metric: str = ""  # label of the refusal's metric, if the asker may see it


async def read_theme(session: AsyncSession, asker: Asker, theme_id: str, at: datetime) -> Standing:
    """Return how one theme stands; raises ``NotFound`` when the asker may read nothing of it."""
    voices = await read_voices(session, asker, of_theme(asker, [theme_id]))
    if not voices:
        raise NotFound("There is no such theme that you can see.")
    return (await read_standings(session, asker, voices, at=at))[0]


async def read_page(
    session: AsyncSession, asker: Asker, theme_id: str, *, at: datetime, below: int | None = None
) -> ThemePage:
    """Return a theme's page; ``below``: quotes of lower numbers only. Raises ``NotFound``."""
    theme = await read_theme(session, asker, theme_id, at)
    quotes = await find_feedback(
        session, asker, theme_ids=[theme.id], below=below, limit=QUOTES + 1
    )
    decisions, launches = await what_came_of(session, asker, theme.id)
    refusal = await standing_refusal(session, asker, theme.id)
    questions = await find_questions(session, asker, theme_id=theme.id)
    subjects = [one.id for one in launches] + [one.id for one in questions]
    subjects += [refusal.id] if refusal else []
    return ThemePage(
        theme=theme,
        accounts=tuple(await _accounts(session, asker, theme.id)),
        quotes=tuple(quotes[:QUOTES]),
        older_than=quotes[QUOTES - 1].number if len(quotes) > QUOTES else None,
        decisions=tuple(decisions),
        launches=tuple(launches),
        told=tuple(await find_follow_ups(session, asker, subjects)) if subjects else (),
        refusal=refusal,
        questions=tuple(questions),
        metric=await _metric(session, asker, refusal) if refusal else "",
        may_act=asker.is_member,
    )


async def _metric(session: AsyncSession, asker: Asker, refusal: RefusalView) -> str:
    if not refusal.metric_id:
        return ""
    shown = {one.id: one.label for one in await list_metrics(session, asker)}
    return shown.get(refusal.metric_id, "")


async def _accounts(session: AsyncSession, asker: Asker, theme_id: str) -> list[Account]:
    """Return who asked, the one who pays most first; members only, as customers are."""
    if not asker.is_member:
        return []
    query = (
        select(Customer.name, Feedback)
        .join(
            Customer,
            and_(
                Customer.workspace_id == Feedback.workspace_id,
                Customer.id == Feedback.customer_id,
            ),
        )
        .where(may_see(asker), of_theme(asker, [theme_id]))
        .order_by(Feedback.said_at, Feedback.number)
    )
    found = _newest((name, row) for name, row in await session.execute(query))
    return sorted(found, key=lambda one: (-(one.revenue or 0), -one.times, one.name))


def _newest(rows: Iterable[tuple[str, Feedback]]) -> list[Account]:
    found: dict[str, Account] = {}
    for name, row in rows:
        before = found.get(str(row.customer_id))
        found[str(row.customer_id)] = Account(
            name,
            row.customer_tier,
            row.customer_revenue,
            row.customer_currency,
            (before.times if before else 0) + 1,
            row.said_at,
        )
    return list(found.values())


async def count_customers(session: AsyncSession, asker: Asker, theme_id: str) -> int:
    """Return how many known customers asked, as far as the asker may read it."""
    query = select(func.count(func.distinct(Feedback.customer_id))).where(
        may_see(asker), of_theme(asker, [theme_id])
    )
    return await session.scalar(query) or 0
