"""The launch form: drawn again while typing, and read when it is sent."""

from collections.abc import Sequence

from bot.bets.betting import Frozen, Terms
from bot.bets.histories import (
    Timing,
    metric_options,
)
from bot.bets.rules import (
    default_check_date,
)
from bot.clock import zone_named
from bot.decisions.queries import find_decisions, similar_decisions
from bot.decisions.records import DecisionView
from bot.decisions.words import ending_phrase
from bot.deps import Deps
from bot.errors import BadInput, NotFound
from bot.feedback.queries import find_themes
from bot.launches.forms import (
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    Draft,
    FormState,
    Offered,
    bet_draft,
    render_form,
)
from bot.launches.queries import get_launch, similar_launches
from bot.launches.records import LaunchView
from bot.slack.blocks import View
from bot.slack.kinds import is_channel
from bot.slack.text import escape
from handlers.bet_form import Audience, bet_faults, known_of, read_terms
from handlers.faults import Check, gather_faults
from handlers.payloads import Request


def read_state(request: Request) -> FormState:
    """Read what the form was given when it opened."""
    state = request.state
    return FormState(
        has_bet=bool(state.get("bet")),
        settled=str(state.get("settled") or ""),
        launch=str(state.get("launch") or ""),
        origin_channel=str(state.get("from") or ""),
        origin_ts=str(state.get("ts") or ""),
        seen=dict(state.get("seen") or {}),
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


async def draw_form(
    request: Request, deps: Deps, draft: Draft, state: FormState, *, lead: str = ""
) -> View:
    """Draw the form with what its menus offer this asker and what is known so far."""
    asker = request.asker
    async with deps.db.read() as session:
        similar = await similar_launches(session, asker, draft.title, without=state.launch)
        decided = _decided(await similar_decisions(session, asker, draft.title))
        if not state.has_bet:
            known = Offered(similar=similar, decided=decided)
            return render_form(draft, known, state, lead=lead)
        metrics = await metric_options(session, asker)
        themes = await find_themes(session, asker, limit=50)
        decisions = await find_decisions(session, asker, limit=30)
    offered = Offered(
        metrics=metrics,
        themes=[(f"#{theme.number} {theme.name}", theme.id) for theme in themes],
        decisions=[(f"#{one.number} {one.title}", one.id) for one in decisions],
        notes=await known_of(request, deps, bet_draft(draft), await _timing(request, deps, state)),
        similar=similar,
        decided=decided,
    )
    return render_form(draft, offered, state, lead=lead)


def _decided(found: Sequence[DecisionView]) -> str:
    lines = [
        f"#{one.number} {escape(one.title, limit=80)}: {escape(one.choice, limit=120)} "
        f"({ending_phrase(one)})"
        for one in found
    ]
    return "Decided before, about something like it:\n" + "\n".join(lines) if lines else ""


async def read_bet(
    request: Request, deps: Deps, audience: Audience, timing: Timing
) -> tuple[Terms, Frozen] | None:
    """Read the bet that was sent; None without one. Raises ``BadInput``."""
    is_open = read_state(request).has_bet
    return await read_terms(request, deps, audience, timing) if is_open else None


async def launch_faults(request: Request, deps: Deps) -> list[BadInput]:
    """Return all that is wrong with the form of a launch."""
    state, values = read_state(request), request.values
    channel_id = values.get("channel", "")
    checks: list[Check] = [
        lambda: request.typed("title", label="The title", limit=TITLE_LIMIT),
        lambda: check_owner(request, values.get("owner", "")),
        lambda: request.typed("area", limit=60),
        lambda: request.typed("summary", limit=SUMMARY_LIMIT),
    ]
    if state.launch:  # of an edit only what was touched counts, which the save knows
        return await gather_faults(checks)
    found = await gather_faults([*checks, lambda: check_channel(request, channel_id)])
    if not state.has_bet:
        return found
    readers = request.asker
    if not any(one.field == "channel" for one in found):
        readers = await request.place.directory.audience(channel_id, at=request.at)
    audience = Audience(channel_id, readers, request.asker.timezone)
    return found + await bet_faults(request, deps, audience, Timing())


async def _timing(request: Request, deps: Deps, state: FormState) -> Timing:
    if not state.launch:
        return Timing()
    async with deps.db.read() as session:
        detail = await get_launch(session, request.asker, state.launch)
    return timing_of(detail.launch)


def timing_of(launch: LaunchView) -> Timing:
    """Return when customers met the launch."""
    return Timing(launch.exposed_at, launch.live_at)


async def read_audience(request: Request, owner_id: str) -> Audience:
    """Read channel and owner of a new launch. Raises ``BadInput`` under the field that is wrong."""
    channel_id = request.values.get("channel", "")
    await check_channel(request, channel_id)
    zone = await check_owner(request, owner_id)
    asker = await request.place.directory.audience(channel_id, at=request.at)
    return Audience(channel_id, asker, zone)


async def check_channel(request: Request, channel_id: str) -> None:
    """Raise ``BadInput`` unless a headline can stand in the channel."""
    if not is_channel(channel_id):
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


async def read_launch(request: Request, deps: Deps, launch_id: str) -> LaunchView:
    """Return a launch that the asker may see; raises ``NotFound``."""
    if not launch_id:
        raise NotFound("There is no such launch that you can see.")
    async with deps.db.read() as session:
        return (await get_launch(session, request.asker, launch_id)).launch
