"""Feedback by emoji, from the reaction to the receipt."""

from sqlalchemy import select

from bot.feedback.tables import Feedback, Report
from tests.conftest import Stage


async def _feedback(stage: Stage) -> list[Feedback]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(Feedback).order_by(Feedback.number)))


async def _reported(stage: Stage, text: str, emoji: str = "memo") -> str:
    ts = await stage.people.post(stage.who.ben, stage.rooms.voice, text)
    await stage.people.react(stage.who.ana, stage.rooms.voice, ts, emoji)
    await stage.settle()
    return ts


async def test_an_emoji_logs_the_message_word_for_word_with_a_receipt_and_one_private_line(
    stage: Stage,
) -> None:
    ts = await _reported(stage, "Please add a CSV export, we need it every Friday")

    [item] = await _feedback(stage)
    assert item.text == "Please add a CSV export, we need it every Friday"
    assert (item.kind, item.reporter_id, item.author_id) == (
        "request", stage.who.ana, stage.who.ben,
    )  # fmt: skip
    assert ts.replace(".", "") in item.permalink
    message = stage.world.messages.get(stage.rooms.voice, ts)
    assert message is not None
    assert {r.name for r in message.reactions} == {"memo", "white_check_mark"}
    [whisper] = await stage.whispers(stage.who.ana, stage.rooms.voice)
    assert whisper == f"Logged as #{item.number}: request, customer unknown."
    assert await stage.whispers(stage.who.ben, stage.rooms.voice) == []


async def test_a_skin_toned_emoji_counts_as_its_plain_one(stage: Stage) -> None:
    await _reported(stage, "The import is broken again", emoji="memo::skin-tone-3")
    assert len(await _feedback(stage)) == 1


async def test_a_second_reporter_is_counted_and_nothing_is_logged_twice(stage: Stage) -> None:
    ts = await _reported(stage, "Search never finds our older orders")
    await stage.people.react(stage.who.ben, stage.rooms.voice, ts, "memo")
    await stage.settle()

    [item] = await _feedback(stage)
    async with stage.deps.db.read() as session:
        reports = list(await session.scalars(select(Report)))
    assert {r.user_id for r in reports} == {stage.who.ana, stage.who.ben}
    [whisper] = await stage.whispers(stage.who.ben, stage.rooms.voice)
    assert whisper == f"Already logged as #{item.number}; 2 of you have reported it now."


async def test_taking_the_emoji_back_within_ten_minutes_undoes_the_log(stage: Stage) -> None:
    ts = await _reported(stage, "Could you support single sign-on?")
    await stage.after(minutes=9)
    await stage.people.unreact(stage.who.ana, stage.rooms.voice, ts, "memo")
    await stage.settle()

    [item] = await _feedback(stage)
    assert item.withdrawn_at is not None
    message = stage.world.messages.get(stage.rooms.voice, ts)
    assert message is not None
    assert message.reactions == ()


async def test_taking_the_emoji_back_later_changes_nothing(stage: Stage) -> None:
    ts = await _reported(stage, "Could you support single sign-on?")
    await stage.after(minutes=11)
    await stage.people.unreact(stage.who.ana, stage.rooms.voice, ts, "memo")
    await stage.settle()

    [item] = await _feedback(stage)
    assert item.withdrawn_at is None
