"""Retros: series, their runs, what was answered, and the actions that were promised."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, JsonList, Prose, SlackId, Word, new_id
from bot.workspaces.tables import workspace_key


class RetroSeries(Base):
    """A retro that a channel holds again and again, or once (no ``rule``).

    ``source_channel_id`` is where it is held: who reads there may see it. ``rule`` is the JSON of a
    ``bot.clock.Rule``, ``words`` the same as typed.
    """

    __tablename__ = "retro_series"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index(None, "workspace_id", "source_channel_id"),
        Index(None, "workspace_id", "owner_id"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    name: Mapped[Prose]
    template: Mapped[Word]
    questions: Mapped[JsonList] = mapped_column(default=list)  # of texts
    source_channel_id: Mapped[SlackId]
    rule: Mapped[Prose] = mapped_column(default="")
    words: Mapped[Prose] = mapped_column(default="")
    timezone: Mapped[Word]
    owner_id: Mapped[SlackId]
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Word] = mapped_column(default="active")  # active, paused, removed
    created_at: Mapped[Instant]


class RetroRun(Base):
    """One retro of a series. Questions and anonymity are as they were when it opened.

    ``happened`` are the lines (mrkdwn of ours) that it opened with, as its channel's audience may
    see them. ``headline_id`` is the delivery of its one message, ``summary`` what was said, as
    plain text. ``occurrence_id`` names the scheduled occurrence that opened it. ``salt`` is what
    the marks of an anonymous run are made with.
    """

    __tablename__ = "retro_run"
    __table_args__ = (
        workspace_key("series_id", target="retro_series"),
        UniqueConstraint("workspace_id", "number"),
        UniqueConstraint("workspace_id", "occurrence_id"),
        Index(None, "workspace_id", "series_id"),
        Index(None, "workspace_id", "source_channel_id"),
        Index(None, "workspace_id", "state"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[Id]
    number: Mapped[int]
    questions: Mapped[JsonList] = mapped_column(default=list)
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    salt: Mapped[str] = mapped_column(String(64), default="")
    source_channel_id: Mapped[SlackId]
    covers_from: Mapped[Instant]
    happened: Mapped[JsonList] = mapped_column(default=list)
    state: Mapped[Word] = mapped_column(default="open")  # open, closed
    opened_by: Mapped[SlackId] = mapped_column(default="")  # empty: its schedule
    opened_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[SlackId] = mapped_column(default="")  # empty: by itself
    answered: Mapped[int] = mapped_column(default=0)  # people who answered
    summary: Mapped[Prose] = mapped_column(default="")
    headline_id: Mapped[Id] = mapped_column(default="")
    occurrence_id: Mapped[Id | None]


class RetroAnswer(Base):
    """What one person said to one question.

    In an anonymous run there is no author, no time, and an id without order: with each new answer
    all of the run are written again in a random order, so that nothing tells whose came when.
    """

    __tablename__ = "retro_answer"
    __table_args__ = (
        workspace_key("run_id", target="retro_run"),
        UniqueConstraint("workspace_id", "run_id", "question", "author_id"),
        # Without hidden row numbers, which would keep the order of the answers.
        {"sqlite_with_rowid": False},
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    run_id: Mapped[Id]
    question: Mapped[int]  # its place in the run's questions, from 0
    text: Mapped[Prose]
    author_id: Mapped[SlackId | None]


class RetroMark(Base):
    """That somebody answered an anonymous run: a salted hash, no time, no link to any text."""

    __tablename__ = "retro_mark"
    __table_args__ = (
        workspace_key("run_id", target="retro_run"),
        {"sqlite_with_rowid": False},
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    run_id: Mapped[Id] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)


class RetroAction(Base):
    """A promise made in a retro. ``post_id`` is the delivery of the message that tells of it."""

    __tablename__ = "retro_action"
    __table_args__ = (
        workspace_key("series_id", target="retro_series"),
        workspace_key("run_id", target="retro_run"),
        UniqueConstraint("workspace_id", "number"),
        Index(None, "workspace_id", "series_id", "state"),
        Index(None, "workspace_id", "run_id"),
        Index(None, "workspace_id", "owner_id", "state"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[Id]
    run_id: Mapped[Id]
    number: Mapped[int]
    text: Mapped[Prose]
    owner_id: Mapped[SlackId]
    due_on: Mapped[date]
    expected_effect: Mapped[Prose] = mapped_column(default="")
    check: Mapped[Prose] = mapped_column(default="")  # how anybody can tell that it worked
    state: Mapped[Word] = mapped_column(default="open")  # open, worked, did_not, not_done
    word: Mapped[Prose] = mapped_column(default="")  # what its owner says to it afterwards
    source_channel_id: Mapped[SlackId]
    created_by: Mapped[SlackId]
    created_at: Mapped[Instant]
    checked_at: Mapped[Instant | None]
    post_id: Mapped[Id] = mapped_column(default="")
