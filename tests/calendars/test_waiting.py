"""A whole Daybook: what is due on a day of rest is measured then, and told when it may be."""

import json
from datetime import UTC, date, datetime, time

from sqlalchemy import select

from bot.calendars.rules import TeamRest, TimeOff
from bot.calendars.service import add_time_off, remove_time_off, set_team_rest
from bot.engine.deliveries import Cause, Waits, plan_post
from bot.engine.tables import Delivery
from bot.slack.blocks import Message, section
from bot.slack.ids import Action
from bot.workdays import QuietHours
from playground.server.rows import View
from tests.conftest import Stage

SATURDAY = datetime(2026, 5, 23, 7, 0, tzinfo=UTC)  # 09:00 in Berlin


async def plan(stage: Stage, target: str, text: str, due: datetime) -> str:
    async with stage.deps.db.write() as session:
        cause = Cause(
            stage.workspace_id, f"occurrence:{text}", due, waits=Waits(due, "Europe/Berlin")
        )
        return await plan_post(session, cause, target, "head", Message(text, [section(text)]))


async def delivery(stage: Stage, delivery_id: str) -> Delivery:
    async with stage.deps.db.read() as session:
        query = select(Delivery).where(Delivery.id == delivery_id)
        return (await session.scalars(query)).one()


async def test_a_post_due_on_saturday_comes_on_monday_and_says_so(stage: Stage) -> None:
    await stage.run_until(SATURDAY)
    await plan(stage, stage.rooms.product, "Numbers", SATURDAY)
    await stage.run_until(datetime(2026, 5, 25, 6, 59, tzinfo=UTC))
    assert stage.posts(stage.rooms.product) == []
    await stage.run_until(datetime(2026, 5, 25, 7, 0, tzinfo=UTC))
    [post] = stage.posts(stage.rooms.product)
    assert "Due Sat 23 May, 09:00 (Europe/Berlin), held back: weekend." in str(post.blocks)


async def test_time_off_holds_a_question_and_taking_it_back_lets_it_go(stage: Stage) -> None:
    at = stage.deps.clock.now()
    off = TimeOff(date(2026, 5, 18), date(2026, 5, 22))
    who = stage.workspace_id, stage.who.ana
    async with stage.deps.db.write() as session:
        await add_time_off(session, *who, off, at=at)
    await stage.deps.places.all()[0].directory.member(stage.who.ana, at=at)
    await plan(stage, stage.who.ana, "Did it work?", at)
    await stage.settle()
    assert stage.dms(stage.who.ana) == []
    async with stage.deps.db.write() as session:
        await remove_time_off(session, *who, off, at=at)
    await stage.settle()
    assert [m.text for m in stage.dms(stage.who.ana)] == ["Did it work?"]


async def test_a_calendar_that_changes_moves_what_waits(stage: Stage) -> None:
    held = await plan(stage, stage.rooms.product, "Numbers", SATURDAY)
    night = TeamRest(rest_days=frozenset(), quiet=QuietHours(time(19), time(12)))
    async with stage.deps.db.write() as session:
        await set_team_rest(
            session, stage.workspace_id, night, by=stage.who.ana, at=stage.deps.clock.now()
        )
    row = await delivery(stage, held)
    assert (row.held_for, row.not_before) == (
        "quiet hours",
        datetime(2026, 5, 23, 10, 0, tzinfo=UTC),
    )


async def test_a_status_that_says_vacation_holds_what_comes_until_it_is_taken_away(
    stage: Stage,
) -> None:
    back = datetime(2026, 5, 20, 22, 0, tzinfo=UTC)
    await stage.people.change_user(
        stage.who.ana,
        status_emoji=":palm_tree:",
        status_text="Vacationing",
        status_expiration=int(back.timestamp()),
    )
    await stage.settle()
    held = await plan(stage, stage.who.ana, "Did it work?", stage.deps.clock.now())
    row = await delivery(stage, held)
    assert row.held_for == "away by Slack status"
    assert row.not_before == datetime(2026, 5, 21, 6, 0, tzinfo=UTC)
    await stage.people.change_user(
        stage.who.ana, status_emoji="", status_text="", status_expiration=0
    )
    await stage.settle()
    assert [m.text for m in stage.dms(stage.who.ana)] == ["Did it work?"]


def top(stage: Stage, user: str) -> View:
    return stage.world.views.stack(user)[-1]


def words(stage: Stage, user: str) -> str:
    return json.dumps(top(stage, user).body, ensure_ascii=False)


async def test_an_admin_sets_the_calendar_in_slack_and_undoes_it(stage: Stage) -> None:
    ana = stage.who.ana
    await stage.people.command(ana, stage.rooms.product, "/daybook settings")
    await stage.people.click(ana, Action.CALENDAR_TEAM, view_id=top(stage, ana).id)
    values = {"country": "de", "region": "by", "quiet": "19:00-08:00", "zone": "Berlin"}
    await stage.people.submit(ana, top(stage, ana).id, values)
    assert "DE-BY" in words(stage, ana)
    assert "Europe/Berlin" in words(stage, ana)
    assert "Pentecost Monday" in words(stage, ana)
    await stage.people.click(ana, Action.CALENDAR_UNDO, view_id=top(stage, ana).id)
    assert "none set" in words(stage, ana)


async def test_a_member_notes_time_off_and_removes_it(stage: Stage) -> None:
    ben = stage.who.ben
    await stage.people.command(ben, stage.rooms.product, "/daybook settings")
    assert Action.CALENDAR_TEAM not in words(stage, ben)
    await stage.people.click(ben, Action.CALENDAR_OWN, view_id=top(stage, ben).id)
    values = {"since": "2026-06-01", "until": "2026-06-12"}
    await stage.people.submit(ben, top(stage, ben).id, values)
    assert "Mon 1 Jun 2026 to Fri 12 Jun 2026" in words(stage, ben)
    remove = f"{Action.CALENDAR_REMOVE}:2026-06-01"
    await stage.people.click(ben, remove, view_id=top(stage, ben).id)
    assert "No time off is noted." in words(stage, ben)
