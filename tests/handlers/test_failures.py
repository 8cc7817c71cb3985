"""A message that cannot be delivered: its owner learns of it, and mends it, in Slack."""

from bot.engine.deliveries import Cause, plan_post
from bot.slack.blocks import Message
from bot.slack.ids import Action
from tests.conftest import Stage


async def _post(stage: Stage, text: str) -> None:
    at = stage.deps.clock.now()
    async with stage.deps.db.write() as session:
        cause = Cause(stage.workspace_id, f"act:{text}", at, stage.who.ana, "The digest Growth")
        await plan_post(session, cause, stage.rooms.product, "headline", Message(text))
    await stage.settle()


async def test_a_kicked_bot_tells_the_owner_at_once_and_the_button_sends_it_again(
    stage: Stage,
) -> None:
    bot = stage.world.bot.id
    await stage.people.kick(stage.who.ana, stage.rooms.product, bot)
    await _post(stage, "Sign-ups: 40")
    [told] = stage.dms(stage.who.ana)
    assert told.text == (
        f"The digest Growth did not reach <#{stage.rooms.product}>. "
        "I am not a member there (any more). Invite me with `/invite @Daybook`."
    )

    await stage.people.invite(stage.who.ana, stage.rooms.product, bot)
    await stage.people.click(stage.who.ana, Action.ENGINE_RESEND, channel=told.channel, ts=told.ts)
    await stage.settle()
    sent = [m.text for m in stage.posts(stage.rooms.product) if m.bot_id]
    assert sent == ["Sign-ups: 40"]
    assert [m.text for m in stage.dms(stage.who.ana)] == ["Sending it again now."]


async def test_a_button_pressed_before_the_channel_is_mended_tells_again(stage: Stage) -> None:
    await stage.people.archive(stage.who.ana, stage.rooms.product)
    await _post(stage, "Sign-ups: 40")
    [told] = stage.dms(stage.who.ana)
    await stage.after(seconds=30)
    await stage.people.click(stage.who.ana, Action.ENGINE_RESEND, channel=told.channel, ts=told.ts)
    await stage.settle()
    texts = [m.text for m in stage.dms(stage.who.ana)]
    assert texts[0] == "Sending it again now."
    assert "The channel is archived" in texts[1]


async def test_a_channel_that_changes_is_known_anew_at_once(stage: Stage) -> None:
    directory = stage.deps.places.all()[0].directory
    at = stage.deps.clock.now()
    assert (await directory.audience(stage.rooms.product, at=at)).sees_public
    await stage.people.invite(stage.who.ana, stage.rooms.product, stage.who.gil)
    await stage.settle()
    assert not (await directory.audience(stage.rooms.product, at=at)).sees_public
    await stage.people.rename(stage.who.ana, stage.rooms.product, "ship-room")
    await stage.settle()
    assert (await directory.channel(stage.rooms.product, at=at)).name == "ship-room"
