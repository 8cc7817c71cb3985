"""A webhook from its making in Slack to the feedback it brings."""

import json
from typing import Any

from sqlalchemy import select
from starlette.requests import Request

from bot.entries.tables import Entry
from bot.intake.signatures import sign
from bot.intake.tables import Hook
from bot.web.hooks import BODY_BYTES, RATE, Hooks
from bot.workspaces.customers import CustomerFacts, put_customer
from tests.conftest import Stage
from tests.feedback.desk import items, top_view
from tests.feedback.telling import buttons_of


async def send(
    hooks: Hooks, hook_id: str, secret: str, body: bytes, stamp: str
) -> tuple[int, dict[str, Any]]:
    """Post a signed body; returns the status and the answer."""
    headers = {"x-daybook-timestamp": stamp, "x-daybook-signature": sign(secret, stamp, body)}
    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        "path_params": {"hook_id": hook_id},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    answer = await hooks.answer(Request(scope, receive))
    return answer.status_code, json.loads(bytes(answer.body))


async def _made(stage: Stage) -> Hook:
    """A webhook, by the form."""
    ana, room = stage.who.ana, stage.rooms.voice
    await stage.people.command(ana, room, "/daybook settings webhooks")
    [new] = buttons_of(top_view(stage).body["blocks"])["New webhook"]
    await stage.people.click(ana, new, view_id=top_view(stage).id)
    await stage.settle()
    form = {"name": "Desk", "shape": "daybook", "item_url": "https://desk.test/{id}"}
    await stage.people.submit(ana, top_view(stage).id, form)
    async with stage.deps.db.read() as session:
        hook = (await session.scalars(select(Hook))).one()
    shown = json.dumps(top_view(stage).body["blocks"])
    assert f"/hooks/feedback/{hook.id}" in shown
    assert hook.secret in shown
    return hook


async def test_what_a_webhook_brings_is_logged_once_with_its_customer_until_it_is_revoked(
    stage: Stage,
) -> None:
    async with stage.deps.db.write() as session:
        facts = CustomerFacts("Acme", domains=("acme.example",))
        await put_customer(session, stage.workspace_id, facts, at=stage.clock.at)
    hook, hooks = await _made(stage), Hooks(stage.deps)
    stamp = str(int(stage.clock.at.timestamp()))
    said = {"id": "t/1", "text": "Please add a CSV export", "email": "ann@acme.example"}
    body = json.dumps(said).encode()

    assert (await send(hooks, hook.id, hook.secret, body, stamp))[0] == 202
    again = await send(hooks, hook.id, hook.secret, body, stamp)
    assert again == (202, {"ok": True, "status": "known"})
    await stage.settle()
    [item] = await items(stage)
    assert (item.text, item.kind, item.person) == (said["text"], "request", "ann@acme.example")
    assert item.permalink == "https://desk.test/t%2F1"
    assert item.customer_id is not None

    assert (await send(hooks, hook.id, "wrong", body, stamp))[0] == 401
    assert (await send(hooks, "nothing", hook.secret, body, stamp))[0] == 404
    assert (await send(hooks, hook.id, hook.secret, b"x" * (BODY_BYTES + 1), stamp))[0] == 413
    assert (await send(hooks, hook.id, hook.secret, b"{", stamp))[0] == 422
    statuses = {
        (await send(hooks, hook.id, hook.secret, b"[]", stamp))[0] for _ in range(int(RATE.burst))
    }
    assert 429 in statuses

    ana = stage.who.ana
    await stage.people.command(ana, stage.rooms.voice, "/daybook settings webhooks")
    [stop] = buttons_of(top_view(stage).body["blocks"])["Revoke"]
    await stage.people.click(ana, stop, view_id=top_view(stage).id)
    await stage.settle()
    assert (await send(Hooks(stage.deps), hook.id, hook.secret, body, stamp))[0] == 404
    async with stage.deps.db.read() as session:
        kinds = set(await session.scalars(select(Entry.kind).where(Entry.subject_kind == "hook")))
        assert (await session.scalars(select(Hook.secret))).one() == ""
    assert kinds == {"hook.made", "hook.revoked"}
