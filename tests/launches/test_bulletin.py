"""The digest of all launches: what it tells, and to whom."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.bets.records import BetView, VerdictView
from bot.launches.bulletin import Bulletin, Move
from bot.launches.bulletin_views import Issue, render_bulletin
from bot.launches.records import LaunchView
from bot.metrics.units import Unit
from playground.server.rows import Message
from tests.conftest import Stage
from tests.launches.conftest import click_headline, launch, open_form, submit, top_view, words

AT = datetime(2026, 5, 18, 8, 0, tzinfo=UTC)
LAUNCH = LaunchView(
    id="l1", number=7, title="New <importer>", summary="", owner_id="U1", area="Import",
    stage="live", source_channel_id="C1", headline_id="", permalink="https://x.test/p1",
    created_by="U1", created_at=AT, exposed_at=AT, live_at=AT, ended_at=None,
)  # fmt: skip
BET = BetView(
    id="b1", subject_kind="launch", subject_id="l1", owner_id="U1", kind="by_hand",
    expectation="it works", metric_id=None, metric_version=None, metric_label="", unit=Unit(),
    good="up", baseline=None, baseline_from=None, baseline_to=None, target=None, first_day=None,
    check_date=date(2026, 6, 1), timezone="UTC", guardrails=(), confidence=None,
    smallest_visible=None, state="open", asked=0, changed_at=None,
)  # fmt: skip
MISSED = VerdictView(
    "missed", "Ask *first*", "keep", is_against_evidence=False, reason="", by="U1", at=AT
)


def _read(bulletin: Bulletin) -> str:
    message = render_bulletin(Issue("All launches", AT.date(), bulletin))
    return message.text + "\n" + "\n".join(
        block["text"]["text"] for block in message.blocks if block["type"] == "section"
    )  # fmt: skip


def test_it_says_what_moved_was_judged_and_is_under_way_without_calling_anybody() -> None:
    back = replace(LAUNCH, number=8, title="Bulk undo", stage="rolled_back")
    judged = replace(LAUNCH, number=9, bet=replace(BET, state="judged"), verdict=MISSED)
    told = Bulletin(
        since=AT - timedelta(days=7),
        moves=(Move(LAUNCH, "live", "", AT), Move(back, "rolled_back", "It undid too much", AT)),
        judged=(judged,),
        under_way=(replace(LAUNCH, bet=BET), judged),
    )
    read = _read(told)
    assert "1 went live, 1 rolled back, 1 judged since 11 May; 2 under way." in read
    assert "Bulk undo> (#8) was rolled back: “It undid too much”" in read
    assert "(#9): missed. “Ask" in read
    assert "(#7): live · Import · checked on 1 Jun" in read
    assert "New &lt;importer&gt;" in read
    assert "<@" not in read


def test_a_calm_week_is_one_line_and_a_long_list_is_cut() -> None:
    calm = Bulletin(since=AT - timedelta(days=7))
    assert calm.is_quiet
    assert "Nothing moved since 11 May; none under way." in _read(calm)
    many = Bulletin(since=AT, under_way=(LAUNCH,) * 30, has_more=True)
    assert "over 30 under way" in _read(many)
    assert "… and more" in _read(many)
    blocks: list[Any] = render_bulletin(Issue("A", AT.date(), many)).blocks
    longest = (replace(LAUNCH, title="x" * 150, area="y" * 60, permalink="https://x" * 20),) * 30
    read = render_bulletin(Issue("A", AT.date(), replace(many, under_way=longest))).blocks
    assert len(read) == len(blocks)
    assert all("…and" not in str(block) for block in read)


async def test_a_channel_gets_all_launches_that_its_readers_may_see(stage: Stage) -> None:
    room = stage.rooms.product
    await stage.people.command(stage.who.ana, room, "/daybook digest launches")
    form = top_view(stage, stage.who.ana)
    assert "*All launches* that everybody there may see" in words(form)
    answer = await stage.people.submit(
        stage.who.ana, form.id, {"where": room, "when": "weekdays at 9:00 Berlin", "quiet": "quiet"}
    )
    assert not answer.errors, answer
    assert "Only when a launch moved or was judged." in words(top_view(stage, stage.who.ana))

    await launch(stage, "New importer")
    await open_form(stage, "/launch Secret thing", channel=stage.rooms.leads)
    await submit(stage, {"channel": stage.rooms.leads})
    await click_headline(stage, "launch.stage.move", value="rolled_back")
    await submit(stage, {"reason": "It broke exports"})
    await stage.after(days=1, hours=3)
    [post] = _digests(stage)
    assert "1 rolled back since 11 May; none under way." in words(post)
    assert "It broke exports" in words(post)
    assert "Secret thing" not in words(post)
    await stage.after(days=1)
    assert len(_digests(stage)) == 1, "nothing moved, nothing posted"


def _digests(stage: Stage) -> list[Message]:
    return [post for post in stage.posts(stage.rooms.product) if "All launches" in post.text]


async def test_the_form_says_what_a_channel_with_guests_would_miss(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook digest launches")
    assert "Guests read that channel" in words(top_view(stage, stage.who.ana))
