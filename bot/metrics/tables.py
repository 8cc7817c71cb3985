"""What a team measures: metrics, the versions of their definitions, and one reading a day."""

from datetime import date

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Json, Prose, SlackId, Word, new_id
from bot.workspaces.tables import workspace_key

# A channel id that no asker has: a metric whose audience cannot be found is shown to nobody.
NOBODY = "nobody"


class Metric(Base):
    """A daily number, as its newest definition has it.

    ``source_channel_id`` is the audience: that channel's readers, or None for the workspace's
    members. ``read_through`` is the last complete day that was read under ``version``. ``problem``
    and ``fix`` say why the last read failed; empty when it did not.
    """

    __tablename__ = "metric"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    label: Mapped[Prose]
    unit: Mapped[Word] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    is_minor: Mapped[bool] = mapped_column(default=False)  # money in cents
    is_percent: Mapped[bool] = mapped_column(default=False)
    good: Mapped[Word] = mapped_column(default="up")  # up, down
    owner_id: Mapped[SlackId] = mapped_column(default="")
    timezone: Mapped[Word] = mapped_column(default="UTC")
    target: Mapped[float | None]
    source: Mapped[Word]  # the name of its source
    origin: Mapped[Word] = mapped_column(default="file")  # who declared it: file, daybook, form
    version: Mapped[int] = mapped_column(default=1)
    definition: Mapped[Json]
    source_channel_id: Mapped[SlackId | None]
    read_through: Mapped[date | None]
    read_at: Mapped[Instant | None]
    problem: Mapped[Prose] = mapped_column(default="")
    fix: Mapped[Prose] = mapped_column(default="")
    failed_at: Mapped[Instant | None]
    declared_at: Mapped[Instant]
    retired_at: Mapped[Instant | None]


class MetricVersion(Base):
    """One definition that a metric had, and since when."""

    __tablename__ = "metric_version"
    __table_args__ = (workspace_key("metric_id", target="metric"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    metric_id: Mapped[Id] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[Json]
    at: Mapped[Instant]


class Reading(Base):
    """A metric's value for one local day; None when the source had nothing for it.

    A past value that came out differently at a later read is noted, never changed in silence:
    ``previous_value`` is what stood here before ``corrected_at``.
    """

    __tablename__ = "reading"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "metric_id"], ["metric.workspace_id", "metric.id"]),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    metric_id: Mapped[Id] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    is_complete: Mapped[bool]
    version: Mapped[int]
    read_at: Mapped[Instant]
    previous_value: Mapped[float | None]
    corrected_at: Mapped[Instant | None]


class MetricExcuse(Base):
    """Somebody said of an alert that the day was not unusual: the metric is judged wider."""

    __tablename__ = "metric_excuse"
    __table_args__ = (workspace_key("metric_id", target="metric"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    metric_id: Mapped[Id]
    day: Mapped[date]
    by: Mapped[SlackId]
    at: Mapped[Instant]
    undone_at: Mapped[Instant | None]
