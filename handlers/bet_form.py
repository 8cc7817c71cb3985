"""The fields of a bet in a form: drawn again while typing, and read when they are sent."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.bets.betting import Frozen, Terms
from bot.bets.forms import BetDraft
from bot.bets.histories import Known, Timing, check_readable, know, known_notes, read_history
from bot.bets.rules import (
    BY_HAND,
    KINDS,
    MOVE_METRIC,
    check_count,
    check_date_of,
    check_target,
    default_check_date,
    read_harm,
    read_target,
)
from bot.clock import zone_named
from bot.deps import Deps
from bot.engine.inbox import Arrival, receive
from bot.errors import BadInput, NotFound
from bot.metrics.queries import MetricView, find_metric
from bot.slack.text import escape
from bot.workspaces.asker import Asker
from handlers.faults import Check, gather_faults
from handlers.payloads import Request

# While somebody types, a slow source must not hold the form: what is stored is shown then.
TYPING_SECONDS = 1.2


@dataclass(frozen=True)
class Audience:
    """Whom a bet is written for: the channel of what it is on, and who reads there."""

    channel_id: str
    asker: Asker
    zone: str  # the owner's


def bet_values(request: Request, prefix: str) -> Request:
    """Return the request with the bet's fields alone, by the names that rules know."""
    values = {
        name.removeprefix(prefix): value
        for name, value in request.values.items()
        if name.startswith(prefix)
    }
    return replace(request, values=values)


@contextmanager
def named_fields(prefix: str) -> Iterator[None]:
    """Let what is wrong with a bet's field stand under that field of the form."""
    try:
        yield
    except BadInput as error:
        if not prefix or not error.field:
            raise
        raise renamed(error, prefix) from error


def renamed(error: BadInput, prefix: str) -> BadInput:
    """Return what is wrong with a bet's field as the form calls that field."""
    return BadInput(field=f"{prefix}{error.field}", problem=error.problem, fix=error.fix)


def read_bet_draft(request: Request) -> BetDraft:
    """Read all that stands in a bet's fields, right or wrong."""
    names = BetDraft.__dataclass_fields__
    draft = BetDraft(**{name: request.values[name] for name in names if name in request.values})
    return draft if draft.check_date else replace(draft, check_date=_usual_date(request))


def _usual_date(request: Request) -> str:
    today = request.at.astimezone(zone_named(request.asker.timezone)).date()
    return default_check_date(today).isoformat()


async def known_of(request: Request, deps: Deps, draft: BetDraft, timing: Timing) -> Sequence[str]:
    """Say what is known of the bet so far: its baseline, and what could be seen by its date."""
    if draft.kind != MOVE_METRIC or not draft.metric:
        return []
    try:
        return await _known_notes(request, deps, draft, timing)
    except (BadInput, NotFound) as error:
        return [f":warning: {escape(str(error))}"]


async def _known_notes(request: Request, deps: Deps, draft: BetDraft, timing: Timing) -> list[str]:
    await refresh_metrics(request, deps, [draft.metric])
    today = request.at.astimezone(zone_named(request.asker.timezone)).date()
    day = check_date_of(date.fromisoformat(draft.check_date), today)
    async with deps.db.read() as session:
        metric = await find_metric(session, request.asker, draft.metric)
        history = await read_history(session, request.asker, metric, until=request.at.date())
    check_readable(metric, history, request.at.date())
    known, target = await know(history, metric, draft.target, timing, day, at=request.at)
    if target is not None:
        check_target(target, known.baseline.value, metric.good)
    return known_notes(metric, known, target)


async def refresh_metrics(request: Request, deps: Deps, metric_ids: list[str]) -> None:
    """Read the metrics now; a source that is slow is left to a job, and what is stored is used."""
    try:
        async with asyncio.timeout(TYPING_SECONDS):
            await deps.metrics.refresh(request.workspace_id, metric_ids, at=request.at)
    except TimeoutError:
        key = f"read:{','.join(metric_ids)}:{request.at:%Y%m%d%H%M}"
        reading = Arrival("launch.read", {"metrics": metric_ids})
        async with deps.db.write() as session:
            await receive(session, request.workspace_id, key[:100], reading, at=request.at)


async def read_terms(
    request: Request, deps: Deps, audience: Audience, timing: Timing
) -> tuple[Terms, Frozen] | None:
    """Read the bet that was sent, with what is known before it; None where none is chosen.

    Raises ``BadInput`` under the field that is wrong.
    """
    kind = request.values.get("kind", "")
    if kind not in KINDS:
        return None
    confidence = request.values.get("confidence", "")
    terms: dict[str, Any] = {
        "kind": kind,
        "check_date": request.typed_date("check_date")
        or default_check_date(request.at.astimezone(zone_named(audience.zone)).date()),
        "timezone": audience.zone,
        "confidence": int(confidence) if confidence.isdecimal() else None,
    }
    if kind == BY_HAND:
        expectation = request.typed("expectation", label="What has to come out")
        return Terms(**terms, expectation=expectation), Frozen()
    metric = await _metric(request, deps, audience, "metric", request.values.get("metric", ""))
    terms |= {
        "metric_id": metric.id,
        "metric_version": metric.version,
        "metric_label": metric.label,
        "good": metric.good,
    }
    first_day = timing.first_day(zone_named(metric.timezone))
    if kind == MOVE_METRIC:
        guardrails = await _guardrails(request, deps, audience, metric.id)
        known, target = await _known(request, deps, metric, timing, terms["check_date"])
        return Terms(**terms, target=target, guardrails=guardrails), known.frozen(first_day)
    target = read_target(request.typed("target", label="The target"), None)
    check_count(target)
    return Terms(**terms, target=target), Frozen(first_day=first_day)


async def bet_faults(
    request: Request, deps: Deps, audience: Audience, timing: Timing
) -> list[BadInput]:
    """Return all that is wrong with a bet's fields, from what is stored of its metric."""
    today = request.at.astimezone(zone_named(audience.zone)).date()
    kind, metric_id = request.values.get("kind", ""), request.values.get("metric", "")
    of_date: list[Check] = [lambda: check_date_of(request.typed_date("check_date"), today)]
    if kind == BY_HAND:
        said: Check = lambda: request.typed("expectation", label="What has to come out")  # noqa: E731
        return await gather_faults([*of_date, said])
    if kind not in KINDS:
        return []
    checks = [
        *of_date,
        lambda: _metric(request, deps, audience, "metric", metric_id),
        lambda: read_target(request.typed("target", label="The target"), 1.0, is_percent=True),
        lambda: _target(request, deps, audience, timing),
    ]
    if kind == MOVE_METRIC:
        checks += [
            lambda: read_harm(request.values.get("harm", "")),
            lambda: _guardrails(request, deps, audience, metric_id),
        ]
    return await gather_faults(checks)


async def _target(request: Request, deps: Deps, audience: Audience, timing: Timing) -> None:
    """Raise ``BadInput`` for a target that does not fit what its metric is at."""
    if request.values.get("kind") != MOVE_METRIC:
        check_count(read_target(request.typed("target"), None))
        return
    metric = await _metric(request, deps, audience, "metric", request.values.get("metric", ""))
    day = default_check_date(request.at.astimezone(zone_named(audience.zone)).date())
    await _known(request, deps, metric, timing, day, is_read_now=False)


async def _known(
    request: Request,
    deps: Deps,
    metric: MetricView,
    timing: Timing,
    check_date: date,
    *,
    is_read_now: bool = True,
) -> tuple[Known, float]:
    text = request.typed("target", label="The target")
    if is_read_now:
        await refresh_metrics(request, deps, [metric.id])
    async with deps.db.read() as session:
        metric = await find_metric(session, request.asker, metric.id)
        history = await read_history(session, request.asker, metric, until=request.at.date())
    check_readable(metric, history, request.at.date())
    known, target = await know(history, metric, text, timing, check_date, at=request.at)
    if target is None:
        raise BadInput(field="target", problem="The target is empty.", fix="Please fill it in.")
    check_target(target, known.baseline.value, metric.good)
    return known, target


async def _metric(
    request: Request, deps: Deps, audience: Audience, field: str, metric_id: str
) -> MetricView:
    """Return a metric that both the asker and the channel's readers may see."""
    if not metric_id:
        raise BadInput(field=field, problem="No metric is picked.", fix="Pick one.")
    async with deps.db.read() as session:
        try:
            await find_metric(session, request.asker, metric_id)
        except NotFound as error:
            raise BadInput(field=field, problem=str(error), fix="Pick another one.") from error
        try:
            return await find_metric(session, audience.asker, metric_id)
        except NotFound as error:
            raise BadInput(
                field=field,
                problem="Not everybody who reads this channel may see this metric.",
                fix="Use a channel where all may, or pick another metric.",
            ) from error


async def _guardrails(
    request: Request, deps: Deps, audience: Audience, bet_metric_id: str
) -> tuple[dict[str, Any], ...]:
    harm = read_harm(request.values.get("harm", ""))
    found = []
    for metric_id in request.chosen("guardrails"):
        if metric_id == bet_metric_id:
            continue
        metric = await _metric(request, deps, audience, "guardrails", metric_id)
        found.append(
            {
                "metric_id": metric.id,
                "version": metric.version,
                "label": metric.label,
                "good": metric.good,
                "harm": harm,
            }
        )
    return tuple(found)
