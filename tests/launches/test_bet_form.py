"""Setting a bet: what the form says while typing, and what it refuses."""

import asyncio
import re
from datetime import date

import pytest
from sqlalchemy import select

from bot.bets.tables import Bet
from bot.entries.tables import Entry, Link
from tests.conftest import Stage
from tests.launches.conftest import (
    CHECK,
    Numbers,
    bet_on,
    click_headline,
    declare_all,
    entry_kinds,
    fold_out,
    headline,
    metric,
    open_form,
    rows,
    submit,
    thread,
    top_view,
    words,
)


async def _pick(stage: Stage, name: str, target: str = "") -> str:
    """Pick a metric, type a target; returns what the form says then."""
    view = top_view(stage, stage.who.ana)
    choice = await metric(stage, name)
    await stage.people.click(stage.who.ana, "launch.bet.metric", view_id=view.id, value=choice)
    if target:
        await stage.people.click(stage.who.ana, "launch.bet.target", view_id=view.id, value=target)
    return words(top_view(stage, stage.who.ana))


async def test_the_bet_folds_out_and_keeps_what_was_typed(stage: Stage) -> None:
    view = await open_form(stage, "/launch New importer")
    assert "Guardrails" not in words(view)
    answer = await stage.people.click(
        stage.who.ana, "launch.bet.fold", view_id=view.id, state={"area": "Import"}
    )
    assert answer.ok
    said = words(top_view(stage, stage.who.ana))
    assert "New importer" in said
    assert '"initial_value": "Import"' in said
    assert CHECK.isoformat() in said


async def test_picking_a_metric_shows_its_baseline_and_the_smallest_visible_change(
    stage: Stage,
) -> None:
    await open_form(stage, "/launch New importer")
    await fold_out(stage)
    said = await _pick(stage, "sign_ups", "+10 %")
    assert re.search(r"\*Sign-ups: (39|40)\d(\.\d+)? teams a day\*", said)
    assert "the mean from 20 Apr to 17 May" in said
    assert "In 14 days this metric can show a change of" in said
    assert "The check can decide this bet" in said


async def test_a_bet_that_cannot_be_decided_is_warned_of_with_what_would_decide_it(
    stage: Stage, product: Numbers
) -> None:
    product.write("sign_ups", noise=0.5)
    await open_form(stage, "/launch New importer")
    await fold_out(stage)
    said = await _pick(stage, "sign_ups", "+3 %")
    assert "By then this bet cannot be decided" in said
    assert "A/B test" in said


async def test_a_bet_freezes_baseline_window_and_what_could_be_seen(stage: Stage) -> None:
    await bet_on(stage, guardrails=[await metric(stage, "errors")], harm="8 %", confidence="70")
    [bet] = await rows(stage, Bet)
    assert bet.baseline == pytest.approx(400, rel=0.02)
    assert (bet.baseline_from, bet.baseline_to) == (date(2026, 4, 20), date(2026, 5, 17))
    assert bet.target == pytest.approx(bet.baseline * 1.1, rel=1e-4)
    assert (bet.first_day, bet.check_date) == (date(2026, 5, 18), CHECK)
    assert 0 < bet.smallest_visible < 0.1
    assert (bet.confidence, bet.guardrails[0]["harm"]) == (70, pytest.approx(0.08))
    assert (bet.metric_version, bet.method) == (1, "placebo family")
    said = words(headline(stage))
    assert re.search(r"\*Bet:\* Sign-ups from (39|40)\d to 4\d\d teams a day by 1 Jun", said)
    assert "70 % sure" in said
    assert "Smallest change that could be seen by then" in said
    assert "Errors (no more than 8 % worse)" in said
    kinds = await entry_kinds(stage)
    assert sorted(kinds) == ["bet.set", "launch.created", "launch.live"]
    [link] = [x for x in await _links(stage) if x.kind == "judged_on"]
    assert (link.from_kind, link.to_kind, link.to_id) == ("launch", "metric", bet.metric_id)


async def _links(stage: Stage) -> list[Link]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(Link)))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"check_date": "2026-05-18"}, "check_date"),
        ({"check_date": "2026-05-01"}, "check_date"),
        ({"target": "300"}, "target"),
        ({"target": "-10 %"}, "target"),
        ({"target": "lots"}, "target"),
        ({"harm": "much"}, "harm"),
    ],
)
async def test_a_bet_that_makes_no_sense_is_refused_under_its_field(
    stage: Stage, values: dict[str, str], field: str
) -> None:
    await open_form(stage, "/launch New importer")
    await fold_out(stage)
    wanted = {"metric": await metric(stage, "sign_ups"), "target": "+10 %", **values}
    answer = await submit(stage, wanted)
    assert answer.result == "errors"
    assert set(answer.errors) == {field}
    assert await entry_kinds(stage) == []
    assert stage.posts(stage.rooms.product) == []


async def test_every_wrong_field_of_a_launch_is_marked_at_once(stage: Stage) -> None:
    await open_form(stage, "/launch New importer")
    await fold_out(stage)
    wrong = {
        "metric": await metric(stage, "sign_ups"),
        "title": "\u200b",
        "owner": stage.who.gil,
        "channel": stage.rooms.acme,
        "target": "300",
        "check_date": "2026-05-01",
        "harm": "much",
    }
    answer = await submit(stage, wrong)
    assert set(answer.errors) == set(wrong) - {"metric"}
    assert await entry_kinds(stage) == []


async def test_a_metric_that_is_better_when_lower_takes_a_lower_target(stage: Stage) -> None:
    await bet_on(stage, name="errors", target="-10 %")
    [bet] = await rows(stage, Bet)
    assert bet.target < bet.baseline


async def test_a_metric_that_cannot_be_read_is_refused_with_the_fix(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    await open_form(stage, "/launch New importer")
    await fold_out(stage)
    said = await _pick(stage, "uptime")
    assert "cannot read this metric" in said
    answer = await submit(stage, {"metric": await metric(stage, "uptime"), "target": "99"})
    assert set(answer.errors) == {"metric"}
    assert "nowhere" not in str(answer.errors)


async def test_a_metric_without_readings_is_refused(stage: Stage, product: Numbers) -> None:
    await declare_all(stage, product)
    await open_form(stage, "/launch New importer")
    await fold_out(stage)
    answer = await submit(stage, {"metric": await metric(stage, "exports"), "target": "9"})
    assert set(answer.errors) == {"metric"}


async def test_a_private_metric_is_no_bet_in_a_public_channel(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    await open_form(stage, "/launch New importer")
    await fold_out(stage)
    values = {"metric": await metric(stage, "revenue"), "target": "+10 %"}
    answer = await submit(stage, values)
    assert set(answer.errors) == {"metric"}
    answer = await submit(stage, {**values, "channel": stage.rooms.leads})
    assert answer.result == "closed"
    assert "EUR" in words(headline(stage, stage.rooms.leads))


async def test_a_private_metric_is_not_offered_to_who_may_not_see_it(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    await open_form(stage, "/launch New importer", user=stage.who.ben)
    view = await fold_out(stage, user=stage.who.ben)
    assert "Sign-ups" in words(view)
    assert "Revenue" not in words(view)


async def test_a_bet_judged_by_hand_needs_words_that_can_be_checked(stage: Stage) -> None:
    await open_form(stage, "/launch Prototype")
    view = await fold_out(stage)
    await stage.people.click(stage.who.ana, "launch.bet.kind", view_id=view.id, value="by_hand")
    missing = await submit(stage, {})
    assert set(missing.errors) == {"expectation"}
    await submit(stage, {"expectation": "5 of 8 people finish"})
    assert "5 of 8 people finish, judged by hand on 1 Jun" in words(headline(stage))


async def test_a_count_from_nothing_needs_no_baseline(stage: Stage, product: Numbers) -> None:
    await declare_all(stage, product)
    await open_form(stage, "/launch Exports")
    view = await fold_out(stage)
    await stage.people.click(stage.who.ana, "launch.bet.kind", view_id=view.id, value="reach_count")
    wanted = {"metric": await metric(stage, "exports"), "target": "-5"}
    assert set((await submit(stage, wanted)).errors) == {"target"}
    assert (await submit(stage, {**wanted, "target": "200"})).result == "closed"
    assert "Exports: 200 exports in all by 1 Jun" in words(headline(stage))


async def test_changing_a_bet_after_launch_is_a_new_entry_and_is_shown(stage: Stage) -> None:
    await bet_on(stage)
    await click_headline(stage, "launch.item.edit")
    await submit(stage, {"target": "+20 %"})

    [bet] = await rows(stage, Bet)
    assert bet.target == pytest.approx(bet.baseline * 1.2, rel=1e-4)
    assert bet.changed_at is not None
    [changed] = [e for e in await rows(stage, Entry) if e.kind == "bet.changed"]
    assert changed.facts["is_after_live"] is True
    assert changed.facts["from"]["target"] == pytest.approx(bet.baseline * 1.1, rel=1e-4)
    assert "The bet was changed after launch" in words(headline(stage))
    assert "will be said in the verdict" in words(thread(stage)[-1])


async def test_an_edit_that_leaves_the_bet_alone_is_no_change_of_it(stage: Stage) -> None:
    await bet_on(stage)
    await click_headline(stage, "launch.item.edit")
    await submit(stage, {"title": "Newer importer"})
    assert "bet.changed" not in await entry_kinds(stage)


async def test_a_date_that_is_past_is_named_while_it_is_picked(stage: Stage) -> None:
    await open_form(stage, "/launch New importer")
    await fold_out(stage)
    await _pick(stage, "sign_ups")
    view = top_view(stage, stage.who.ana)
    await stage.people.click(
        stage.who.ana, "launch.bet.date", view_id=view.id, block_id="check_date", value="2026-05-04"
    )
    said = words(top_view(stage, stage.who.ana))
    assert "4 May is not in the future" in said
    assert "too little history" not in said


async def test_what_is_typed_before_the_last_pick_was_answered_is_answered_too(
    stage: Stage,
) -> None:
    await open_form(stage, "/launch New importer")
    view = await fold_out(stage)
    choice = await metric(stage, "sign_ups")
    who = stage.who.ana
    await asyncio.gather(
        stage.people.click(who, "launch.bet.metric", view_id=view.id, value=choice),
        stage.people.click(who, "launch.bet.target", view_id=view.id, value="+10 %"),
    )
    await stage.settle()
    assert "your target is 10" in words(top_view(stage, who))
