"""What a model read off a thread, kept for one person until used, for 24 hours at most."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.ai.prompts import ThreadMessage
from bot.clock import Once, Rule
from bot.db.types import new_id
from bot.decisions.forms import Draft
from bot.decisions.rules import SPOKEN_CONFIDENCE, TITLE_CHARACTERS
from bot.decisions.tables import DecisionDraft
from bot.engine.schedules import Plan, put_schedule
from bot.errors import BadInput, NotFound
from bot.slack.gateway import SlackMessage

if TYPE_CHECKING:
    from bot.ai.llm import DecisionDraft as ModelDraft

# A draft is words that people wrote elsewhere: ours only while somebody may still use it.
KEEP_DRAFTS = timedelta(hours=24)
FORGET = "decision.forget"
# However long a process slept: forgetting is never too late.
FORGET_LATEST_MINUTES = 525_600


@dataclass(frozen=True)
class Kept:
    """A draft as it is kept: the form's fields, and the thread it was read off."""

    id: str
    channel_id: str
    thread_ts: str
    words: Draft
    drafted_by: dict[str, str | int]


def thread_of(
    messages: Sequence[SlackMessage], names: dict[str, str], *, without: set[str]
) -> list[ThreadMessage]:
    """Return what people said in a thread, as the model is given it; not what bots said."""
    return [
        ThreadMessage(message.user, names.get(message.user, ""), message.text, message.at)
        for message in messages
        if message.user and message.user not in without and not message.bot_id and message.text
    ]


def fields_of(draft: "ModelDraft", *, owner_id: str) -> Draft:
    """Return the form's fields, filled in from a model's draft; ``owner_id`` where it names none.

    Everything in it stands in the thread; the person checks it before anything is logged.
    """
    confidence = SPOKEN_CONFIDENCE.get(draft.confidence or "")
    return Draft(
        title=draft.title[:TITLE_CHARACTERS],
        choice=draft.choice,
        context=draft.context,
        options="\n".join(draft.options),
        rationale=draft.rationale,
        owner=draft.owner or owner_id,
        confidence=str(confidence or ""),
    )


async def keep_draft(
    session: AsyncSession,
    workspace_id: str,
    user_id: str,
    *,
    channel_id: str,
    thread_ts: str,
    words: Draft,
    drafted_by: dict[str, str | int],
    at: datetime,
) -> str:
    """Keep a draft for one person, to be forgotten after 24 hours. Returns its id."""
    row = DecisionDraft(
        workspace_id=workspace_id,
        id=new_id(),
        user_id=user_id,
        source_channel_id=channel_id,
        thread_ts=thread_ts,
        words=asdict(words),
        drafted_by=drafted_by,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    await _plan_forgetting(session, row, at=at)
    return row.id


async def _plan_forgetting(session: AsyncSession, row: DecisionDraft, *, at: datetime) -> None:
    # Slots have whole minutes; the next one after the draft's last.
    end = (at + KEEP_DRAFTS + timedelta(minutes=1)).astimezone(UTC).replace(second=0, microsecond=0)
    rule = Rule(at=end.time(), on=Once(on=end.date()))
    plan = Plan(FORGET, row.id, rule, "UTC", latest_minutes=FORGET_LATEST_MINUTES)
    await put_schedule(session, row.workspace_id, plan, at=at)


async def get_draft(
    session: AsyncSession, workspace_id: str, draft_id: str, user_id: str, *, at: datetime
) -> Kept:
    """Return a draft of this person's; raises ``NotFound``, also when it is too old."""
    row = await session.get(DecisionDraft, (workspace_id, draft_id))
    if row is None or row.user_id != user_id or at - row.created_at >= KEEP_DRAFTS:
        raise NotFound(
            "That draft is gone; drafts are kept for 24 hours. Mention me in the thread again."
        )
    if row.decision_id:
        raise _used()
    words = Draft(**row.words)
    return Kept(row.id, row.source_channel_id, row.thread_ts, words, row.drafted_by)


def _used() -> BadInput:
    return BadInput(
        field="draft",
        problem="This draft was logged already.",
        fix="Edit the decision in its channel instead.",
    )


async def use_draft(
    session: AsyncSession, workspace_id: str, draft_id: str, user_id: str, decision_id: str
) -> dict[str, str | int]:
    """Note what came of a draft and forget its words; returns where they came from.

    Raises ``BadInput`` when it was logged before. A draft that is gone meanwhile is no obstacle:
    the person has its words in the form.
    """
    row = await session.get(DecisionDraft, (workspace_id, draft_id), with_for_update=True)
    if row is None or row.user_id != user_id:
        return {}
    if row.decision_id:
        raise _used()
    row.decision_id, row.words = decision_id, {}
    await session.flush()
    return dict(row.drafted_by)


async def prune_drafts(session: AsyncSession, workspace_id: str, *, at: datetime) -> None:
    """Forget a workspace's drafts that are older than 24 hours."""
    await session.execute(
        delete(DecisionDraft).where(
            DecisionDraft.workspace_id == workspace_id,
            DecisionDraft.created_at <= at - KEEP_DRAFTS,
        )
    )
