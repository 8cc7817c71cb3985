"""Use cases of telling: who asked is told what came of it, each inside the caller's unit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.log import Line, append
from bot.errors import NotAllowed, NotFound
from bot.feedback.tables import FollowUp
from bot.feedback.told_askers import follow_ups_of, reporters_of
from bot.feedback.told_records import (
    DECLINED,
    DRAFTED,
    NOT_NEEDED,
    SHIPPED,
    TO_TELL,
    TOLD,
    FollowUpView,
)
from bot.workspaces.tables import Channel


@dataclass(frozen=True)
class Waiting:
    """A follow-up that waits for its draft. ``user_ids``: who may be asked to tell, best first."""

    id: str
    feedback_id: str
    state: str
    owner_id: str
    message_id: str | None
    user_ids: tuple[str, ...] = field(default=())


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
    for row in await follow_ups_of(session, workspace_id, launch_id, event):
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


async def recall(
    session: AsyncSession, workspace_id: str, subject_id: str, event: str = SHIPPED
) -> list[Waiting]:
    """Take drafts back that are true no more: rolled back, or open again. Returns which.

    What is rolled back may come again, and they are to be told then; another no asks anew.
    """
    taken = []
    after = NOT_NEEDED if event == DECLINED else TO_TELL
    for row in await follow_ups_of(session, workspace_id, subject_id, event):
        is_drafted = row.state == DRAFTED
        if row.state in (DRAFTED, TO_TELL):
            row.state, row.draft = after, ""
        if is_drafted:
            taken.append(Waiting(row.id, row.feedback_id, row.state, row.owner_id, row.message_id))
    await session.flush()
    return taken


async def mark(
    session: AsyncSession,
    workspace_id: str,
    follow_up: FollowUpView,
    state: str,
    *,
    subject_channel_id: str | None,
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
    await _log(session, row, kind, subject_channel_id, by=by, at=at, prose=prose)
    return True


async def edit_draft(
    session: AsyncSession,
    workspace_id: str,
    follow_up: FollowUpView,
    text: str,
    *,
    subject_channel_id: str | None,
    by: str,
    at: datetime,
) -> None:
    """Put the owner's own words in place of the draft."""
    row = await _own(session, workspace_id, follow_up.id, by)
    if row.state != DRAFTED or row.draft == text:
        return
    row.draft = text
    await _log(session, row, "followup.edited", subject_channel_id, by=by, at=at, prose=text)


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


async def _log(
    session: AsyncSession,
    row: FollowUp,
    kind: str,
    subject_channel_id: str | None,
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
        source_channel_id=await _narrower(session, row, subject_channel_id),
        facts={
            row.subject_kind: row.subject_id,
            "event": row.event,
            "customer": row.customer_id,
            "feedback": row.feedback_id,
        },
        prose=prose,
    )
    await append(session, row.workspace_id, line, at=at)


async def _narrower(
    session: AsyncSession, row: FollowUp, subject_channel_id: str | None
) -> str | None:
    """Return the channel whose readers may know of both the quote and what it is about."""
    source = row.source_channel_id
    channel = await session.get(Channel, (row.workspace_id, source)) if source else None
    is_private = source is not None and (channel is None or channel.is_private)
    return str(source) if is_private else subject_channel_id
