"""Decisions' doors: command, shortcut, the ways into the form, and the table of all routes."""

import json
from dataclasses import replace

from bot.decisions import drafts
from bot.decisions.forms import PROSE_CHARACTERS, Draft, FormState
from bot.decisions.queries import find_decisions, get_decision
from bot.decisions.rules import TITLE_CHARACTERS
from bot.decisions.views import render_list, render_offer
from bot.deps import Deps
from bot.engine.inbox import Arrival, receive
from bot.errors import BadInput, NotAllowed, NotFound
from bot.general.titles import fit_title, render_too_long, shortened_words
from bot.slack.ids import Action, Form, Shortcut
from bot.slack.text import plain, shorten
from handlers.answers import Answer, Private
from handlers.boundary import Route
from handlers.decision_acts import (
    accept,
    extend,
    hold,
    open_edit_form,
    open_retire_form,
    open_supersede_form,
    reopen,
    retire,
    save_form,
)
from handlers.decision_bets import open_bet_form, redraw_bet_form, save_bet
from handlers.decision_form import decision_faults, draft_of_values, show_form
from handlers.payloads import Request, split_word

LISTED = 12


async def open_form(request: Request, deps: Deps) -> Answer:
    """``/decision [title]``, or ``/decision list [words]``."""
    word, rest = split_word(request.text)
    if word == "list":
        return await _list(request, deps, rest)
    if request.asker.is_guest:
        raise NotAllowed("Guests can read `/decision list`; please ask a member to log it.")
    here = "" if request.channel_id.startswith("D") else request.channel_id
    typed = plain(request.text)
    if len(typed) > PROSE_CHARACTERS:
        return Private(render_too_long(typed, limit=TITLE_CHARACTERS))
    title, whole = fit_title(typed, TITLE_CHARACTERS)
    draft = Draft(title=title, context=whole, channel=here, owner=request.user_id)
    lead = shortened_words(TITLE_CHARACTERS, "“Why the question came up”") if whole else ""
    return await show_form(request, deps, draft, FormState(), lead=lead)


async def _list(request: Request, deps: Deps, words: str) -> Answer:
    async with deps.db.read() as session:
        found = await find_decisions(session, request.asker, words=words.split()[:8], limit=LISTED)
    return Private(render_list(found, is_guest=request.asker.is_guest))


def _as_title(text: str) -> str:
    return shorten(" ".join(plain(text[:2_000]).split()), TITLE_CHARACTERS)


async def open_form_for_message(request: Request, deps: Deps) -> Answer:
    """The message shortcut: a draft of the thread where a model is set up, else the form."""
    message = request.message
    if message is None:
        raise BadInput(field="message", problem="There is no message here.")
    thread = message.thread_ts or message.ts
    state = FormState(channel=message.channel, thread=thread)
    if deps.drafter is None or await _is_shared(request, message.channel):
        return await show_form(request, deps, Draft(owner=request.user_id), state)
    payload = {"channel": message.channel, "thread_ts": thread, "user": request.user_id}
    async with deps.act(request) as session:
        arrival = Arrival("decision.draft", payload)
        event_id = f"act:{request.trigger_id}"[:100]
        await receive(session, request.workspace_id, event_id, arrival, at=request.at)
    lead = "I am reading the thread and will send you a draft. You need not wait for it."
    return Private(render_offer(json.dumps(state.to_json()), lead=lead))


async def _is_shared(request: Request, channel_id: str) -> bool:
    try:
        return (await request.place.directory.channel(channel_id, at=request.at)).is_shared
    except NotFound:
        return False


async def open_offered_form(request: Request, deps: Deps) -> Answer:
    """The button in a private note: the form for the thread that the note is about."""
    try:
        told = json.loads(request.value)
    except ValueError:
        told = {}
    if not isinstance(told, dict):
        told = {}
    state = FormState(channel=str(told.get("channel", "")), thread=str(told.get("thread", "")))
    draft = Draft(title=_as_title(str(told.get("title", ""))), owner=request.user_id)
    return await show_form(request, deps, draft, state)


async def open_draft(request: Request, deps: Deps) -> Answer:
    """The button under "the draft is ready"."""
    async with deps.db.read() as session:
        kept = await drafts.get_draft(
            session, request.workspace_id, request.value, request.user_id, at=request.at
        )
    state = FormState(channel=kept.channel_id, thread=kept.thread_ts, draft=kept.id)
    lead = "Read off the thread, word for word. Please check it before you log it."
    return await show_form(request, deps, kept.words, state, lead=lead)


async def draw_bet_again(request: Request, deps: Deps) -> Answer:
    """The bet folds out, or something in it was picked; in either form."""
    if request.state.get("bet_on"):
        return await redraw_bet_form(request, deps)
    opened = replace(request, state={**request.state, "bet": "open"})
    return await draw_form_again(opened, deps)


async def draw_form_again(request: Request, deps: Deps) -> Answer:
    """The title was typed: what was decided before about the same shows under it."""
    known = {name: str(value) for name, value in request.state.items()}
    state = FormState(**{name: known[name] for name in vars(FormState()) if name in known})
    before = None
    if state.decision:
        async with deps.db.read() as session:
            before = (await get_decision(session, request.asker, state.decision)).decision
    return await show_form(
        request, deps, draft_of_values(request), state, replaces=True, before=before
    )


COMMANDS = {"decision": Route(open_form, guests=True)}
SHORTCUTS = {Shortcut.LOG_DECISION.value: Route(open_form_for_message)}
ACTIONS = {
    Action.DECISION_OPEN.value: Route(open_offered_form),
    Action.DECISION_DRAFT.value: Route(open_draft),
    Action.DECISION_TITLE.value: Route(draw_form_again),
    Action.DECISION_ACCEPT.value: Route(accept),
    Action.DECISION_EDIT.value: Route(open_edit_form),
    Action.DECISION_SUPERSEDE.value: Route(open_supersede_form),
    Action.DECISION_RETIRE.value: Route(open_retire_form),
    Action.DECISION_HOLDS.value: Route(hold),
    Action.DECISION_EXTEND.value: Route(extend),
    Action.DECISION_REOPEN.value: Route(reopen),
    Action.DECISION_BET_OPEN.value: Route(open_bet_form),
    Action.DECISION_BET_CHANGE.value: Route(draw_bet_again),
}
FORMS = {
    Form.DECISION.value: Route(save_form, faults=decision_faults),
    Form.DECISION_RETIRE.value: Route(retire),
    Form.DECISION_BET.value: Route(save_bet),
}
