"""Decisions, and the drafts of decisions that a model read off a thread."""

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Json, JsonList, Prose, SlackId, Ts, Word, new_id


class Decision(Base):
    """A choice with what it was chosen from and why; its words are frozen once accepted.

    ``source_channel_id`` is where it was decided: who reads there may see it (None: all members).
    ``thread_ts`` is the thread it stands under, empty for a post of its own; ``permalink`` leads to
    that thread and ``snapshot`` keeps its first message's words. ``post_id`` is the delivery of its
    one message, edited in place. ``confidence`` is in percent. The tripwire reopens it when the
    metric stays ``tripwire_side`` (above, below) ``tripwire_bound`` for ``tripwire_days`` days.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index(None, "workspace_id", "status"),
        Index(None, "workspace_id", "owner_id"),
        Index(None, "workspace_id", "accepted_at"),
        Index(None, "workspace_id", "tripwire_metric_id"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    title: Mapped[Prose]
    context: Mapped[Prose] = mapped_column(default="")
    options: Mapped[JsonList] = mapped_column(default=list)  # of texts
    choice: Mapped[Prose]
    rationale: Mapped[Prose] = mapped_column(default="")
    owner_id: Mapped[SlackId]
    participants: Mapped[JsonList] = mapped_column(default=list)  # of Slack user ids
    confidence: Mapped[int | None]
    is_reversible: Mapped[bool | None]
    area: Mapped[Word] = mapped_column(default="")
    would_change: Mapped[Prose] = mapped_column(default="")  # what would change our mind
    revisit_on: Mapped[date | None]
    revisited_at: Mapped[Instant | None]  # when its owner last said that it still holds
    tripwire_metric_id: Mapped[Id | None]
    tripwire_side: Mapped[Word] = mapped_column(default="")
    tripwire_bound: Mapped[float | None]
    tripwire_days: Mapped[int] = mapped_column(default=1)
    tripped_at: Mapped[Instant | None]
    status: Mapped[Word]  # proposed, accepted, superseded, retired
    reason: Mapped[Prose] = mapped_column(default="")  # why retired
    supersedes_id: Mapped[Id | None]  # what it takes the place of once accepted
    superseded_by: Mapped[Id | None]
    source_channel_id: Mapped[SlackId | None]
    thread_ts: Mapped[Ts] = mapped_column(default="")
    permalink: Mapped[Prose] = mapped_column(default="")
    snapshot: Mapped[Prose] = mapped_column(default="")
    snapshot_by: Mapped[SlackId] = mapped_column(default="")
    snapshot_at: Mapped[Instant | None]
    post_id: Mapped[Id] = mapped_column(default="")
    posted_to: Mapped[SlackId] = mapped_column(default="")  # a channel, or a person directly
    drafted_by: Mapped[Json] = mapped_column(default=dict)  # model, prompt version, tokens
    created_by: Mapped[SlackId]
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant | None]
    accepted_at: Mapped[Instant | None]
    accepted_by: Mapped[SlackId] = mapped_column(default="")
    ended_at: Mapped[Instant | None]  # superseded or retired


class DecisionDraft(Base):
    """What a model read off a thread, for one person to check; forgotten after 24 hours.

    ``words`` are the form's fields; ``decision_id`` says what came of it.
    """

    __tablename__ = "decision_draft"
    __table_args__ = (Index(None, "created_at"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[SlackId]
    source_channel_id: Mapped[SlackId]
    thread_ts: Mapped[Ts]
    words: Mapped[Json] = mapped_column(default=dict)
    drafted_by: Mapped[Json] = mapped_column(default=dict)
    decision_id: Mapped[Id | None]
    created_at: Mapped[Instant]
