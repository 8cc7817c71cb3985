"""The shared log. An entry is never edited and never deleted except by erasure of its prose."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Json, Prose, SlackId, Word, new_id


class Entry(Base):
    """One line of the log, chained to the line before it by hash.

    ``facts`` are ids, words and numbers; what a person wrote stands in ``EntryProse`` and is named
    here by its hash, so that it can be erased without breaking the chain.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("workspace_id", "seq"),
        Index(None, "workspace_id", "subject_id", "seq"),
        Index(None, "workspace_id", "kind", "at"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    seq: Mapped[int]
    at: Mapped[Instant]
    kind: Mapped[Word]
    subject_kind: Mapped[Word]
    subject_id: Mapped[Id]
    actor: Mapped[SlackId] = mapped_column(default="")
    source_channel_id: Mapped[SlackId | None]
    facts: Mapped[Json]
    prose_hash: Mapped[str] = mapped_column(String(64), default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class EntryProse(Base):
    """The words of an entry, searchable and erasable."""

    __tablename__ = "entry_prose"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    entry_id: Mapped[Id] = mapped_column(primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    text: Mapped[Prose]
    erased_at: Mapped[Instant | None]


class Link(Base):
    """One thing leads to another: a theme to a decision, a decision to a launch.

    ``from`` is what came first in the loop; ``kind`` is the word for it, e.g. "asked_for" (theme ->
    launch), "decided_by" (theme -> decision), "launched_as" (decision -> launch), "superseded_by".
    """

    __tablename__ = "link"
    __table_args__ = (Index(None, "workspace_id", "to_kind", "to_id"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    from_kind: Mapped[Word] = mapped_column(primary_key=True)
    from_id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    to_kind: Mapped[Word] = mapped_column(primary_key=True)
    to_id: Mapped[Id] = mapped_column(primary_key=True)
    at: Mapped[Instant]
    actor: Mapped[SlackId] = mapped_column(default="")


class Cursor(Base):
    """How far a consumer has read a workspace's log."""

    __tablename__ = "cursor"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    consumer: Mapped[Word] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)
