"""The edit of a launch: its form as it stands, and two people in it at once."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets import betting
from bot.bets.betting import Frozen, Terms
from bot.bets.forms import NO_BET, draft_of_bet
from bot.bets.rules import default_check_date
from bot.bets.stale import (
    BET_NAMES,
    bet_texts,
    check_bet_unchanged,
    is_touched,
    settle_fields,
    stamps_of,
)
from bot.bets.words import settled_phrase
from bot.clock import zone_named
from bot.deps import Deps
from bot.errors import BadInput
from bot.launches import service
from bot.launches.forms import SUMMARY_LIMIT, TITLE_LIMIT, Draft, FormState
from bot.launches.headlines import post_in_thread, refresh_headline
from bot.launches.queries import get_launch
from bot.launches.records import LaunchView
from bot.launches.tables import Launch
from bot.launches.views import render_edit_note
from bot.slack.text import plain
from handlers.answers import Answer, Done, OpenModal
from handlers.bet_form import Audience
from handlers.launch_form import (
    check_owner,
    draw_form,
    read_bet,
    read_launch,
    timing_of,
    visible_decision,
    visible_themes,
)
from handlers.payloads import Request

# Fields of a launch that each stand by themselves; themes and decisions are only ever added.
NAMES = ("title", "owner", "area", "summary")


async def open_edit_form(request: Request, deps: Deps) -> Answer:
    """The Edit button: the form with what stands; an open bet is folded out."""
    launch = await read_launch(request, deps, request.value)
    async with deps.db.read() as session:
        detail = await get_launch(session, request.asker, launch.id)
    bet = launch.bet
    is_open = bet is not None and bet.state == "open" and not bet.is_hidden
    draft = Draft(
        themes=",".join(detail.theme_ids),
        decision=",".join(detail.decision_ids[:1]),
        **_texts(launch),
        **(vars(draft_of_bet(bet)) if bet and is_open else {}),
    )
    if not draft.check_date:
        today = request.at.astimezone(zone_named(request.asker.timezone)).date()
        draft = replace(draft, check_date=default_check_date(today).isoformat())
    state = FormState(
        has_bet=is_open, settled=settled_phrase(bet), launch=launch.id, seen=_stamps(launch)
    )
    return OpenModal(await draw_form(request, deps, draft, state))


def _texts(launch: LaunchView) -> dict[str, str]:
    return {
        "title": launch.title,
        "owner": launch.owner_id,
        "area": launch.area,
        "summary": launch.summary,
    }


def _stamps(launch: LaunchView) -> dict[str, str]:
    return stamps_of({**_texts(launch), **bet_texts(launch.bet)})


async def save_edit(request: Request, deps: Deps, state: FormState) -> Answer:
    """The form of an edit. What somebody else changed meanwhile is never overwritten unseen."""
    old = await read_launch(request, deps, state.launch)
    request, with_bet = _settle(request, state.seen or _stamps(old), old)
    owner_id = request.values.get("owner", "")
    zone = await check_owner(request, owner_id)
    readers = await request.place.directory.audience(old.source_channel_id, at=request.at)
    audience = Audience(old.source_channel_id, readers, zone)
    bet = await read_bet(request, deps, audience, timing_of(old)) if with_bet else None
    changes = await _changes(request, deps, zone)
    async with deps.act(request) as session:
        row = await service.get_launch_row(session, request.workspace_id, old.id)
        await _check_still_so(session, request, old)
        changed = await service.edit_launch(
            session, row, changes, by=request.user_id, at=request.at
        )
        if bet and await _set_bet(session, request, row, bet):
            changed.append("bet")
        detail = await refresh_headline(session, request.cause, readers, row)
        if changed:
            note = render_edit_note(detail.launch, request.user_id, changed)
            await post_in_thread(session, request.cause, row, "edited", note)
    return Done()


def _settle(request: Request, seen: Mapping[str, str], old: LaunchView) -> tuple[Request, bool]:
    """Return the request with what shall stand, and whether its bet is to be set."""
    values = dict(request.values)
    if old.bet and old.bet.state == "open" and values.get("kind") == NO_BET:
        raise BadInput(
            field="kind",
            problem="A bet that was made stays in the log.",
            fix="Change it here, or call it invalid when its verdict is asked.",
        )
    values |= settle_fields(seen, _texts(old), values, NAMES)
    with_bet = is_touched(seen, values, BET_NAMES)
    if with_bet and "kind" in values:
        check_bet_unchanged(seen, bet_texts(old.bet), values)
    return replace(request, values=values), with_bet


async def _changes(request: Request, deps: Deps, zone: str) -> service.Changes:
    return service.Changes(
        title=plain(request.typed("title", label="The title", limit=TITLE_LIMIT)),
        owner_id=request.values.get("owner", ""),
        owner_zone=zone,
        area=request.typed("area", limit=60),
        summary=request.typed("summary", limit=SUMMARY_LIMIT),
        theme_ids=await visible_themes(request, deps),
        decision_id=await visible_decision(request, deps),
    )


async def _check_still_so(session: AsyncSession, request: Request, old: LaunchView) -> None:
    """Raise ``BadInput`` when it changed while this edit was being read."""
    now = (await get_launch(session, request.asker, old.id)).launch
    if _stamps(now) != _stamps(old):
        raise BadInput(
            field="title",
            problem="Somebody else saved this launch at this very moment.",
            fix="Nothing was overwritten. Save once more.",
        )


async def _set_bet(
    session: AsyncSession, request: Request, row: Launch, bet: tuple[Terms, Frozen]
) -> bool:
    return await betting.set_bet(
        session,
        request.workspace_id,
        service.subject_of(row),
        *bet,
        by=request.user_id,
        at=request.at,
        live_at=row.live_at,
    )
