"""What decisions do by themselves: read a thread into a draft, ask on the revisit date."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import structlog

from bot.ai.llm import TIMEOUT_SECONDS, DecisionDraft, Drafter
from bot.ai.prompts import ThreadMessage
from bot.decisions import drafts, rules
from bot.decisions.forms import FormState
from bot.decisions.queries import find_decisions, get_decision
from bot.decisions.revisits import REVISIT
from bot.decisions.views import render_draft_ready, render_list, render_offer, render_revisit
from bot.deps import Deps
from bot.engine.deliveries import plan_ephemeral, plan_post
from bot.engine.queue import EventWork, SlotWork
from bot.errors import DaybookError, NotFound
from bot.general.titles import fit_title, shortened_words
from bot.slack.blocks import Message
from bot.slack.text import plain, shorten
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place

log = structlog.get_logger()

EventJob = Callable[[EventWork, Deps], Awaitable[str]]
SlotJob = Callable[[SlotWork, Deps], Awaitable[str]]
# The model's own time-out, and a little for the way there: the person waits for either.
PATIENCE_SECONDS = TIMEOUT_SECONDS + 3
LISTED = 12


@dataclass(frozen=True)
class _Ask:
    """Somebody wants a decision logged from a thread."""

    work: EventWork
    place: Place
    asker: Asker
    channel_id: str
    thread: str  # the thread it stands in; a message of its own begins one
    is_shared: bool

    @property
    def state(self) -> FormState:
        return FormState(channel=self.channel_id, thread=self.thread)


async def on_mention(work: EventWork, deps: Deps) -> str:
    """``@Daybook decision [title]``: a draft of the thread, or a button that opens the form."""
    ids = work.payload
    thread = str(ids.get("thread_ts") or "")
    ask = await _read_ask(work, deps, thread or str(ids["ts"]))
    if ask.asker.is_outsider:
        return "ignored: not a member of this workspace"
    text = " ".join(plain(str(ids.get("text") or "")).split())
    if text.lower() == "list":
        async with deps.db.read() as session:
            found = await find_decisions(session, ask.asker, limit=LISTED)
        return await _whisper(ask, deps, render_list(found, is_guest=ask.asker.is_guest))
    if not ask.asker.is_member:
        sentence = "Only members can log decisions; ask one to."
        return await _whisper(ask, deps, Message(sentence))
    if thread and deps.drafter and not ask.is_shared:
        return await _draft(ask, deps, deps.drafter)
    title, whole = fit_title(text, rules.TITLE_CHARACTERS)
    lead = "Ready to log the decision."
    if whole:
        lead += " " + shortened_words(rules.TITLE_CHARACTERS, "your message, which stays")
    return await _offer_form(ask, deps, lead, title=title)


async def on_draft(work: EventWork, deps: Deps) -> str:
    """The message shortcut, where a model is set up."""
    ask = await _read_ask(work, deps, str(work.payload["thread_ts"]))
    if deps.drafter is None or ask.is_shared:
        return await _offer_form(ask, deps, "Threads of shared channels are not read by a model.")
    return await _draft(ask, deps, deps.drafter)


async def _read_ask(work: EventWork, deps: Deps, thread: str) -> _Ask:
    place = deps.places.of(work.workspace_id)
    channel_id = str(work.payload["channel"])
    asker = await place.directory.asker(str(work.payload["user"]), at=work.at, here=channel_id)
    try:
        channel = await place.directory.channel(channel_id, at=work.at)
        is_shared = channel.is_shared
    except NotFound:
        is_shared = False
    return _Ask(work, place, asker, channel_id, thread, is_shared)


async def _draft(ask: _Ask, deps: Deps, drafter: Drafter) -> str:
    try:
        thread = await _read_thread(ask)
        async with asyncio.timeout(PATIENCE_SECONDS):
            made = await drafter.draft_decision(thread)
    except (DaybookError, TimeoutError) as error:
        log.warning("draft.failed", error=str(error) or "time-out")
        lead = "The thread could not be read into a draft just now; the empty form works as ever."
        return await _offer_form(ask, deps, lead)
    if made is None:
        lead = "I find no decision in this thread that could be quoted, so the form is empty."
        return await _offer_form(ask, deps, lead)
    return await _send_draft(ask, deps, made)


async def _read_thread(ask: _Ask) -> list[ThreadMessage]:
    messages = await ask.place.gateway.replies(ask.channel_id, ask.thread)
    people = {message.user for message in messages if message.user}
    for user_id in sorted(people):
        try:
            await ask.place.directory.member(user_id, at=ask.work.at)
        except NotFound:
            continue
    names = await ask.place.directory.names(people)
    return drafts.thread_of(messages, names, without={ask.place.identity.user_id})


async def _send_draft(ask: _Ask, deps: Deps, made: DecisionDraft) -> str:
    words = drafts.fields_of(made, owner_id=ask.asker.user_id)
    try:
        permalink = await ask.place.gateway.permalink(ask.channel_id, ask.thread)
    except DaybookError:
        permalink = ""
    async with deps.db.write() as session:
        draft_id = await drafts.keep_draft(
            session,
            ask.work.workspace_id,
            ask.asker.user_id,
            channel_id=ask.channel_id,
            thread_ts=ask.thread,
            words=words,
            drafted_by=asdict(made.provenance),
            at=ask.work.at,
        )
        message = render_draft_ready(draft_id, words.title, permalink)
        await plan_post(session, ask.work.cause, ask.asker.user_id, "draft", message)
    return f"drafted {draft_id}"


async def _offer_form(ask: _Ask, deps: Deps, lead: str, *, title: str = "") -> str:
    told = ask.state.to_json() | ({"title": title} if title else {})
    return await _whisper(ask, deps, render_offer(json.dumps(told), lead=lead))


async def _whisper(ask: _Ask, deps: Deps, message: Message) -> str:
    user, cause = ask.asker.user_id, ask.work.cause
    in_thread = str(ask.work.payload.get("thread_ts") or "")
    async with deps.db.write() as session:
        if ask.is_shared or ask.channel_id.startswith("D"):
            await plan_post(session, cause, user, "told", message)
        else:
            await plan_ephemeral(
                session, cause, ask.channel_id, user, "told", message, thread=in_thread
            )
    return f"told: {shorten(message.text, 120)}"


async def ask_again(work: SlotWork, deps: Deps) -> str:
    """The revisit date: the owner is asked whether it is still right."""
    place = deps.places.of(work.workspace_id)
    owner = await place.directory.asker(work.owner_id, at=work.at)
    async with deps.db.write() as session:
        try:
            view = (await get_decision(session, owner, work.subject_id)).decision
        except NotFound:
            return "skipped: there is no such decision any more"
        if view.status not in rules.CURRENT:
            return f"skipped: it is {view.status}"
        cause = work.cause.about(f"revisit of decision #{view.number}", work.owner_id)
        await plan_post(session, cause, work.owner_id, "revisit", render_revisit(view))
    return f"asked the owner of #{view.number}"


async def forget_drafts(work: SlotWork, deps: Deps) -> str:
    """A draft is 24 hours old."""
    async with deps.db.write() as session:
        await drafts.prune_drafts(session, work.workspace_id, at=work.at)
    return "forgot old drafts"


EVENTS: dict[str, EventJob] = {"mention.decision": on_mention, "decision.draft": on_draft}
SLOTS: dict[str, SlotJob] = {REVISIT: ask_again, drafts.FORGET: forget_drafts}
