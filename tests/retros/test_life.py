"""A retro from its form to the promises that the next one opens with."""

from datetime import timedelta
from typing import Any

from bot.retros.tables import RetroAnswer
from tests.conftest import START, Stage
from tests.retros.conftest import (
    DUE,
    DUE_AT,
    FIRST_FRIDAY,
    FRIDAYS,
    actions,
    answer,
    click,
    close,
    closed,
    entry_kinds,
    headline,
    hold,
    promise,
    rows,
    runs,
    series,
    set_up,
    submit,
    thread,
    top_view,
    words,
)


async def test_a_retro_held_now_posts_one_headline_with_questions_and_the_hour_of_its_end(
    stage: Stage,
) -> None:
    head = await hold(stage, "Sprint 12")

    assert len(stage.posts(stage.rooms.product)) == 1
    said = words(head)
    assert "Sprint 12" in said
    assert "What happened since" in said
    assert "What should we start doing?" in said
    assert "*Answered so far:* 0" in said
    assert "Closes Tue 19 May" in said
    assert "(Europe/Berlin)" in said
    assert await entry_kinds(stage) == ["retro.created", "retro.opened"]


async def test_answers_are_counted_in_the_headline_and_not_shown_before_it_closes(
    stage: Stage,
) -> None:
    head = await hold(stage)
    await answer(stage, head, q0="Pair more")
    await answer(stage, head, user=stage.who.ben, q1="Stop late meetings")

    said = words(headline(stage))
    assert "*Answered so far:* 2" in said
    assert "Pair more" not in said
    assert thread(stage, head) == []
    assert await entry_kinds(stage) == [
        "retro.created",
        "retro.opened",
        "retro.answered",
        "retro.answered",
    ]


async def test_an_answer_comes_back_in_the_form_and_is_changed_without_counting_twice(
    stage: Stage,
) -> None:
    head = await hold(stage)
    await answer(stage, head, q0="Pair more", q1="Nothing")
    await click(stage, head, "retro.run.answer")
    assert "Pair more" in words(top_view(stage, stage.who.ana))
    await submit(stage, {"q0": "Pair daily", "q1": ""})

    assert [row.text for row in await rows(stage, RetroAnswer)] == ["Pair daily"]
    assert "*Answered so far:* 1" in words(headline(stage))


async def test_closing_puts_the_answers_by_question_into_the_thread_and_edits_the_headline(
    stage: Stage,
) -> None:
    head = await hold(stage)
    await answer(stage, head, q0="Pair more")
    await answer(stage, head, user=stage.who.ben, q0="Ship small", q2="Demos")
    await close(stage, head)

    [said] = thread(stage, head)
    text = words(said)
    assert text.index("start doing") < text.index("Pair more") < text.index("stop doing")
    assert "Ben Okafor: Ship small" in text
    assert text.index("continue") < text.index("Demos")
    assert "No answer." in text
    assert "*Closed.* Answered: 2" in words(headline(stage))
    assert '"Answer"' not in words(headline(stage))
    assert (await entry_kinds(stage))[-1] == "retro.closed"


async def test_a_retro_closes_by_itself_after_a_day(stage: Stage) -> None:
    head = await hold(stage)
    await answer(stage, head, q0="Pair more")
    await stage.run_until(START + timedelta(hours=25))

    [run] = await runs(stage)
    assert (run.state, run.closed_by) == ("closed", "")
    assert "Pair more" in words(thread(stage, head)[0])


async def test_a_retro_that_nobody_answered_closes_calmly(stage: Stage) -> None:
    head = await hold(stage)
    await close(stage, head)

    assert "Nobody answered this time" in words(headline(stage))
    assert thread(stage, head) == []


async def test_only_who_opened_it_closes_a_retro(stage: Stage) -> None:
    cleo = stage.world.users.add("cleo", "Cleo", tz="Europe/Berlin").id
    stage.world.channels.add_member(stage.rooms.product, cleo)
    head = await hold(stage, user=stage.who.ben)
    await close(stage, head, user=cleo)

    [run] = await runs(stage)
    assert run.state == "open"
    told = await stage.whispers(cleo, stage.rooms.product)
    assert "Only who opened this retro" in told[-1]


async def test_actions_stand_in_the_thread_and_each_owner_hears_of_theirs_once(
    stage: Stage,
) -> None:
    head = await closed(stage)
    await promise(
        stage,
        head,
        effect0="Fewer rollbacks",
        check0="No rollback in May",
        text1="Write the runbook",
        owner1=stage.who.ana,
        due1=DUE,
        text2="Cut the weekly",
        owner2=stage.who.ben,
        due2="2026-06-05",
    )

    said = words(thread(stage, head)[-1])
    for part in ("Pair on releases", "Fewer rollbacks", "No rollback in May", "2 June 2026"):
        assert part in said
    [mine] = stage.dms(stage.who.ana)
    assert "Pair on releases" in words(mine)
    assert "Write the runbook" in words(mine)
    assert "Cut the weekly" not in words(mine)
    assert "09:00 (Europe/Berlin)" in words(mine)
    [theirs] = stage.dms(stage.who.ben)
    assert "09:00 (America/New_York)" in words(theirs)
    assert (await entry_kinds(stage))[-3:] == ["action.promised"] * 3


async def test_the_owner_is_asked_on_the_morning_of_the_due_date_and_answers_with_one_tap(
    stage: Stage,
) -> None:
    head = await closed(stage)
    await promise(stage, head)
    await stage.run_until(DUE_AT - timedelta(minutes=1))
    assert len(stage.dms(stage.who.ana)) == 1
    await stage.run_until(DUE_AT + timedelta(minutes=1))

    asked = stage.dms(stage.who.ana)[-1]
    assert "Did it work?" in asked.text
    await click(stage, asked, "retro.action.check:did_not")
    [action] = await actions(stage)
    assert action.state == "did_not"
    assert "it did not work" in words(stage.dms(stage.who.ana)[-1])
    assert "it did not work" in words(thread(stage, head)[-1])
    assert (await entry_kinds(stage))[-1] == "action.checked"


async def test_each_run_opens_with_the_promises_and_what_became_of_them(stage: Stage) -> None:
    await set_up(stage, "Weekly", when=FRIDAYS)
    await stage.run_until(FIRST_FRIDAY + timedelta(minutes=1))
    await close(stage, headline(stage))
    await promise(stage, headline(stage))
    await stage.run_until(FIRST_FRIDAY + timedelta(days=7, minutes=1))
    assert f"(<@{stage.who.ana}>): *open*, due 2 June" in words(headline(stage))
    await stage.run_until(DUE_AT + timedelta(minutes=1))
    await click(stage, stage.dms(stage.who.ana)[-1], "retro.action.check:worked")
    await stage.run_until(FIRST_FRIDAY + timedelta(days=14, minutes=1))
    assert f"(<@{stage.who.ana}>): *it worked*" in words(headline(stage))
    await stage.run_until(FIRST_FRIDAY + timedelta(days=21, minutes=1))

    assert "Pair on releases" not in words(headline(stage))


async def test_a_word_to_an_action_stands_in_the_next_opening(stage: Stage) -> None:
    head = await closed(stage)
    await promise(stage, head)
    await stage.run_until(DUE_AT + timedelta(minutes=1))
    asked = stage.dms(stage.who.ana)[-1]
    await click(stage, asked, "retro.action.check:worked")
    await click(stage, stage.dms(stage.who.ana)[-1], "retro.action.word")
    await submit(stage, {"word": "two rollbacks less"})
    await run_again(stage)

    said = words(headline(stage))
    assert "Pair on releases" in said
    assert "*it worked*" in said
    assert "two rollbacks less" in said


async def run_again(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/retro list")
    listed = (await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1]
    await click(stage, listed, "retro.series.run")


async def test_a_scheduled_retro_opens_at_its_hour_and_each_week(stage: Stage) -> None:
    done = await set_up(stage, "Weekly", when=FRIDAYS)
    assert "Europe/Berlin" in words(top_view(stage, stage.who.ana)), done
    await stage.run_until(FIRST_FRIDAY - timedelta(minutes=1))
    assert await runs(stage) == []
    await stage.run_until(FIRST_FRIDAY + timedelta(minutes=1))
    assert len(await runs(stage)) == 1
    await stage.run_until(FIRST_FRIDAY + timedelta(days=7, minutes=1))

    first, second = await runs(stage)
    assert (first.state, second.state) == ("closed", "open")
    assert second.covers_from == first.opened_at


async def test_a_daily_retro_closes_the_last_before_it_opens_the_next(stage: Stage) -> None:
    await set_up(stage, "Daily", when="every day at 15:00 Berlin")
    await stage.run_until(START + timedelta(days=3))

    states = [run.state for run in await runs(stage)]
    assert states == ["closed", "closed", "open"]


async def test_a_paused_series_opens_nothing_until_it_is_resumed(stage: Stage) -> None:
    await set_up(stage, "Weekly", when=FRIDAYS)
    listed = await _list(stage)
    await click(stage, listed, "retro.series.pause")
    await stage.run_until(FIRST_FRIDAY + timedelta(days=1))
    assert await runs(stage) == []
    await click(stage, await _list(stage), "retro.series.resume")
    await stage.run_until(FIRST_FRIDAY + timedelta(days=8))

    assert len(await runs(stage)) == 1
    assert (await entry_kinds(stage))[1:3] == ["retro.paused", "retro.resumed"]


async def _list(stage: Stage) -> Any:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/retro list")
    return (await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1]


async def test_a_removed_series_is_listed_no_more_and_opens_nothing(stage: Stage) -> None:
    await set_up(stage, "Weekly", when=FRIDAYS)
    await click(stage, await _list(stage), "retro.series.remove")
    await stage.run_until(FIRST_FRIDAY + timedelta(days=1))

    assert await runs(stage) == []
    [row] = await series(stage)
    assert row.state == "removed"
    assert "Weekly" not in words(await _list(stage))


async def test_a_run_by_hand_leaves_the_schedule_as_it_is(stage: Stage) -> None:
    await set_up(stage, "Weekly", when=FRIDAYS)
    await click(stage, await _list(stage), "retro.series.run")
    assert len(await runs(stage)) == 1
    await stage.run_until(FIRST_FRIDAY + timedelta(minutes=1))

    assert len(await runs(stage)) == 2


async def test_the_form_shows_the_next_three_dates_while_the_schedule_is_typed(
    stage: Stage,
) -> None:
    user = stage.who.ana
    await stage.people.command(user, stage.rooms.product, "/retro Weekly")
    view = top_view(stage, user)
    await stage.people.click(user, "retro.form.schedule", view_id=view.id, value=FRIDAYS)

    said = words(top_view(stage, user))
    for part in ("Fri 22 May 15:00", "Fri 29 May", "Fri 5 Jun", "(Europe/Berlin)"):
        assert part in said
