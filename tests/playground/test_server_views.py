"""views.*: triggers, stacks, hashes, App Home."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError


def modal(title: str = "Launch", **fields: Any) -> dict[str, Any]:
    blocks = [{"type": "divider", "block_id": "line"}]
    plain = {"type": "plain_text", "text": title}
    return {"type": "modal", "title": plain, "blocks": blocks, **fields}


def home(text: str = "Hello") -> dict[str, Any]:
    return {
        "type": "home",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}],
    }


def trigger(play: Any, view_id: str | None = None) -> str:
    issued: str = play.people.workspace.triggers.issue(play.ana, view_id)
    return issued


async def code(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    error: str = caught.value.response["error"]
    return error


async def test_a_fresh_trigger_opens_a_modal_for_its_person(play: Any) -> None:
    answer = await play.client.views_open(trigger_id=trigger(play), view=modal())
    (view,) = play.world.views.stack(play.ana)
    assert view.id == answer["view"]["id"] == answer["view"]["root_view_id"]


async def test_a_trigger_expires_after_three_seconds(play: Any) -> None:
    old = trigger(play)
    play.clock.pass_seconds(3.1)
    assert await code(play.client.views_open(trigger_id=old, view=modal())) == "expired_trigger_id"


async def test_a_trigger_is_good_for_one_use(play: Any) -> None:
    used = trigger(play)
    await play.client.views_open(trigger_id=used, view=modal())
    again = play.client.views_open(trigger_id=used, view=modal())
    assert await code(again) == "exchanged_trigger_id"


async def test_a_trigger_never_issued_is_invalid(play: Any) -> None:
    call = play.client.views_open(trigger_id="1.2.abc", view=modal())
    assert await code(call) == "invalid_trigger_id"


async def test_a_refused_view_does_not_use_up_its_trigger(play: Any) -> None:
    kept = trigger(play)
    assert await code(play.client.views_open(trigger_id=kept, view=modal("x" * 25))) == (
        "invalid_arguments"
    )
    assert (await play.client.views_open(trigger_id=kept, view=modal()))["ok"]


async def test_a_stack_holds_three_views(play: Any) -> None:
    view_id = (await play.client.views_open(trigger_id=trigger(play), view=modal()))["view"]["id"]
    for _ in range(2):
        await play.client.views_push(trigger_id=trigger(play, view_id), view=modal())
    call = play.client.views_push(trigger_id=trigger(play, view_id), view=modal())
    assert await code(call) == "push_limit_reached"
    assert len(play.world.views.stack(play.ana)) == 3


async def test_a_push_without_a_modal_is_refused(play: Any) -> None:
    call = play.client.views_push(trigger_id=trigger(play), view=modal())
    assert await code(call) == "invalid_trigger_id"


async def test_a_view_over_250_kb_is_too_large(play: Any) -> None:
    text = {"type": "mrkdwn", "text": "x" * 3000}
    blocks = [{"type": "section", "text": text} for _ in range(90)]
    call = play.client.views_open(trigger_id=trigger(play), view=modal(blocks=blocks))
    assert await code(call) == "view_too_large"


async def test_an_update_with_an_old_hash_loses(play: Any) -> None:
    view = (await play.client.views_open(trigger_id=trigger(play), view=modal()))["view"]
    update = play.client.views_update
    newer = await update(view_id=view["id"], hash=view["hash"], view=modal("Two"))
    call = update(view_id=view["id"], hash=view["hash"], view=modal("Three"))
    assert await code(call) == "hash_conflict"
    assert newer["view"]["hash"] != view["hash"]
    assert play.world.views.stack(play.ana)[0].body["title"]["text"] == "Two"


async def test_an_update_finds_its_view_by_external_id(play: Any) -> None:
    await play.client.views_open(trigger_id=trigger(play), view=modal(external_id="mine"))
    await play.client.views_update(external_id="mine", view=modal("Two"))
    assert play.world.views.stack(play.ana)[0].body["title"]["text"] == "Two"
    call = play.client.views_open(trigger_id=trigger(play), view=modal(external_id="mine"))
    assert await code(call) == "duplicate_external_id"


async def test_a_closed_view_cannot_be_updated(play: Any) -> None:
    view = (await play.client.views_open(trigger_id=trigger(play), view=modal()))["view"]
    await play.people.close(play.ana, view["id"])
    assert await code(play.client.views_update(view_id=view["id"], view=modal())) == "not_found"


async def test_a_published_home_is_kept_and_guarded_by_its_hash(play: Any) -> None:
    first = await play.client.views_publish(user_id=play.ana, view=home("One"))
    old = first["view"]["hash"]
    await play.client.views_publish(user_id=play.ana, view=home("Two"), hash=old)
    call = play.client.views_publish(user_id=play.ana, view=home("Three"), hash=old)
    assert await code(call) == "hash_conflict"
    assert play.world.views.home(play.ana).body["blocks"][0]["text"]["text"] == "Two"
    assert play.world.views.home(play.ben) is None


async def test_a_home_is_for_somebody_and_is_no_modal(play: Any) -> None:
    call = play.client.views_publish(user_id="U0NOBODY", view=home())
    assert await code(call) == "user_not_found"
    call = play.client.views_publish(user_id=play.ana, view=modal())
    assert await code(call) == "invalid_arguments"
