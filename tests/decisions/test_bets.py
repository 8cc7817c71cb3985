"""A bet on a decision: set in its form or later, measured from its acceptance, judged, remembered."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.bets.records import VerdictView
from bot.bets.tables import Bet
from bot.decisions.queries import find_decisions, home_to_judge
from bot.decisions.words import ending_phrase
from bot.workspaces.asker import Asker
from playground.server.rows import Message
from tests.conftest import Stage
from tests.decisions.conftest import click, decide, post, submit, top_view
from tests.launches.conftest import Numbers, judge, launch, metric, rows, words
from tests.metrics.product import FILE

CHECK_AT = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)  # 9:30 in Berlin, two weeks on
CLEAR = {"bet_target": "+10 %", "bet_confidence": "70"}


@pytest.fixture
def product(tmp_path: Path) -> Numbers:
    product = Numbers(tmp_path, "U0OWNER00")
    product.write("sign_ups", effect=0.3)
    product.declare(FILE)
    return product


@pytest.fixture
def metrics_yaml(product: Numbers, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in product.env.items():
        monkeypatch.setenv(name, value)
    return product.file.read_text()


def _decision_post(stage: Stage) -> Message:
    return next(m for m in stage.posts(stage.rooms.product) if m.text.startswith("Decision #"))


def _thread(stage: Stage) -> list[Message]:
    return [m for m in stage.posts(stage.rooms.product) if m.is_reply]


async def _fold_out(stage: Stage) -> None:
    view = top_view(stage, stage.who.ana)
    action = "decision.bet.change:fold"
    answer = await stage.people.click(stage.who.ana, action, view_id=view.id)
    assert answer.ok, answer


async def _decide_with_bet(stage: Stage, status: str = "accepted", **terms: str) -> Bet:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Sign-up without card")
    await _fold_out(stage)
    values = {"choice": "Ask for a card later", "status": status}
    values |= {"bet_metric": await metric(stage, "sign_ups"), **CLEAR, **terms}
    done = await submit(stage, values)
    assert done.result != "errors", done.errors
    [bet] = await rows(stage, Bet)
    return bet


async def test_the_form_folds_out_a_bet_and_says_what_could_be_seen_before_it_is_sent(
    stage: Stage,
) -> None:
    who = stage.who.ana
    await stage.people.command(who, stage.rooms.product, "/decision Sign-up without card")
    await _fold_out(stage)
    sign_ups = await metric(stage, "sign_ups")
    view = top_view(stage, who)
    await stage.people.click(
        who, "decision.bet.change:metric", view_id=view.id, block_id="bet_metric", value=sign_ups
    )
    said = words(top_view(stage, who))
    assert "Sign-ups: " in said
    assert "In 14 days this metric can show a change of" in said


async def test_a_bet_on_a_decision_is_measured_from_its_acceptance_and_judged_by_its_owner(
    stage: Stage,
) -> None:
    bet = await _decide_with_bet(stage)
    assert (bet.subject_kind, bet.first_day, bet.check_date) == (
        "decision",
        date(2026, 5, 18),
        date(2026, 6, 1),
    )
    assert "*Bet:* Sign-ups from" in words(_decision_post(stage))
    await launch(stage, "Something else")
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    [found] = [m for m in _thread(stage) if m.text.startswith("Check of #")]
    said = words(found)
    assert "*Target reached?* Yes." in said
    assert "Also launched in these days: #2 Something else" in said
    async with stage.deps.db.read() as session:
        asker = Asker(stage.workspace_id, stage.who.ana, sees_public=True)
        assert [one.title for one in await home_to_judge(session, asker)] == [
            "Sign-up without card"
        ]
    assert stage.dms(stage.who.ana)[-1].text.startswith("What is your verdict on #1 Sign-up")
    answer = await judge(stage, "hit", lesson="Nobody minds paying later")
    assert answer.result == "closed", answer
    assert "*Verdict: hit*" in words(_decision_post(stage))
    assert _thread(stage)[-1].text.startswith("Verdict on #1: *hit*")

    await stage.people.command(stage.who.ana, stage.rooms.product, "/why #1")
    story = words((await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1])
    assert "*Target reached?* Yes." in story
    assert "Nobody minds paying later" in story


async def test_a_proposals_bet_counts_from_when_it_is_accepted(stage: Stage) -> None:
    bet = await _decide_with_bet(stage, "proposed", bet_check_date="2026-06-15")
    assert bet.first_day is None
    await stage.after(days=3)
    await click(stage, _decision_post(stage), "decision.item.accept")
    [bet] = await rows(stage, Bet)
    assert (bet.first_day, bet.baseline_to) == (date(2026, 5, 21), date(2026, 5, 20))


async def test_a_bet_is_added_to_an_accepted_decision_and_its_change_is_said(
    stage: Stage,
) -> None:
    await decide(stage, "Sign-up without card", "Ask for a card later", status="accepted")
    for hope, note in (("5 of 8 people finish", "set a bet on #1"), ("7 of 8", "changed the bet")):
        await click(stage, _decision_post(stage), "decision.bet.open")
        view = top_view(stage, stage.who.ana)
        await stage.people.click(
            stage.who.ana,
            "decision.bet.change:kind",
            view_id=view.id,
            block_id="bet_kind",
            value="by_hand",
        )
        await submit(stage, {"bet_expectation": hope})
        assert note in _thread(stage)[-1].text
    assert "after it was decided and will be said in the verdict" in words(_thread(stage)[-1])
    assert "The bet was changed after it was decided" in words(_decision_post(stage))


async def test_a_retired_decision_is_not_checked_any_more(stage: Stage) -> None:
    await _decide_with_bet(stage)
    await click(stage, post(stage), "decision.item.retire")
    await submit(stage, {"reason": "We found a better way"})
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    [bet] = await rows(stage, Bet)
    assert bet.state == "ended"
    assert _thread(stage) == []


async def test_a_bets_mistake_stands_under_the_bets_own_field(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Sign-up without card")
    await _fold_out(stage)
    sign_ups = await metric(stage, "sign_ups")
    values = {"choice": "Later", "bet_metric": sign_ups, "bet_target": "soon"}
    done = await submit(stage, values)
    assert (done.result, list(done.errors)) == ("errors", ["bet_target"])


async def test_a_past_decision_is_shown_with_what_came_of_it(stage: Stage) -> None:
    await _decide_with_bet(stage)
    async with stage.deps.db.read() as session:
        [view] = await find_decisions(session, Asker(stage.workspace_id, sees_public=True))
    lesson = "Cards were never the hurdle"
    said = VerdictView("missed", lesson, "fix", is_against_evidence=False, reason="", by="U1",
                       at=view.created_at)  # fmt: skip
    assert view.bet is not None
    judged = replace(view, verdict=said, bet=replace(view.bet, state="judged"))
    assert ending_phrase(judged).endswith(f"verdict missed: “{lesson}”")


async def test_the_later_of_two_bet_forms_overwrites_nothing(stage: Stage) -> None:
    await _decide_with_bet(stage)
    for who in (stage.who.ana, stage.who.ben):
        await click(stage, _decision_post(stage), "decision.bet.open", user=who)
    assert (await submit(stage, {"bet_target": "470"}, stage.who.ben)).result != "errors"
    late = await submit(stage, {"bet_target": "500"}, stage.who.ana)
    assert "somebody changed the bet" in late.errors["bet_target"]
    assert [bet.target for bet in await rows(stage, Bet)] == [470.0]


async def test_a_bet_saved_as_it_was_is_unchanged_though_its_metric_means_something_else_now(
    stage: Stage, product: Numbers
) -> None:
    await _decide_with_bet(stage)
    product.declare(product.file.read_text().replace("unit: teams", "unit: accounts"))
    stat = product.file.stat()
    os.utime(product.file, (stat.st_atime, stat.st_mtime + 10))
    await stage.deps.metrics.follow(stage.workspace_id, at=stage.daybook.clock.now())
    for confidence, version, state in (("70", 1, None), ("80", 1, "changed")):
        await click(stage, _decision_post(stage), "decision.bet.open")
        assert (await submit(stage, {"bet_confidence": confidence})).result != "errors"
        [bet] = await rows(stage, Bet)
        assert (bet.metric_version, bool(bet.changed_at)) == (version, bool(state))


async def test_a_proposal_whose_bet_was_judged_offers_no_other_bet(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Sign-up without card")
    await _fold_out(stage)
    view = top_view(stage, stage.who.ana)
    await stage.people.click(
        stage.who.ana, "decision.bet.change:kind",
        view_id=view.id, block_id="bet_kind", value="by_hand",
    )  # fmt: skip
    values = {"choice": "Later", "status": "proposed", "bet_expectation": "5 of 8 finish"}
    assert (await submit(stage, values)).result != "errors"
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    await judge(stage, "hit")
    await click(stage, _decision_post(stage), "decision.item.edit")
    for _ in range(2):
        form = top_view(stage, stage.who.ana)
        assert "Add a bet" not in words(form)
        assert "so it stays as it was" in words(form)
        await stage.people.click(
            stage.who.ana, "decision.form.title", view_id=form.id, block_id="title", value="Cards"
        )
    assert (await submit(stage, {"choice": "Much later"})).result != "errors"
