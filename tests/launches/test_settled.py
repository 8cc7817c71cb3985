"""What was measured or said stays: edits, late answers and other people do not wipe it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.bets.tables import Bet, Evidence
from bot.general.owned import OWNED
from bot.handover.service import hand_over
from bot.launches.tables import Launch
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.launches.conftest import (
    CHECK_AT,
    Numbers,
    bet_on,
    click_headline,
    headline,
    judge,
    launch,
    metric,
    rows,
    submit,
    thread,
    top_view,
    verdicts,
    words,
)


@pytest.fixture
async def checked(stage: Stage, product: Numbers) -> Stage:
    product.write("sign_ups", effect=0.3)
    product.write("errors", level=50.0, effect=0.5)
    await bet_on(stage)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    return stage


async def _press(stage: Stage, user: str) -> None:
    """The verdict's button in the headline."""
    await stage.people.click(
        user, "launch.verdict.give", channel=stage.rooms.product, ts=headline(stage).ts
    )


async def test_an_edit_leaves_a_measured_bet_and_its_verdict_as_they_are(checked: Stage) -> None:
    await judge(checked, "missed", next_step="fix", reason="It fell again", lesson="Ship smaller")
    await click_headline(checked, "launch.item.edit")
    form = top_view(checked, checked.who.ana)
    assert "Its bet is measured, so it stays as it was." in words(form)
    assert "launch.bet.fold" not in words(form)
    assert (await submit(checked, {"title": "Importer, guided"})).result == "closed"
    assert "missed" in words(headline(checked))
    assert (await rows(checked, Bet))[0].state == "judged"


async def test_only_the_owner_or_an_admin_says_what_came_of_it(checked: Stage) -> None:
    ben = checked.who.ben
    await _press(checked, ben)
    assert checked.world.views.stack(ben) == []
    assert "says what came of it" in (await checked.whispers(ben, checked.rooms.product))[-1]


async def test_a_form_that_was_open_while_somebody_answered_overwrites_nothing(
    stage: Stage, product: Numbers
) -> None:
    ana, ben = stage.who.ana, stage.who.ben
    product.write("sign_ups", effect=0.3)
    await bet_on(stage, owner=ben)
    await stage.run_until(CHECK_AT + timedelta(hours=7))  # 9:30 in New York has passed
    await _press(stage, ana)
    assert (await judge(stage, "hit", ben)).result == "closed"
    answer = await submit(stage, {"verdict": "invalid"})
    assert "Somebody said “hit” meanwhile." in answer.errors["verdict"]
    assert [one.verdict for one in await verdicts(stage)] == ["hit"]


async def test_an_older_questions_buttons_do_not_judge_what_is_looked_at_again(
    checked: Stage,
) -> None:
    ana = checked.who.ana
    await checked.run_until(CHECK_AT + timedelta(days=3))
    first = checked.dms(ana)[0]
    await judge(checked, "too_early", check_again="2026-06-20")
    await checked.people.click(ana, "launch.verdict.give:hit", channel=first.channel, ts=first.ts)
    assert checked.world.views.stack(ana) == []
    assert "is checked again on 20 Jun" in checked.dms(ana)[-1].text
    [bet] = await rows(checked, Bet)
    assert (bet.state, bet.check_date) == ("open", date(2026, 6, 20))


async def test_a_second_check_says_that_its_date_was_moved(checked: Stage) -> None:
    await judge(checked, "too_early", check_again="2026-06-20")
    await checked.run_until(datetime(2026, 6, 22, 8, 0, tzinfo=UTC))  # the 20th is a Saturday
    assert thread(checked)[-1].text.startswith("Check of #1")
    assert "The bet was changed after launch" in words(thread(checked)[-1])


async def test_the_owner_reads_what_got_worse_where_they_decide(
    stage: Stage, product: Numbers
) -> None:
    product.write("sign_ups", effect=0.3)
    product.write("errors", level=50.0, effect=0.5)
    await bet_on(stage, guardrails=[await metric(stage, "errors")])
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    assert "Errors got worse" in words(stage.dms(stage.who.ana)[-1])


async def test_what_is_not_live_by_its_check_date_is_checked_two_weeks_after_it_is(
    stage: Stage, product: Numbers
) -> None:
    product.write("sign_ups", effect=0.3)
    await bet_on(stage, stage="planned")
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    assert await rows(stage, Evidence) == []
    assert "was due today, and it is not live yet" in stage.dms(stage.who.ana)[-1].text
    await stage.run_until(datetime(2026, 6, 2, 7, 0, tzinfo=UTC))
    await click_headline(stage, "launch.stage.move", value="live")
    [bet], [row] = await rows(stage, Bet), await rows(stage, Launch)
    assert row.stage == "live"
    assert (bet.state, bet.check_date) == ("open", date(2026, 6, 16))
    await stage.run_until(datetime(2026, 6, 16, 8, 0, tzinfo=UTC))
    [evidence] = await rows(stage, Evidence)
    assert (evidence.window_from, evidence.window_to) == (date(2026, 6, 2), date(2026, 6, 15))


async def test_going_live_days_before_the_check_tells_the_owner_that_they_are_few(
    stage: Stage, product: Numbers
) -> None:
    product.write("sign_ups", effect=0.3)
    await bet_on(stage, stage="planned")
    await stage.run_until(datetime(2026, 5, 29, 7, 0, tzinfo=UTC))
    await click_headline(stage, "launch.stage.move", value="live")
    assert "Its check on 1 Jun sees 3 of its days." in stage.dms(stage.who.ana)[-1].text


async def test_a_headline_names_who_owns_it_after_a_hand_over(stage: Stage) -> None:
    await launch(stage)
    ana, ben = stage.who.ana, stage.who.ben
    async with stage.deps.db.write() as session:
        to = Asker(stage.workspace_id, ben, sees_public=True)
        await hand_over(session, ana, to, OWNED, by=ana, at=stage.clock.at)
    await stage.settle()
    assert f"<@{ben}>" in words(headline(stage))
    assert f"<@{ana}>" not in words(headline(stage))


async def test_the_list_knows_an_owner_by_the_name_that_slack_sends(stage: Stage) -> None:
    await launch(stage, "New importer")
    await launch(stage, "Dark mode", owner=stage.who.ben)
    for typed, shown in (("@ben", "Dark mode"), ("@Ána lima", "New importer"), ("@zoe", "")):
        await stage.people.command(
            stage.who.ana, stage.rooms.product, f"/daybook launch list {typed}"
        )
        [*_, answer] = await stage.people.ephemerals(stage.who.ana, stage.rooms.product)
        said = words(answer) if answer.blocks else answer.text
        assert {t for t in ("New importer", "Dark mode") if t in said} == {shown} - {""}
    assert "Nobody of that name." in said


async def test_a_verdict_against_the_measurement_is_marked_in_the_list_and_in_why(
    checked: Stage,
) -> None:
    await judge(checked, "missed", next_step="keep", reason="It was the campaign")
    for line in ("/daybook launch list", "/why New importer"):
        await checked.people.command(checked.who.ana, checked.rooms.product, line)
        await checked.settle()
        [*_, answer] = await checked.people.ephemerals(checked.who.ana, checked.rooms.product)
        assert "missed (other than the measurement says)" in words(answer), line


async def test_a_bet_is_not_taken_off_in_silence(stage: Stage) -> None:
    await bet_on(stage)
    await click_headline(stage, "launch.item.edit")
    answer = await submit(stage, {"kind": "none"})
    assert "stays in the log" in answer.errors["kind"]
