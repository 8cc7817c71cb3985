"""A metric bound that reopens a decision: set in the form, said only to who may see the metric."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.decisions.tables import Decision
from bot.engine.tables import Schedule
from bot.entries.tables import Entry
from playground.server.rows import Message
from tests.conftest import Stage
from tests.decisions.conftest import (
    click,
    decide,
    decisions,
    entry_kinds,
    mention,
    post,
    submit,
    thread_of,
    top_view,
)
from tests.launches.conftest import TODAY, Numbers, declare_all, metric, words
from tests.metrics.product import FILE


@pytest.fixture
def product(tmp_path: Path) -> Numbers:
    product = Numbers(tmp_path, "U0OWNER00")
    product.write("sign_ups")
    product.declare(FILE)
    return product


@pytest.fixture
def metrics_yaml(product: Numbers, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in product.env.items():
        monkeypatch.setenv(name, value)
    return product.file.read_text()


async def test_a_tripwire_is_kept_and_said_in_the_message(stage: Stage) -> None:
    wire = {"metric": await metric(stage, "sign_ups"), "side": "below", "bound": "320", "days": "3"}
    row = await decide(stage, "Free plan stays", "Keep it", **wire)
    assert (row.tripwire_side, row.tripwire_bound, row.tripwire_days) == ("below", 320.0, 3)
    said = words(post(stage))
    assert "Reopens when Sign-ups stays below 320" in said
    assert "3 days running" in said


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"bound": "320"}, "side"),
        ({"side": "below"}, "bound"),
        ({"side": "below", "bound": "soon"}, "bound"),
        ({"side": "below", "bound": "320", "days": "0"}, "days"),
    ],
)
async def test_half_a_tripwire_is_refused_under_its_field(
    stage: Stage, typed: dict[str, str], field: str
) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Free plan stays")
    wired = {"choice": "Keep it", "metric": await metric(stage, "sign_ups"), **typed}
    answer = await submit(stage, wired)
    assert set(answer.errors) == {field}
    assert await decisions(stage) == []


async def test_a_metric_that_the_channel_may_not_see_is_not_named_there_and_stays_on_an_edit(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    wire = {"metric": await metric(stage, "revenue"), "side": "below", "bound": "8000"}
    await decide(stage, "Free plan stays", "Keep it", **wire)
    assert "Reopens" not in words(post(stage))

    await click(stage, post(stage), "decision.item.edit", user=stage.who.ben)
    form = words(top_view(stage, stage.who.ben))
    assert "8000" not in form
    assert "Revenue" not in form
    await submit(stage, {"choice": "Keep it for now"}, stage.who.ben)
    [row] = await decisions(stage)
    assert (row.choice, row.tripwire_bound) == ("Keep it for now", 8000.0)


# Accepted on Monday 18 May at 8:00 in Berlin: the first three whole days after it are Tuesday to
# Thursday, so Friday at 10:00 is the first look that may find them all.
DAYS = tuple(TODAY + timedelta(days=n) for n in (1, 2, 3))
LOOK = datetime(2026, 5, 22, 8, 0, tzinfo=UTC)
# The look of Saturday is told on Monday.
NEXT_LOOK = LOOK + timedelta(days=3)


async def _watched(stage: Stage, name: str = "sign_ups", **more: str) -> Decision:
    """An accepted decision that reopens when sign-ups stay below 320 for three days."""
    wire = {"metric": await metric(stage, name), "side": "below", "bound": "320", "days": "3"}
    values = {"status": "accepted", **wire, **more}
    return await decide(stage, "Free plan stays", "Keep it", **values)


def _low(product: Numbers, *values: float, name: str = "sign_ups") -> None:
    for day, value in zip(DAYS, values, strict=True):
        product.put(name, day, value)


def _notes(stage: Stage, channel: str = "") -> list[Message]:
    return [m for m in stage.posts(channel or stage.rooms.product) if m.is_reply]


async def _tripped(stage: Stage) -> list[Entry]:
    async with stage.deps.db.read() as session:
        found = await session.scalars(select(Entry).where(Entry.kind == "decision.tripped"))
        return list(found)


async def _state(stage: Stage) -> str | None:
    async with stage.deps.db.read() as session:
        query = select(Schedule.state).where(Schedule.kind == "decision.tripwire")
        states = list(await session.scalars(query))
    return states[0] if states else None


async def _minute_after(stage: Stage, look: datetime) -> None:
    await stage.run_until(look + timedelta(minutes=1))


async def test_three_days_below_the_bound_reopen_it_in_its_thread_with_the_figures(
    stage: Stage, product: Numbers
) -> None:
    row = await _watched(stage, change="A cheaper rival")
    _low(product, 301, 298, 319.7)
    await stage.run_until(LOOK - timedelta(minutes=1))
    assert _notes(stage) == []
    await _minute_after(stage, LOOK)

    [note] = _notes(stage)
    assert note.thread_ts == stage.posts(stage.rooms.product)[0].ts
    assert note.text.replace("\u202f", " ") == (
        f"Decision #{row.number} is open for another look: "
        "Sign-ups stayed below 320 teams for 3 days running."
    )
    said = words(note)
    assert "• Tue 19 May: 301 teams\\n• Wed 20 May: 298 teams" in said
    assert "• Thu 21 May: just below 320 teams" in said
    assert "A cheaper rival" in said
    assert "Whole days in Europe/Berlin" in said
    assert "because" not in said.lower()


async def test_the_decisions_message_says_that_and_when_it_was_reopened(
    stage: Stage, product: Numbers
) -> None:
    await _watched(stage)
    _low(product, 301, 298, 310)
    await _minute_after(stage, LOOK)
    said = words(stage.posts(stage.rooms.product)[0])
    assert "Reopened " in said
    assert "Sign-ups stayed below 320 teams for 3 days running" in said
    assert "Reopens when" not in said


async def test_the_owner_is_asked_directly_and_answers_with_the_usual_buttons(
    stage: Stage, product: Numbers
) -> None:
    await _watched(stage)
    _low(product, 301, 298, 310)
    await _minute_after(stage, LOOK)
    [asked] = stage.dms(stage.who.ana)
    assert asked.text.endswith("Is it still right?")
    assert "Thu 21 May: 310 teams" in words(asked)
    assert "Only you are told" not in words(asked)

    await click(stage, asked, "decision.revisit.reopen")
    await click(stage, stage.dms(stage.who.ana)[-1], "decision.item.supersede")
    await submit(stage, {"choice": "A trial of 30 days"})
    assert [one.status for one in await decisions(stage)] == ["superseded", "accepted"]


async def test_it_trips_once_and_the_log_keeps_the_days(stage: Stage, product: Numbers) -> None:
    row = await _watched(stage)
    product.write("sign_ups", effect=-0.5)
    await _minute_after(stage, LOOK + timedelta(days=5))

    [entry] = await _tripped(stage)
    assert entry.subject_id == row.id
    assert entry.facts == {
        "number": row.number,
        "status": "accepted",
        "metric": row.tripwire_metric_id,
        "days": [day.isoformat() for day in DAYS],
    }
    assert (len(_notes(stage)), len(stage.dms(stage.who.ana))) == (1, 1)
    assert await _state(stage) == "ended"


async def test_app_home_shows_a_reopened_decision_until_its_owner_answers(
    stage: Stage, product: Numbers
) -> None:
    await _watched(stage, revisit="2026-09-01")
    _low(product, 301, 298, 310)
    await _minute_after(stage, LOOK)
    [asked] = stage.dms(stage.who.ana)
    assert "Still right? (reopened " in await _home(stage)

    await click(stage, asked, "decision.revisit.holds")
    assert "Still right?" not in await _home(stage)


async def _home(stage: Stage) -> str:
    await stage.people.open_home(stage.who.ana)
    await stage.settle()
    view = stage.world.views.home(stage.who.ana)
    assert view, "there is no App Home yet"
    return words(view)


async def test_a_day_on_the_bound_does_not_trip_it(stage: Stage, product: Numbers) -> None:
    await _watched(stage)
    _low(product, 301, 320, 310)
    await _minute_after(stage, LOOK)
    assert await _tripped(stage) == []


async def test_a_gap_among_the_days_is_never_beyond_the_bound(
    stage: Stage, product: Numbers
) -> None:
    await _watched(stage)
    product.write("sign_ups", effect=-0.5)
    product.drop("sign_ups", DAYS[1])
    await _minute_after(stage, LOOK)
    assert (await _tripped(stage), stage.dms(stage.who.ana)) == ([], [])
    assert await _state(stage) == "active"


async def test_figures_that_come_late_trip_it_the_morning_after_they_came(
    stage: Stage, product: Numbers
) -> None:
    await _watched(stage)
    _low(product, 301, 298, 310)
    product.drop("sign_ups", DAYS[2])
    await _minute_after(stage, LOOK)
    assert _notes(stage) == []
    product.put("sign_ups", DAYS[2], 310)
    product.drop("sign_ups", DAYS[2] + timedelta(days=1))
    await _minute_after(stage, NEXT_LOOK)
    assert "Thu 21 May: 310 teams" in words(_notes(stage)[0])


async def test_days_before_it_was_accepted_do_not_count(stage: Stage, product: Numbers) -> None:
    for n in range(30):
        product.put("sign_ups", TODAY - timedelta(days=n), 100)
    await _watched(stage)
    await _minute_after(stage, LOOK)
    assert await _tripped(stage) == []


async def test_a_metric_that_cannot_be_read_tells_nobody_until_it_can(
    stage: Stage, product: Numbers
) -> None:
    row = await _watched(stage)
    _low(product, 301, 298, 310)
    # All three days are known already when the source falls silent.
    await stage.run_until(LOOK - timedelta(hours=1))
    await stage.deps.metrics.refresh(
        stage.workspace_id, [row.tripwire_metric_id], at=stage.daybook.clock.now()
    )
    _rename(product, "numbers", "elsewhere")
    await _minute_after(stage, LOOK)
    assert (_notes(stage), stage.dms(stage.who.ana)) == ([], [])

    _rename(product, "elsewhere", "numbers")
    product.put("sign_ups", DAYS[2] + timedelta(days=1), 300)
    await _minute_after(stage, NEXT_LOOK)
    assert len(_notes(stage)) == 1


def _rename(product: Numbers, table: str, to: str) -> None:
    with sqlite3.connect(product.database) as connection:
        connection.execute(f"alter table {table} rename to {to}")


async def test_a_metric_that_the_channel_may_not_see_is_told_to_its_owner_alone(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    await _watched(stage, "revenue")
    _low(product, 301, 298, 310, name="revenue")
    await _minute_after(stage, LOOK)

    everything = " ".join(words(m) + m.text for m in stage.posts(stage.rooms.product))
    assert "Revenue" not in everything
    assert "eopened" not in everything
    assert _notes(stage) == []
    [asked] = stage.dms(stage.who.ana)
    assert "Revenue stayed below EUR 320" in words(asked)
    assert "Only you are told" in words(asked)


async def test_a_private_metric_is_told_in_the_thread_of_its_own_channel(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    await _watched(stage, "revenue", channel=stage.rooms.leads)
    _low(product, 301, 298, 310, name="revenue")
    await _minute_after(stage, LOOK)
    assert "Revenue stayed below EUR 320" in words(_notes(stage, stage.rooms.leads)[0])
    assert "Only you are told" not in words(stage.dms(stage.who.ana)[-1])


async def test_an_owner_who_may_not_see_the_metric_any_more_is_told_nothing(
    stage: Stage, product: Numbers
) -> None:
    await _watched(stage, "sign_ups", owner=stage.who.ben)
    await declare_all(stage, product)
    product.declare(
        product.text().replace("name: sign_ups", "name: sign_ups\n    audience: {audience}"),
        audience=stage.rooms.leads,
    )
    _low(product, 301, 298, 310)
    await _minute_after(stage, LOOK.replace(hour=14))  # 10:00 in New York
    assert (_notes(stage), stage.dms(stage.who.ben)) == ([], [])


async def test_a_thread_that_decided_is_told_in_that_thread(stage: Stage, product: Numbers) -> None:
    root, _ = await thread_of(stage, "Does the free plan stay?")
    await mention(stage, "decision Free plan stays", thread=root)
    [offer] = await stage.people.ephemerals(stage.who.ana, stage.rooms.product)
    await click(stage, offer, "decision.form.open")
    wire = {"metric": await metric(stage, "sign_ups"), "side": "below", "bound": "320", "days": "3"}
    await submit(stage, {"choice": "Keep it", "status": "accepted", **wire})
    _low(product, 301, 298, 310)
    await _minute_after(stage, LOOK)
    told = [m for m in stage.posts(stage.rooms.product) if "another look" in m.text]
    assert [m.thread_ts for m in told] == [root]


async def test_a_proposal_is_watched_only_from_when_it_is_accepted(
    stage: Stage, product: Numbers
) -> None:
    await _watched(stage, status="proposed")
    assert await _state(stage) is None
    await click(stage, post(stage), "decision.item.accept", user=stage.who.ben)
    assert await _state(stage) == "active"


async def test_the_owners_zone_decides_when_it_is_looked_at(stage: Stage, product: Numbers) -> None:
    await _watched(stage, owner=stage.who.ben)
    _low(product, 301, 298, 310)
    await stage.run_until(LOOK.replace(hour=13, minute=59))  # 9:59 in New York
    assert _notes(stage) == []
    await _minute_after(stage, LOOK.replace(hour=14))
    assert (len(_notes(stage)), len(stage.dms(stage.who.ben))) == (1, 1)


async def test_a_retired_decision_is_watched_no_more(stage: Stage, product: Numbers) -> None:
    await _watched(stage)
    await click(stage, post(stage), "decision.item.retire")
    await submit(stage, {"reason": "There are no plans any more"})
    assert await _state(stage) == "ended"
    _low(product, 301, 298, 310)
    await _minute_after(stage, LOOK)
    assert "decision.tripped" not in await entry_kinds(stage)


async def test_a_superseded_decision_is_watched_no_more(stage: Stage, product: Numbers) -> None:
    await _watched(stage)
    await click(stage, post(stage), "decision.item.supersede")
    await submit(stage, {"choice": "A trial"})
    assert await _state(stage) == "ended"
