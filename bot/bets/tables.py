"""Bets, what was measured, what was said of it, and what a miss asks for.

A bet has a subject of another ritual (a launch, a decision), by kind and id.
"""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, Json, JsonList, Prose, SlackId, Word, new_id
from bot.workspaces.tables import workspace_key


class Bet(Base):
    """What something is expected to do by a date.

    ``baseline`` is the daily level over ``baseline_from`` to ``baseline_to`` (days included), read
    by the bot from days before anybody met it. ``target`` is a daily level (move_metric) or a total
    from ``first_day`` on (reach_count). ``first_day`` is the first day measured, None until live.
    ``guardrails`` are {metric_id, version, label, good, harm} with harm as a share (0.05: 5 %
    worse). ``method`` and ``controls`` (metric ids) are frozen with the baseline;
    ``smallest_visible`` is a share, None where nothing could be said.
    """

    __tablename__ = "bet"
    __table_args__ = (
        UniqueConstraint("workspace_id", "subject_kind", "subject_id"),
        Index(None, "workspace_id", "state", "check_date"),
        workspace_key("metric_id", target="metric"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    subject_kind: Mapped[Word]  # launch, decision
    subject_id: Mapped[Id]
    source_channel_id: Mapped[SlackId | None]
    owner_id: Mapped[SlackId]  # who is asked for the verdict
    kind: Mapped[Word]  # move_metric, reach_count, by_hand
    expectation: Mapped[Prose] = mapped_column(default="")  # by_hand: what has to come out
    metric_id: Mapped[Id | None]
    metric_version: Mapped[int | None]
    metric_label: Mapped[Prose] = mapped_column(default="")
    good: Mapped[Word] = mapped_column(default="up")
    baseline: Mapped[float | None]
    baseline_from: Mapped[date | None]
    baseline_to: Mapped[date | None]
    target: Mapped[float | None]
    first_day: Mapped[date | None]
    check_date: Mapped[date]
    timezone: Mapped[Word]  # the owner's, in which the check date is meant
    guardrails: Mapped[JsonList] = mapped_column(default=list)
    confidence: Mapped[int | None]  # percent
    smallest_visible: Mapped[float | None]
    method: Mapped[Word] = mapped_column(default="")
    controls: Mapped[JsonList] = mapped_column(default=list)
    state: Mapped[Word] = mapped_column(default="open")  # open, measured, judged, unjudged, ended
    asked: Mapped[int] = mapped_column(default=0)  # how often the owner was asked
    question_id: Mapped[Id | None]  # the delivery of the last question to the owner
    set_by: Mapped[SlackId]
    set_at: Mapped[Instant]
    changed_at: Mapped[Instant | None]  # the last change made after it was live


class Evidence(Base):
    """What one check of a bet measured, with all that is needed to say it again.

    ``effect``, ``lo``, ``hi`` are relative to the level expected (0.1: 10 % more); ``value`` is the
    daily level of the window, or the total for a count; ``window_from`` to ``window_to`` are the
    days measured; ``data_as_of`` is when the last of them was read.
    """

    __tablename__ = "bet_evidence"
    __table_args__ = (
        workspace_key("bet_id", target="bet"),
        UniqueConstraint("workspace_id", "bet_id", "checked_on"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    bet_id: Mapped[Id]
    checked_on: Mapped[date]
    kind: Mapped[Word]
    is_reached: Mapped[bool | None]
    value: Mapped[float | None]
    target: Mapped[float | None]
    effect: Mapped[float | None]
    lo: Mapped[float | None]
    hi: Mapped[float | None]
    expected: Mapped[float | None]  # the level had nothing changed, in the metric's unit
    smallest_visible: Mapped[float | None]
    grade: Mapped[str] = mapped_column(String(1))
    grade_reason: Mapped[Prose]
    method: Mapped[Prose] = mapped_column(default="")
    problem: Mapped[Prose] = mapped_column(default="")  # why nothing could be measured
    window_from: Mapped[date | None]
    window_to: Mapped[date | None]
    data_as_of: Mapped[Instant | None]
    metric_version: Mapped[int | None]
    guardrails: Mapped[JsonList] = mapped_column(default=list)
    others: Mapped[JsonList] = mapped_column(default=list)  # ids of launches in the window
    facts: Mapped[Json] = mapped_column(default=dict)
    message_id: Mapped[Id | None]  # the delivery in the headline's thread
    at: Mapped[Instant]


class Verdict(Base):
    """What a person said of a bet: the last one stands, earlier ones are kept."""

    __tablename__ = "verdict"
    __table_args__ = (
        workspace_key("bet_id", target="bet"),
        Index(None, "workspace_id", "bet_id", "at"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    bet_id: Mapped[Id]
    verdict: Mapped[Word]  # hit, missed, inconclusive, invalid, too_early
    lesson: Mapped[Prose] = mapped_column(default="")
    next_step: Mapped[Word] = mapped_column(default="")  # keep, fix, remove
    is_against_evidence: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[Prose] = mapped_column(default="")  # why against the evidence
    by: Mapped[SlackId]
    asked: Mapped[int]
    at: Mapped[Instant]


class MissStep(Base):
    """What a miss asks for: keep, fix or remove, by when, and whether it was done."""

    __tablename__ = "miss_step"
    __table_args__ = (
        workspace_key("bet_id", target="bet"),
        UniqueConstraint("workspace_id", "bet_id"),
        Index(None, "workspace_id", "owner_id", "state"),
    )

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    bet_id: Mapped[Id]
    step: Mapped[Word]  # keep, fix, remove
    owner_id: Mapped[SlackId]
    due_on: Mapped[date]
    timezone: Mapped[Word]  # the owner's
    state: Mapped[Word] = mapped_column(default="open")  # open, done, dropped
    asked: Mapped[int] = mapped_column(default=0)
    question_id: Mapped[Id | None]
    set_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
