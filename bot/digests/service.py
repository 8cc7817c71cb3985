"""Use cases of digests, each inside the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Rule, local_date, zone_named
from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.digests.rules import JOB, METRICS, latest_minutes
from bot.digests.tables import Digest, DigestPost
from bot.engine.schedules import Plan, end_schedule, find_schedule, put_schedule, run_by_hand
from bot.entries.log import Line, append
from bot.errors import NotFound
from bot.workspaces.numbers import take_number


@dataclass(frozen=True)
class Wanted:
    """A digest as a person wants it. ``target`` is a channel's id or, for a DM, a person's."""

    name: str
    target: str
    metric_ids: Sequence[str]
    rule: Rule
    words: str
    timezone: str
    skip_if_empty: bool = False
    kind: str = METRICS


async def create_digest(
    session: AsyncSession,
    workspace_id: str,
    wanted: Wanted,
    *,
    by: str,
    at: datetime,
    number: int | None = None,
) -> Digest:
    """Subscribe a channel or person; ``by`` owns it and is told when a post fails."""
    digest = Digest(
        workspace_id=workspace_id,
        id=new_id(),
        number=number or await take_number(session, workspace_id, "number"),
        owner_id=by,
        state="active",
        created_at=at,
    )
    _fill(digest, wanted)
    session.add(digest)
    await session.flush()
    await schedule_digest(session, digest, at)
    await log_digest(session, digest, "digest.created", by, at)
    return digest


async def edit_digest(
    session: AsyncSession, digest: Digest, wanted: Wanted, *, by: str, at: datetime
) -> None:
    """Change a digest; a date that was posted is never posted again. An edit ends a pause."""
    changed = sorted(
        name
        for name, value in _columns(wanted).items()
        if name != "source_channel_id" and getattr(digest, name) != value
    )
    _fill(digest, wanted)
    digest.edited_at, digest.state, digest.snoozed_until = at, "active", None
    await schedule_digest(session, digest, at)
    await log_digest(session, digest, "digest.edited", by, at, {"changed": changed})


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "kind": wanted.kind,
        "target": wanted.target,
        "metric_ids": list(wanted.metric_ids),
        "rule": wanted.rule.to_json(),
        "words": wanted.words,
        "timezone": wanted.timezone,
        "skip_if_empty": wanted.skip_if_empty,
        "source_channel_id": wanted.target,
    }


def _fill(digest: Digest, wanted: Wanted) -> None:
    for name, value in _columns(wanted).items():
        setattr(digest, name, value)


async def pause_digest(session: AsyncSession, digest: Digest, *, by: str, at: datetime) -> None:
    """Stop posting until somebody resumes it."""
    digest.state = "paused"
    await end_schedule(session, digest.workspace_id, JOB, digest.id, reason="paused")
    await log_digest(session, digest, "digest.paused", by, at)


async def resume_digest(session: AsyncSession, digest: Digest, *, by: str, at: datetime) -> None:
    """Post again from the next date on."""
    digest.state = "active"
    await schedule_digest(session, digest, at)
    await log_digest(session, digest, "digest.resumed", by, at)


async def remove_digest(session: AsyncSession, digest: Digest, *, by: str, at: datetime) -> None:
    """End a digest for good; what it posted stays."""
    digest.state = "removed"
    await end_schedule(session, digest.workspace_id, JOB, digest.id, reason="removed")
    await log_digest(session, digest, "digest.removed", by, at)


async def run_digest(
    session: AsyncSession, digest: Digest, *, by: str, at: datetime, target: str = ""
) -> None:
    """Post once by hand: to everybody, or as a test to ``target``. The schedule stays."""
    schedule = await find_schedule(session, digest.workspace_id, JOB, digest.id)
    if schedule is None:
        raise NotFound("This digest has no schedule (any more).")
    slot = local_date(at, zone_named(digest.timezone))
    await run_by_hand(session, schedule, asked_by=by, at=at, slot=slot, target=target)


async def get_digest(session: AsyncSession, workspace_id: str, digest_id: str) -> Digest:
    """Return the row to change; raises ``NotFound``."""
    digest = await session.get(Digest, (workspace_id, digest_id))
    if digest is None or digest.state == "removed":
        raise NotFound("This digest was removed.")
    return digest


@dataclass(frozen=True)
class Posted:
    """One run of a digest: what it said, or that it had nothing to say."""

    occurrence_id: str
    slot: date
    kind: str  # scheduled, now, test, skipped
    target: str
    covers_from: datetime
    facts: dict[str, Any]
    delivery_id: str | None = None


async def record_post(
    session: AsyncSession, digest: Digest, posted: Posted, *, by: str, at: datetime
) -> None:
    """Keep what a run said; a run that is done again after a crash is kept once."""
    is_new = await insert_unless_there(
        session,
        DigestPost,
        workspace_id=digest.workspace_id,
        id=posted.occurrence_id,
        digest_id=digest.id,
        slot=posted.slot,
        kind=posted.kind,
        target=posted.target,
        delivery_id=posted.delivery_id,
        facts=posted.facts,
        covers_from=posted.covers_from,
        at=at,
    )
    if is_new and posted.kind in {"scheduled", "now"}:
        facts = {"slot": posted.slot.isoformat(), "kind": posted.kind, "metrics": posted.facts}
        await log_digest(session, digest, "digest.posted", by, at, facts)


async def schedule_digest(session: AsyncSession, digest: Digest, at: datetime) -> None:
    """Plan the digest's next date, as its rule has it now."""
    rule = Rule.from_json(digest.rule)
    plan = Plan(
        kind=JOB,
        subject_id=digest.id,
        rule=rule,
        timezone=digest.timezone,
        owner_id=digest.owner_id,
        latest_minutes=latest_minutes(rule),
    )
    await put_schedule(session, digest.workspace_id, plan, at=at)


async def log_digest(
    session: AsyncSession,
    digest: Digest,
    kind: str,
    by: str,
    at: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Add a line about a digest to the log, for those who read it."""
    line = Line(
        kind=kind,
        subject_kind="digest",
        subject_id=digest.id,
        actor=by,
        source_channel_id=digest.source_channel_id,
        facts={"number": digest.number} | (facts or {}),
        prose=digest.name,
    )
    await append(session, digest.workspace_id, line, at=at)
