"""Use cases of decisions, each inside the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets import betting
from bot.bets.betting import Frozen, Subject
from bot.bets.judging import end_with, hand_over_bet
from bot.db.types import new_id
from bot.decisions import rules
from bot.decisions.changes import log_change
from bot.decisions.revisits import REVISIT, plan_revisit
from bot.decisions.tables import Decision
from bot.decisions.tripwires import TRIPWIRE, plan_tripwire
from bot.engine.schedules import end_schedule
from bot.entries.links import Node, put_link
from bot.errors import BadInput, NotFound
from bot.workspaces.numbers import take_number


@dataclass(frozen=True)
class Bound:
    """A tripwire as it is set: the metric staying on one side of a bound for some days."""

    metric_id: str
    side: str  # above, below
    value: float
    days: int = 1


@dataclass(frozen=True)
class Words:
    """What a decision says: all that an edit may change, and that is frozen once accepted."""

    title: str
    choice: str
    owner_id: str
    context: str = ""
    options: tuple[str, ...] = ()
    rationale: str = ""
    participants: tuple[str, ...] = ()
    confidence: int | None = None  # percent
    is_reversible: bool | None = None
    area: str = ""
    would_change: str = ""
    revisit_on: date | None = None
    tripwire: Bound | None = None


@dataclass(frozen=True)
class Origin:
    """Where it was decided. ``channel_id`` None: told to the bot, and all members may see it."""

    channel_id: str | None = None
    thread_ts: str = ""
    permalink: str = ""
    snapshot: str = ""
    snapshot_by: str = ""
    snapshot_at: datetime | None = None


@dataclass(frozen=True)
class NewDecision:
    """A decision as somebody logs it."""

    words: Words
    created_by: str
    timezone: str  # the owner's, in which a revisit date is meant
    origin: Origin = Origin()
    theme_ids: tuple[str, ...] = ()
    supersedes_id: str | None = None
    drafted_by: dict[str, Any] = field(default_factory=dict)


def subject_of(row: Decision) -> Subject:
    """Return a decision as the subject of a bet."""
    return Subject("decision", row.id, row.number, row.title, row.owner_id, row.source_channel_id)


async def propose_decision(
    session: AsyncSession, workspace_id: str, new: NewDecision, *, at: datetime
) -> Decision:
    """Log a decision as proposed. Its message is posted by ``posts.post_decision``."""
    origin = new.origin
    row = Decision(
        workspace_id=workspace_id,
        id=new_id(),
        number=await take_number(session, workspace_id, "number"),
        status=rules.PROPOSED,
        source_channel_id=origin.channel_id,
        thread_ts=origin.thread_ts,
        permalink=origin.permalink,
        snapshot=origin.snapshot,
        snapshot_by=origin.snapshot_by,
        snapshot_at=origin.snapshot_at,
        supersedes_id=new.supersedes_id,
        drafted_by=new.drafted_by,
        created_by=new.created_by,
        created_at=at,
    )
    _write_words(row, new.words)
    session.add(row)
    await session.flush()
    facts = {"owner": row.owner_id, "is_drafted": bool(new.drafted_by)}
    prose = told_words(new.words)
    await log_change(
        session, row, "decision.proposed", by=new.created_by, at=at, prose=prose, **facts
    )
    await link_themes(session, row, new.theme_ids, by=new.created_by, at=at)
    await plan_revisit(session, row, new.timezone, at=at)
    return row


def _write_words(row: Decision, words: Words) -> None:
    for name in (
        "title", "choice", "owner_id", "context", "rationale", "confidence", "is_reversible",
        "area", "would_change", "revisit_on",
    ):  # fmt: skip
        setattr(row, name, getattr(words, name))
    row.options, row.participants = list(words.options), list(words.participants)
    wire = words.tripwire
    row.tripwire_metric_id = wire.metric_id if wire else None
    row.tripwire_side = wire.side if wire else ""
    row.tripwire_bound = wire.value if wire else None
    row.tripwire_days = wire.days if wire else 1


def words_of(row: Decision) -> Words:
    """Return what the decision says now."""
    wire = None
    if row.tripwire_metric_id and row.tripwire_bound is not None:
        wire = Bound(
            row.tripwire_metric_id, row.tripwire_side, row.tripwire_bound, row.tripwire_days
        )
    return Words(
        title=row.title,
        choice=row.choice,
        owner_id=row.owner_id,
        context=row.context,
        options=tuple(row.options),
        rationale=row.rationale,
        participants=tuple(row.participants),
        confidence=row.confidence,
        is_reversible=row.is_reversible,
        area=row.area,
        would_change=row.would_change,
        revisit_on=row.revisit_on,
        tripwire=wire,
    )


def told_words(words: Words) -> str:
    """Return all that was written, for the log and its search."""
    parts = (words.title, words.choice, words.context, *words.options, words.rationale)
    return "\n".join(part for part in (*parts, words.would_change) if part)


async def get_decision_row(session: AsyncSession, workspace_id: str, decision_id: str) -> Decision:
    """Return a decision for change. Who may is for the caller, who has read it for its asker."""
    query = select(Decision).where(
        Decision.workspace_id == workspace_id, Decision.id == decision_id
    )
    row = await session.scalar(query.with_for_update())
    if row is None:
        raise NotFound("There is no such decision.")
    return row


async def find_posted_to(session: AsyncSession, workspace_id: str, decision_id: str) -> str:
    """Return the channel or person that has a decision's message. The bot's own look-up."""
    query = select(Decision.posted_to, Decision.created_by).where(
        Decision.workspace_id == workspace_id, Decision.id == decision_id
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such decision.")
    return str(found.posted_to or found.created_by)


async def edit_decision(
    session: AsyncSession,
    row: Decision,
    words: Words,
    theme_ids: tuple[str, ...],
    *,
    by: str,
    timezone: str,
    at: datetime,
) -> list[str]:
    """Change a proposal's words; returns what changed. Raises ``BadInput`` once it is accepted."""
    rules.check_editable(row.status)
    before = words_of(row)
    changed = [name for name in vars(words) if getattr(words, name) != getattr(before, name)]
    if changed:
        _write_words(row, words)
        row.changed_at = at
        await session.flush()
        prose = told_words(words)
        await log_change(
            session, row, "decision.changed", by=by, at=at, prose=prose, changed=changed
        )
    if "revisit_on" in changed or "owner_id" in changed:
        await plan_revisit(session, row, timezone, at=at)
    if "owner_id" in changed:
        await hand_over_bet(session, row.workspace_id, subject_of(row), timezone, at=at)
    await link_themes(session, row, theme_ids, by=by, at=at)
    return changed


async def accept_decision(
    session: AsyncSession,
    row: Decision,
    *,
    by: str,
    timezone: str,
    at: datetime,
    frozen: Frozen | None = None,
) -> Decision | None:
    """Freeze a proposal and watch its tripwire, by the days of ``timezone``, its owner's.

    Its bet counts from now on; ``frozen`` is what the bet's metric was like until now. Returns the
    decision that it takes the place of, if any.
    """
    if row.status == rules.ACCEPTED:
        return None
    if row.status != rules.PROPOSED:
        rules.check_current(row.status, "accepted")
    row.status, row.accepted_at, row.accepted_by = rules.ACCEPTED, at, by
    await session.flush()
    await log_change(session, row, "decision.accepted", by=by, at=at, prose=row.title)
    await plan_tripwire(session, row, timezone, at=at)
    await _start_bet(session, row, frozen, at=at)
    if row.supersedes_id is None:
        return None
    old = await get_decision_row(session, row.workspace_id, row.supersedes_id)
    return old if await _supersede(session, old, row, by=by, at=at) else None


async def _start_bet(
    session: AsyncSession, row: Decision, frozen: Frozen | None, *, at: datetime
) -> None:
    bet = await betting.find_bet(session, row.workspace_id, subject_of(row))
    if bet and bet.state == "open":
        betting.freeze(bet, frozen or betting.frozen_of(bet), at)
        await betting.catch_up(session, bet, subject_of(row), by="", at=at)
        await session.flush()


async def _supersede(
    session: AsyncSession, old: Decision, new: Decision, *, by: str, at: datetime
) -> bool:
    """Let ``new`` take the place of ``old``; False when something else did already."""
    if old.status not in rules.CURRENT:
        return False
    await check_no_circle(session, old, new)
    old.status, old.superseded_by, old.ended_at = rules.SUPERSEDED, new.id, at
    await session.flush()
    facts = {"new": new.id, "new_number": new.number}
    await log_change(session, old, "decision.superseded", by=by, at=at, prose=old.title, **facts)
    first, then = Node("decision", old.id), Node("decision", new.id)
    await put_link(session, old.workspace_id, first, "superseded_by", then, at=at, actor=by)
    await _end(session, old, by=by, at=at)
    return True


async def check_no_circle(session: AsyncSession, old: Decision, new: Decision) -> None:
    """Raise ``BadInput`` when ``new`` was itself superseded by something that led to ``old``."""
    if old.id == new.id or new.superseded_by:
        raise BadInput(field="decision", problem="A decision cannot take its own place.")


async def retire_decision(
    session: AsyncSession, row: Decision, reason: str, *, by: str, at: datetime
) -> None:
    """End a decision without another in its place."""
    rules.check_current(row.status, "retired")
    row.status, row.reason, row.ended_at = rules.RETIRED, reason, at
    await session.flush()
    prose = "\n".join(filter(None, (row.title, reason)))
    await log_change(session, row, "decision.retired", by=by, at=at, prose=prose)
    await _end(session, row, by=by, at=at)


async def _end(session: AsyncSession, row: Decision, *, by: str, at: datetime) -> None:
    for kind in (REVISIT, TRIPWIRE):
        await end_schedule(session, row.workspace_id, kind, row.id, reason=row.status)
    await end_with(session, row.workspace_id, subject_of(row), row.status, by=by, at=at)


async def link_themes(
    session: AsyncSession, row: Decision, theme_ids: Sequence[str], *, by: str, at: datetime
) -> None:
    """Note which customers' wishes the decision answers; what is noted stays."""
    then = Node("decision", row.id)
    for theme_id in dict.fromkeys(theme_ids):
        first = Node("theme", theme_id)
        await put_link(session, row.workspace_id, first, "decided_by", then, at=at, actor=by)
