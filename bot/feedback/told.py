"""Use cases of telling: who asked is told what came of it, each inside the caller's unit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.entries.log import Line, append
from bot.entries.tables import Link
from bot.errors import NotAllowed, NotFound
from bot.feedback.tables import Feedback, FollowUp, Report, Theme
from bot.feedback.told_records import DRAFTED, NOT_NEEDED, SHIPPED, TO_TELL, TOLD, FollowUpView
from bot.workspaces.tables import Channel, Customer

# What asks for something; where one customer said more, such a quote is answered first.
ASKING = ("request", "bug", "question")


@dataclass(frozen=True)
class Opened:
    """What one event of a launch opened: new follow-ups, and whether there were some before."""

    new: int
    had_some: bool


@dataclass(frozen=True)
class Waiting:
    """A follow-up that waits for its draft. ``user_ids``: who may be asked to tell, best first."""

    id: str
    feedback_id: str
    state: str
    owner_id: str
    message_id: str | None
    user_ids: tuple[str, ...] = field(default=())


async def open_follow_ups(
    session: AsyncSession, workspace_id: str, launch_id: str, event: str, *, at: datetime
) -> Opened:
    """Make one follow-up for everybody who asked for a launch; those there already stay."""
    had_some = bool(await _rows(session, workspace_id, launch_id, event))
    quotes = await _quotes(session, workspace_id, launch_id, until=at)
    new = 0
    for key, quote in _one_each(quotes).items():
        new += await insert_unless_there(
            session,
            FollowUp,
            workspace_id=workspace_id,
            id=new_id(),
            asker_key=key,
            customer_id=quote.feedback.customer_id,
            feedback_id=quote.feedback.id,
            owner_id=quote.owner_id or quote.feedback.reporter_id,
            subject_kind="launch",
            subject_id=launch_id,
            event=event,
            source_channel_id=quote.feedback.source_channel_id,
            created_at=at,
        )
    return Opened(new, had_some)


@dataclass(frozen=True)
class _Quote:
    feedback: Feedback
    owner_id: str
    is_private: bool

    @property
    def asker_key(self) -> str:
        return self.feedback.customer_id or self.feedback.author_id or self.feedback.id


async def _quotes(
    session: AsyncSession, workspace_id: str, launch_id: str, *, until: datetime
) -> list[_Quote]:
    same = Feedback.workspace_id
    query = (
        select(Feedback, Customer.owner_id, Channel.is_private)
        .outerjoin(
            Customer, (Customer.workspace_id == same) & (Customer.id == Feedback.customer_id)
        )
        .outerjoin(
            Channel, (Channel.workspace_id == same) & (Channel.id == Feedback.source_channel_id)
        )
        .where(
            Feedback.workspace_id == workspace_id,
            Feedback.theme_id.in_(await _themes(session, workspace_id, launch_id)),
            Feedback.withdrawn_at.is_(None),
            Feedback.said_at <= until,
        )
    )
    return [
        # A channel that nobody knows of is taken for a private one.
        _Quote(row, owner or "", is_private=bool(row.source_channel_id) and is_private is not False)
        for row, owner, is_private in await session.execute(query)
    ]


async def _themes(session: AsyncSession, workspace_id: str, launch_id: str) -> list[str]:
    query = select(Link.from_id).where(
        Link.workspace_id == workspace_id,
        Link.to_kind == "launch",
        Link.to_id == launch_id,
        Link.from_kind == "theme",
        Link.kind == "asked_for",
    )
    linked = list(await session.scalars(query))
    merged = select(Theme.id).where(
        Theme.workspace_id == workspace_id,
        or_(Theme.id.in_(linked), Theme.merged_into.in_(linked)),
    )
    return list(await session.scalars(merged))


def _one_each(quotes: Iterable[_Quote]) -> dict[str, _Quote]:
    """Choose what is answered of each asker: readable by all, asking for something, the newest."""
    best: dict[str, _Quote] = {}
    for quote in sorted(quotes, key=_rank):
        best[quote.asker_key] = quote
    return best


def _rank(quote: _Quote) -> tuple[bool, bool, datetime, int]:
    row = quote.feedback
    return not quote.is_private, row.kind in ASKING, row.said_at, row.number


async def find_waiting(
    session: AsyncSession,
    workspace_id: str,
    launch_id: str,
    event: str,
    *,
    launch_owner: str,
    states: Sequence[str] = (TO_TELL,),
) -> list[Waiting]:
    """Return the follow-ups to be drafted, with who could tell: the customer's owner, whoever
    reported it, the launch's owner. Who of them may read the quote is for the caller.
    """
    found = []
    for row in await _rows(session, workspace_id, launch_id, event):
        if row.state not in states:
            continue
        first = [row.owner_id] if row.owner_id else []
        reporters = await reporters_of(session, workspace_id, [row.feedback_id])
        users = tuple(dict.fromkeys([*first, *reporters, launch_owner]))
        if row.state == DRAFTED:
            users = (row.owner_id,)
        found.append(
            Waiting(row.id, row.feedback_id, row.state, row.owner_id, row.message_id, users)
        )
    return found


async def reporters_of(
    session: AsyncSession, workspace_id: str, feedback_ids: Sequence[str]
) -> list[str]:
    """Return who reported these, the first one first."""
    query = select(Report.user_id).where(
        Report.workspace_id == workspace_id,
        Report.feedback_id.in_(feedback_ids),
        Report.withdrawn_at.is_(None),
    )
    return list(dict.fromkeys(await session.scalars(query.order_by(Report.at, Report.user_id))))


async def reporters_for(session: AsyncSession, workspace_id: str, launch_id: str) -> list[str]:
    """Return who reported anything that led to a launch."""
    ids = select(Feedback.id).where(
        Feedback.workspace_id == workspace_id,
        Feedback.theme_id.in_(await _themes(session, workspace_id, launch_id)),
        Feedback.withdrawn_at.is_(None),
    )
    return await reporters_of(session, workspace_id, list(await session.scalars(ids)))


async def set_draft(
    session: AsyncSession, workspace_id: str, waiting: Waiting, owner_id: str, text: str
) -> bool:
    """Put a draft before the one who is to tell; False when it stands otherwise by now."""
    row = await _get(session, workspace_id, waiting.id)
    if row.state != waiting.state:
        return False
    row.owner_id, row.draft, row.state = owner_id, text, DRAFTED
    return True


async def set_message(
    session: AsyncSession, workspace_id: str, follow_up_ids: Iterable[str], message_id: str
) -> None:
    """Remember in which message follow-ups stand."""
    for follow_up_id in follow_up_ids:
        (await _get(session, workspace_id, follow_up_id)).message_id = message_id


async def recall(session: AsyncSession, workspace_id: str, launch_id: str) -> list[Waiting]:
    """Take drafts back that are true no more: the launch was rolled back. Returns which."""
    taken = []
    for row in await _rows(session, workspace_id, launch_id, SHIPPED):
        if row.state == DRAFTED:
            row.state, row.draft = TO_TELL, ""
            taken.append(Waiting(row.id, row.feedback_id, row.state, row.owner_id, row.message_id))
    await session.flush()
    return taken


async def mark(
    session: AsyncSession,
    workspace_id: str,
    follow_up: FollowUpView,
    state: str,
    *,
    launch_channel_id: str,
    by: str,
    at: datetime,
) -> bool:
    """Say that somebody was told, need not be, or (``drafted``) was not after all.

    False when it stands so already. Raises ``NotAllowed`` for all but the one who tells.
    """
    row = await _own(session, workspace_id, follow_up.id, by)
    if row.state == state or TO_TELL in (row.state, state):
        return False
    row.state = state
    row.told_at = at if state == TOLD else None
    row.told_by = by if state == TOLD else ""
    kind = {TOLD: "followup.told", NOT_NEEDED: "followup.not_needed"}.get(state, "followup.undone")
    prose = row.draft if state == TOLD else ""
    await _log(session, row, kind, launch_channel_id, by=by, at=at, prose=prose)
    return True


async def edit_draft(
    session: AsyncSession,
    workspace_id: str,
    follow_up: FollowUpView,
    text: str,
    *,
    launch_channel_id: str,
    by: str,
    at: datetime,
) -> None:
    """Put the owner's own words in place of the draft."""
    row = await _own(session, workspace_id, follow_up.id, by)
    if row.state != DRAFTED or row.draft == text:
        return
    row.draft = text
    await _log(session, row, "followup.edited", launch_channel_id, by=by, at=at, prose=text)


async def _own(
    session: AsyncSession, workspace_id: str, follow_up_id: str, user_id: str
) -> FollowUp:
    row = await _get(session, workspace_id, follow_up_id)
    if row.owner_id != user_id:
        raise NotAllowed("Only the person who is to tell this customer can do that.")
    return row


async def _get(session: AsyncSession, workspace_id: str, follow_up_id: str) -> FollowUp:
    row = await session.get(FollowUp, (workspace_id, follow_up_id), with_for_update=True)
    if row is None:
        raise NotFound("There is nobody to tell here (any more).")
    return row


async def _rows(
    session: AsyncSession, workspace_id: str, launch_id: str, event: str
) -> list[FollowUp]:
    query = select(FollowUp).where(
        FollowUp.workspace_id == workspace_id,
        FollowUp.subject_id == launch_id,
        FollowUp.event == event,
    )
    return list(await session.scalars(query.order_by(FollowUp.created_at, FollowUp.id)))


async def _log(
    session: AsyncSession,
    row: FollowUp,
    kind: str,
    launch_channel_id: str,
    *,
    by: str,
    at: datetime,
    prose: str = "",
) -> None:
    line = Line(
        kind=kind,
        subject_kind="follow_up",
        subject_id=row.id,
        actor=by,
        source_channel_id=await _narrower(session, row, launch_channel_id),
        facts={
            row.subject_kind: row.subject_id,
            "event": row.event,
            "customer": row.customer_id,
            "feedback": row.feedback_id,
        },
        prose=prose,
    )
    await append(session, row.workspace_id, line, at=at)


async def _narrower(session: AsyncSession, row: FollowUp, launch_channel_id: str) -> str:
    """Return the channel whose readers may know of both the quote and the launch."""
    source = row.source_channel_id
    channel = await session.get(Channel, (row.workspace_id, source)) if source else None
    is_private = source is not None and (channel is None or channel.is_private)
    return str(source) if is_private else launch_channel_id
