"""Read what a week of feedback comes to, as all who read its channel may see it.

Never who said it, nor what they pay. A quote leaves its channel only when at least three customers
are behind its theme, and then without their names.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.queries import find_entries
from bot.feedback.queries import WORDS_REMOVED, find_feedback
from bot.feedback.ranking import Voice
from bot.feedback.refusal_queries import find_refusals
from bot.feedback.refusal_records import STANDING
from bot.feedback.rules import ADDRESS
from bot.feedback.tables import Feedback, FollowUp
from bot.feedback.theme_queries import (
    ENOUGH_ITEMS,
    Standing,
    read_standings,
    read_voices,
    top_undecided,
)
from bot.feedback.told_queries import may_see_follow_up, told_rate
from bot.feedback.told_records import ASKED, DRAFTED, SHIPPED, TO_TELL, ToldRate
from bot.launches.queries import find_launches, launches_between
from bot.launches.stages import ROLLED_BACK
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Customer

WEEK = timedelta(days=7)
TOLD_WINDOW = timedelta(days=28)
# Before a quote leaves its channel.
ENOUGH_CUSTOMERS = 3
# The newest of a theme are looked at for one whose words were not removed.
QUOTABLE = 5
# An asker may be told of one thing when it is live and when it is judged.
EVENTS_EACH = 2
TOP, NEW, GROWING, ANSWERED, OLDEST = 5, 4, 4, 6, 10
COMPETITOR = "competitor"


@dataclass(frozen=True)
class Told:
    """A theme with its count of the week, and a quote where enough customers stand behind it."""

    theme: Standing
    week: int
    before: int
    quote: str = ""
    permalink: str = ""


@dataclass(frozen=True)
class Answer:
    """What was answered: ``how`` is live or declined."""

    number: int
    name: str
    how: str
    permalink: str = ""


@dataclass(frozen=True)
class Untold:
    """Somebody who asked and has heard nothing; no name and no words."""

    number: int  # of the feedback
    permalink: str
    about: str
    said_at: datetime


@dataclass(frozen=True)
class Weekly:
    """One week, and the week before as far as it is compared."""

    since: datetime
    until: datetime
    items: int
    customers: int
    items_before: int
    new: tuple[Told, ...]
    growing: tuple[Told, ...]
    answered: tuple[Answer, ...]
    competitors: tuple[Told, ...]
    competitor_items: int
    undecided: tuple[Told, ...]
    told: ToldRate
    oldest: tuple[Untold, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing that somebody would miss."""
        return not (self.items or self.answered)


async def read_weekly(
    session: AsyncSession, audience: Asker, *, target: str, at: datetime
) -> Weekly:
    """Return the week up to ``at`` for the readers of ``target``."""
    since = at - WEEK
    voices = await read_voices(session, audience)
    standings = await read_standings(session, audience, voices, at=at)
    query = select(Customer.name).where(Customer.workspace_id == audience.workspace_id)
    quoter = _Quoter(session, audience, voices, since, list(await session.scalars(query)))
    week = [voice for voice in voices if since <= voice.said_at <= at]
    rivals = [voice for voice in week if voice.kind == COMPETITOR]
    fresh = _fresh(standings, voices, since)
    rising = _rising([one for one in standings if one not in fresh])
    top = await top_undecided(session, audience, at=at, limit=TOP)
    return Weekly(
        since=since,
        until=at,
        items=len(week),
        customers=len({voice.who for voice in week}),
        items_before=sum(since - WEEK <= voice.said_at < since for voice in voices),
        new=tuple([await quoter.tell(one) for one in fresh[:NEW]]),
        growing=tuple([await quoter.tell(one) for one in rising[:GROWING]]),
        answered=tuple((await _answered(session, audience, since, at))[:ANSWERED]),
        competitors=tuple([await quoter.tell(one) for one in _of(standings, rivals)[:NEW]]),
        competitor_items=len(rivals),
        undecided=tuple([await quoter.tell(one, is_bare=True) for one in top]),
        told=await told_rate(session, audience, at - TOLD_WINDOW, at),
        oldest=tuple(await oldest_untold(session, audience)),
    )


def _fresh(
    standings: Sequence[Standing], voices: Sequence[Voice], since: datetime
) -> list[Standing]:
    """Return themes first heard of this week, said more than once, the loudest first."""
    first: dict[str, datetime] = {}
    for voice in voices:
        first[voice.theme_id] = min(voice.said_at, first.get(voice.theme_id, voice.said_at))
    found = [s for s in standings if first[s.id] >= since and s.tally.items >= ENOUGH_ITEMS]
    return sorted(found, key=lambda one: (-one.tally.customers, -one.tally.items, one.number))


def _rising(standings: Sequence[Standing]) -> list[Standing]:
    """Return themes said more often this week than the week before, the steepest first."""
    grown = [(one.tally.weeks[-1] - one.tally.weeks[-2], one) for one in standings]
    found = [(by, one) for by, one in grown if by > 0 and one.tally.weeks[-1] >= ENOUGH_ITEMS]
    return [one for by, one in sorted(found, key=lambda pair: (-pair[0], pair[1].number))]


def _of(standings: Sequence[Standing], voices: Sequence[Voice]) -> list[Standing]:
    counts: dict[str, int] = defaultdict(int)
    for voice in voices:
        counts[voice.theme_id] += 1
    found = [one for one in standings if counts[one.id]]
    return sorted(found, key=lambda one: (-counts[one.id], one.number))


class _Quoter:
    """Chooses what may be quoted to the readers of one channel."""

    def __init__(
        self,
        session: AsyncSession,
        audience: Asker,
        voices: Sequence[Voice],
        since: datetime,
        names: Sequence[str],
    ) -> None:
        self._session, self._audience = session, audience
        self._since, self._names = since, names
        self._customers: dict[str, set[str]] = defaultdict(set)
        for voice in voices:
            if voice.is_customer:
                self._customers[voice.theme_id].add(voice.who)

    async def tell(self, theme: Standing, *, is_bare: bool = False) -> Told:
        """Return a theme with its week, and a quote unless it ``is_bare`` or few are behind it."""
        week, before = theme.tally.weeks[-1], theme.tally.weeks[-2]
        # Themes are named by their texts, which may begin with whose they are.
        theme = replace(theme, name=without_names(theme.name, self._names))
        if is_bare or len(self._customers[theme.id]) < ENOUGH_CUSTOMERS:
            return Told(theme, week, before)
        items = await find_feedback(
            self._session, self._audience, theme_ids=[theme.id], since=self._since, limit=QUOTABLE
        )
        item = next((one for one in items if one.text != WORDS_REMOVED), None)
        if item is None:
            return Told(theme, week, before)
        return Told(theme, week, before, without_names(item.text, self._names), item.permalink)


def without_names(text: str, names: Sequence[str]) -> str:
    """Return customers' words without their addresses, their names and people's mentions."""
    text = ADDRESS.sub("…", text)
    text = re.sub(r"(?<!\w)@\w+", "…", text)
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text


async def _answered(
    session: AsyncSession, audience: Asker, since: datetime, until: datetime
) -> list[Answer]:
    live = await launches_between(session, audience, since, until, limit=ANSWERED)
    lines = await find_entries(
        session, audience, since=since, until=until, kinds=("theme.declined",), limit=ANSWERED
    )
    ids = [str(line.facts.get("about") or "") for line in lines]
    noes = await find_refusals(session, audience, ids=ids) if ids else []
    return [
        *(Answer(one.number, one.title, "is live", one.permalink) for one in live),
        *(
            Answer(one.theme_number, one.theme_name, "was declined")
            for one in noes
            if one.state == "standing"
        ),
    ]


async def oldest_untold(
    session: AsyncSession, audience: Asker, *, limit: int = OLDEST
) -> list[Untold]:
    """Return those who asked longest ago and are not told yet what came of it.

    Who is to be told twice of one thing (it is live, it is judged) waits once.
    """
    query = (
        select(
            FollowUp.subject_id,
            FollowUp.event,
            Feedback.number,
            Feedback.permalink,
            Feedback.said_at,
        )
        .join(
            Feedback,
            and_(
                Feedback.workspace_id == FollowUp.workspace_id,
                Feedback.id == FollowUp.feedback_id,
            ),
        )
        .where(
            may_see_follow_up(audience),
            FollowUp.state.in_((TO_TELL, DRAFTED)),
            FollowUp.event != ASKED,
            Feedback.withdrawn_at.is_(None),
        )
        .order_by(Feedback.said_at, Feedback.number)
        .limit(EVENTS_EACH * limit)
    )
    rows = (await session.execute(query)).tuples().all()
    ids = sorted({subject for subject, *_ in rows})
    launches = await find_launches(session, audience, ids=ids, limit=len(ids) or 1)
    about = {one.id: f"#{one.number} {one.title}" for one in launches}
    about |= {
        one.id: f"#{one.theme_number} {one.theme_name}"
        for one in await find_refusals(session, audience, ids=ids)
        if one.state == STANDING
    }
    rolled_back = {one.id for one in launches if one.stage == ROLLED_BACK}
    found = [
        Untold(number, permalink, about[subject], said_at)
        for subject, event, number, permalink, said_at in rows
        if subject in about and not (event == SHIPPED and subject in rolled_back)
    ]
    return list(dict.fromkeys(found))[:limit]
