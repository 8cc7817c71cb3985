"""Feedback, the themes it belongs to, who reported it, and who is told what came of it."""

from datetime import date

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, JsonList, Prose, SlackId, Ts, Word, new_id
from bot.workspaces.tables import workspace_key


class Theme(Base):
    """A group of feedback about the same thing; its id and number never change.

    ``source_channel_id`` is None for what came from public channels; a private channel's feedback
    has themes of its own, so that a theme's name never tells what only that channel read.
    ``group_id`` is the grouping's own number within that scope (``scope``, empty for public).
    ``merged_into`` is always the theme it belongs to now, never one that merged itself; its
    feedback stays its own, so that a merge can be undone.
    """

    __tablename__ = "theme"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        UniqueConstraint("workspace_id", "scope", "group_id"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    name: Mapped[Prose]
    is_named: Mapped[bool] = mapped_column(default=False)  # by a person: never renamed by itself
    # By a person: its name stays, and no merge is proposed.
    is_pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    status: Mapped[Word] = mapped_column(default="open")  # open, planned, shipped, declined
    scope: Mapped[SlackId] = mapped_column(default="")
    source_channel_id: Mapped[SlackId | None]
    group_id: Mapped[int]
    merged_into: Mapped[Id | None]
    created_at: Mapped[Instant]


class Feedback(Base):
    """One verbatim of one customer (or of an unknown one), with the customer's state at the time.

    ``customer_revenue`` is monthly, in minor units of ``customer_currency``. Once redacted,
    ``text`` is empty for good.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        UniqueConstraint("workspace_id", "source_channel_id", "message_ts"),
        Index(None, "workspace_id", "origin", unique=True),
        Index(None, "workspace_id", "import_id"),
        Index(None, "workspace_id", "split_of"),
        Index(None, "workspace_id", "person"),
        Index(None, "workspace_id", "theme_id"),
        Index(None, "workspace_id", "customer_id"),
        # The inbox, newest first, read page by page.
        Index(None, "workspace_id", "triage", "number"),
        workspace_key("theme_id", target="theme"),
        workspace_key("customer_id", target="customer"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    text: Mapped[Prose]
    permalink: Mapped[Prose] = mapped_column(default="")
    source_channel_id: Mapped[SlackId | None]
    message_ts: Mapped[Ts | None]  # None: typed into a form, no message behind it
    author_id: Mapped[SlackId] = mapped_column(default="")
    reporter_id: Mapped[SlackId] = mapped_column(default="")
    kind: Mapped[Word]
    kind_chosen_by: Mapped[SlackId] = mapped_column(default="")  # empty: suggested by the bot
    area: Mapped[Word] = mapped_column(default="")
    area_chosen_by: Mapped[SlackId] = mapped_column(default="", server_default="")
    importance: Mapped[int] = mapped_column(default=2)
    sentiment: Mapped[Word] = mapped_column(default="neutral")
    theme_id: Mapped[Id | None]
    customer_id: Mapped[Id | None]
    customer_tier: Mapped[Word] = mapped_column(default="")
    customer_status: Mapped[Word] = mapped_column(default="")
    customer_revenue: Mapped[int | None]
    customer_currency: Mapped[str] = mapped_column(String(3), default="")
    said_at: Mapped[Instant]
    logged_at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]
    # open, kept (a person looked at it), dismissed (is no feedback: withdrawn, too)
    triage: Mapped[Word] = mapped_column(default="open", server_default="open")
    later_until: Mapped[Instant | None]  # out of the inbox until then
    # The e-mail address of the customer's person, in lower case; empty: unknown.
    person: Mapped[str] = mapped_column(String(320), default="", server_default="")
    # Where it comes from if not from Slack, so that it comes in once: "hook:<id>:<their id>".
    origin: Mapped[str | None] = mapped_column(String(200))
    import_id: Mapped[Id | None]  # the import that brought it
    split_of: Mapped[Id | None]  # the feedback whose message held several asks
    duplicate_of: Mapped[Id | None]  # the feedback that says the same; then this one is withdrawn
    redacted_at: Mapped[Instant | None]


class TextVector(Base):
    """The vector of a text, by the model that made it; made anew when another model is installed.

    ``vector`` is 32-bit floats in little-endian order. Who erases a text erases this too: much of
    the text can be read out of it.
    """

    __tablename__ = "text_vector"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    subject_kind: Mapped[Word] = mapped_column(primary_key=True)  # feedback
    subject_id: Mapped[Id] = mapped_column(primary_key=True)
    model_id: Mapped[Word]
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class ThemeAnswer(Base):
    """What a person said of themes; kept when undone.

    ``same``: two are one; ``carried`` are the themes that had merged into ``gone_id`` before and
    went along. ``different``: they are not. ``split``: ``gone_id`` was made out of ``into_id``;
    ``carried`` is the feedback that went with it. ``whole``: ``into_id`` (twice) is not to be
    split; ``carried`` is how many texts it held.
    """

    __tablename__ = "theme_answer"
    __table_args__ = (
        Index(None, "workspace_id", "gone_id"),
        workspace_key("gone_id", target="theme"),
        workspace_key("into_id", target="theme"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    gone_id: Mapped[Id]  # the smaller of the two
    into_id: Mapped[Id]
    answer: Mapped[Word]
    carried: Mapped[JsonList]
    answered_by: Mapped[SlackId]
    answered_at: Mapped[Instant]
    undone_by: Mapped[SlackId] = mapped_column(default="")
    undone_at: Mapped[Instant | None]


class ThemeRejection(Base):
    """A person said that one feedback is not about a theme; the theme learns from it."""

    __tablename__ = "theme_rejection"
    __table_args__ = (
        workspace_key("feedback_id", target="feedback"),
        workspace_key("theme_id", target="theme"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    feedback_id: Mapped[Id] = mapped_column(primary_key=True)
    theme_id: Mapped[Id] = mapped_column(primary_key=True)
    said_by: Mapped[SlackId]
    said_at: Mapped[Instant]


class Area(Base):
    """A product area as the team names it, with the sentences that it is recognised by."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[Word]
    examples: Mapped[JsonList]  # texts, three to five are enough
    changed_by: Mapped[SlackId]
    changed_at: Mapped[Instant]


class Report(Base):
    """One member's report of one feedback: by which means, and whether it still stands."""

    __tablename__ = "report"
    __table_args__ = (workspace_key("feedback_id", target="feedback"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    feedback_id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[SlackId] = mapped_column(primary_key=True)
    means: Mapped[Word]  # emoji, message, mention, form
    at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]


class Mark(Base):
    """The newest known state of one person's capture emoji on one message.

    Slack may tell of the removal before it tells of the reaction; the later ``event_ts`` wins.
    """

    __tablename__ = "mark"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    channel_id: Mapped[SlackId] = mapped_column(primary_key=True)
    message_ts: Mapped[Ts] = mapped_column(primary_key=True)
    user_id: Mapped[SlackId] = mapped_column(primary_key=True)
    emoji: Mapped[Word] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    event_ts: Mapped[Ts]


class Refusal(Base):
    """An honest no to a theme, with what would make it a question again.

    ``condition`` is empty or what rearms it: ``metric`` (stays ``side`` of ``bound`` for ``days``
    days running), ``customers`` (so many distinct ones ask for it) or ``date``.
    """

    __tablename__ = "refusal"
    __table_args__ = (
        Index(None, "workspace_id", "theme_id"),
        workspace_key("theme_id", target="theme"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    theme_id: Mapped[Id]
    reason: Mapped[Prose]
    owner_id: Mapped[SlackId]  # who declined it, and is told when it opens again
    declined_at: Mapped[Instant]
    condition: Mapped[Word] = mapped_column(default="")
    metric_id: Mapped[Id | None]
    side: Mapped[Word] = mapped_column(default="")  # above, below
    bound: Mapped[float | None]
    days: Mapped[int] = mapped_column(default=1)
    customers: Mapped[int | None]
    on_date: Mapped[date | None]
    timezone: Mapped[Word]
    state: Mapped[Word] = mapped_column(default="standing")  # standing, rearmed, taken_back
    ended_at: Mapped[Instant | None]
    source_channel_id: Mapped[SlackId | None]  # the theme's


class Question(Base):
    """What somebody wants to know of all who asked for a theme."""

    __tablename__ = "question"
    __table_args__ = (
        Index(None, "workspace_id", "theme_id"),
        workspace_key("theme_id", target="theme"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    theme_id: Mapped[Id]
    text: Mapped[Prose]
    asked_by: Mapped[SlackId]
    asked_at: Mapped[Instant]
    source_channel_id: Mapped[SlackId | None]  # the theme's


class Thanks(Base):
    """That what somebody logged fed a decision, a launch or a verdict; said once, with others."""

    __tablename__ = "thanks"
    __table_args__ = (Index(None, "workspace_id", "user_id", "said_at"),)

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    user_id: Mapped[SlackId] = mapped_column(primary_key=True)
    subject_kind: Mapped[Word] = mapped_column(primary_key=True)  # decision, launch
    subject_id: Mapped[Id] = mapped_column(primary_key=True)
    event: Mapped[Word] = mapped_column(primary_key=True)  # decided, shipped, verdict
    noted_at: Mapped[Instant]
    said_at: Mapped[Instant | None]


class FollowUp(Base):
    """One asker of a feature and one event, to be told by the asker's owner.

    The subject is a launch (shipped, verdict), a refusal (declined) or a question (asked).
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("workspace_id", "asker_key", "subject_id", "event"),
        Index(None, "workspace_id", "owner_id", "state"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    asker_key: Mapped[str] = mapped_column(String(64))  # the customer's id, or the feedback's
    customer_id: Mapped[Id | None]
    feedback_id: Mapped[Id]  # the quote that the draft answers
    owner_id: Mapped[SlackId]  # the member who tells
    subject_kind: Mapped[Word]
    subject_id: Mapped[Id]
    event: Mapped[Word]  # shipped, verdict, declined, asked
    state: Mapped[Word] = mapped_column(default="to_tell")  # to_tell, drafted, told, not_needed
    draft: Mapped[Prose] = mapped_column(default="")
    source_channel_id: Mapped[SlackId | None]  # the quote's: who may not read it sees nothing
    created_at: Mapped[Instant]
    told_at: Mapped[Instant | None]
    told_by: Mapped[SlackId] = mapped_column(default="")
    message_id: Mapped[Id | None]  # the delivery of the owner's DM, edited in place
