"""Alerts between digests: what is watched, its episodes, and the messages that tell them."""

from datetime import date

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, SlackId, Word, new_id


class AlertWatch(Base):
    """How far a metric's days were judged, and until when nobody is told of it."""

    __tablename__ = "alert_watch"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "metric_id"], ["metric.workspace_id", "metric.id"]),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    metric_id: Mapped[Id] = mapped_column(primary_key=True)
    judged_through: Mapped[date | None]
    muted_until: Mapped[date | None]  # included, in the metric's zone
    muted_by: Mapped[SlackId] = mapped_column(default="")


class AlertPost(Base):
    """One message and its thread: of one episode, or of those that began together."""

    __tablename__ = "alert_post"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    target: Mapped[SlackId]  # a channel, or a person's id for a DM
    delivery_id: Mapped[Id | None]
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    seen_by: Mapped[SlackId] = mapped_column(default="")
    seen_at: Mapped[Instant | None]


class AlertEpisode(Base):
    """A metric that is not as usual, from its first day to its last.

    ``post_id`` is None where nobody was told (muted, or over the budget). ``usual`` is what the
    first day was expected to be, or the bound that was passed. ``calm_days`` are those running on
    which it was back.
    """

    __tablename__ = "alert_episode"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "metric_id"], ["metric.workspace_id", "metric.id"]),
        ForeignKeyConstraint(
            ["workspace_id", "post_id"], ["alert_post.workspace_id", "alert_post.id"]
        ),
        Index(None, "workspace_id", "metric_id", "closed_at"),
        Index(None, "workspace_id", "post_id"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    metric_id: Mapped[Id]
    post_id: Mapped[Id | None]
    kind: Mapped[Word]  # unusual, bound
    side: Mapped[Word]  # above, below
    first_day: Mapped[date]
    first_value: Mapped[float]
    usual: Mapped[float]
    change: Mapped[float]  # of the first day, as a share of usual
    worst: Mapped[float]  # the largest that was told, without its sign
    low: Mapped[float | None]
    high: Mapped[float | None]
    level_days: Mapped[int] = mapped_column(default=0)  # over 0: a level of so many days moved
    level: Mapped[float | None]
    last_day: Mapped[date]
    last_value: Mapped[float]
    calm_days: Mapped[int] = mapped_column(default=0)
    ending: Mapped[Word] = mapped_column(default="")  # back, stayed, excused
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
