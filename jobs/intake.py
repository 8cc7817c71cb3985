"""What comes from outside Slack becomes feedback: webhooks, and files that people bring in."""

from collections.abc import Awaitable, Callable

from bot.db.types import new_id
from bot.deps import Deps
from bot.engine.queue import EventWork
from bot.feedback import rules, service
from bot.feedback.queries import customer_cards
from bot.feedback.receipts import scope_of
from bot.intake.hooks import JOB as HOOK_JOB
from bot.intake.hooks import address_of, get_hook
from bot.intake.shapes import Incoming
from bot.workspaces.asker import Asker

EventJob = Callable[[EventWork, Deps], Awaitable[str]]


async def on_hook(work: EventWork, deps: Deps) -> str:
    """Log what a webhook brought; what it brought before is known by its own id."""
    incoming = Incoming.from_json(work.payload["said"])
    async with deps.db.read() as session:
        hook = await get_hook(session, work.workspace_id, work.payload["hook"])
        cards = await customer_cards(session, Asker(work.workspace_id, "-", sees_public=True))
    if hook is None:
        return "ignored: there is no such webhook"
    directory = deps.places.of(work.workspace_id).directory
    channel = await directory.channel(hook.channel_id, at=work.at) if hook.channel_id else None
    card = rules.named_customer(cards, incoming.customer) or rules.find_customer(
        cards, channel_id="", email=incoming.address, text=incoming.text
    )
    said = service.Said(
        id=new_id(),
        text=incoming.text,
        source_channel_id=hook.channel_id,
        message_ts=None,
        permalink=address_of(hook.item_url, incoming.item or incoming.id),
        author_id="",
        reporter_id="",
        means="hook",
        said_at=min(incoming.said_at or work.at, work.at),
        customer_id=card.id if card else None,
        kind=incoming.kind,
        scope=scope_of(channel) if channel else "",
        person=incoming.address,
        origin=f"hook:{hook.id}:{incoming.id}"[:200],
    )
    reading = await deps.feedback.read(work.workspace_id, said.scope, said.id, said.text)
    async with deps.db.write() as session:
        done = await service.capture(session, work.workspace_id, said, reading, at=work.at)
    return f"logged {done.feedback_id}" if done.is_new else "known"


EVENTS: dict[str, EventJob] = {HOOK_JOB: on_hook}
