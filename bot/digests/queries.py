"""Read digests, as their asker may see them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Rule
from bot.db.plain import execute_plain
from bot.digests.rules import JOB, METRICS
from bot.digests.tables import Digest, DigestPost
from bot.engine.tables import Delivery, Schedule
from bot.errors import NotFound
from bot.metrics.tables import Metric
from bot.slack.kinds import is_person
from bot.workspaces.asker import Asker

# Built once: a thousand channels ask at nine.
_DIGEST, _POST = cast(Table, Digest.__table__), cast(Table, DigestPost.__table__)
_TO_RUN = select(_DIGEST).where(
    _DIGEST.c.workspace_id == bindparam("of"), _DIGEST.c.id == bindparam("which")
)
_LAST_POST = (
    select(_POST.c.at, _POST.c.slot, _POST.c.facts)
    .where(
        _POST.c.workspace_id == bindparam("of"),
        _POST.c.digest_id == bindparam("digest"),
        _POST.c.kind.in_(("scheduled", "now")),
    )
    .order_by(_POST.c.at.desc())
    .limit(1)
)
NEVER = datetime.max.replace(tzinfo=UTC)  # sorts what is paused behind what comes


@dataclass(frozen=True)
class DigestView:
    """One digest, as shown. ``next_at`` is None while it is paused."""

    id: str
    number: int
    name: str
    target: str
    metric_ids: tuple[str, ...]
    rule: Rule
    words: str
    timezone: str
    owner_id: str
    skip_if_empty: bool
    state: str
    next_at: datetime | None
    snoozed_until: date | None = None
    kind: str = METRICS

    @property
    def is_dm(self) -> bool:
        """Whether it goes to a person rather than a channel."""
        return is_person(self.target)


@dataclass(frozen=True)
class LastPost:
    """The last post that everybody saw."""

    at: datetime
    slot: date
    told: dict[str, date]  # metric id to the last day it told of


@dataclass(frozen=True)
class BrokenDigest:
    """A digest whose last post did not arrive."""

    digest: DigestView
    delivery_id: str
    error: str
    at: datetime


@dataclass(frozen=True)
class BrokenMetric:
    """A metric of the asker's that cannot be read."""

    id: str
    label: str
    problem: str
    fix: str
    failed_at: datetime | None


async def find_digests(
    session: AsyncSession, asker: Asker, *, ids: list[str] | None = None, is_mine: bool = False
) -> list[DigestView]:
    """Return the digests that the asker may see, by number; with ``is_mine`` those they own."""
    query = (
        select(Digest, Schedule.next_run_utc)
        .outerjoin(
            Schedule,
            and_(
                Schedule.workspace_id == Digest.workspace_id,
                Schedule.kind == JOB,
                Schedule.subject_id == Digest.id,
            ),
        )
        .where(_may_see(asker), Digest.state != "removed")
        .order_by(Digest.number)
    )
    if ids is not None:
        query = query.where(Digest.id.in_(ids))
    if is_mine:
        query = query.where(Digest.owner_id == asker.user_id)
    return [_view(row, next_at) for row, next_at in await session.execute(query)]


async def find_digest(session: AsyncSession, asker: Asker, digest_id: str) -> DigestView:
    """Return one; raises ``NotFound`` when there is none that the asker may see."""
    found = await find_digests(session, asker, ids=[digest_id])
    if not found:
        raise NotFound("There is no such digest that you can see.")
    return found[0]


async def digest_to_run(
    session: AsyncSession, workspace_id: str, digest_id: str
) -> DigestView | None:
    """Return a digest for its own run, whoever may see it; None when it was removed."""
    of = {"of": workspace_id, "which": digest_id}
    row: Any = (await execute_plain(session, _TO_RUN, of)).one_or_none()
    return _view(row, None) if row and row.state != "removed" else None


async def last_post(session: AsyncSession, workspace_id: str, digest_id: str) -> LastPost | None:
    """Return the digest's last post, tests and skips aside. For the digest's own next one."""
    of = {"of": workspace_id, "digest": digest_id}
    row = (await execute_plain(session, _LAST_POST, of)).one_or_none()
    if row is None:
        return None
    told = {
        metric_id: date.fromisoformat(said["day"])
        for metric_id, said in row.facts.items()
        if said.get("day")
    }
    return LastPost(row.at, row.slot, told)


async def home_mine(session: AsyncSession, asker: Asker) -> list[DigestView]:
    """Return the asker's own digests for App Home, the next one to be posted first."""
    found = await find_digests(session, asker, is_mine=True)
    return sorted(found, key=lambda one: (one.next_at or NEVER, one.number))


async def home_broken_digests(session: AsyncSession, asker: Asker) -> list[BrokenDigest]:
    """Return the asker's own digests whose last post failed or may not have arrived."""
    mine = {one.id: one for one in await find_digests(session, asker, is_mine=True)}
    query = (
        select(DigestPost.digest_id, Delivery.id, Delivery.state, Delivery.error, DigestPost.at)
        .join(
            Delivery,
            and_(
                Delivery.workspace_id == DigestPost.workspace_id,
                Delivery.id == DigestPost.delivery_id,
            ),
        )
        .where(
            DigestPost.workspace_id == asker.workspace_id,
            DigestPost.digest_id.in_(sorted(mine)),
            DigestPost.kind.in_(("scheduled", "now")),
        )
        .order_by(DigestPost.at)
    )
    last = {row.digest_id: row for row in await session.execute(query)}
    return [
        BrokenDigest(mine[digest_id], row.id, row.error, row.at)
        for digest_id, row in last.items()
        if row.state in {"failed", "uncertain"}
    ]


async def home_broken_metrics(session: AsyncSession, asker: Asker) -> list[BrokenMetric]:
    """Return the metrics that the asker owns and that cannot be read."""
    query = (
        select(Metric.id, Metric.label, Metric.problem, Metric.fix, Metric.failed_at)
        .where(
            Metric.workspace_id == asker.workspace_id,
            Metric.retired_at.is_(None),
            Metric.problem != "",
            asker.owns(Metric.owner_id),
            asker.sees(Metric.source_channel_id),
        )
        .order_by(Metric.label)
    )
    return [BrokenMetric(*row) for row in await session.execute(query)]


def _may_see(asker: Asker) -> ColumnElement[bool]:
    return and_(
        Digest.workspace_id == asker.workspace_id,
        or_(asker.sees(Digest.source_channel_id), asker.owns(Digest.owner_id)),
    )


def _view(row: Digest, next_at: datetime | None) -> DigestView:
    return DigestView(
        id=row.id,
        number=row.number,
        name=row.name,
        target=row.target,
        metric_ids=tuple(row.metric_ids),
        rule=Rule.from_json(row.rule),
        words=row.words,
        timezone=row.timezone,
        owner_id=row.owner_id,
        skip_if_empty=row.skip_if_empty,
        state=row.state,
        next_at=next_at if row.state == "active" else None,
        snoozed_until=row.snoozed_until,
        kind=row.kind,
    )
