"""The owner's verdict: asked for, given, late, against the evidence, or never given."""

from datetime import date, timedelta

import pytest

from bot.bets.tables import Bet, Evidence
from bot.entries.tables import Entry
from bot.launches.queries import home_due, live_bets
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
    submit,
    thread,
    verdicts,
    words,
)


@pytest.fixture
async def checked(stage: Stage, product: Numbers) -> Stage:
    """A bet that came out beyond its target, and its owner asked."""
    product.write("sign_ups", effect=0.3)
    await bet_on(stage)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    return stage


def _member(stage: Stage, user: str = "") -> Asker:
    return Asker(stage.workspace_id, user or stage.who.ana, sees_public=True)


async def test_the_owner_is_asked_once_by_dm_with_one_button_a_verdict(checked: Stage) -> None:
    [question] = checked.dms(checked.who.ana)
    assert question.text.startswith("What is your verdict on #")
    said = words(question)
    assert "*Target reached?* Yes." in said
    for word in ("Hit", "Missed", "Inconclusive", "Invalid", "Too early"):
        assert f'"text": "{word}"' in said
    async with checked.deps.db.read() as session:
        due = await home_due(session, _member(checked))
        others = await home_due(session, _member(checked, checked.who.ben))
    assert ([one.title for one in due], others) == (["New importer"], [])


async def test_a_verdict_stands_in_the_headline_and_as_one_line_in_the_thread(
    checked: Stage,
) -> None:
    before = len(thread(checked))
    answer = await judge(checked, "hit", lesson="Fewer steps beat more hints")
    assert answer.result == "closed"

    [row] = await verdicts(checked)
    assert (row.verdict, row.by, row.asked) == ("hit", checked.who.ana, 1)
    assert row.is_against_evidence is False
    assert "*Verdict: hit*" in words(headline(checked))
    assert "Fewer steps beat more hints" in words(headline(checked))
    notes = thread(checked)[before:]
    assert [note.text for note in notes] == [f"Verdict on #1: *hit*, says <@{checked.who.ana}>."]
    [question] = checked.dms(checked.who.ana)
    assert "Thank you" in question.text
    assert "launch.verdict.give" not in words(question)


async def test_the_entry_of_a_verdict_tells_other_rituals_what_they_need(checked: Stage) -> None:
    await judge(checked, "hit", lesson="Fewer steps")
    [entry] = [e for e in await rows(checked, Entry) if e.kind == "verdict.given"]
    assert entry.subject_kind == "launch"
    assert (entry.facts["launch"], entry.facts["number"]) == (entry.subject_id, 1)
    assert (entry.facts["verdict"], entry.facts["evidence"]) == ("hit", "beyond_target")
    assert "Fewer steps" not in str(entry.facts)


async def test_a_verdict_against_the_evidence_asks_for_a_reason_and_is_marked(
    checked: Stage,
) -> None:
    answer = await judge(checked, "missed", next_step="fix")
    assert answer.result == "errors"
    assert set(answer.errors) == {"reason"}
    await submit(checked, {"reason": "A conference doubled our visitors", "next_step": "fix"})

    [row] = await verdicts(checked)
    assert (row.verdict, row.is_against_evidence, row.next_step) == ("missed", True, "fix")
    assert "other than the measurement says" in words(headline(checked))
    assert "A conference doubled our visitors" in words(thread(checked)[-1])
    assert "Next: fix it, by 15 Jun." in words(thread(checked)[-1])


async def test_a_miss_asks_what_happens_next(stage: Stage) -> None:
    await bet_on(stage)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    answer = await judge(stage, "missed")
    assert set(answer.errors) == {"next_step"}
    assert await verdicts(stage) == []


async def test_changing_the_verdict_in_the_form_changes_what_it_asks(checked: Stage) -> None:
    question = checked.dms(checked.who.ana)[-1]
    place = {"channel": question.channel, "ts": question.ts}
    await checked.people.click(checked.who.ana, "launch.verdict.give:hit", **place)
    view = checked.world.views.stack(checked.who.ana)[-1]
    assert "Check again on" not in words(view)
    await checked.people.click(
        checked.who.ana, "launch.verdict.change", view_id=view.id, value="too_early"
    )
    assert "Check again on" in words(checked.world.views.stack(checked.who.ana)[-1])


async def test_too_early_is_checked_again_on_the_day_that_was_named(checked: Stage) -> None:
    [before] = await rows(checked, Bet)
    past = await judge(checked, "too_early", check_again="2026-05-30")
    assert set(past.errors) == {"check_again"}
    await submit(checked, {"check_again": "2026-06-15"})
    [bet] = await rows(checked, Bet)
    assert (bet.state, bet.check_date, bet.asked) == ("open", date(2026, 6, 15), 0)
    assert bet.smallest_visible != before.smallest_visible, "four weeks see another change"
    assert "Checked again on 15 Jun" in words(thread(checked)[-1])
    assert "was changed" not in words(thread(checked)[-1])
    await checked.run_until(CHECK_AT + timedelta(days=14, minutes=1))
    first, second = await rows(checked, Evidence)
    assert second.window_to == date(2026, 6, 14)
    assert first.window_to < second.window_to
    assert "What is your verdict" in checked.dms(checked.who.ana)[-1].text


async def test_an_unanswered_question_is_asked_twice_more_and_then_shown_as_unjudged(
    checked: Stage,
) -> None:
    counts = []
    for days in (1, 2, 4, 5, 7, 8, 30):
        await checked.run_until(CHECK_AT + timedelta(days=days, minutes=1))
        counts.append(len(checked.dms(checked.who.ana)))
    # The fifth day is a Saturday: the question of that day comes on Monday.
    assert counts == [1, 2, 2, 2, 3, 3, 3]
    [bet] = await rows(checked, Bet)
    assert (bet.state, bet.asked) == ("unjudged", 3)
    assert "unjudged" in words(headline(checked))
    assert (await entry_kinds(checked)).count("verdict.unjudged") == 1


async def test_a_late_answer_to_an_unjudged_launch_is_taken(checked: Stage) -> None:
    await checked.run_until(CHECK_AT + timedelta(days=9))
    await judge(checked, "hit", lesson="Late, but true")
    [bet] = await rows(checked, Bet)
    assert bet.state == "judged"
    assert "*Verdict: hit*" in words(headline(checked))
    assert "unjudged" not in words(headline(checked))


async def test_an_answered_owner_is_not_asked_again(checked: Stage) -> None:
    await judge(checked, "hit")
    await checked.run_until(CHECK_AT + timedelta(days=30))
    assert len(checked.dms(checked.who.ana)) == 1
    assert "verdict.unjudged" not in await entry_kinds(checked)


async def test_a_verdict_changed_later_keeps_the_earlier_one(checked: Stage) -> None:
    await judge(checked, "hit")
    await click_headline(checked, "launch.verdict.give")
    await submit(checked, {"verdict": "invalid", "lesson": "An outage"})
    assert [row.verdict for row in await verdicts(checked)] == ["hit", "invalid"]
    assert "*Verdict: invalid*" in words(headline(checked))


async def test_a_guest_cannot_give_a_verdict(checked: Stage) -> None:
    await checked.people.invite(checked.who.ana, checked.rooms.product, checked.who.gil)
    await click_headline(checked, "launch.verdict.give", user=checked.who.gil)
    assert checked.world.views.stack(checked.who.gil) == []
    assert await verdicts(checked) == []


async def test_a_new_owner_is_the_one_who_is_asked(stage: Stage) -> None:
    await bet_on(stage)
    await click_headline(stage, "launch.item.edit")
    await submit(stage, {"owner": stage.who.ben})
    nine_thirty_in_new_york = CHECK_AT + timedelta(hours=6)
    await stage.run_until(nine_thirty_in_new_york - timedelta(minutes=1))
    assert stage.dms(stage.who.ben) == []
    await stage.run_until(nine_thirty_in_new_york + timedelta(minutes=1))
    assert stage.dms(stage.who.ana) == []
    assert "What is your verdict" in stage.dms(stage.who.ben)[-1].text


async def test_a_live_bet_says_the_day_and_no_score(stage: Stage, product: Numbers) -> None:
    product.write("sign_ups", effect=0.3)
    await bet_on(stage)
    await stage.after(days=3)
    async with stage.deps.db.read() as session:
        [bet] = await live_bets(session, _member(stage), at=stage.daybook.clock.now())
    assert (bet.day, bet.days, bet.title) == (4, 14, "New importer")
    assert bet.bet.smallest_visible
    assert bet.permalink
