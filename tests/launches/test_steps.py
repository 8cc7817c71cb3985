"""A miss is followed up: fix or remove by a date, asked about then, and closed by an answer."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.bets.tables import MissStep
from bot.launches.queries import home_steps
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.launches.conftest import (
    CHECK_AT,
    Numbers,
    bet_on,
    click_headline,
    entry_kinds,
    headline,
    judge,
    rows,
    thread,
    words,
)

DUE = date(2026, 6, 15)  # two weeks after the check
DUE_AT = CHECK_AT + timedelta(days=14, minutes=1)


@pytest.fixture
async def missed(stage: Stage, product: Numbers) -> Stage:
    """A bet that did not come out, and that its owner means to fix."""
    await bet_on(stage)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    answer = await judge(stage, "missed", next_step="fix", lesson="Step two loses people")
    assert answer.result == "closed", answer
    return stage


async def _due(stage: Stage) -> list[int]:
    ana = Asker(stage.workspace_id, stage.who.ana, sees_public=True)
    async with stage.deps.db.read() as session:
        return [one.number for one in await home_steps(session, ana)]


async def _answer(stage: Stage, answer: str) -> Any:
    question = stage.dms(stage.who.ana)[-1]
    place = {"channel": question.channel, "ts": question.ts}
    said = await stage.people.click(stage.who.ana, f"launch.step.answer:{answer}", **place)
    await stage.settle()
    return said


async def test_a_fix_has_a_date_and_stands_in_the_headline_and_the_app_home(missed: Stage) -> None:
    [step] = await rows(missed, MissStep)
    assert (step.step, step.due_on, step.state) == ("fix", DUE, "open")
    assert "Next: fix it by 15 Jun" in words(headline(missed))
    assert "by 15 Jun" in words(thread(missed)[-1])
    assert await _due(missed) == [1]


async def test_on_its_date_the_owner_is_asked_whether_it_is_done(missed: Stage) -> None:
    before = len(missed.dms(missed.who.ana))
    await missed.run_until(DUE_AT)
    assert len(missed.dms(missed.who.ana)) == before + 1
    assert "missed its bet. Is it fixed?" in missed.dms(missed.who.ana)[-1].text

    await _answer(missed, "done")
    assert "Since then fixed" in words(headline(missed))
    assert "launch.step.answer" not in words(missed.dms(missed.who.ana)[-1])
    assert await _due(missed) == []
    assert (await entry_kinds(missed)).count("launch.step") == 1
    await missed.run_until(DUE_AT + timedelta(days=40))
    assert len(missed.dms(missed.who.ana)) == before + 1


async def test_later_asks_again_in_two_weeks_and_silence_three_times_in_all(
    missed: Stage,
) -> None:
    await missed.run_until(DUE_AT)
    await _answer(missed, "later")
    assert "Next: fix it by 29 Jun" in words(headline(missed))
    before = len(missed.dms(missed.who.ana))
    await missed.run_until(DUE_AT + timedelta(days=60))
    assert len(missed.dms(missed.who.ana)) == before + 3
    assert await _due(missed) == [1]


async def test_what_is_to_be_removed_is_done_when_it_is_taken_back(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    await judge(stage, "missed", next_step="remove", due_on="2026-06-10")
    await click_headline(stage, "launch.stage.move", value="retired")
    [step] = await rows(stage, MissStep)
    assert (step.due_on, step.state) == (date(2026, 6, 10), "done")


async def test_a_verdict_that_is_no_miss_any_more_ends_the_follow_up(missed: Stage) -> None:
    await click_headline(missed, "launch.verdict.give")
    view = missed.world.views.stack(missed.who.ana)[-1]
    await missed.people.submit(missed.who.ana, view.id, {"verdict": "invalid"})
    await missed.settle()
    [step] = await rows(missed, MissStep)
    assert step.state == "dropped"


async def test_a_past_date_is_refused_under_its_field(stage: Stage, product: Numbers) -> None:
    await bet_on(stage)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    answer = await judge(stage, "missed", next_step="fix", due_on="2026-05-30")
    assert set(answer.errors) == {"due_on"}
