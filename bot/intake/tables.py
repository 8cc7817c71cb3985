"""Feedback and customers that come from outside Slack: webhooks in, and imports."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Json, JsonList, Prose, SlackId, Word, new_id


class Hook(Base):
    """An address that another program sends feedback to, signed with ``secret``.

    ``shape`` says whose bodies and signatures they are: daybook, zendesk, intercom, typeform.
    ``channel_id`` is the channel whose readers see what comes in; None: all members.
    """

    __tablename__ = "hook"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[Prose]
    shape: Mapped[Word]
    secret: Mapped[str] = mapped_column(String(200))  # emptied when revoked
    channel_id: Mapped[SlackId | None]
    item_url: Mapped[Prose] = mapped_column(default="")  # where one is read: https://…/{id}
    created_by: Mapped[SlackId]
    created_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]


class Import(Base):
    """One file brought in. ``content`` is kept only until it has been read to its end."""

    __tablename__ = "import"
    __table_args__ = (Index(None, "workspace_id", "begun_at"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[Word]  # feedback, customers
    name: Mapped[Prose]  # the file's
    content: Mapped[Prose] = mapped_column(default="")
    channel_id: Mapped[SlackId | None]  # whose readers see it; None: all members
    rows: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)  # rows that were looked at
    added: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)  # duplicates, skipped
    problems: Mapped[JsonList]  # sentences that name line and column
    state: Mapped[Word] = mapped_column(default="running")  # running, done, undone
    begun_by: Mapped[SlackId]
    begun_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    message_id: Mapped[Id | None]  # the delivery that tells how far it is


class ImportChange(Base):
    """What one import of customers did to one of them, so that it can be taken back."""

    __tablename__ = "import_change"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    import_id: Mapped[Id] = mapped_column(primary_key=True)
    customer_id: Mapped[Id] = mapped_column(primary_key=True)
    # What was known of it; None: there was no such customer.
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    was_archived: Mapped[bool]
    after: Mapped[Json]
    # What came of taking it back: removed, restored, archived, left; empty: it stands.
    outcome: Mapped[Word] = mapped_column(default="")
