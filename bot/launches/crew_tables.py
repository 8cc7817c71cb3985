"""Who takes part in a launch, what is still to do, who was told, and what customers said to it."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Prose, SlackId, Word, new_id
from bot.workspaces.tables import workspace_key


class LaunchRole(Base):
    """Somebody took a role in a launch. Nobody's role has no row."""

    __tablename__ = "launch_role"
    __table_args__ = (
        workspace_key("launch_id", target="launch"),
        UniqueConstraint("workspace_id", "launch_id", "role"),
        Index(None, "workspace_id", "member_id"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    launch_id: Mapped[Id]
    role: Mapped[Word]  # crew.ROLES
    member_id: Mapped[SlackId]
    at: Mapped[Instant]


class LaunchApproval(Base):
    """Somebody was asked for a go; the last answer stands, each answer is a line of the log."""

    __tablename__ = "launch_approval"
    __table_args__ = (
        workspace_key("launch_id", target="launch"),
        UniqueConstraint("workspace_id", "launch_id", "member_id"),
        Index(None, "workspace_id", "member_id", "answer"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    launch_id: Mapped[Id]
    member_id: Mapped[SlackId]
    asked_by: Mapped[SlackId]
    asked_at: Mapped[Instant]
    answer: Mapped[Word] = mapped_column(default="")  # go, no_go; empty: not yet
    reason: Mapped[Prose] = mapped_column(default="")
    answered_at: Mapped[Instant | None]
    question_id: Mapped[Id | None]  # the delivery of the question, changed by the answer


class LaunchItem(Base):
    """A line that people put on a launch's checklist; what the bot can see has no row."""

    __tablename__ = "launch_item"
    __table_args__ = (
        workspace_key("launch_id", target="launch"),
        Index(None, "workspace_id", "launch_id", "added_at"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    launch_id: Mapped[Id]
    text: Mapped[Prose]
    added_by: Mapped[SlackId]
    added_at: Mapped[Instant]
    done_by: Mapped[SlackId] = mapped_column(default="")
    done_at: Mapped[Instant | None]


class LaunchAnnouncement(Base):
    """A launch was announced in a channel, by a person's click. Its words stand in Slack."""

    __tablename__ = "launch_announcement"
    __table_args__ = (
        workspace_key("launch_id", target="launch"),
        Index(None, "workspace_id", "launch_id", "at"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    launch_id: Mapped[Id]
    channel_id: Mapped[SlackId]
    message_id: Mapped[Id]  # the delivery
    by: Mapped[SlackId]
    at: Mapped[Instant]


class LaunchReaction(Base):
    """Feedback that came after a launch and may be about it: offered to its owner, yes or no."""

    __tablename__ = "launch_reaction"
    __table_args__ = (
        workspace_key("launch_id", target="launch"),
        UniqueConstraint("workspace_id", "launch_id", "feedback_id"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    launch_id: Mapped[Id]
    feedback_id: Mapped[Id]
    state: Mapped[Word] = mapped_column(default="offered")  # offered, taken, declined
    at: Mapped[Instant]
