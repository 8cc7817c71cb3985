"""What all launches came to since a day, and which are under way, as its readers may see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.queries import find_entries
from bot.launches.queries import find_launches
from bot.launches.records import LaunchView
from bot.launches.stages import ENDED, STAGES
from bot.launches.tables import StageChange
from bot.workspaces.asker import Asker

WEEK = timedelta(days=7)
# A digest that was paused for a quarter does not tell the quarter.
LONGEST = timedelta(days=31)
# More moves than any team makes in a month; more launches under way than anybody reads of.
MOVES, SHOWN = 200, 30


@dataclass(frozen=True)
class Move:
    """The last stage that a launch came to, with the reason where somebody gave one."""

    launch: LaunchView
    stage: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Bulletin:
    """All launches since ``since``: what moved and was judged, oldest first, and what is open."""

    since: datetime
    moves: tuple[Move, ...] = ()
    judged: tuple[LaunchView, ...] = ()
    under_way: tuple[LaunchView, ...] = ()
    has_more: bool = False  # under way, and not listed

    @property
    def is_quiet(self) -> bool:
        """Whether nothing moved and nothing was judged."""
        return not self.moves and not self.judged


async def read_bulletin(
    session: AsyncSession, audience: Asker, last: datetime | None, *, at: datetime
) -> Bulletin:
    """Read what happened since the ``last`` one, a week where there was none."""
    since = max(last or at - WEEK, at - LONGEST)
    stages = [stage for stage in STAGES if stage not in ENDED]
    found = await find_launches(session, audience, stages=stages, limit=SHOWN + 1)
    return Bulletin(
        since=since,
        moves=await _moves(session, audience, since, at),
        judged=await _judged(session, audience, since, at),
        under_way=tuple(found[:SHOWN]),
        has_more=len(found) > SHOWN,
    )


async def _moves(
    session: AsyncSession, audience: Asker, since: datetime, until: datetime
) -> tuple[Move, ...]:
    query = (
        select(StageChange.launch_id, StageChange.stage, StageChange.reason, StageChange.at)
        .where(
            StageChange.workspace_id == audience.workspace_id,
            StageChange.at >= since,
            StageChange.at < until,
        )
        .order_by(StageChange.at.desc(), StageChange.id.desc())
        .limit(MOVES)
    )
    rows = list(await session.execute(query))
    latest = {row.launch_id: row for row in reversed(rows)}
    found = await find_launches(session, audience, ids=sorted(latest), limit=MOVES)
    moves = [Move(one, *latest[one.id][1:]) for one in found]
    return tuple(sorted(moves, key=lambda move: move.at))


async def _judged(
    session: AsyncSession, audience: Asker, since: datetime, until: datetime
) -> tuple[LaunchView, ...]:
    """A verdict on a metric that the audience may not see is left out: it tells of its numbers."""
    lines = await find_entries(
        session, audience, since=since, until=until, kinds=("verdict.given",), limit=MOVES
    )
    ids = sorted({line.subject_id for line in lines})
    found = await find_launches(session, audience, ids=ids, limit=MOVES) if ids else []
    kept = [
        (one.verdict.at, one.number, one)
        for one in found
        if one.verdict and one.bet and not one.bet.is_hidden and one.bet.state == "judged"
    ]
    return tuple(one for _, _, one in sorted(kept, key=lambda pair: pair[:2]))
