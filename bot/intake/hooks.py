"""Webhooks in: made and revoked by admins, and what they bring, in the caller's unit of work."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.engine.inbox import Arrival, receive
from bot.entries.log import Line, append
from bot.errors import BadInput, NotFound
from bot.intake.shapes import Incoming
from bot.intake.signatures import SHAPES
from bot.intake.tables import Hook
from bot.workspaces.asker import Asker

JOB = "feedback.hook"
NAME_LIMIT = 80
HOOKS_AT_MOST = 20
# A day's look is enough to see that one is alive; writing it each time would be a write for each.
USED_EVERY = timedelta(hours=1)
PLACE = "{id}"


@dataclass(frozen=True)
class HookView:
    """A webhook as an admin sees it; without its secret."""

    id: str
    name: str
    shape: str
    channel_id: str | None
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Made:
    """A new webhook. Its secret is shown once."""

    id: str
    secret: str


@dataclass(frozen=True)
class Wanted:
    """What an admin fills in; an empty ``secret`` is made here."""

    name: str
    shape: str
    channel_id: str | None = None
    secret: str = ""
    item_url: str = ""


async def make_hook(
    session: AsyncSession, workspace_id: str, wanted: Wanted, *, by: str, at: datetime
) -> Made:
    """Make a webhook. Raises ``BadInput`` naming the field."""
    check_item_url(wanted.item_url)
    if wanted.shape not in SHAPES:
        raise BadInput(field="shape", problem="That is none of the choices.")
    known = await _standing(session, workspace_id)
    if len(known) >= HOOKS_AT_MOST:
        raise BadInput(field="name", problem=f"There are {len(known)}.", fix="Revoke one first.")
    secret = wanted.secret or secrets.token_hex(32)
    hook = Hook(
        workspace_id=workspace_id,
        id=new_id(),
        name=wanted.name,
        shape=wanted.shape,
        secret=secret,
        channel_id=wanted.channel_id,
        item_url=wanted.item_url,
        created_by=by,
        created_at=at,
    )
    session.add(hook)
    await _log(session, hook, "hook.made", by, at)
    return Made(hook.id, secret)


async def revoke_hook(
    session: AsyncSession, workspace_id: str, hook_id: str, *, by: str, at: datetime
) -> None:
    """End a webhook for good: its secret is forgotten."""
    hook = await session.get(Hook, (workspace_id, hook_id), with_for_update=True)
    if hook is None or hook.revoked_at:
        raise NotFound("There is no such webhook (any more).")
    hook.revoked_at, hook.secret = at, ""
    await _log(session, hook, "hook.revoked", by, at)


async def _log(session: AsyncSession, hook: Hook, kind: str, by: str, at: datetime) -> None:
    facts = {"shape": hook.shape}
    line = Line(kind, "hook", hook.id, by, hook.channel_id, facts, hook.name)
    await append(session, hook.workspace_id, line, at=at)


async def _standing(session: AsyncSession, workspace_id: str) -> list[Hook]:
    query = select(Hook).where(Hook.workspace_id == workspace_id, Hook.revoked_at.is_(None))
    return list(await session.scalars(query.order_by(Hook.created_at)))


async def list_hooks(session: AsyncSession, asker: Asker) -> list[HookView]:
    """Return the webhooks that stand; for admins only."""
    rows: Sequence[Hook] = await _standing(session, asker.workspace_id) if asker.is_admin else []
    return [
        HookView(row.id, row.name, row.shape, row.channel_id, row.created_at, row.used_at)
        for row in rows
    ]


async def get_hook(session: AsyncSession, workspace_id: str, hook_id: str) -> Hook | None:
    """Return a webhook, revoked or not."""
    return await session.get(Hook, (workspace_id, hook_id))


async def find_hook(session: AsyncSession, hook_id: str) -> Hook | None:
    """Return a webhook that stands, of any workspace: the id is all that an address holds."""
    query = select(Hook).where(Hook.id == hook_id, Hook.revoked_at.is_(None))
    return await session.scalar(query)


async def take_in(session: AsyncSession, hook: Hook, incoming: Incoming, *, at: datetime) -> bool:
    """Store what came for the job that logs it; False when it was here before."""
    payload = {"hook": hook.id, "said": incoming.to_json()}
    key = f"hook:{hook.id}:{hashlib.sha256(incoming.id.encode()).hexdigest()[:40]}"
    is_new = await receive(session, hook.workspace_id, key, Arrival(JOB, payload), at=at)
    if hook.used_at is None or at - hook.used_at >= USED_EVERY:
        row = await session.get_one(Hook, (hook.workspace_id, hook.id))
        row.used_at = at
    return is_new


def address_of(template: str, item_id: str) -> str:
    """Return where one item is read: the admin's address with the source's id in its place."""
    return template.replace(PLACE, quote(item_id, safe="")) if template else ""


def check_item_url(template: str) -> None:
    """Raise ``BadInput`` unless it is empty or an https address with a place for the id."""
    if not template:
        return
    parts = urlsplit(template)
    is_good = parts.scheme == "https" and bool(parts.hostname) and template.count(PLACE) == 1
    if not is_good or any(sign in template for sign in "<>| \n"):
        raise BadInput(
            field="item_url",
            problem="That is not an https address with {id} in it.",
            fix="For example https://acme.zendesk.com/agent/tickets/{id}",
        )
