"""What cannot be: empty, too long, twice, too late, by the wrong person, in the wrong place."""

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import NotAllowed, NotFound
from bot.retros import promises
from bot.retros.queries import find_runs, find_series, get_run, home_actions, home_to_answer
from bot.retros.tables import RetroAnswer
from playground.server.payloads import render_submission
from playground.server.rows import View
from tests.conftest import START, Stage
from tests.retros.conftest import (
    DUE,
    actions,
    answer,
    click,
    close,
    closed,
    crowd,
    headline,
    hold,
    promise,
    rows,
    runs,
    set_up,
    submit,
    thread,
    top_view,
    words,
)

HOSTILE = "<!channel> *bold* <https://evil.test|click> `code` @here"


async def test_an_empty_answer_is_refused_in_the_form(stage: Stage) -> None:
    head = await hold(stage)
    done = await answer(stage, head, q0="   ")

    assert done.result == "errors"
    assert "Nothing is written" in done.errors["q0"]
    assert "*Answered so far:* 0" in words(headline(stage))


async def test_an_answer_of_the_greatest_length_is_shown_whole(stage: Stage) -> None:
    head = await hold(stage)
    long = " ".join(f"word{number:04}" for number in range(333))  # 2,996 characters
    await answer(stage, head, q0=long)
    await close(stage, head)

    said = "".join(words(message) for message in thread(stage, head))
    assert "word0000" in said
    assert "word0332" in said
    assert "…" not in said


async def test_forty_thousand_characters_are_refused_and_nothing_is_kept(stage: Stage) -> None:
    head = await hold(stage)
    await click(stage, head, "retro.run.answer")
    view = _filled(stage, q0="x" * 40_000)
    person = stage.world.users.get(stage.who.ana)
    assert person is not None
    payload = render_submission(stage.people.workspace, person, view)
    answered = await stage.people.workspace.outbox.ask("interactive", payload)
    await stage.settle()

    assert "over 3,000 characters" in str(answered)
    assert await rows(stage, RetroAnswer) == []


@pytest.mark.parametrize("anonymous", ["no", "yes"])
async def test_a_submission_that_is_delivered_twice_counts_once(
    stage: Stage, anonymous: str
) -> None:
    crowd(stage, stage.rooms.product)
    head = await hold(stage, anonymous=anonymous)
    await click(stage, head, "retro.run.answer")
    view = _filled(stage, q0="Pair more")
    person = stage.world.users.get(stage.who.ana)
    assert person is not None
    payload = render_submission(stage.people.workspace, person, view)
    for _ in range(2):
        await stage.people.workspace.outbox.ask("interactive", payload)
    await stage.settle()

    assert len(await rows(stage, RetroAnswer)) == 1
    assert "*Answered so far:* 1" in words(headline(stage))


def _filled(stage: Stage, **texts: str) -> View:
    """The open modal as Slack would send it with these texts, whatever its fields' limits."""
    view = top_view(stage, stage.who.ana)
    typed = {
        block: {block: {"type": "plain_text_input", "value": value}}
        for block, value in texts.items()
    }
    return stage.world.views.change(view.id, state=view.state | typed)


async def test_a_closed_retro_takes_no_more_answers(stage: Stage) -> None:
    head = await hold(stage)
    await click(stage, head, "retro.run.answer", user=stage.who.ben)
    await close(stage, head)
    await submit(stage, {"q0": "Too late"}, stage.who.ben)

    assert "is closed" in words(top_view(stage, stage.who.ben))
    assert await rows(stage, RetroAnswer) == []


async def test_closing_twice_posts_the_answers_once(stage: Stage) -> None:
    head = await hold(stage)
    await answer(stage, head, q0="Pair more")
    await close(stage, head)
    await stage.run_until(START + timedelta(hours=30))

    assert len(thread(stage, head)) == 1


@pytest.mark.parametrize("day", ["2026-05-17", "2026-05-18"])
async def test_a_due_date_that_has_come_is_refused(stage: Stage, day: str) -> None:
    done = await promise(stage, await closed(stage), due0=day)

    assert "not in the future" in done.errors["due0"]
    assert await actions(stage) == []


async def test_a_fourth_open_action_is_refused_and_the_open_ones_are_named(stage: Stage) -> None:
    head = await closed(stage)
    more: dict[str, Any] = {}
    for place, what in ((1, "Write the runbook"), (2, "Cut the weekly")):
        more |= {f"text{place}": what, f"owner{place}": stage.who.ben, f"due{place}": DUE}
    await promise(stage, head, **more)
    await click(stage, head, "retro.actions.add")

    told = (await stage.whispers(stage.who.ana, stage.rooms.product))[-1]
    for part in ("Pair on releases", "Write the runbook", "Cut the weekly"):
        assert part in told
    assert len(await actions(stage)) == 3


async def test_the_form_of_actions_has_only_as_many_as_there_is_room_for(stage: Stage) -> None:
    head = await closed(stage)
    await promise(stage, head)
    await click(stage, head, "retro.actions.add")

    form = words(top_view(stage, stage.who.ana))
    assert "Still open from before" in form
    assert '"text1"' in form
    assert '"text2"' not in form


async def test_actions_promised_by_two_people_at_once_stay_three(stage: Stage) -> None:
    head = await closed(stage)
    await click(stage, head, "retro.actions.add", user=stage.who.ben)
    more: dict[str, Any] = {}
    for place in (1, 2):
        more |= {f"text{place}": "More", f"owner{place}": stage.who.ana, f"due{place}": DUE}
    await promise(stage, head, **more)
    done = await submit(
        stage, {"text0": "Late", "owner0": stage.who.ben, "due0": DUE}, stage.who.ben
    )

    assert "Three open actions" in done.errors["text0"]
    assert len(await actions(stage)) == 3


async def test_only_the_owner_says_how_an_action_went(stage: Stage) -> None:
    await promise(stage, await closed(stage), owner0=stage.who.ben)
    [action] = await actions(stage)

    async def say() -> None:
        async with stage.deps.db.write() as session:
            row = await promises.get_action_row(session, stage.workspace_id, action.id)
            by, at = stage.who.ana, stage.daybook.clock.now()
            await promises.check_action(session, row, "worked", by=by, at=at)

    with pytest.raises(NotAllowed, match="Only the action's owner"):
        await say()
    assert (await actions(stage))[0].state == "open"


async def test_an_action_is_owned_by_a_member_of_the_channel(stage: Stage) -> None:
    head = await closed(stage, channel=stage.rooms.leads)
    done = await promise(stage, head, owner0=stage.who.ben)
    assert "not in this retro's channel" in done.errors["owner0"]
    done = await submit(
        stage, {"text0": "Pair", "owner0": stage.who.gil, "due0": DUE}, stage.who.ana
    )

    assert "no member" in done.errors["owner0"]
    assert await actions(stage) == []


async def test_a_channel_without_the_bot_is_refused_in_the_form(stage: Stage) -> None:
    done = await set_up(stage, channel=stage.rooms.board)

    assert "I am not in that channel" in done.errors["channel"]


async def test_a_channel_shared_with_customers_is_refused(stage: Stage) -> None:
    done = await set_up(stage, channel=stage.rooms.acme)

    assert "outside" in done.errors["channel"]


async def test_a_channel_that_the_person_is_not_in_is_refused(stage: Stage) -> None:
    await stage.people.command(stage.who.ben, stage.rooms.product, "/retro Sprint")
    bot = stage.world.bot.id
    other = stage.world.channels.add("elsewhere", [stage.who.ana, bot]).id
    done = await submit(stage, {"channel": other}, stage.who.ben)

    assert "You are not in that channel" in done.errors["channel"]


async def test_a_scheduled_retro_tells_its_owner_when_the_bot_was_removed(stage: Stage) -> None:
    await set_up(stage, when="every day at 15:00 Berlin")
    stage.world.channels.remove_member(stage.rooms.product, stage.world.bot.id)
    await stage.after(hours=10)

    assert await runs(stage) == []
    assert "did not open" in stage.dms(stage.who.ana)[-1].text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("when", "whenever", "time is missing"),
        ("when", "Fridays at 15:00 Atlantis", "tlantis"),
        ("questions", "\n".join(f"Question {n}?" for n in range(7)), "7 questions"),
        ("questions", "x" * 151, "over 150 characters"),
    ],
)
async def test_a_field_that_cannot_be_used_keeps_the_form_open(
    stage: Stage, field: str, value: str, told: str
) -> None:
    done = await set_up(stage, **{field: value})

    assert told in done.errors[field]
    assert await runs(stage) == []


async def test_every_wrong_field_of_a_retro_is_marked_at_once(stage: Stage) -> None:
    wrong = {"name": " ", "when": "soon", "questions": "x" * 151, "channel": stage.rooms.acme}
    await stage.people.command(stage.who.ana, stage.rooms.product, "/retro")
    assert set((await submit(stage, wrong)).errors) == set(wrong)


async def test_a_guest_neither_holds_nor_answers_a_retro(stage: Stage) -> None:
    head = await hold(stage, channel=stage.rooms.voice)
    await stage.people.command(stage.who.gil, stage.rooms.voice, "/retro Mine")
    await click(stage, head, "retro.run.answer", user=stage.who.gil)

    assert stage.world.views.stack(stage.who.gil) == []
    told = await stage.whispers(stage.who.gil, stage.rooms.voice)
    assert "ask a member" in told[-1]


async def test_only_members_of_the_channel_answer(stage: Stage) -> None:
    outside = stage.world.users.add("dana", "Dana", tz="Europe/Berlin").id
    head = await hold(stage)
    await click(stage, head, "retro.run.answer", user=outside)

    assert stage.world.views.stack(outside) == []


async def test_a_private_retro_is_seen_by_nobody_else(stage: Stage) -> None:
    head = await closed(stage, name="Quiet", channel=stage.rooms.leads)
    await promise(stage, head)
    [run] = await runs(stage)
    directory = stage.deps.places.of(stage.workspace_id).directory
    ben = await directory.asker(stage.who.ben, at=stage.daybook.clock.now())
    ana = await directory.asker(stage.who.ana, at=stage.daybook.clock.now())

    async with stage.deps.db.read() as session:
        assert await find_series(session, ben) == []
        assert await find_runs(session, ben) == []
        with pytest.raises(NotFound):
            await get_run(session, ben, run.id)
        assert [one.id for one in await find_runs(session, ana, words=["Pair"])] == [run.id]


async def test_a_private_channels_decision_is_not_told_in_a_public_retro(stage: Stage) -> None:
    ana = stage.who.ana
    for channel, title in ((stage.rooms.leads, "Hush"), (stage.rooms.product, "Loud")):
        await stage.people.command(ana, channel, f"/decision {title}")
        await submit(stage, {"choice": "yes", "status": "accepted"})
    await stage.after(minutes=5)
    await hold(stage)
    assert "Loud" in words(headline(stage))
    assert "Hush" not in words(headline(stage))
    await hold(stage, "Leads", channel=stage.rooms.leads)

    assert "Hush" in words(headline(stage, stage.rooms.leads))


async def test_feedback_and_launches_stand_in_the_opening(stage: Stage) -> None:
    for text in ("The export crashes", "It crashes again"):
        ts = await stage.people.post(stage.who.ben, stage.rooms.voice, text)
        emoji = sorted(stage.deps.settings.emoji)[0]
        await stage.people.react(stage.who.ana, stage.rooms.voice, ts, emoji)
    await stage.settle()
    await stage.people.command(stage.who.ana, stage.rooms.product, "/launch Importer")
    await submit(stage, {"stage": "live"})
    await stage.after(minutes=5)
    await hold(stage)

    said = words(headline(stage))
    assert "*Feedback:*" in said
    assert "*Launched:*" in said
    assert "Importer" in said


async def test_what_was_typed_is_inert_wherever_it_shows(stage: Stage) -> None:
    head = await hold(stage, questions=HOSTILE)
    await answer(stage, head, q0=HOSTILE)
    await close(stage, head)
    await promise(stage, headline(stage), text0=HOSTILE, effect0=HOSTILE)

    for message in (headline(stage), *thread(stage, head), *stage.dms(stage.who.ana)):
        said = words(message)
        assert "<!channel>" not in said
        assert "<https://evil.test" not in said
        assert "*bold*" not in said


async def test_the_app_home_has_what_waits_for_the_person(stage: Stage) -> None:
    head = await hold(stage)
    directory = stage.deps.places.of(stage.workspace_id).directory
    at = stage.daybook.clock.now()
    ana = await directory.asker(stage.who.ana, at=at)
    ben = await directory.asker(stage.who.ben, at=at)
    await answer(stage, head, q0="Pair more")
    async with stage.deps.db.read() as session:
        assert await home_to_answer(session, ana, at=at) == []
        assert len(await home_to_answer(session, ben, at=at)) == 1
    await close(stage, head)
    await promise(stage, headline(stage))

    async with stage.deps.db.read() as session:
        assert await home_to_answer(session, ben, at=at) == []
        assert [one.text for one in await home_actions(session, ana)] == ["Pair on releases"]
        assert await home_actions(session, ben) == []
