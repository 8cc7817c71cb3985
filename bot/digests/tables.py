"""Digests: who gets which metrics when, and each post that was made."""

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Json, JsonList, Prose, SlackId, Word, new_id
from bot.workspaces.tables import workspace_key


class Digest(Base):
    """A subscription: metrics (or feedback, or all launches), a channel or person, and a schedule.

    ``source_channel_id`` equals ``target``: who may know of a digest is who reads it. For a DM it
    is a person's id, which no channel has, so only its owner sees it.
    """

    __tablename__ = "digest"
    __table_args__ = (Index(None, "workspace_id", "owner_id"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    kind: Mapped[Word] = mapped_column(default="metrics", server_default="metrics")  # see rules
    name: Mapped[Prose]
    target: Mapped[SlackId]  # channel id, or user id for a DM
    metric_ids: Mapped[JsonList]
    rule: Mapped[Prose]  # bot.clock.Rule as JSON
    words: Mapped[Prose] = mapped_column(default="")  # the schedule as its owner typed it
    timezone: Mapped[Word]
    owner_id: Mapped[SlackId]
    skip_if_empty: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Word] = mapped_column(default="active")  # active, paused, removed
    source_channel_id: Mapped[SlackId | None]
    created_at: Mapped[Instant]
    edited_at: Mapped[Instant | None]
    snoozed_until: Mapped[date | None]  # the first local day on which it may post again
    proposed_at: Mapped[Instant | None]  # when its owner was last asked whether it should end


class DigestPost(Base):
    """One post of a digest. ``id`` is its occurrence's; tests and skips are kept too.

    ``facts`` are what it said in numbers: metric id to day and value. ``covers_from`` is where
    "since the last digest" began.
    """

    __tablename__ = "digest_post"
    __table_args__ = (
        workspace_key("digest_id", target="digest"),
        Index(None, "workspace_id", "digest_id", "at"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    digest_id: Mapped[Id]
    slot: Mapped[date]
    kind: Mapped[Word]  # scheduled, now, test, skipped
    target: Mapped[SlackId]
    delivery_id: Mapped[Id | None]
    facts: Mapped[Json] = mapped_column(default=dict)
    covers_from: Mapped[Instant]
    at: Mapped[Instant]
    used_at: Mapped[Instant | None]  # when somebody last opened a number of it or asked about one


class DigestVote(Base):
    """One person's word on one post; kept to count each once, and shown of nobody."""

    __tablename__ = "digest_vote"
    __table_args__ = (workspace_key("post_id", target="digest_post"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    post_id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[SlackId] = mapped_column(primary_key=True)
    is_useful: Mapped[bool]
    at: Mapped[Instant]
