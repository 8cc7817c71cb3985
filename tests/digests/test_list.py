"""What ``/digest list`` shows whom."""

import json

from bot.digests.cards import render_list
from bot.digests.forms import METRICS, Choice, Draft, render_form
from bot.slack.blocks import Message
from tests.conftest import Stage
from tests.digests.conftest import subscribe


def _words(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def test_what_is_not_listed_is_counted_and_can_be_found() -> None:
    shown = _words(render_list([], more=12))
    assert "And 12 more: `/digest list` and a word of a name finds them." in shown
    assert "with “sales” in its name" in _words(render_list([], words="sales"))
    assert "no digest yet" in _words(render_list([]))


def test_a_menu_of_more_metrics_than_slack_shows_keeps_those_that_are_chosen() -> None:
    choices = [Choice(f"m{n}", f"Metric {n}") for n in range(130)]
    view = render_form(Draft(metric_ids=("m128", "m3")), choices, preview="")
    field = next(block for block in view["blocks"] if block.get("block_id") == METRICS)
    chosen = [one["value"] for one in field["element"]["initial_options"]]
    assert chosen == ["m128", "m3"]
    assert "30 more do not fit" in field["hint"]["text"]


async def test_a_word_narrows_the_list_and_a_guest_is_shown_no_button_of_no_use(
    stage: Stage,
) -> None:
    await subscribe(stage, stage.rooms.voice, name="Sales numbers")
    await subscribe(stage, stage.rooms.voice, name="Support numbers")
    listed = {}
    for user in (stage.who.ana, stage.who.gil):
        await stage.people.command(user, stage.rooms.voice, "/digest list sales")
        message = (await stage.people.ephemerals(user, stage.rooms.voice))[-1]
        listed[user] = json.dumps(message.blocks)
    for shown in listed.values():
        assert "Sales numbers" in shown
        assert "Support numbers" not in shown
    assert "New digest" in listed[stage.who.ana]
    assert '"button"' not in listed[stage.who.gil]
