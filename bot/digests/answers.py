"""Answer a question asked in a digest's thread, from the readings and the log."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import slot_instant, zone_named
from bot.digests.happenings import find_happenings
from bot.digests.question_views import OF_DIGEST, Found, render_answer, render_which
from bot.digests.questions import Question, read_question
from bot.digests.rules import stand
from bot.digests.tables import Digest, DigestPost
from bot.digests.views import Happening, MetricLine
from bot.engine.tables import Delivery
from bot.metrics.due import metric_gate
from bot.metrics.habits import TeamHabits, read_habits
from bot.metrics.queries import MetricView, find_corrections, list_metrics, read_series
from bot.slack.blocks import Message
from bot.workspaces.asker import Asker

# What happened on the day, and in the three before it: an effect is seldom older and new.
BEFORE = timedelta(days=3)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
# Numbers that are looked at for what stood out the same day; each takes some milliseconds.
LOOKED_AT = 20


@dataclass(frozen=True)
class Asked:
    """A post that was asked about: the numbers it told of, and its day.

    ``odd`` are those that it called unusual, with their side.
    """

    metric_ids: tuple[str, ...]
    last: date
    target: str
    odd: tuple[tuple[str, str], ...] = ()
    of: str = OF_DIGEST  # what the other numbers are, in words


@dataclass(frozen=True)
class Answered:
    """An answer. ``is_private``: the asker may see less than the thread's readers."""

    message: Message
    is_private: bool


async def asked_post(
    session: AsyncSession, workspace_id: str, channel: str, thread_ts: str
) -> Asked | None:
    """Return the digest's post whose thread this is; None when it is another message's."""
    query = (
        select(DigestPost, Digest)
        .join(
            Delivery,
            and_(
                Delivery.workspace_id == DigestPost.workspace_id,
                Delivery.id == DigestPost.delivery_id,
            ),
        )
        .join(
            Digest,
            and_(Digest.workspace_id == DigestPost.workspace_id, Digest.id == DigestPost.digest_id),
        )
        .where(
            DigestPost.workspace_id == workspace_id,
            Delivery.channel == channel,
            Delivery.ts == thread_ts,
        )
    )
    found = (await session.execute(query)).first()
    if found is None:
        return None
    post, digest = found
    odd = tuple((one, said["side"]) for one, said in post.facts.items() if said.get("side"))
    days = [date.fromisoformat(said["day"]) for said in post.facts.values() if said.get("day")]
    return Asked(
        metric_ids=tuple(digest.metric_ids),
        last=max(days, default=post.slot - timedelta(days=1)),
        target=post.target,
        odd=odd,
    )


def meant_by_it(asked: Asked, metrics: Collection[str], way: str) -> str:
    """Return the one number that "it" can be: the only one, or the only unusual on that side."""
    if len(asked.metric_ids) == 1:
        return next(iter(metrics), "")
    side = {"down": "below", "up": "above"}.get(way, "")
    odd = [(one, on) for one, on in asked.odd if one in metrics]
    found = [one for one, on in odd if on == side] if len(odd) > 1 else [one for one, _ in odd]
    return found[0] if len(found) == 1 else ""


async def answer_in_thread(
    session: AsyncSession, asked: Asked, text: str, *, asker: Asker, audience: Asker, at: datetime
) -> Answered | None:
    """Answer for all who read the thread, or for the asker alone where they may see less."""
    shown = {one.id: one for one in await list_metrics(session, audience)}
    own = {one.id for one in await list_metrics(session, asker)}
    metrics = {one: shown[one] for one in asked.metric_ids if one in shown and one in own}
    is_private = len(metrics) < sum(one in shown for one in asked.metric_ids)
    if not metrics:
        return None
    labels = {one: metric.label for one, metric in metrics.items()}
    question = read_question(text, labels, last=asked.last)
    if not question.metric_id:
        question = replace(question, metric_id=meant_by_it(asked, metrics, question.way))
    if not question.metric_id:
        return Answered(render_which(list(labels.values())), is_private)
    found, is_less = await _find(session, metrics, question, asker, audience, at)
    return Answered(render_answer(replace(found, of=asked.of)), is_private or is_less)


async def answer_anywhere(
    session: AsyncSession, text: str, *, asker: Asker, at: datetime
) -> Message | None:
    """Answer one person from all numbers they may see; None when the words name none of them."""
    shown = {one.id: one for one in await list_metrics(session, asker) if one.read_through}
    labels = {one: metric.label for one, metric in shown.items()}
    named = shown.get(read_question(text, labels, last=at.date()).metric_id)
    if named is None or named.read_through is None:
        return None
    question = read_question(text, labels, last=named.read_through)
    others = [one for one in shown.values() if one.id != named.id][:LOOKED_AT]
    metrics = {one.id: one for one in (named, *others)}
    found, _ = await _find(session, metrics, question, asker, asker, at)
    return render_answer(replace(found, of=""))


async def _find(
    session: AsyncSession,
    metrics: dict[str, MetricView],
    question: Question,
    asker: Asker,
    audience: Asker,
    at: datetime,
) -> tuple[Found, bool]:
    team = await read_habits(session, asker.workspace_id, until=at.date())
    lines = {
        one: await _line(session, asker, metric, team, question.day, at)
        for one, metric in metrics.items()
    }
    zone = zone_named(metrics[question.metric_id].timezone)
    since = slot_instant(question.day - BEFORE, time(0), zone)
    until = slot_instant(question.day + timedelta(days=1), time(0), zone)
    for_all = await find_happenings(session, audience, since, until)
    own = {(one.kind, one.number) for one in await find_happenings(session, asker, since, until)}
    kept = [_local(one, metrics[question.metric_id]) for one in for_all
            if (one.kind, one.number) in own]  # fmt: skip
    found = Found(
        question=question,
        line=lines.pop(question.metric_id),
        others=tuple(line for line in lines.values() if _is_at(line, question.day)),
        happenings=tuple(kept),
        since=question.day - BEFORE,
        holidays=team.holidays,
    )
    return found, len(kept) < len(for_all)


def _local(one: Happening, metric: MetricView) -> Happening:
    return replace(one, at=one.at.astimezone(zone_named(metric.timezone)))


def _is_at(line: MetricLine, day: date) -> bool:
    return line.standing.day is not None and line.standing.day.date == day


async def _line(
    session: AsyncSession,
    asker: Asker,
    metric: MetricView,
    team: TeamHabits,
    day: date,
    at: datetime,
) -> MetricLine:
    """Return a metric as it stood on ``day``, judged by what came before it."""
    gate = metric_gate(metric.timezone, metric.definition, at)
    series = await read_series(session, asker, metric.id, until=gate.last_complete)
    known = int(np.searchsorted(series.dates, np.datetime64(day), side="right"))
    standing = await asyncio.to_thread(
        stand, series.dates[:known], series.values[:known], expected=day, habits=team.of(metric)
    )
    corrections = await find_corrections(session, asker, metric.id, since=EVER, limit=30)
    return MetricLine(
        id=metric.id,
        label=metric.label,
        good=metric.good,
        owner_id=metric.owner_id,
        target=metric.target,
        standing=standing,
        unit=metric.unit,
        timezone=metric.timezone,
        corrections=tuple(corrections),
    )
