"""Who takes part in a launch: roles by button, go or no-go, a checklist that sees for itself."""

from typing import Any

import pytest

from bot.entries.tables import Entry
from bot.launches.crew_tables import LaunchApproval
from bot.launches.queries import get_launch, home_go
from bot.launches.readiness import checks_of, progress
from bot.launches.records import Crew, LaunchDetail, LaunchView
from bot.launches.tables import Launch
from bot.workspaces.asker import Asker
from tests.conftest import START, Stage
from tests.launches.conftest import (
    Numbers,
    bet_on,
    click_headline,
    headline,
    launch,
    rows,
    submit,
    thread,
    top_view,
    words,
)


async def _detail(stage: Stage, row: Launch) -> LaunchDetail:
    asker = Asker(stage.workspace_id, stage.who.ana, sees_public=True)
    async with stage.deps.db.read() as session:
        return await get_launch(session, asker, row.id)


async def _open(stage: Stage, user: str = "") -> str:
    user = user or stage.who.ana
    answer = await click_headline(stage, "launch.crew.open", user=user)
    assert answer.ok, answer
    return words(top_view(stage, user))


async def _click(stage: Stage, action: str, user: str = "", value: Any = None) -> str:
    user = user or stage.who.ana
    view = top_view(stage, user)
    answer = await stage.people.click(user, action, view_id=view.id, value=value)
    assert answer.ok, answer
    await stage.settle()
    return words(top_view(stage, user))


async def _ask(stage: Stage, *who: str) -> Launch:
    row = await launch(stage, stage="planned")
    await _open(stage)
    answer = await submit(stage, {"approvers": list(who)})
    assert answer.result == "closed", answer
    return row


async def _answer(stage: Stage, user: str, action: str) -> Any:
    question = stage.dms(user)[-1]
    answer = await stage.people.click(user, action, channel=question.channel, ts=question.ts)
    await stage.settle()
    return answer


async def test_a_role_is_taken_by_a_button_and_stands_under_the_headline(stage: Stage) -> None:
    await launch(stage)
    await _open(stage, stage.who.ben)
    shown = await _click(stage, "launch.role.claim:numbers", stage.who.ben)
    assert "Step back" in shown
    assert f"Watches the numbers: <@{stage.who.ben}>" in words(headline(stage))
    assert thread(stage)[-1].text == f"<@{stage.who.ben}> now watches the numbers."

    await _click(stage, "launch.role.leave:numbers", stage.who.ben)
    assert "Watches the numbers" not in words(headline(stage))


async def test_the_launch_itself_is_taken_over_by_a_button_with_its_bet(
    stage: Stage, product: Numbers
) -> None:
    row = await bet_on(stage)
    await _open(stage, stage.who.ben)
    await _click(stage, "launch.role.claim:owner", stage.who.ben)
    detail = await _detail(stage, row)
    assert (detail.launch.owner_id, detail.launch.bet and detail.launch.bet.owner_id) == (
        stage.who.ben,
        stage.who.ben,
    )
    assert f"now owns the launch, after <@{stage.who.ana}>" in thread(stage)[-1].text


async def test_who_is_asked_for_a_go_is_asked_privately_and_answers_by_button(
    stage: Stage,
) -> None:
    row = await _ask(stage, stage.who.ben)
    ben = Asker(stage.workspace_id, stage.who.ben, sees_public=True)
    async with stage.deps.db.read() as session:
        assert [one.id for one in await home_go(session, ben)] == [row.id]
    assert "go or no-go for #1" in stage.dms(stage.who.ben)[-1].text

    await _answer(stage, stage.who.ben, "launch.approval.go")
    assert f"*Go:* <@{stage.who.ben}>" in words(headline(stage))
    assert thread(stage)[-1].text == f"<@{stage.who.ben}> says *go*."
    assert "You said *go*" in stage.dms(stage.who.ben)[-1].text
    async with stage.deps.db.read() as session:
        assert await home_go(session, ben) == []


async def test_a_no_go_says_why_and_a_move_without_a_go_says_why_too(stage: Stage) -> None:
    row = await _ask(stage, stage.who.ben)
    await _answer(stage, stage.who.ben, "launch.approval.no_go")
    await submit(stage, {"reason": "The help page is missing"}, stage.who.ben)
    assert "The help page is missing" in words(headline(stage))

    await click_headline(stage, "launch.stage.move", value="live")
    assert "Not everybody asked says go" in words(top_view(stage, stage.who.ana))
    assert (await _detail(stage, row)).launch.stage == "planned"
    await submit(stage, {"reason": "It is written, only not linked"})
    assert (await _detail(stage, row)).launch.stage == "live"
    assert f"Without the go of <@{stage.who.ben}>" in words(thread(stage)[-1])
    kinds = [e.kind for e in await rows(stage, Entry) if e.kind.startswith("launch.go")]
    assert kinds == ["launch.go_asked", "launch.go_answered"]


async def test_only_who_was_asked_finds_the_buttons(stage: Stage) -> None:
    await _ask(stage, stage.who.ben)
    assert "launch.approval.go" not in await _open(stage, stage.who.ana)
    assert "launch.approval.go" in await _open(stage, stage.who.ben)


async def test_nobody_is_asked_who_cannot_see_the_launch(stage: Stage) -> None:
    await launch(stage, stage="planned")
    await _open(stage)
    answer = await submit(stage, {"approvers": [stage.who.olga]})
    assert set(answer.errors) == {"approvers"}
    assert await rows(stage, LaunchApproval) == []


async def test_lines_of_the_checklist_complete_themselves_from_facts(
    stage: Stage, product: Numbers
) -> None:
    row = await bet_on(stage, stage="planned")
    done = {one.text for one in checks_of(await _detail(stage, row)) if one.is_done}
    assert done == {"A bet is set"}
    await click_headline(stage, "launch.stage.move", value="live")
    done = {one.text for one in checks_of(await _detail(stage, row)) if one.is_done}
    assert done == {"A bet is set", "Live for everybody"}


@pytest.mark.parametrize(
    ("told", "to_tell", "is_done"), [(0, 0, False), (1, 2, False), (2, 2, True)]
)
def test_the_line_of_who_was_told_completes_itself(told: int, to_tell: int, is_done: bool) -> None:
    view = LaunchView(
        id="l", number=12, title="Importer", summary="", owner_id="U1", area="", stage="live",
        source_channel_id="C1", headline_id="h", permalink="", created_by="U1", created_at=START,
        exposed_at=START, live_at=START, ended_at=None,
    )  # fmt: skip
    crew = Crew(told=told, to_tell=to_tell)
    detail = LaunchDetail(view, (), theme_ids=("t",), crew=crew)
    [line] = [one for one in checks_of(detail) if one.text == "Those who asked for it are told"]
    assert line.is_done is is_done


async def test_people_add_lines_and_tick_them(stage: Stage) -> None:
    row = await launch(stage)
    await _open(stage)
    await submit(stage, {"item": "Help page is written <@U0EVIL>"})
    detail = await _detail(stage, row)
    [item] = detail.crew.items
    assert progress(detail)[2] == "Those who asked for it are linked"
    await _open(stage, stage.who.ben)
    action = f"launch.item.tick:{item.id}"
    shown = await _click(stage, action, stage.who.ben)
    assert f"done by <@{stage.who.ben}>" in shown
    assert "<@U0EVIL>" not in shown
    assert "Checklist: 2 of 5 done" in words(headline(stage))
