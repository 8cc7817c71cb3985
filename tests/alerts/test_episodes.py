"""An alert's life: it opens once, follows, closes; for its readers, in its hours."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.alerts.conftest import (
    NAMES,
    SUNDAY,
    action_at,
    at_home,
    declared,
    episodes,
    heads,
    listed,
    logged,
    notes,
    press,
    put,
    said,
    said_at,
    watch,
)
from tests.conftest import Stage
from tests.decisions.conftest import mention
from tests.metrics.product import Product

# Sources are ready at 6:00 in Berlin; Monday's first look is past, the second is at 10:00.
MONDAY = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
THURSDAY = MONDAY + timedelta(days=3)


async def test_a_day_far_out_opens_one_thread_that_closes_when_it_is_back(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    await watch(stage, product)
    await stage.run_until(MONDAY)
    [head] = heads(stage)
    assert head.text.startswith("Sign-ups stood out on Sun 17 May: 12, below the usual ")
    assert said(head).count("Sun 17 May: 12") == 2  # in the text and the headline, not once more
    await stage.run_until(THURSDAY)
    [head] = heads(stage)
    [note] = notes(stage)
    assert note.startswith("Sign-ups is back to usual: ")
    assert note.endswith(" on Tue 19 May. I close this.")
    assert "Back to usual" in said(head)
    assert [one.ending for one in await episodes(stage)] == ["back"]
    assert await logged(stage) == ["alert.opened", "alert.closed"]


async def test_ordinary_days_are_silent(stage: Stage, product: Product) -> None:
    await watch(stage, product)
    await stage.run_until(THURSDAY)
    assert heads(stage) == []


async def test_a_missing_day_is_no_alert_and_one_that_comes_late_is_judged(
    stage: Stage, product: Product
) -> None:
    product.drop("sign_ups", SUNDAY)
    await watch(stage, product)
    await stage.run_until(MONDAY)
    assert heads(stage) == []
    put(product, SUNDAY, 12)
    await stage.run_until(MONDAY + timedelta(days=1))
    [head] = heads(stage)
    assert "Sun 17 May: 12" in head.text


async def test_metrics_that_fall_together_are_one_alert(stage: Stage, product: Product) -> None:
    for name in NAMES:
        put(product, SUNDAY, 9, name=name)
    await watch(stage, product, *(declared(name, "{here}") for name in NAMES))
    await stage.run_until(MONDAY)
    [head] = heads(stage)
    assert head.text == "3 metrics fell below their usual on Sun 17 May."
    assert all(label in said(head) for label in ("Sign-ups", "Imports", "Upgrades"))


async def test_a_bound_is_told_though_the_day_is_usual(stage: Stage, product: Product) -> None:
    await watch(stage, product, alert=", below: 100")
    await stage.run_until(MONDAY)
    [head] = heads(stage)
    assert head.text.startswith("Sign-ups is below 100: ")


async def test_a_second_episode_in_a_week_is_over_the_budget(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    put(product, SUNDAY + timedelta(days=4), 400)
    await watch(stage, product)
    await stage.run_until(MONDAY + timedelta(days=5))
    assert len(heads(stage)) == 1
    assert [one.post_id is None for one in await episodes(stage)] == [False, True]


async def test_a_metric_that_the_channel_may_not_see_is_told_to_its_owner_alone(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    more = f"owner: {stage.who.ana}\n    audience: {stage.rooms.leads}"
    await watch(stage, product, declared("sign_ups", "{here}", more))
    await stage.run_until(MONDAY)
    assert heads(stage) == []
    assert [m.text.startswith("Sign-ups stood out") for m in stage.dms(stage.who.ana)] == [True]


async def test_a_channel_shared_with_a_customer_gets_no_alert(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    await watch(stage, product, declared("sign_ups", f"{{channel: {stage.rooms.acme}}}"))
    await stage.run_until(MONDAY)
    assert heads(stage, stage.rooms.acme) == []


async def test_not_unusual_closes_it_and_can_be_undone(stage: Stage, product: Product) -> None:
    put(product, SUNDAY, 12)
    await watch(stage, product)
    await stage.run_until(MONDAY)
    await press(stage, heads(stage)[0], "alert.item.excuse")
    assert "Not unusual, as people here say" in said(heads(stage)[0])
    await press(stage, heads(stage)[0], "alert.item.unexcuse")
    assert "Not unusual, as people" not in said(heads(stage)[0])
    assert [one.closed_at for one in await episodes(stage)] == [None]
    assert (await logged(stage))[-1] == "alert.excuse_undone"


async def test_who_looks_into_it_stands_in_the_message(stage: Stage, product: Product) -> None:
    put(product, SUNDAY, 12)
    await watch(stage, product)
    await stage.run_until(MONDAY)
    await press(stage, heads(stage)[0], "alert.item.seen", stage.who.ben)
    assert f"<@{stage.who.ben}> looks into it" in said(heads(stage)[0])
    await press(stage, heads(stage)[0], "alert.item.leave", stage.who.ben)
    assert "looks into it" not in said(heads(stage)[0])
    await press(stage, heads(stage)[0], "alert.item.seen", stage.who.ana)
    assert f"<@{stage.who.ana}> looks into it" in said(heads(stage)[0])


async def test_a_muted_metric_is_silent_until_its_day_and_can_be_unmuted(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    put(product, SUNDAY + timedelta(days=9), 400)
    await watch(stage, product)
    await stage.run_until(MONDAY)
    await press(stage, heads(stage)[0], "alert.mute.open")
    [view] = stage.world.views.stack(stage.who.ana)
    await stage.people.submit(stage.who.ana, view.id, {"until": "2026-05-29"})
    await stage.settle()
    assert "Muted until Fri 29 May" in said(heads(stage)[0])
    await stage.run_until(MONDAY + timedelta(days=10))
    assert len(heads(stage)) == 1

    assert "Muted: Sign-ups, until Fri 29 May" in await listed(stage, stage.who.ben)
    await press(stage, heads(stage)[0], "alert.item.unmute")
    assert "Muted until" not in said(heads(stage)[0])


async def test_nobody_who_may_not_see_the_metric_can_touch_its_alert(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    more = f"owner: {stage.who.ana}\n    audience: {stage.rooms.leads}"
    await watch(stage, product, declared("sign_ups", "{here}", more))
    await stage.run_until(MONDAY)
    assert "Nothing is out of the ordinary" in await listed(stage, stage.who.ben)
    assert "Sign-ups stood out" in await listed(stage, stage.who.ana)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_weekends_alert_waits_for_monday(stage: Stage, product: Product) -> None:
    friday = SUNDAY + timedelta(days=5)
    put(product, friday, 12)
    await watch(stage, product)
    saturday = datetime(2026, 5, 23, 12, 0, tzinfo=UTC)
    await stage.run_until(saturday)
    assert heads(stage) == []
    await stage.run_until(saturday + timedelta(days=2))
    [head] = heads(stage)
    assert "Fri 22 May: 12" in head.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_open_alert_stands_in_its_metrics_owners_app_home_until_it_is_answered(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    await watch(stage, product, declared("sign_ups", "{here}", f"owner: {stage.who.ben}"))
    await stage.run_until(MONDAY)
    home = await at_home(stage, stage.who.ben)
    assert "Sign-ups stood out on Sun 17 May: 12" in said_at(home)
    assert "Sign-ups stood out" not in said_at(await at_home(stage, stage.who.ana))
    await stage.people.click(stage.who.ben, action_at(home, "alert.item.excuse"), view_id=home.id)
    await stage.settle()
    left = stage.world.views.home(stage.who.ben)
    assert left is not None
    assert "Sign-ups stood out" not in said_at(left)
    assert "Not unusual, as people here say" in said(heads(stage)[0])


async def test_a_metric_that_stopped_coming_is_told_to_its_owner_and_not_taken_for_calm(
    stage: Stage, product: Product
) -> None:
    how = f"{{channel: {stage.rooms.product}}}"
    await watch(stage, product, declared("sign_ups", how, f"owner: {stage.who.ana}"))
    await stage.run_until(MONDAY)
    for day in range(9):
        product.drop("sign_ups", SUNDAY + timedelta(days=1 + day))
    await stage.run_until(MONDAY + timedelta(days=1, hours=4))
    assert stage.dms(stage.who.ana) == []
    await stage.run_until(MONDAY + timedelta(days=3, hours=4))
    [told] = stage.dms(stage.who.ana)
    assert told.text.startswith("I cannot watch Sign-ups. Its last day is Sun 17 May.")
    assert "no alert does not mean" in told.text
    assert heads(stage) == []


async def test_a_question_in_an_alerts_thread_is_answered_there(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    await watch(stage, product)
    await stage.run_until(MONDAY)
    [head] = heads(stage)
    await mention(stage, "why did it drop?", thread=head.ts, user=stage.who.ben)
    [answer] = notes(stage)
    assert answer.startswith("Sign-ups on Sun 17 May: 12, down ")


async def test_an_alert_ends_when_its_metric_is_watched_no_more(
    stage: Stage, product: Product
) -> None:
    put(product, SUNDAY, 12)
    await watch(stage, product)
    await stage.run_until(MONDAY)
    assert "Sign-ups stood out" in await listed(stage, stage.who.ana)
    without = declared("sign_ups", "{}").replace("    alert: {}\n", "")
    await watch(stage, product, without)
    await stage.run_until(MONDAY + timedelta(minutes=5))
    assert "Nothing is out of the ordinary" in await listed(stage, stage.who.ana)
    assert [one.ending for one in await episodes(stage)] == ["unwatched"]
