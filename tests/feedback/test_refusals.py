"""The honest no, what opens it again by itself, a question to askers, and thanks."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.entries.tables import Entry
from bot.errors import BadInput
from bot.feedback.refusal_forms import Declining, read_condition, render_decline_form
from bot.feedback.refusal_records import CUSTOMERS, DATE
from bot.feedback.tables import FollowUp, Refusal, Theme
from bot.metrics.tables import Metric
from playground.server.rows import View
from tests.conftest import Stage
from tests.feedback.desk import top_view
from tests.feedback.telling import (
    EXPORT,
    SAME_WISH,
    add_customer,
    buttons_of,
    follow_ups,
    judge,
    launch_for,
    log_words,
    reread,
    words_of,
)

TODAY = date(2026, 5, 18)
NO = "We keep the export simple; the API covers it."


async def _press(stage: Stage, label: str, user: str = "") -> View:
    who = user or stage.who.ana
    view = top_view(stage, who)
    [found] = buttons_of(view.body["blocks"])[label]
    await stage.people.click(who, found, view_id=view.id)
    return top_view(stage, who)


async def _page(stage: Stage, user: str = "") -> View:
    who = user or stage.who.ana
    await stage.people.command(who, stage.rooms.product, "/daybook themes export")
    return top_view(stage, who)


async def _decline(stage: Stage, **values: str) -> View:
    """Ana declines the theme; returns its page."""
    await _page(stage)
    form = await _press(stage, "Decline")
    if when := values.get("when"):
        await stage.people.click(
            stage.who.ana, "theme.decline.condition", view_id=form.id, value=when
        )
    await stage.people.submit(stage.who.ana, form.id, {"reason": NO} | values)
    await stage.settle()
    return top_view(stage)


async def _asked(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    await log_words(stage, EXPORT)


async def _status(stage: Stage) -> str:
    async with stage.deps.db.read() as session:
        return str(await session.scalar(select(Theme.status)))


async def test_a_no_gives_a_draft_that_an_owner_would_sign_and_opening_it_takes_it_back(
    stage: Stage,
) -> None:
    await _asked(stage)
    page = await _decline(stage)
    assert "*Declined*" in words_of(page.body["blocks"])
    assert await _status(stage) == "declined"
    [message] = stage.dms(stage.who.ben)
    read = words_of(message.blocks)
    assert "was declined:\n> We keep the export simple" in read
    assert "Hi, today you wrote to us: “Please add a CSV export" in read
    assert "we are not going to do it: We keep the export simple; the API covers it." in read
    assert list(buttons_of(message.blocks)) == ["Told", "Edit", "Not needed"]

    page = await _press(stage, "Open it again")
    await stage.settle()
    assert "Decline" in buttons_of(page.body["blocks"])
    assert await _status(stage) == "open"
    again = words_of(reread(stage, message).blocks)
    assert "is open again. Please tell nobody that it was declined." in again
    assert "not needed" not in again
    async with stage.deps.db.read() as session:
        query = select(Entry.kind).where(Entry.subject_kind == "theme").order_by(Entry.seq)
        assert list(await session.scalars(query)) == ["theme.declined", "theme.reopened"]
        # Nobody waits to be told of a no that stands no more.
        assert list(await session.scalars(select(FollowUp.state))) == ["not_needed"]


async def test_enough_customers_open_it_again_and_only_the_decliner_is_told(stage: Stage) -> None:
    await _asked(stage)
    page = await _decline(stage, when="customers", count="2")
    assert "Opens again by itself once 2 customers ask for it." in words_of(page.body["blocks"])
    await stage.after(days=1)
    assert await _status(stage) == "declined"
    before = len(stage.dms(stage.who.ben))

    await add_customer(stage, "Bolt", owner=stage.who.ben)
    await log_words(stage, SAME_WISH)
    await stage.after(days=1)
    assert await _status(stage) == "open"
    message = next(m for m in stage.dms(stage.who.ana) if "is open again" in m.text)
    assert "2 customers ask for it by now." in message.text
    assert NO in words_of(message.blocks)
    assert "See theme" in buttons_of(message.blocks)
    assert len(stage.dms(stage.who.ben)) == before


async def test_a_metric_beyond_its_bound_opens_it_again(stage: Stage) -> None:
    await _asked(stage)
    async with stage.deps.db.read() as session:
        query = select(Metric.id).where(Metric.name == "daybook_feedback")
        metric_id = str(await session.scalar(query))
    values = {"metric": metric_id, "side": "below", "bound": "1", "days": "2"}
    page = await _decline(stage, when="metric", **values)
    words = words_of(page.body["blocks"])
    assert "when Feedback logged stays below 1 for 2 days running." in words
    await stage.after(days=2)
    assert await _status(stage) == "declined"
    await stage.after(days=2)
    assert await _status(stage) == "open"


@pytest.mark.parametrize("is_away", [False, True])
async def test_the_day_that_was_named_opens_it_again_also_when_nobody_was_there(
    stage: Stage, *, is_away: bool
) -> None:
    await _asked(stage)
    await _decline(stage, when="date", day="2026-05-20")
    await stage.after(days=1)
    assert await _status(stage) == "declined"
    if is_away:
        stage.daybook.clock.set(stage.daybook.clock.now() + timedelta(days=3))
    await stage.after(days=1, hours=6)
    async with stage.deps.db.read() as session:
        assert await session.scalar(select(Refusal.state)) == "rearmed"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"when": CUSTOMERS, "count": "3"}, "count"),
        ({"when": CUSTOMERS, "count": "many"}, "count"),
        ({"when": DATE, "day": "2026-05-18"}, "day"),
        ({"when": DATE, "day": ""}, "day"),
        ({"when": "metric", "metric": "m", "bound": "soon", "days": "7"}, "bound"),
        ({"when": "metric", "metric": "m", "bound": "nan", "days": "7"}, "bound"),
        ({"when": "metric", "metric": "m", "bound": "1", "days": "0"}, "days"),
    ],
)
def test_half_a_condition_is_refused_under_its_field(values: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_condition(values, customers=3, today=TODAY)
    assert refused.value.field == field


def test_the_form_offers_a_metric_only_where_there_is_one_to_see() -> None:
    draft = Declining("t", "#7 “CSV”", 3)
    assert "metric" not in str(render_decline_form(draft, []))
    assert "stays beyond a bound" in str(render_decline_form(draft, [("Sign-ups", "m")]))


async def test_a_question_goes_as_a_draft_to_who_looks_after_each_asker_and_nowhere_else(
    stage: Stage,
) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    await log_words(stage, EXPORT, channel=stage.rooms.acme)
    await _page(stage)
    form = await _press(stage, "Ask them")
    answers = {"question": "Which <!channel> columns do you need?"}
    await stage.people.submit(stage.who.ana, form.id, answers)
    await stage.settle()
    assert "drafts are on their way" in words_of(top_view(stage).body["blocks"])
    [message] = stage.dms(stage.who.ben) or stage.dms(stage.who.ana)
    read = words_of(message.blocks)
    assert "One question about it: Which &lt;!channel&gt; columns do you need?" in read
    assert list(buttons_of(message.blocks)) == ["Asked", "Edit", "Not needed"]
    assert stage.posts(stage.rooms.acme) == []
    assert stage.dms(stage.who.olga) == []
    [row] = await follow_ups(stage)
    assert (row.event, row.state) == ("asked", "drafted")

    await _page(stage)
    page = await _press(stage, "Take it back")
    await stage.settle()
    assert "Taken back" in words_of(page.body["blocks"])
    assert "Nobody is left to be asked by you" in words_of(reread(stage, message).blocks)
    [row] = await follow_ups(stage)
    assert row.state == "not_needed"


async def test_thanks_come_together_next_morning_and_each_once(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    launch_id = await launch_for(stage, item)
    await judge(stage, launch_id, "hit")
    assert stage.dms(stage.who.ana) == []
    await stage.after(days=1, hours=6)
    [message] = stage.dms(stage.who.ana)
    read = words_of(message.blocks)
    assert "CSV export>* is live" in read or "CSV export* is live" in read
    assert "has its verdict" in read
    assert read.count(f"you logged #{item.number}") == 2
    await judge(stage, launch_id, "missed", next_step="keep")
    await stage.after(days=2)
    assert len(stage.dms(stage.who.ana)) == 1
