"""Feedback's doors: command, shortcut, receipt buttons, forms, and the events that log it."""

import re
from dataclasses import replace
from datetime import datetime

from bot.calendars.views import budget_field, render_doors
from bot.db.types import new_id
from bot.deps import Deps
from bot.engine.budget import read_team_budget
from bot.engine.deliveries import plan_reaction
from bot.engine.inbox import Arrival
from bot.errors import BadInput, NotAllowed, NotFound, SlackRefused
from bot.feedback import rules, service
from bot.feedback.area_views import render_areas_door
from bot.feedback.queries import customer_cards, find_feedback, get_feedback_view
from bot.feedback.receipt_queries import read_receipt
from bot.feedback.receipts import RECEIPT_EMOJI, scope_of, shows_receipt
from bot.feedback.views import (
    render_capture_form,
    render_capture_saved,
    render_form,
    render_known,
    render_logged,
    render_not_undone,
    render_undone,
)
from bot.intake.doors import render_data_doors
from bot.intake.hook_views import render_hooks_door
from bot.privacy.views import render_privacy_door
from bot.slack.blocks import Block, Message, actions
from bot.slack.gateway import SlackMessage
from bot.slack.ids import Action, Form, Shortcut
from bot.slack.limits import TYPED_TEXT
from bot.slack.text import emoji_name, shorten
from bot.workspaces.channels import capture_modes, set_capture_modes, set_message_budget
from bot.workspaces.tables import Member
from bot.workspaces.watch import Watch
from handlers.answers import Answer, OpenModal, Private, RefreshHome, ShowModal
from handlers.areas import open_areas
from handlers.boundary import Route
from handlers.calendars import open_menu, read_budget_choice
from handlers.events import Event
from handlers.hooks import open_hooks
from handlers.payloads import Request
from handlers.privacy import open_retention

NUMBER = re.compile(r"#?\d{1,9}")


async def open_form(request: Request, deps: Deps) -> Answer:
    """``/daybook feedback [text]``: the form, filled in with what was typed; ``#412``: that one."""
    async with deps.db.read() as session:
        if NUMBER.fullmatch(request.text.strip()):
            number = int(request.text.strip().lstrip("#"))
            found = await find_feedback(session, request.asker, number=number, limit=1)
            if not found:
                raise NotFound("There is no feedback of that number that you can see.")
            return await open_edit_form(replace(request, value=found[0].id), deps)
        customers = await customer_cards(session, request.asker)
    state = {"channel": request.channel_id}
    return OpenModal(render_form(customers, text=request.text, state=state))


async def open_form_for_message(request: Request, deps: Deps) -> Answer:
    """The message shortcut: the form, filled in with the message."""
    message = request.message
    if message is None:
        raise BadInput(field="message", problem="There is no message here.")
    identity = request.place.identity
    rules.check_not_ours(message, bot_user=identity.user_id, bot_id=identity.bot_id)
    words = await _words_of(request, message)
    # Before anything is typed: from a channel that I cannot see, nothing may be logged.
    await request.place.directory.channel(message.channel, at=request.at)
    author = await _author_of(request, message)
    async with deps.db.read() as session:
        customers = await customer_cards(session, request.asker)
    card = rules.find_customer(
        customers,
        channel_id=message.channel,
        email=author.email if author else "",
        text=rules.whole_text(message),
    )
    state = {
        "channel": message.channel,
        "ts": message.ts,
        "author": message.user,
        "thread": message.thread_ts,
        "guess": card.id if card else "",
    }
    text = shorten(words, TYPED_TEXT)
    chosen = state["guess"]
    return OpenModal(render_form(customers, text=text, customer_id=chosen, state=state))


async def log_from_form(request: Request, deps: Deps) -> Answer:
    """The form: one more line of feedback, with or without a message behind it."""
    text = request.typed("text", label="What the customer said")
    ts = str(request.state.get("ts") or "")
    channel_id = str(request.state.get("channel") or "")
    channel = await request.place.directory.channel(channel_id, at=request.at) if ts else None
    permalink = await request.place.gateway.permalink(channel_id, ts) if ts else ""
    text = await _whole_text(request, channel_id, ts, text) if ts else text
    scope = scope_of(channel) if channel else ""
    feedback_id = new_id()
    said = service.Said(
        id=feedback_id,
        text=text,
        # Typed in without a message: seen where it was typed, by members everywhere if in a DM.
        source_channel_id=channel_id if ts else None,
        message_ts=ts or None,
        permalink=permalink,
        author_id=str(request.state.get("author") or ""),
        reporter_id=request.user_id,
        means="form",
        said_at=datetime.fromtimestamp(float(ts), request.at.tzinfo) if ts else request.at,
        customer_id=request.values.get("customer") or None,
        kind=request.values.get("kind") or "",
        scope=scope,
    )
    guess = str(request.state.get("guess") or "") or None
    reading = await deps.feedback.read(request.workspace_id, scope, feedback_id, text)
    async with deps.act(request) as session:
        captured = await service.capture(
            session, request.workspace_id, said, reading, at=request.at
        )
        if captured.is_new or ts:
            await service.correct(
                session,
                request.workspace_id,
                captured.feedback_id,
                by=request.user_id,
                at=request.at,
                kind=said.kind,
                # What the form guessed is no reason to change what stands.
                customer_id=None if said.customer_id == guess else said.customer_id,
                area=request.typed("area") or None,
            )
        if channel and shows_receipt(channel):
            await plan_reaction(session, request.cause, channel_id, ts, RECEIPT_EMOJI)
    async with deps.db.read() as session:
        item = await get_feedback_view(session, request.asker, captured.feedback_id)
        receipt = await read_receipt(session, request.asker, item.id, is_new=captured.is_new)
    is_known = not (captured.is_new or ts)
    return ShowModal(render_known(item) if is_known else render_logged(item.number, receipt.text))


async def _author_of(request: Request, message: SlackMessage) -> Member | None:
    if not message.user:  # a program's
        return None
    return await request.place.directory.member(message.user, at=request.at)


async def _words_of(request: Request, message: SlackMessage) -> str:
    author = await _author_of(request, message)
    is_theirs = author is not None and (author.is_outsider or author.is_guest)
    bot_user = request.place.identity.user_id
    return rules.message_words(message, bot_user=bot_user, is_customers=is_theirs)


async def _whole_text(request: Request, channel_id: str, ts: str, typed: str) -> str:
    """Return the message's own words where the form could only show their beginning."""
    if not typed.endswith("…"):
        return typed
    thread = str(request.state.get("thread") or "")
    try:
        message = await request.place.gateway.message(channel_id, ts, thread=thread)
    except SlackRefused:
        return typed
    if message is None:
        return typed
    words = await _words_of(request, message)
    return words if shorten(words, TYPED_TEXT).strip() == typed else typed


async def choose_kind(request: Request, deps: Deps) -> Answer:
    """The menu in the receipt."""
    feedback_id = request.name.partition(":")[2]
    await _check_may_change(request, deps, feedback_id)
    async with deps.act(request) as session:
        await service.correct(
            session,
            request.workspace_id,
            feedback_id,
            by=request.user_id,
            at=request.at,
            kind=request.value,
        )
    if request.view_type == "home":
        return RefreshHome()
    return Private(await _receipt(request, deps, feedback_id), replaces=True)


async def open_edit_form(request: Request, deps: Deps) -> Answer:
    """The Edit button in the receipt."""
    async with deps.db.read() as session:
        item = await get_feedback_view(session, request.asker, request.value)
        customers = await customer_cards(session, request.asker)
    return OpenModal(
        render_form(
            customers,
            text=item.text,
            kind=item.kind,
            customer_id=item.customer_id or "",
            area=item.area,
            importance=item.importance,
            mood=item.sentiment,
            state={"feedback": item.id},
            is_edit=True,
        )
    )


async def save_edit(request: Request, deps: Deps) -> Answer:
    """The edit form."""
    feedback_id = str(request.state.get("feedback") or "")
    await _check_may_change(request, deps, feedback_id)
    async with deps.act(request) as session:
        await service.correct(
            session,
            request.workspace_id,
            feedback_id,
            by=request.user_id,
            at=request.at,
            kind=request.values.get("kind") or "",
            customer_id=request.values.get("customer") or "",
            area=request.typed("area"),
            importance=int(request.values.get("importance") or 0),
            mood=request.values.get("mood") or "",
        )
    async with deps.db.read() as session:
        item = await get_feedback_view(session, request.asker, feedback_id)
        receipt = await read_receipt(session, request.asker, feedback_id)
    return ShowModal(render_logged(item.number, receipt.text))


async def undo(request: Request, deps: Deps) -> Answer:
    """The Undo button in the receipt: takes one's own report back, at any time."""
    async with deps.db.read() as session:
        item = await get_feedback_view(session, request.asker, request.value)
    async with deps.act(request) as session:
        is_gone = await service.withdraw(
            session, request.workspace_id, item.id, request.user_id, at=request.at
        )
        if is_gone and item.source_channel_id and item.message_ts:
            await plan_reaction(
                session,
                request.cause,
                item.source_channel_id,
                item.message_ts,
                RECEIPT_EMOJI,
                remove=True,
            )
    if request.view_type == "home":
        return RefreshHome()
    said = render_undone(item.number) if is_gone else render_not_undone(item.number)
    return Private(said, replaces=True)


async def open_capture_form(request: Request, deps: Deps) -> Answer:
    """``/daybook settings``: how feedback is logged in this channel; the doors to the rest.

    With a word behind it: the product areas, or how long words are kept.
    """
    if door := DOORS.get(request.text.strip().lower()):
        return await door(request, deps)
    if request.channel_id.startswith("D") or not request.channel_id:
        return await open_menu(request, deps)
    channel = await request.place.directory.channel(request.channel_id, at=request.at)
    async with deps.db.read() as session:
        team = await read_team_budget(session, request.workspace_id)
    budget = budget_field(channel.message_budget, team)
    return OpenModal(
        render_capture_form(
            channel.id,
            modes=capture_modes(channel),
            emoji=sorted(deps.settings.emoji),
            is_shared=channel.is_shared,
            doors=_doors(request, budget),
        )
    )


def _doors(request: Request, budget: Block) -> list[Block]:
    is_admin = request.asker.is_admin
    doors = [budget, render_doors(is_admin=is_admin), render_areas_door(), render_data_doors()]
    if not is_admin:
        return doors
    return [*doors, actions(render_hooks_door(), render_privacy_door())]


async def save_capture_form(request: Request, deps: Deps) -> Answer:
    """The form of ``/daybook settings``."""
    channel = await request.place.directory.channel(str(request.state["channel"]), at=request.at)
    modes = request.chosen("modes")
    is_new = "receipt" in modes and not channel.shows_receipt
    if is_new and not request.asker.is_admin:
        raise NotAllowed("Only an admin may turn on what customers see in a shared channel.")
    async with deps.act(request) as session:
        await set_capture_modes(
            session, request.workspace_id, channel.id, modes, by=request.user_id, at=request.at
        )
        if "budget" in request.values:
            await set_message_budget(
                session,
                request.workspace_id,
                channel.id,
                read_budget_choice(request),
                by=request.user_id,
                at=request.at,
            )
    deps.watch.set_capture(channel.id, all_messages="all" in modes)
    return ShowModal(render_capture_saved(modes))


async def _check_may_change(request: Request, deps: Deps, feedback_id: str) -> None:
    async with deps.db.read() as session:
        await get_feedback_view(session, request.asker, feedback_id)


async def _receipt(request: Request, deps: Deps, feedback_id: str) -> Message:
    async with deps.db.read() as session:
        return await read_receipt(session, request.asker, feedback_id)


def match_reaction(event: Event, watch: Watch) -> Arrival | None:
    """A capture emoji put on, or taken off, a message. Keeps ids only, no text."""
    item = event.raw.get("item") or {}
    emoji = emoji_name(str(event.raw.get("reaction") or ""))
    if item.get("type", "message") != "message" or emoji not in watch.emoji:
        return None
    if event.user in watch.bot_users:
        return None
    return Arrival(
        "feedback.reaction",
        {
            "channel": event.channel,
            "ts": str(item.get("ts") or ""),
            "user": event.user,
            "emoji": emoji,
            "is_on": event.kind == "reaction_added",
            "event_ts": event.ts,
        },
    )


def match_message(event: Event, watch: Watch) -> Arrival | None:
    """A new top-level message in a channel that logs all; ids only, the job reads it."""
    raw = event.raw
    is_reply = raw.get("thread_ts") and raw.get("thread_ts") != raw.get("ts")
    if event.channel not in watch.capture_all or is_reply or raw.get("bot_id"):
        return None
    if str(raw.get("subtype") or "") not in rules.WRITTEN or event.user in watch.bot_users:
        return None
    return Arrival(
        "feedback.message", {"channel": event.channel, "ts": str(raw["ts"]), "user": event.user}
    )


def match_change(event: Event, _watch: Watch) -> Arrival | None:
    """A message edited or deleted: ids only; most were never logged, which the job sees."""
    raw = event.raw
    if raw.get("subtype") == "message_changed":
        changed = raw.get("message") or {}
        if changed.get("subtype") == "tombstone":  # deleted, but its thread stays
            gone = {"channel": event.channel, "ts": str(changed.get("ts") or "")}
            return Arrival("feedback.deleted", gone)
        if changed.get("text") == (raw.get("previous_message") or {}).get("text"):
            return None
        ts = changed.get("ts")
    elif raw.get("subtype") == "message_deleted":
        ts = raw.get("deleted_ts")
    else:
        return None
    kind = f"feedback.{str(raw['subtype']).removeprefix('message_')}"
    return Arrival(kind, {"channel": event.channel, "ts": str(ts or "")})


DOORS = {"areas": open_areas, "privacy": open_retention, "webhooks": open_hooks}
COMMANDS = {"feedback": Route(open_form), "settings": Route(open_capture_form)}
SHORTCUTS = {Shortcut.LOG_FEEDBACK.value: Route(open_form_for_message)}
ACTIONS = {
    Action.FEEDBACK_KIND.value: Route(choose_kind),
    Action.FEEDBACK_EDIT.value: Route(open_edit_form),
    Action.FEEDBACK_UNDO.value: Route(undo),
}
FORMS = {
    Form.FEEDBACK_LOG.value: Route(log_from_form),
    Form.FEEDBACK_EDIT.value: Route(save_edit),
    Form.FEEDBACK_CAPTURE.value: Route(save_capture_form),
}
MATCHERS = {
    "reaction_added": [match_reaction],
    "reaction_removed": [match_reaction],
    "message": [match_message, match_change],
}
