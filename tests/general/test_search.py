"""/daybook search: feedback by words and meaning, only what its asker may see."""

from tests.conftest import Stage
from tests.feedback.desk import react, said
from tests.feedback.telling import words_of


async def search(stage: Stage, text: str, user: str = "") -> str:
    who = user or stage.who.ana
    await stage.people.command(who, stage.rooms.voice, f"/daybook search {text}")
    await stage.settle()
    shown = (await stage.people.ephemerals(who, stage.rooms.voice))[-1]
    return f"{shown.text}\n{words_of(shown.blocks)}"


async def test_the_nearest_feedback_comes_first(stage: Stage) -> None:
    for text in ("The CSV export stops", "Please add dark mode", "A dark export"):
        await react(stage, await said(stage, text))
    found = await search(stage, "what did customers say about dark mode?")
    assert found.index("Please add dark mode") < found.index("A dark export")
    assert "CSV export stops" not in found


async def test_a_kind_in_the_question_narrows_it_down(stage: Stage) -> None:
    for text in ("The export crashes", "Please add an export"):
        await react(stage, await said(stage, text))
    found = await search(stage, "export kind:bug")
    assert "The export crashes" in found
    assert "Please add an export" not in found


async def test_what_was_said_in_a_private_channel_is_found_by_its_members_only(
    stage: Stage,
) -> None:
    ts = await said(stage, "The secret zebra export", stage.rooms.leads, user=stage.who.ana)
    await react(stage, ts, stage.rooms.leads)
    assert "secret zebra" in await search(stage, "zebra")
    for user in (stage.who.ben, stage.who.gil):
        assert "secret" not in await search(stage, "zebra", user)
