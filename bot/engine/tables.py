"""What is due, what is to be said, and what came in. Keys: docs/decisions/0002-the-engine.md."""

from datetime import date, datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Json, Prose, SlackId, Ts, Word, new_id


class Schedule(Base):
    """Something that comes due by itself: a digest, a check date, a retro, a revisit."""

    __tablename__ = "schedule"
    __table_args__ = (
        UniqueConstraint("workspace_id", "kind", "subject_id"),
        Index(None, "state", "next_run_utc", "workspace_id", "id"),
        # In the order of the key, which is that of the index within an instant: half the pages
        # are written when many come due at once.
        {"sqlite_with_rowid": False},
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[Word]  # names the job, e.g. "digest.post", "launch.check"
    subject_id: Mapped[Id]
    rule: Mapped[Prose]  # bot.clock.Rule as JSON
    timezone: Mapped[Word]
    next_date: Mapped[date | None]
    next_run_utc: Mapped[Instant | None]
    last_date: Mapped[date | None]
    latest_minutes: Mapped[int] = mapped_column(default=180)  # how late it may still run
    owner_id: Mapped[SlackId] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default="active")  # active, paused, ended
    state_reason: Mapped[Prose] = mapped_column(default="")


class Occurrence(Base):
    """One run of a schedule. ``slot_key`` is the local date, or a random key for a run by hand."""

    __tablename__ = "occurrence"
    __table_args__ = (
        UniqueConstraint("workspace_id", "schedule_id", "slot_key"),
        Index(None, "state", "due_at"),
        Index(None, "state", "not_before"),
        # Whose turn it is among workspaces is asked of each of them, however much it has waiting.
        Index(None, "workspace_id", "state", "not_before", "id"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    schedule_id: Mapped[Id]
    slot_key: Mapped[Word]
    slot: Mapped[date]
    kind: Mapped[Word]
    subject_id: Mapped[Id]
    due_at: Mapped[Instant]
    asked_by: Mapped[SlackId] = mapped_column(default="")
    target: Mapped[SlackId] = mapped_column(
        default=""
    )  # a run by hand may go elsewhere (test to me)
    state: Mapped[Word] = mapped_column(default="due")  # due, leased, done, skipped, failed
    result: Mapped[Prose] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[Instant]
    lease_owner: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]


class Delivery(Base):
    """One thing to do in Slack: cause (why), target (where), part (which piece)."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("workspace_id", "cause", "target", "part"),
        Index(None, "state", "not_before"),
        Index(None, "workspace_id", "after_id"),
        Index(None, "workspace_id", "target", "state"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    cause: Mapped[str] = mapped_column(String(200))  # occurrence:<id>, event:<id>, act:<id> ...
    target: Mapped[SlackId]  # channel id, or user id for a DM
    part: Mapped[Word]
    method: Mapped[Word]  # post, update, ephemeral, react, unreact, picture
    payload: Mapped[Json]
    after_id: Mapped[Id | None]  # the delivery whose ts this one needs (edit it, thread under it)
    priority: Mapped[int] = mapped_column(default=5)  # smaller first: 1 answers people
    owner_id: Mapped[SlackId] = mapped_column(default="")  # who is told when it fails
    label: Mapped[Prose] = mapped_column(default="")  # what it is, for status and failure notes
    key: Mapped[str] = mapped_column(String(32))  # opaque, goes into the message's metadata
    state: Mapped[Word] = mapped_column(default="planned")
    channel: Mapped[SlackId] = mapped_column(default="")  # where Slack put it (a DM's own id)
    ts: Mapped[Ts] = mapped_column(default="")
    error: Mapped[Prose] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[Instant]
    counts: Mapped[bool | None]  # a message of its own in a channel, against its budget of the day
    heir_id: Mapped[Id | None]  # the delivery that told this one in a digest's thread
    held_for: Mapped[Prose | None]  # why it waits: quiet hours, weekend, a holiday's name ...
    lease_owner: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[Instant | None]
    planned_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class Inbox(Base):
    """One event that matched; its payload is pruned within 24 hours."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "event_id", "kind"),
        Index(None, "state", "not_before"),
        Index(None, "workspace_id", "state", "not_before", "id"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    event_id: Mapped[str] = mapped_column(String(100))
    kind: Mapped[Word]
    payload: Mapped[Json]
    state: Mapped[Word] = mapped_column(default="due")  # due, done, failed
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[Prose] = mapped_column(default="")
    received_at: Mapped[Instant]
    not_before: Mapped[Instant]
    # Whoever works on it; none: nobody. Older versions do not write it.
    lease_owner: Mapped[str | None] = mapped_column(String(64))


# States after which a delivery changes no more by itself.
FINAL = ("sent", "failed", "uncertain", "skipped")
# The error of what was skipped with a message that failed; it is sent again with that.
NOT_SENT = "the message it belongs to was not sent"


def may_send(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Build the filter for deliveries to take: due ones, and those whose process died."""
    is_planned = and_(Delivery.state == "planned", Delivery.not_before <= now)
    is_left = and_(Delivery.state == "sending", Delivery.lease_until <= now)
    return or_(is_planned, is_left)
