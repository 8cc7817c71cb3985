"""Use cases of launches, each inside the caller's unit of work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets import betting
from bot.bets.betting import Frozen, Subject
from bot.bets.judging import end_with, hand_over_bet
from bot.db.types import new_id
from bot.entries.links import Node, put_link
from bot.entries.log import append
from bot.errors import BadInput, NotFound
from bot.launches.offering import close_offer
from bot.launches.stages import ENDED, EXPOSED, LIVE, check_move, entry_kind
from bot.launches.tables import Launch, StageChange
from bot.workspaces.numbers import take_number


@dataclass(frozen=True)
class NewLaunch:
    """A launch as somebody logs it."""

    title: str
    owner_id: str
    channel_id: str
    created_by: str
    stage: str = LIVE
    area: str = ""
    summary: str = ""
    origin_channel_id: str = ""
    origin_ts: str = ""
    theme_ids: tuple[str, ...] = ()
    decision_id: str = ""


@dataclass(frozen=True)
class Changes:
    """What an edit asks for. Sources are only added; ``owner_zone`` is where the owner is asked."""

    title: str
    owner_id: str
    owner_zone: str
    area: str
    summary: str
    theme_ids: tuple[str, ...] = ()
    decision_id: str = ""


def subject_of(launch: Launch) -> Subject:
    """Return the launch as the subject of a bet."""
    return Subject(
        "launch",
        launch.id,
        launch.number,
        launch.title,
        launch.owner_id,
        launch.source_channel_id,
    )


async def create_launch(
    session: AsyncSession, workspace_id: str, new: NewLaunch, *, at: datetime
) -> Launch:
    """Log a launch in its first stage. Its headline is posted by ``headlines.post_headline``."""
    launch = Launch(
        workspace_id=workspace_id,
        id=new_id(),
        number=await take_number(session, workspace_id, "number"),
        title=new.title,
        summary=new.summary,
        owner_id=new.owner_id,
        area=new.area,
        stage=new.stage,
        source_channel_id=new.channel_id,
        headline_id="",
        origin_channel_id=new.origin_channel_id,
        origin_ts=new.origin_ts,
        created_by=new.created_by,
        created_at=at,
    )
    session.add(launch)
    _date_stage(launch, new.stage, at)
    await session.flush()
    await _note_stage(session, launch, by=new.created_by, reason="", at=at)
    line = subject_of(launch).line(
        "launch.created",
        actor=new.created_by,
        prose="\n".join(filter(None, (new.title, new.summary))),
        stage=new.stage,
        owner=new.owner_id,
        area=bool(new.area),
    )
    await append(session, workspace_id, line, at=at)
    await link_sources(session, launch, new.theme_ids, new.decision_id, by=new.created_by, at=at)
    await close_offer(session, launch)
    if new.stage == LIVE:
        await _log_stage(session, launch, before="", by=new.created_by, reason="", at=at)
    return launch


async def link_sources(
    session: AsyncSession,
    launch: Launch,
    theme_ids: tuple[str, ...],
    decision_id: str,
    *,
    by: str,
    at: datetime,
) -> None:
    """Note who asked for the launch and what decided it; what is noted stays."""
    node = Node("launch", launch.id)
    sources = [(Node("theme", theme_id), "asked_for") for theme_id in theme_ids]
    if decision_id:
        sources.append((Node("decision", decision_id), "launched_as"))
    fresh = [
        source.id
        for source, kind in sources
        if await put_link(session, launch.workspace_id, source, kind, node, at=at, actor=by)
    ]
    if fresh:
        line = subject_of(launch).line("launch.linked", actor=by, sources=fresh)
        await append(session, launch.workspace_id, line, at=at)


async def get_launch_row(session: AsyncSession, workspace_id: str, launch_id: str) -> Launch:
    """Return a launch for change. Who may is for the caller, who has read it for its asker."""
    query = select(Launch).where(Launch.workspace_id == workspace_id, Launch.id == launch_id)
    launch = await session.scalar(query.with_for_update())
    if launch is None:
        raise NotFound("There is no such launch.")
    return launch


async def edit_launch(
    session: AsyncSession, launch: Launch, changes: Changes, *, by: str, at: datetime
) -> list[str]:
    """Change title, owner, area or sentence; returns what changed."""
    changed = [
        name for name in ("title", "owner_id", "area", "summary")
        if getattr(launch, name) != getattr(changes, name)
    ]  # fmt: skip
    facts: dict[str, Any] = {"changed": changed}
    if "owner_id" in changed:
        facts |= {"owner_from": launch.owner_id, "owner_to": changes.owner_id}
    for name in changed:
        setattr(launch, name, getattr(changes, name))
    await session.flush()
    if changed:
        prose = "\n".join(getattr(launch, name) for name in ("title", "summary") if name in changed)
        line = subject_of(launch).line("launch.edited", actor=by, prose=prose, **facts)
        await append(session, launch.workspace_id, line, at=at)
    if "owner_id" in changed:
        subject, zone = subject_of(launch), changes.owner_zone
        await hand_over_bet(session, launch.workspace_id, subject, zone, at=at)
    await link_sources(session, launch, changes.theme_ids, changes.decision_id, by=by, at=at)
    return changed


async def move_stage(
    session: AsyncSession,
    launch: Launch,
    to: str,
    *,
    by: str,
    at: datetime,
    reason: str = "",
    frozen: Frozen | None = None,
) -> bool:
    """Move a launch to another stage; False when it is there already. Raises ``BadInput``.

    ``frozen`` is what its metric was like before anybody met it, written down when it goes live.
    """
    before = launch.stage
    if before == to:
        return False
    check_move(before, to)
    launch.stage = to
    _date_stage(launch, to, at)
    await _move_bet(session, launch, frozen, by=by, at=at)
    await session.flush()
    await _note_stage(session, launch, by=by, reason=reason, at=at)
    await _log_stage(session, launch, before=before, by=by, reason=reason, at=at)
    return True


def _date_stage(launch: Launch, stage: str, at: datetime) -> None:
    if stage in EXPOSED and (launch.exposed_at is None or launch.ended_at):
        launch.exposed_at = at
    if stage == LIVE:
        launch.live_at = at
    elif stage not in ENDED:
        launch.live_at = None
    launch.ended_at = at if stage in ENDED else None


async def _move_bet(
    session: AsyncSession, launch: Launch, frozen: Frozen | None, *, by: str, at: datetime
) -> None:
    subject = subject_of(launch)
    if launch.stage in ENDED:
        await end_with(session, launch.workspace_id, subject, launch.stage, by=by, at=at)
        return
    bet = await betting.find_bet(session, launch.workspace_id, subject)
    if bet is None or bet.state == "judged":
        return
    if bet.state == "ended" and not await betting.reopen(session, bet, at=at):
        return
    if launch.stage == LIVE and (bet.state == "open" or bet.first_day is None):
        betting.freeze(bet, frozen or betting.frozen_of(bet), at)
        if bet.state == "open":
            await betting.catch_up(session, bet, subject, by=by, at=at)


async def _note_stage(
    session: AsyncSession, launch: Launch, *, by: str, reason: str, at: datetime
) -> None:
    session.add(
        StageChange(
            workspace_id=launch.workspace_id,
            id=new_id(),
            launch_id=launch.id,
            stage=launch.stage,
            actor=by,
            reason=reason,
            at=at,
        )
    )
    await session.flush()


async def _log_stage(
    session: AsyncSession, launch: Launch, *, before: str, by: str, reason: str, at: datetime
) -> None:
    facts = {"stage": launch.stage, "from": before}
    prose = "\n".join(filter(None, (launch.title, reason)))
    line = subject_of(launch).line(entry_kind(launch.stage), actor=by, prose=prose, **facts)
    await append(session, launch.workspace_id, line, at=at)


async def log_update(
    session: AsyncSession, launch: Launch, text: str, *, by: str, at: datetime
) -> None:
    """Log what somebody tells about a launch in its thread."""
    line = subject_of(launch).line("launch.updated", actor=by, prose=text)
    await append(session, launch.workspace_id, line, at=at)


async def check_origin(session: AsyncSession, workspace_id: str, new: NewLaunch) -> None:
    """Raise ``BadInput`` when the message became a launch before."""
    known = await find_by_origin(session, workspace_id, new.origin_channel_id, new.origin_ts)
    if known:
        raise BadInput(
            field="title",
            problem=f"That message is launch #{known.number} already.",
            fix="Edit that one, or type /launch for another.",
        )


async def find_by_origin(
    session: AsyncSession, workspace_id: str, channel_id: str, ts: str
) -> Launch | None:
    """Return the launch that was logged from a message. The bot's own look-up."""
    if not ts:
        return None
    query = select(Launch).where(
        Launch.workspace_id == workspace_id,
        Launch.origin_channel_id == channel_id,
        Launch.origin_ts == ts,
    )
    return (await session.scalars(query.limit(1))).first()
