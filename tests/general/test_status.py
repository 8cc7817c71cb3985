"""``/daybook status`` and the broken part of the App Home."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.clock import Once, Rule
from bot.digests.tables import Digest
from bot.engine.deliveries import Cause, plan_post
from bot.engine.queue import SlotWork
from bot.engine.schedules import Plan, put_schedule
from bot.engine.status import ScheduleStatus
from bot.errors import NotFound
from bot.general.status_views import SHOWN_SCHEDULES, render_status, result_words
from bot.slack.blocks import Message, section
from tests.conftest import Stage
from tests.feedback.telling import buttons_of, words_of

RULE = Rule(at=time(9, 0), on=Once(on=date(2026, 5, 19)))


async def _fail_to_post(stage: Stage) -> None:
    """Something of ben's goes to a channel that the bot is not in."""
    cause = Cause(stage.workspace_id, "test:1", stage.clock.at, stage.who.ben)
    async with stage.deps.db.write() as session:
        message = Message("Numbers", [section("Numbers of the day")])
        about = cause.about("The digest Numbers")
        await plan_post(session, about, stage.rooms.board, "digest", message)
    await stage.settle()


async def _status(stage: Stage, user: str) -> tuple[list[dict[str, object]], str]:
    """What ``/daybook status`` answers, and the ts of that private message."""
    await stage.people.command(user, stage.rooms.product, "/daybook status")
    message = (await stage.people.ephemerals(user, stage.rooms.product))[-1]
    return message.blocks or [], message.ts


async def test_status_shows_a_failing_target_with_a_resend_that_works(stage: Stage) -> None:
    await _fail_to_post(stage)
    blocks, ts = await _status(stage, stage.who.ben)
    read = words_of(blocks)
    assert "One message of yours did not arrive." in read
    assert (
        f"The digest Numbers did not reach <#{stage.rooms.board}>. The channel is gone, or I was removed"
        in read
    )

    await stage.people.invite(stage.who.ben, stage.rooms.board, stage.world.bot.id)
    [again] = buttons_of(blocks)["Send it again"]
    await stage.people.click(stage.who.ben, again, channel=stage.rooms.product, ts=ts)
    await stage.settle()
    assert [m.text for m in stage.posts(stage.rooms.board) if m.blocks] == ["Numbers"]
    blocks, _ = await _status(stage, stage.who.ben)
    assert "did not reach" not in words_of(blocks)


async def test_nobody_else_sees_the_failure(stage: Stage) -> None:
    await _fail_to_post(stage)
    blocks, _ = await _status(stage, stage.who.ana)
    assert "did not reach" not in words_of(blocks)


async def test_the_home_shows_what_is_broken_and_sends_it_again(stage: Stage) -> None:
    await _fail_to_post(stage)
    await stage.people.open_home(stage.who.ben)
    await stage.settle()
    home = stage.world.views.home(stage.who.ben)
    assert "*Broken*" in words_of(home.body["blocks"])
    await stage.people.invite(stage.who.ben, stage.rooms.board, stage.world.bot.id)
    [again] = buttons_of(home.body["blocks"])["Send it again"]
    await stage.people.click(stage.who.ben, again, view_id=home.id)
    await stage.settle()
    assert [m.text for m in stage.posts(stage.rooms.board) if m.blocks] == ["Numbers"]
    assert "*Broken*" not in words_of(stage.world.views.home(stage.who.ben).body["blocks"])


async def _schedule(stage: Stage, *, kind: str = "digest.post", day: int = 19) -> None:
    plan = Plan(
        kind=kind,
        subject_id="0190-subject",
        rule=Rule(at=time(9, 0), on=Once(on=date(2026, 5, day))),
        timezone="Europe/Berlin",
        owner_id=stage.who.ben,
    )
    async with stage.deps.db.write() as session:
        await put_schedule(session, stage.workspace_id, plan, at=stage.clock.at)


async def test_the_next_run_is_said_in_the_askers_zone_by_name(stage: Stage) -> None:
    await _schedule(stage)
    read = words_of((await _status(stage, stage.who.ben))[0])
    assert "next Tue 19 May, 03:00 (09:00 Europe/Berlin) · has not run yet" in read
    assert "Times are in America/New_York." in read


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("scheduled: 5 metrics", "posted, 5 metrics"),
        ("0 opened, 0 went on", "nothing unusual"),
        ("2 opened, 1 went on", "2 unusual"),
        ("skipped: <!here>", "skipped: &lt;!here&gt;"),
    ],
)
def test_what_a_run_wrote_down_is_told_in_words_for_people(written: str, said: str) -> None:
    assert result_words(written) == said


async def test_a_schedule_that_is_not_mine_and_not_visible_is_not_listed(stage: Stage) -> None:
    await _schedule(stage)
    read = words_of((await _status(stage, stage.who.ana))[0])
    assert "Nothing is scheduled that you can see." in read


async def test_a_run_that_failed_for_good_is_broken_for_its_owner(stage: Stage) -> None:
    async def fails(_work: SlotWork) -> str:
        raise NotFound("The subject is gone.")

    stage.daybook.engine._jobs.slots["nobody.knows"] = fails  # type: ignore[index]
    await _schedule(stage, kind="nobody.knows", day=18)
    await stage.after(hours=3)
    await stage.people.open_home(stage.who.ben)
    await stage.settle()
    read = words_of(stage.world.views.home(stage.who.ben).body["blocks"])
    assert "A nobody could not run Mon 18 May, 03:00. The subject is gone." in read


async def test_a_visible_digest_is_named_to_those_who_read_its_channel_only(stage: Stage) -> None:
    async with stage.deps.db.write() as session:
        digest = Digest(
            workspace_id=stage.workspace_id,
            number=7,
            name="Leads",
            target=stage.rooms.leads,
            source_channel_id=stage.rooms.leads,
            metric_ids=[],
            rule=RULE.to_json(),
            timezone="Europe/Berlin",
            owner_id=stage.who.gil,
            created_at=stage.clock.at,
        )
        session.add(digest)
        await session.flush()
        plan = Plan("digest.post", digest.id, RULE, "Europe/Berlin", stage.who.gil)
        await put_schedule(session, stage.workspace_id, plan, at=stage.clock.at)
    assert "Digest #7 Leads" in words_of((await _status(stage, stage.who.ana))[0])
    assert "Leads" not in words_of((await _status(stage, stage.who.ben))[0])


def test_what_was_paused_stands_before_all_that_is_well() -> None:
    soon = datetime(2026, 5, 19, 7, 0, tzinfo=UTC)
    well = ScheduleStatus("s", "digest.post", "d", "U1", "active", "", "UTC", soon, None)
    paused = replace(well, id="p", state="paused", reason="5 runs in a row", next_at=None)
    many = [well] * SHOWN_SCHEDULES
    message = render_status([*many, paused], {}, [], asker_id="U1", zone="UTC")
    assert "paused (5 runs in a row)" in str(message.blocks[1])
    assert "1 more" in str(message.blocks)
