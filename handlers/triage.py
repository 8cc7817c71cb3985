"""The inbox's doors: opened in the App Home, each item answered by one click, the last undone."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.deliveries import plan_reaction
from bot.errors import NotFound
from bot.feedback import triage
from bot.feedback.proposal_views import BETWEEN
from bot.feedback.queries import find_themes, get_feedback_view
from bot.feedback.receipts import RECEIPT_EMOJI, shows_receipt
from bot.feedback.service import get_feedback
from bot.feedback.triage import NEW_THEME, Was, sort_item, undo_sorting
from bot.feedback.triage_queries import read_inbox
from bot.feedback.triage_views import BELOW, UNDO, render_inbox
from bot.slack.blocks import View
from bot.slack.ids import Action
from bot.workspaces.tables import Channel
from handlers.answers import Answer, RefreshHome
from handlers.boundary import Route
from handlers.payloads import Request


def is_inbox(request: Request) -> bool:
    """Tell whether the App Home shows the inbox."""
    return BELOW in request.state


async def draw_inbox(request: Request, deps: Deps) -> View:
    """Return the page of the inbox that the App Home's state names."""
    below = _number(request.state.get(BELOW))
    undo = str(request.state.get(UNDO) or "")
    async with deps.db.read() as session:
        inbox = await read_inbox(
            session, request.asker, deps.feedback, at=request.at, below=below or None
        )
    return render_inbox(inbox, below=below, undo=Was.from_text(undo) if undo else None)


async def open_inbox(_request: Request, _deps: Deps) -> Answer:
    """The button in the App Home."""
    return RefreshHome({BELOW: 0})


async def close_inbox(_request: Request, _deps: Deps) -> Answer:
    """Back to the App Home."""
    return RefreshHome({})


async def go(request: Request, _deps: Deps) -> Answer:
    """Older, or back to the newest."""
    return RefreshHome(dict(request.state) | {BELOW: _number(request.value)})


async def keep(request: Request, deps: Deps) -> Answer:
    """The item is right as it stands."""
    return await _sort(request, deps, request.value, triage.KEEP)


async def choose_kind(request: Request, deps: Deps) -> Answer:
    """It is of another kind."""
    feedback_id, _, kind = request.value.partition(BETWEEN)
    return await _sort(request, deps, feedback_id, triage.KIND, kind)


async def choose_theme(request: Request, deps: Deps) -> Answer:
    """It is about another theme."""
    feedback_id, _, theme_id = request.value.partition(BETWEEN)
    if theme_id != NEW_THEME:
        async with deps.db.read() as session:
            if not await find_themes(session, request.asker, ids=[theme_id]):
                raise NotFound("There is no such theme that you can see.")
    return await _sort(request, deps, feedback_id, triage.THEME, theme_id)


async def put_off(request: Request, deps: Deps) -> Answer:
    """Not now."""
    return await _sort(request, deps, request.value, triage.LATER)


async def dismiss(request: Request, deps: Deps) -> Answer:
    """It is no feedback; the receipt emoji goes, too."""
    return await _sort(request, deps, request.value, triage.DISMISS)


async def _sort(
    request: Request, deps: Deps, feedback_id: str, act: str, choice: str = ""
) -> Answer:
    async with deps.act(request) as session:
        await get_feedback_view(session, request.asker, feedback_id)
        was = await sort_item(
            session,
            request.workspace_id,
            feedback_id,
            act,
            choice=choice,
            by=request.user_id,
            at=request.at,
        )
        if was and act == triage.DISMISS:
            await _show_receipt(session, request, feedback_id, is_shown=False)
    return RefreshHome(_state(request, was))


async def undo(request: Request, deps: Deps) -> Answer:
    """The last choice is taken back; the item stands where it was."""
    was = Was.from_text(request.value)
    async with deps.act(request) as session:
        row = await undo_sorting(
            session, request.workspace_id, was, by=request.user_id, at=request.at
        )
        await session.flush()
        await get_feedback_view(session, request.asker, row.id)
        if was.act == triage.DISMISS:
            await _show_receipt(session, request, row.id, is_shown=True)
    below = _number(request.state.get(BELOW))
    return RefreshHome({BELOW: max(below, was.number + 1) if below else 0})


async def _show_receipt(
    session: AsyncSession, request: Request, feedback_id: str, *, is_shown: bool
) -> None:
    row = await get_feedback(session, request.workspace_id, feedback_id)
    key = (request.workspace_id, row.source_channel_id)
    channel = await session.get(Channel, key) if row.source_channel_id else None
    if channel is None or row.message_ts is None or not shows_receipt(channel):
        return
    await plan_reaction(
        session, request.cause, channel.id, row.message_ts, RECEIPT_EMOJI, remove=not is_shown
    )


def _state(request: Request, was: Was | None) -> dict[str, Any]:
    state = {BELOW: _number(request.state.get(BELOW))}
    return state | ({UNDO: was.to_text()} if was else {})


def _number(value: object) -> int:
    text = str(value or "0")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


ACTIONS = {
    Action.TRIAGE_OPEN.value: Route(open_inbox),
    Action.TRIAGE_CLOSE.value: Route(close_inbox),
    Action.TRIAGE_GO.value: Route(go),
    Action.TRIAGE_KEEP.value: Route(keep),
    Action.TRIAGE_KIND.value: Route(choose_kind),
    Action.TRIAGE_THEME.value: Route(choose_theme),
    Action.TRIAGE_LATER.value: Route(put_off),
    Action.TRIAGE_DISMISS.value: Route(dismiss),
    Action.TRIAGE_UNDO.value: Route(undo),
}
