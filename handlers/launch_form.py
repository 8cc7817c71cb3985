"""The launch form: drawn again while typing, and read when it is sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.bets.betting import Frozen, Terms
from bot.bets.histories import (
    Timing,
    check_readable,
    know,
    known_notes,
    metric_options,
    read_history,
)
from bot.bets.rules import (
    BY_HAND,
    KINDS,
    MOVE_METRIC,
    check_count,
    check_target,
    default_check_date,
    read_harm,
    read_target,
)
from bot.clock import zone_named
from bot.decisions.queries import find_decisions, similar_decisions
from bot.decisions.records import DecisionView
from bot.decisions.words import ending_phrase
from bot.deps import Deps
from bot.engine.inbox import Arrival, receive
from bot.errors import BadInput, NotFound
from bot.feedback.queries import find_themes
from bot.launches.forms import Draft, FormState, Offered, render_form
from bot.launches.queries import get_launch, similar_launches
from bot.launches.records import LaunchView
from bot.metrics.queries import MetricView, find_metric
from bot.slack.blocks import View
from bot.slack.text import escape
from bot.workspaces.asker import Asker
from handlers.payloads import Request

# While somebody types, a slow source must not hold the form: what is stored is shown then.
TYPING_SECONDS = 1.2


@dataclass(frozen=True)
class Audience:
    """Whom a launch is written for: its channel and who reads it."""

    channel_id: str
    asker: Asker
    zone: str  # the owner's


def read_state(request: Request) -> FormState:
    """Read what the form was given when it opened."""
    state = request.state
    return FormState(
        has_bet=bool(state.get("bet")),
        launch=str(state.get("launch") or ""),
        origin_channel=str(state.get("from") or ""),
        origin_ts=str(state.get("ts") or ""),
    )


def read_draft(request: Request) -> Draft:
    """Read all that stands in the form, right or wrong."""
    names = Draft.__dataclass_fields__
    draft = Draft(**{name: request.values[name] for name in names if name in request.values})
    if draft.check_date:
        return draft
    today = request.at.astimezone(zone_named(request.asker.timezone)).date()
    values = {name: getattr(draft, name) for name in names}
    return Draft(**values | {"check_date": default_check_date(today).isoformat()})


async def draw_form(request: Request, deps: Deps, draft: Draft, state: FormState) -> View:
    """Draw the form with what its menus offer this asker and what is known so far."""
    asker = request.asker
    async with deps.db.read() as session:
        similar = await similar_launches(session, asker, draft.title, without=state.launch)
        decided = _decided(await similar_decisions(session, asker, draft.title))
        if not state.has_bet:
            return render_form(draft, Offered(similar=similar, decided=decided), state)
        metrics = await metric_options(session, asker)
        themes = await find_themes(session, asker, limit=50)
        decisions = await find_decisions(session, asker, limit=30)
    offered = Offered(
        metrics=metrics,
        themes=[(f"#{theme.number} {theme.name}", theme.id) for theme in themes],
        decisions=[(f"#{one.number} {one.title}", one.id) for one in decisions],
        notes=await _notes(request, deps, draft, state),
        similar=similar,
        decided=decided,
    )
    return render_form(draft, offered, state)


def _decided(found: Sequence[DecisionView]) -> str:
    lines = [
        f"#{one.number} {escape(one.title, limit=80)}: {escape(one.choice, limit=120)} "
        f"({ending_phrase(one)})"
        for one in found
    ]
    return "Decided before, about something like it:\n" + "\n".join(lines) if lines else ""


async def _notes(request: Request, deps: Deps, draft: Draft, state: FormState) -> list[str]:
    if draft.kind != MOVE_METRIC or not draft.metric:
        return []
    try:
        return await _known_notes(request, deps, draft, state)
    except (BadInput, NotFound) as error:
        return [f":warning: {escape(str(error))}"]


async def _known_notes(request: Request, deps: Deps, draft: Draft, state: FormState) -> list[str]:
    await _refresh(request, deps, [draft.metric])
    timing = await _timing(request, deps, state)
    day = date.fromisoformat(draft.check_date)
    async with deps.db.read() as session:
        metric = await find_metric(session, request.asker, draft.metric)
        history = await read_history(session, request.asker, metric, until=request.at.date())
    check_readable(metric, history, request.at.date())
    known, target = await know(history, metric, draft.target, timing, day, at=request.at)
    if target is not None:
        check_target(target, known.baseline.value, metric.good)
    return known_notes(metric, known, target)


async def _refresh(request: Request, deps: Deps, metric_ids: list[str]) -> None:
    """Read the metrics now; a source that is slow is left to a job, and what is stored is used."""
    try:
        async with asyncio.timeout(TYPING_SECONDS):
            await deps.metrics.refresh(request.workspace_id, metric_ids, at=request.at)
    except TimeoutError:
        key = f"read:{','.join(metric_ids)}:{request.at:%Y%m%d%H%M}"
        reading = Arrival("launch.read", {"metrics": metric_ids})
        async with deps.db.write() as session:
            await receive(session, request.workspace_id, key[:100], reading, at=request.at)


async def _timing(request: Request, deps: Deps, state: FormState) -> Timing:
    if not state.launch:
        return Timing()
    async with deps.db.read() as session:
        detail = await get_launch(session, request.asker, state.launch)
    return timing_of(detail.launch)


def timing_of(launch: LaunchView) -> Timing:
    """Return when customers met the launch."""
    return Timing(launch.exposed_at, launch.live_at)


async def read_terms(
    request: Request, deps: Deps, audience: Audience, timing: Timing
) -> tuple[Terms, Frozen] | None:
    """Read the bet that was sent, with what is known before it; None without a bet.

    Raises ``BadInput`` under the field that is wrong.
    """
    kind = request.values.get("kind", "")
    if not read_state(request).has_bet or kind not in KINDS:
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
    if kind == MOVE_METRIC:
        guardrails = await _guardrails(request, deps, audience, metric.id)
        known, target = await _known(request, deps, metric, timing, terms["check_date"])
        first_day = timing.first_day(zone_named(metric.timezone))
        return Terms(**terms, target=target, guardrails=guardrails), known.frozen(first_day)
    target = read_target(request.typed("target", label="The target"), None)
    check_count(target)
    frozen = Frozen(first_day=timing.first_day(zone_named(metric.timezone)))
    return Terms(**terms, target=target), frozen


async def _known(
    request: Request, deps: Deps, metric: MetricView, timing: Timing, check_date: date
) -> tuple[Any, float]:
    text = request.typed("target", label="The target")
    await _refresh(request, deps, [metric.id])
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
                problem="Not everybody who reads the launch's channel may see this metric.",
                fix="Launch where all may, or pick another metric.",
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
            {"metric_id": metric.id, "label": metric.label, "good": metric.good, "harm": harm}
        )
    return tuple(found)


async def read_audience(request: Request, owner_id: str) -> Audience:
    """Read channel and owner of a new launch. Raises ``BadInput`` under the field that is wrong."""
    channel_id = request.values.get("channel", "")
    await check_channel(request, channel_id)
    zone = await check_owner(request, owner_id)
    asker = await request.place.directory.audience(channel_id, at=request.at)
    return Audience(channel_id, asker, zone)


async def check_channel(request: Request, channel_id: str) -> None:
    """Raise ``BadInput`` unless a headline can stand in the channel."""
    if not channel_id.startswith(("C", "G")):
        raise _bad_channel("A launch needs a channel, where its headline stands.", "Pick one.")
    try:
        channel = await request.place.directory.channel(channel_id, at=request.at, is_stale=True)
    except NotFound as error:
        raise _bad_channel(
            "I cannot see that channel.", "Invite me there with /invite @Daybook."
        ) from error
    if channel.is_private and channel_id not in request.asker.channel_ids:
        raise _bad_channel("You are not in that channel.", "Pick one that you are in.")
    if channel.is_archived:
        raise _bad_channel("That channel is archived.", "Pick another one.")
    if channel.is_dm:
        raise _bad_channel("A launch needs a channel, where its headline stands.", "Pick one.")
    if not channel.has_bot:
        raise _bad_channel(
            "I am not a member of that channel.", "Invite me there with /invite @Daybook."
        )
    if channel.is_shared:
        raise _bad_channel(
            "That channel is shared with people outside.", "Bets and verdicts stay inside."
        )


def _bad_channel(problem: str, fix: str) -> BadInput:
    return BadInput(field="channel", problem=problem, fix=fix)


async def check_owner(request: Request, owner_id: str) -> str:
    """Raise ``BadInput`` unless a member of ours owns it; returns the owner's zone."""
    if not owner_id:
        raise BadInput(field="owner", problem="Nobody owns it yet.", fix="Pick a member.")
    try:
        member = await request.place.directory.member(owner_id, at=request.at)
    except NotFound as error:
        raise BadInput(
            field="owner", problem="Slack does not know this person.", fix="Pick a member."
        ) from error
    if member.is_guest or member.is_outsider or member.is_bot or member.is_deleted:
        raise BadInput(
            field="owner",
            problem="Only a member of this workspace can own a launch.",
            fix="Pick somebody else.",
        )
    return member.timezone


async def visible_themes(request: Request, deps: Deps) -> tuple[str, ...]:
    """Return the ids of the chosen themes that the asker may see."""
    ids = request.chosen("themes")
    if not ids:
        return ()
    async with deps.db.read() as session:
        return tuple(theme.id for theme in await find_themes(session, request.asker, ids=ids))


async def visible_decision(request: Request, deps: Deps) -> str:
    """Return the id of the chosen decision if the asker may see it."""
    ids = request.chosen("decision")[:1]
    if not ids:
        return ""
    async with deps.db.read() as session:
        found = await find_decisions(session, request.asker, ids=ids)
    return found[0].id if found else ""
