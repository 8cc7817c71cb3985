"""Launches with their stages, and the messages that were offered as launches."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Prose, SlackId, Ts, Word, new_id
from bot.workspaces.tables import workspace_key


class Launch(Base):
    """Something put in front of customers.

    ``source_channel_id`` is the channel of its headline: who reads it there may see the launch.
    ``headline_id`` is the delivery of the headline, edited in place. ``live_at`` is when it last
    went live, ``exposed_at`` when the first customers met it after that (rolling out).
    """

    __tablename__ = "launch"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index(None, "workspace_id", "stage"),
        Index(None, "workspace_id", "owner_id"),
        Index(None, "workspace_id", "live_at"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    title: Mapped[Prose]
    summary: Mapped[Prose] = mapped_column(default="")
    owner_id: Mapped[SlackId]
    area: Mapped[Word] = mapped_column(default="")
    stage: Mapped[Word]
    source_channel_id: Mapped[SlackId]
    headline_id: Mapped[Id]
    origin_channel_id: Mapped[SlackId] = mapped_column(default="")  # the message it came from
    origin_ts: Mapped[Ts] = mapped_column(default="")
    created_by: Mapped[SlackId]
    created_at: Mapped[Instant]
    exposed_at: Mapped[Instant | None]
    live_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]  # rolled back or retired


class StageChange(Base):
    """A launch came to a stage: when, by whom, and why where somebody said so."""

    __tablename__ = "launch_stage"
    __table_args__ = (
        workspace_key("launch_id", target="launch"),
        Index(None, "workspace_id", "launch_id", "at"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    launch_id: Mapped[Id]
    stage: Mapped[Word]
    actor: Mapped[SlackId]
    reason: Mapped[Prose] = mapped_column(default="")
    at: Mapped[Instant]


class LaunchOffer(Base):
    """A message that looked like a launch, offered to its author once."""

    __tablename__ = "launch_offer"
    __table_args__ = (UniqueConstraint("workspace_id", "channel_id", "message_ts"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    channel_id: Mapped[SlackId]
    message_ts: Mapped[Ts]
    author_id: Mapped[SlackId]
    title: Mapped[Prose]  # read off the message; emptied when declined
    state: Mapped[Word] = mapped_column(default="offered")  # offered, taken, declined
    launch_id: Mapped[Id | None]
    at: Mapped[Instant]
