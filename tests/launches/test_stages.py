"""The stages of a launch, from planned to retired, and what they do to its bet."""

from datetime import date, timedelta

from bot.bets.tables import Bet
from bot.digests.happenings import find_happenings
from bot.launches.tables import Launch, StageChange
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.launches.conftest import (
    Numbers,
    bet_on,
    click_headline,
    entry_kinds,
    headline,
    launch,
    rows,
    submit,
    thread,
    words,
)


async def _move(stage: Stage, to: str, user: str = "") -> None:
    answer = await click_headline(stage, "launch.stage.move", value=to, user=user)
    assert answer.ok, answer


async def test_each_stage_is_kept_with_who_and_when_and_told_in_the_thread(stage: Stage) -> None:
    await launch(stage, stage="planned")
    await _move(stage, "beta")
    await stage.after(days=1)
    await _move(stage, "live", user=stage.who.ben)

    steps = sorted(await rows(stage, StageChange), key=lambda step: step.at)
    assert [(step.stage, step.actor) for step in steps] == [
        ("planned", stage.who.ana),
        ("beta", stage.who.ana),
        ("live", stage.who.ben),
    ]
    assert "*live*" in words(headline(stage))
    assert [note.text for note in thread(stage)] == [
        f"Now *beta*, says <@{stage.who.ana}>.",
        f"Now *live*, says <@{stage.who.ben}>.",
    ]
    assert await entry_kinds(stage) == ["launch.created", "launch.stage", "launch.live"]


async def test_a_stage_that_it_has_already_changes_nothing(stage: Stage) -> None:
    row = await launch(stage)
    head = headline(stage)
    action = f"launch.stage.move:{row.id}"
    place = {"channel": stage.rooms.product, "ts": head.ts}
    for _ in range(2):
        await stage.people.click(stage.who.ana, action, **place, value="retired")
    await stage.settle()
    assert len(await rows(stage, StageChange)) == 2
    assert len(thread(stage)) == 1


async def test_a_roll_back_asks_for_its_reason_and_shows_it(stage: Stage) -> None:
    await launch(stage)
    await _move(stage, "rolled_back")
    missing = await submit(stage, {})
    assert set(missing.errors) == {"reason"}
    await submit(stage, {"reason": "Imports lost their last line"})

    [row] = await rows(stage, Launch)
    assert row.stage == "rolled_back"
    assert "Imports lost their last line" in words(headline(stage))
    assert "Imports lost their last line" in words(thread(stage)[-1])
    assert (await entry_kinds(stage))[-1] == "launch.rolled_back"


async def test_digests_and_their_threads_tell_of_a_roll_back_and_of_other_stages(
    stage: Stage,
) -> None:
    row = await launch(stage, stage="planned")
    await _move(stage, "beta")
    start = stage.deps.clock.now() - timedelta(hours=1)
    everybody = Asker(stage.workspace_id, sees_public=True)

    async def told() -> list[tuple[str, str]]:
        until = stage.deps.clock.now() + timedelta(minutes=1)
        async with stage.deps.db.read() as session:
            found = await find_happenings(session, everybody, start, until)
        return [(one.kind, one.detail) for one in found if one.number == row.number]

    assert await told() == [("Moved to beta", "")]
    await _move(stage, "live")
    assert await told() == [("Launched", "")]
    await stage.after(minutes=5)
    await _move(stage, "rolled_back")
    await submit(stage, {"reason": "Imports lost their last line"})
    assert await told() == [("Launched", ""), ("Rolled back", "Imports lost their last line")]


async def test_a_rolled_back_launch_is_not_checked_any_more(stage: Stage) -> None:
    await bet_on(stage)
    await _move(stage, "rolled_back")
    await submit(stage, {"reason": "It broke"})
    [bet] = await rows(stage, Bet)
    assert bet.state == "ended"
    await stage.after(days=20)
    assert "evidence.measured" not in await entry_kinds(stage)
    assert stage.dms(stage.who.ana) == []


async def test_a_bet_is_measured_from_the_day_it_went_live_with_a_baseline_from_before(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage, stage="planned", check_date="2026-06-15")
    [bet] = await rows(stage, Bet)
    assert bet.first_day is None
    await stage.after(days=3)
    await _move(stage, "live")
    [bet] = await rows(stage, Bet)
    assert (bet.first_day, bet.baseline_to) == (date(2026, 5, 21), date(2026, 5, 20))
    assert "measured from 21 May on" in words(thread(stage)[-1])


async def test_days_of_rolling_out_belong_neither_to_before_nor_to_after(stage: Stage) -> None:
    await bet_on(stage, stage="rolling_out", check_date="2026-06-15")
    await stage.after(days=4, hours=6)
    await _move(stage, "live")
    [row], [bet] = await rows(stage, Launch), await rows(stage, Bet)
    assert (row.exposed_at.date(), row.live_at.date()) == (date(2026, 5, 18), date(2026, 5, 22))
    assert bet.first_day == date(2026, 5, 23)
    assert bet.baseline_to < date(2026, 5, 18)


async def test_a_launch_that_comes_back_is_measured_from_then_on(stage: Stage) -> None:
    await bet_on(stage, check_date="2026-06-15")
    await _move(stage, "rolled_back")
    await submit(stage, {"reason": "It broke"})
    await stage.after(days=5)
    await _move(stage, "live")
    [bet] = await rows(stage, Bet)
    assert (bet.state, bet.first_day) == ("open", date(2026, 5, 23))
