"""The check date: what is measured, what is said of it, and who is asked."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.bets.tables import Bet, Evidence
from bot.engine.tables import Delivery
from tests.conftest import Stage
from tests.launches.conftest import (
    CHECK,
    CHECK_AT,
    TODAY,
    Numbers,
    bet_on,
    click_headline,
    declare_all,
    entry_kinds,
    fold_out,
    headline,
    judge,
    launch,
    metric,
    open_form,
    rows,
    submit,
    thread,
    words,
)


async def _checked(stage: Stage) -> tuple[Evidence, str]:
    """Run to the check; returns the evidence and what the thread says of it."""
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    [evidence] = await rows(stage, Evidence)
    return evidence, words(thread(stage)[-1])


async def test_nothing_is_said_before_half_past_nine_of_the_check_date(stage: Stage) -> None:
    await bet_on(stage)
    await stage.run_until(CHECK_AT - timedelta(minutes=1))
    assert await rows(stage, Evidence) == []
    assert thread(stage) == []


async def test_a_clear_move_past_the_target_is_said_in_two_answers(
    stage: Stage, product: Numbers
) -> None:
    product.write("sign_ups", effect=0.3)
    await bet_on(stage)
    evidence, said = await _checked(stage)

    assert (evidence.kind, evidence.is_reached, evidence.grade) == ("beyond_target", True, "C")
    assert (evidence.window_from, evidence.window_to) == (TODAY, date(2026, 5, 31))
    assert evidence.value == pytest.approx(520, rel=0.03)
    assert evidence.lo < 0.3 < evidence.hi
    assert evidence.method.startswith("placebo family")
    assert evidence.data_as_of == CHECK_AT
    assert "*Target reached?* Yes. 5" in said
    assert "from 18 to 31 May, against a target of 44" in said
    assert "*More than usual noise?* Yes. Earlier days led me to expect 4" in said
    assert "Grade C: before and after only" in said
    for forbidden in ("because", "significant", "caused", "win"):
        assert forbidden not in said.lower()
    assert "Measured: target reached; beyond the target. Grade C." in words(headline(stage))
    assert "evidence.measured" in await entry_kinds(stage)


async def test_the_finding_has_a_picture_whose_band_is_from_before_the_launch(
    stage: Stage, product: Numbers
) -> None:
    product.write("sign_ups", effect=0.3)
    await bet_on(stage, confidence="70")
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    finding = thread(stage)[-1]
    assert [block["type"] for block in finding.blocks][1:4] == ["section", "section", "image"]
    alt = finding.blocks[3]["alt_text"]
    assert "Launches: New importer (18 May)." in alt
    assert "above its usual range" in alt
    assert "70 % sure" in words(finding)

    async with stage.deps.db.read() as session:
        query = select(Delivery.payload).where(Delivery.method == "picture")
        [payload] = await session.scalars(query)
    spec = payload["spec"]
    start = (TODAY - date.fromisoformat(spec["first"])).days
    assert spec["high"][start:] == spec["high"][start - 7 : start] * 2


async def test_no_move_is_not_called_one(stage: Stage) -> None:
    await bet_on(stage)
    evidence, said = await _checked(stage)
    assert (evidence.kind, evidence.is_reached) == ("below_target", False)
    assert "*Target reached?* No. " in said


async def test_what_is_within_noise_says_what_would_have_decided_it(
    stage: Stage, product: Numbers
) -> None:
    product.write("sign_ups", noise=0.6)
    await bet_on(stage, target="+4 %")
    evidence, said = await _checked(stage)
    assert (evidence.kind, evidence.grade) == ("within_noise", "D")
    assert "none at all included" in said
    assert "What would decide it: In 14 days this metric shows a change of" in said
    await judge(stage, "inconclusive")
    assert "What would decide it: " in words(thread(stage)[-1])


async def test_too_little_history_is_said_and_the_target_is_still_answered(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    import sqlite3

    product.write("exports", level=50, effect=1.0)
    with sqlite3.connect(product.database) as connection:
        connection.execute(
            "delete from numbers where name = 'exports' and day < ?",
            (str(TODAY - timedelta(days=9)),),
        )
    await bet_on(stage, name="exports", target="60")
    evidence, said = await _checked(stage)
    assert (evidence.kind, evidence.is_reached) == ("too_little_history", True)
    assert "I cannot tell: there are too few earlier days" in said


async def test_a_count_is_totalled_and_not_compared_with_noise(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    for n in range(20):
        product.put("exports", TODAY + timedelta(days=n), 10)
    await open_form(stage, "/launch Exports")
    view = await fold_out(stage)
    await stage.people.click(stage.who.ana, "launch.bet.kind", view_id=view.id, value="reach_count")
    await submit(stage, {"metric": await metric(stage, "exports"), "target": "200"})
    evidence, said = await _checked(stage)
    assert (evidence.kind, evidence.value, evidence.is_reached) == ("counted", 140, False)
    assert "No. 140 exports from 18 to 31 May, against a target of 200 exports." in said


async def test_a_bet_judged_by_hand_only_asks(stage: Stage) -> None:
    await open_form(stage, "/launch Prototype")
    view = await fold_out(stage)
    await stage.people.click(stage.who.ana, "launch.bet.kind", view_id=view.id, value="by_hand")
    await submit(stage, {"expectation": "5 of 8 people finish", "stage": "prototype"})
    assert "*prototype*" in words(headline(stage))
    evidence, said = await _checked(stage)
    assert evidence.kind == "by_hand"
    assert "This one is judged by hand" in said
    assert "5 of 8 people finish" in words(stage.dms(stage.who.ana)[-1])


async def test_days_that_the_source_never_had_are_gaps_and_nothing_waits_for_them(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage)
    product.write("sign_ups", until=date(2026, 5, 29))
    product.declare(_with_gaps(product))
    await _follow(stage, product)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    [evidence] = await rows(stage, Evidence)
    assert (evidence.window_to, evidence.kind) == (date(2026, 5, 31), "below_target")


def _with_gaps(product: Numbers) -> str:
    return product.file.read_text().replace("good: up", "good: up\n    missing: gap")


async def _follow(stage: Stage, product: Numbers) -> None:
    import os

    stat = product.file.stat()
    os.utime(product.file, (stat.st_atime, stat.st_mtime + 20))
    await stage.deps.metrics.follow(stage.workspace_id, at=stage.daybook.clock.now())


async def test_a_source_that_stays_silent_is_told_and_after_a_week_said_as_not_measured(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage)
    product.database.rename(product.database.with_suffix(".gone"))
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    assert await rows(stage, Evidence) == []
    [note] = stage.dms(stage.who.ana)
    assert "waits for data" in note.text
    assert "the check needs 31 May" in note.text
    await stage.run_until(CHECK_AT + timedelta(days=8))
    [evidence] = await rows(stage, Evidence)
    assert evidence.kind == "not_measured"
    assert "*Not measured.*" in words(thread(stage)[-1])
    assert len([m for m in stage.dms(stage.who.ana) if "waits for data" in m.text]) == 1


async def test_a_check_that_found_its_data_late_measures_the_same_window(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage)
    away = product.database.with_suffix(".gone")
    product.database.rename(away)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    away.rename(product.database)
    await stage.run_until(CHECK_AT + timedelta(days=1, minutes=1))
    [evidence] = await rows(stage, Evidence)
    assert (evidence.window_to, evidence.checked_on) == (date(2026, 5, 31), CHECK)


async def test_other_launches_in_the_window_are_named(stage: Stage) -> None:
    await bet_on(stage)
    await stage.after(days=2)
    await open_form(stage, "/launch Dark mode")
    await submit(stage, {})
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    said = words(next(m for m in stage.posts(stage.rooms.product) if "Check of" in m.text))
    assert "Also launched in these days: #" in said
    assert "Dark mode" in said


async def test_a_guardrail_that_broke_is_said_and_a_still_one_is_bounded(
    stage: Stage, product: Numbers
) -> None:
    product.write("errors", level=300, effect=0.4)
    await bet_on(stage, guardrails=[await metric(stage, "errors")])
    _, said = await _checked(stage)
    assert "Errors got worse, by" in said
    assert "more than noise" in said


async def test_a_still_guardrail_is_never_called_safe(stage: Stage) -> None:
    await bet_on(stage, guardrails=[await metric(stage, "errors")])
    _, said = await _checked(stage)
    assert "Errors: no harm larger than" in said
    assert "safe" not in said


async def test_a_bet_changed_after_launch_and_a_metric_defined_anew_are_said(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage)
    await click_headline(stage, "launch.item.edit")
    await submit(stage, {"target": "+20 %"})
    product.declare(product.file.read_text().replace("unit: teams", "unit: accounts"))
    await _follow(stage, product)
    _, said = await _checked(stage)
    assert "The bet was changed after launch" in said
    assert "defined in another way now" in said
    await judge(stage, "invalid")
    assert "The bet was changed after launch" in words(thread(stage)[-1])
    assert "defined in another way now" in words(thread(stage)[-1])


async def test_a_guardrail_defined_anew_is_said_and_no_edit_of_the_bet_hides_it(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage, guardrails=[await metric(stage, "errors")])
    text = product.file.read_text()
    product.declare(
        text.replace("unit: teams", "unit: accounts").replace("unit: errors", "unit: faults")
    )
    await _follow(stage, product)
    await click_headline(stage, "launch.item.edit")
    await submit(stage, {"confidence": "80"})
    _, said = await _checked(stage)
    assert "The metric is defined in another way now" in said
    assert "Errors is defined in another way now than when the bet was set." in said


async def test_a_new_title_after_a_new_definition_is_no_change_of_the_bet(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage)
    product.declare(product.file.read_text().replace("unit: teams", "unit: accounts"))
    await _follow(stage, product)
    await click_headline(stage, "launch.item.edit")
    await submit(stage, {"title": "CSV importer"})
    assert "bet.changed" not in await entry_kinds(stage)
    [bet] = await rows(stage, Bet)
    assert (bet.metric_version, bet.changed_at) == (1, None)


async def test_a_check_that_runs_twice_says_everything_once(stage: Stage) -> None:
    from bot.engine.queue import SlotWork
    from bot.engine.tables import Occurrence
    from jobs.bets import run_check

    await bet_on(stage)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    posts, dms = len(thread(stage)), len(stage.dms(stage.who.ana))
    [slot] = [o for o in await rows(stage, Occurrence) if o.kind == "launch.check"]
    work = SlotWork(
        stage.workspace_id, slot.id, slot.kind, slot.subject_id, slot.schedule_id, slot.slot,
        slot.due_at, CHECK_AT, 2, "", "", stage.who.ana, "Europe/Berlin", 60,
    )  # fmt: skip
    assert await run_check(work, stage.deps) == "nothing to check"
    await stage.settle()
    assert (len(thread(stage)), len(stage.dms(stage.who.ana))) == (posts, dms)
    [bet] = await rows(stage, Bet)
    assert bet.asked == 1


async def test_nothing_stands_at_the_top_of_the_channel_but_the_launch(stage: Stage) -> None:
    await bet_on(stage)
    await stage.run_until(CHECK_AT + timedelta(days=9))
    assert headline(stage).text.startswith("Launch #")
    assert await launch(stage, "Second one") is not None
