"""Tenants, the people and channels in them, and the customers."""

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Json, JsonList, Prose, SlackId, Word, new_id

WORKSPACE = "workspace.id"


class Workspace(Base):
    """The tenant: one Slack team, or one organisation installed as a whole."""

    __tablename__ = "workspace"
    __table_args__ = (UniqueConstraint("enterprise_id", "team_id"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    enterprise_id: Mapped[SlackId] = mapped_column(default="")
    team_id: Mapped[SlackId]
    name: Mapped[Prose] = mapped_column(default="")
    url: Mapped[Prose] = mapped_column(default="")
    settings: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[Instant]


class Installation(Base):
    """One installing of the app into a workspace; the bot's identity there."""

    __tablename__ = "installation"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey(WORKSPACE), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    bot_user_id: Mapped[SlackId]
    bot_id: Mapped[SlackId] = mapped_column(default="")
    app_id: Mapped[SlackId] = mapped_column(default="")
    installed_by: Mapped[SlackId] = mapped_column(default="")
    scopes: Mapped[JsonList] = mapped_column(default=list)
    welcomed_at: Mapped[Instant | None]
    installed_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]


class Counter(Base):
    """The next number of a sequence: people's #412, entries' seq."""

    __tablename__ = "counter"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey(WORKSPACE), primary_key=True)
    name: Mapped[Word] = mapped_column(primary_key=True)
    value: Mapped[int]


class Member(Base):
    """A person as Slack last described them; ``id`` is Slack's user id."""

    __tablename__ = "member"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey(WORKSPACE), primary_key=True)
    id: Mapped[SlackId] = mapped_column(primary_key=True)
    name: Mapped[Prose] = mapped_column(default="")
    email: Mapped[Prose] = mapped_column(default="")
    timezone: Mapped[Word] = mapped_column(default="UTC")
    is_guest: Mapped[bool] = mapped_column(default=False)
    is_outsider: Mapped[bool] = mapped_column(default=False)
    is_bot: Mapped[bool] = mapped_column(default=False)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    is_admin: Mapped[bool] = mapped_column(default=False)
    away_until: Mapped[Instant | None]  # what their Slack status says; its words are not kept
    refreshed_at: Mapped[Instant]


class Channel(Base):
    """A channel as Slack last described it, with how feedback is captured there."""

    __tablename__ = "channel"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey(WORKSPACE), primary_key=True)
    id: Mapped[SlackId] = mapped_column(primary_key=True)
    name: Mapped[Prose] = mapped_column(default="")
    is_private: Mapped[bool] = mapped_column(default=True)
    is_shared: Mapped[bool] = mapped_column(default=False)
    is_archived: Mapped[bool] = mapped_column(default=False)
    is_dm: Mapped[bool] = mapped_column(default=False)
    has_bot: Mapped[bool] = mapped_column(default=False)
    has_guests: Mapped[bool] = mapped_column(default=True)
    captures_emoji: Mapped[bool] = mapped_column(default=True)
    captures_all: Mapped[bool] = mapped_column(default=False)
    captures_mention: Mapped[bool] = mapped_column(default=True)
    shows_receipt: Mapped[bool | None] = mapped_column(default=None)
    message_budget: Mapped[int | None]  # a day; 0 is no limit, None the workspace's
    refreshed_at: Mapped[Instant]


class Customer(Base):
    """An account. ``monthly_revenue`` is in minor units of ``currency``."""

    __tablename__ = "customer"
    __table_args__ = (Index(None, "workspace_id", "name"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey(WORKSPACE), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[Prose]
    domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    channel_id: Mapped[SlackId | None]
    owner_id: Mapped[SlackId | None]
    tier: Mapped[Word] = mapped_column(default="")
    status: Mapped[Word] = mapped_column(default="")
    monthly_revenue: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="")
    updated_at: Mapped[Instant]
    archived_at: Mapped[Instant | None]  # no longer offered or matched; what they said stays


class Submission(Base):
    """One command, action or modal submission, named by its trigger id: done once only."""

    __tablename__ = "submission"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey(WORKSPACE), primary_key=True)
    trigger_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    at: Mapped[Instant]


def workspace_key(*columns: str, target: str) -> ForeignKeyConstraint:
    """Build a foreign key that leads with the workspace."""
    return ForeignKeyConstraint(
        ["workspace_id", *columns], [f"{target}.workspace_id", f"{target}.id"]
    )
