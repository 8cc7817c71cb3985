"""Questions in a digest's thread: answered from the readings and the log, as coincidences."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from bot.digests.answers import Asked, answer_in_thread, asked_post, meant_by_it
from bot.digests.question_views import (
    Found,
    render_answer,
    render_ask_in_thread,
    render_which,
)
from bot.digests.questions import Question, is_about_number, read_question
from bot.digests.rules import Day, stand
from bot.digests.views import Happening, MetricLine
from bot.metrics.queries import Correction
from bot.metrics.units import Unit
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.decisions.conftest import mention
from tests.digests.conftest import declare_all, resync, subscribe
from tests.metrics.product import Product

LABELS = {"a": "Sign-ups", "b": "Revenue", "c": "Revenue per team", "d": "Teams that imported"}
FRIDAY = date(2026, 5, 15)
NINE = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)  # Monday, 9:00 in Berlin


@pytest.mark.parametrize(
    ("text", "is_about"),
    [
        ("did sign-ups drop on Tuesday?", True),
        ("were there fewer imports on 12 May", True),
        ("why did revenue jump yesterday", True),
        ("why did we drop the Tuesday report?", False),
        ("why importer", False),
        ("why less clutter", False),
    ],
)
def test_a_question_about_a_number_is_known_from_one_about_a_choice(
    text: str, is_about: bool
) -> None:
    assert is_about_number(text) is is_about


def test_a_question_about_no_number_that_is_known_says_how_to_ask() -> None:
    told = str(render_ask_in_thread("did sign-ups drop on Tuesday?").blocks)
    assert "in the thread of the digest" in told
    assert "/daybook metrics" in told
    assert "Daybook why did sign-ups drop on Tuesday?" in told


@pytest.mark.parametrize(
    ("text", "metric_id", "day", "way"),
    [
        ("why did sign-ups drop on Tuesday?", "a", date(2026, 5, 12), "down"),
        ("did revenue jump on Fri", "b", FRIDAY, "up"),
        ("did revenue jump last Saturday", "b", date(2026, 5, 9), "up"),
        ("did revenue per team fall on 12 May", "c", date(2026, 5, 12), "down"),
        ("why so few importing teams on May 3", "d", date(2026, 5, 3), ""),
        ("sign ups on 2026-04-30", "a", date(2026, 4, 30), ""),
        ("why did signups drop on Tuesday?", "a", date(2026, 5, 12), "down"),
        ("why are sign ups low", "a", FRIDAY, "down"),
        ("did revenue fall on May 12th?", "b", date(2026, 5, 12), "down"),
        ("why the revenue drop 12 May", "b", date(2026, 5, 12), "down"),
        ("revenue on the 3rd of sept.", "b", date(2025, 9, 3), ""),
        ("revenue on march the 2nd", "b", date(2026, 3, 2), ""),
        ("was it lower on 20 December", "", date(2025, 12, 20), "down"),
        ("why did it drop?", "", FRIDAY, "down"),
        ("why on 31 February", "", FRIDAY, ""),
    ],
)
def test_a_question_names_number_day_and_way(
    text: str, metric_id: str, day: date, way: str
) -> None:
    labels = {**LABELS, "a": "Sign-ups"}
    assert read_question(text, labels, last=FRIDAY) == Question(metric_id, day, way)


def test_without_a_name_it_is_about_what_the_post_featured() -> None:
    assert read_question("why the drop?", LABELS, last=FRIDAY, asked_of="b").metric_id == "b"


@pytest.mark.parametrize(
    ("odd", "way", "meant"),
    [
        ([("b", "below")], "up", "b"),  # the only unusual one; its direction is put right
        ([("a", "above"), ("b", "below")], "down", "b"),
        ([("a", "above"), ("b", "below")], "", ""),
        ([("a", "below"), ("b", "below")], "down", ""),
        ([("hidden", "below"), ("a", "above")], "down", "a"),
        ([], "down", ""),
    ],
)
def test_it_is_the_only_unusual_number_on_the_side_that_is_asked_about(
    odd: list[tuple[str, str]], way: str, meant: str
) -> None:
    asked = Asked(("a", "b", "hidden"), FRIDAY, "C0", tuple(odd))
    assert meant_by_it(asked, ["a", "b"], way) == meant


def _line(label: str = "Sign-ups", last: float = 61.0, **more: object) -> MetricLine:
    dates = np.arange(np.datetime64(FRIDAY) - 199, np.datetime64(FRIDAY) + 1)
    values = 118.0 + np.arange(200) % 5
    values[-1] = last
    base = {
        "id": label, "label": label, "good": "up", "owner_id": "", "target": None,
        "standing": stand(dates, values, expected=FRIDAY), "unit": Unit("teams"),
    }  # fmt: skip
    return MetricLine(**(base | more))  # type: ignore[arg-type]


def _found(line: MetricLine, way: str = "down", **more: object) -> Found:
    question = Question("a", FRIDAY, way)  # type: ignore[arg-type]
    base = {"question": question, "line": line, "since": FRIDAY - timedelta(days=3)}
    return Found(**(base | more))  # type: ignore[arg-type]


def _words(found: Found) -> str:
    first, *small = render_answer(found).blocks
    said = first["text"]["text"]
    return str(said) + "".join(block["elements"][0]["text"] for block in small)


def test_a_drop_is_told_with_both_ends_its_range_and_what_coincided() -> None:
    at = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
    launched = Happening("Launched", "New <!here> form", at, 41, permalink="https://x.slack.com/p1")
    words = _words(_found(_line(), happenings=(launched,), others=(_line("Imports", 20.0),)))
    assert words.startswith("*Sign-ups on Fri 15 May: 61 teams, down ")
    assert "on Fri the week before (12" in words
    assert "That is below its usual range (" in words
    assert "• Thu 14 May, launched: <https://x.slack.com/p1|New" in words
    assert "• The same day, Imports: 20 teams, below its usual range" in words
    assert "<!here>" not in words
    assert "because" not in words.lower()
    assert "does not show that one led to the other" in words


def test_a_day_inside_its_range_is_called_usual() -> None:
    words = _words(_found(_line(last=119.0)))
    assert "That is inside its usual range" in words
    assert "comes by itself" in words


def test_a_day_that_is_still_outside_is_not_called_usual() -> None:
    usual = _line(last=119.0).standing
    day = Day(FRIDAY, 40.0)
    words = _words(_found(_line(standing=replace(usual, day=day))))
    assert "That is below its usual range" in words
    assert "So were days before it." in words
    assert "comes by itself" not in words


def test_a_question_with_the_wrong_direction_is_put_right() -> None:
    assert "It went down, not up," in _words(_found(_line(), way="up"))


def test_an_empty_log_is_said_to_be_empty() -> None:
    words = _words(_found(_line()))
    assert "Nothing in the log coincided from Tue 12 May on" in words
    assert "fell together" not in words


def test_a_day_without_a_figure_is_no_drop() -> None:
    assert "There is no figure of Sign-ups for Fri 15 May; that is no drop." in _words(
        _found(_line(last=float("nan")))
    )


def test_a_corrected_day_and_a_holiday_are_told() -> None:
    line = _line(corrections=(Correction(FRIDAY, 40.0, 61.0, NINE),))
    words = _words(replace(_found(line), holidays=(FRIDAY,)))
    assert "was read as 40 first" in words
    assert "public holiday" in words


def test_an_unclear_question_is_asked_back_with_the_names() -> None:
    assert "There are Sign-ups, Revenue." in render_which(["Sign-ups", "Revenue"]).text
    assert "F and 2 more." in render_which(list("ABCDEFGH")).text


async def test_a_question_in_the_thread_is_answered_in_the_thread_and_is_use(
    stage: Stage, product: Product
) -> None:
    product.put("sign_ups", date(2026, 5, 12), 30)
    room = stage.rooms.product
    await subscribe(stage, room)
    await stage.run_until(NINE + timedelta(minutes=5))
    [post] = stage.posts(room)
    await mention(stage, "why did sign-ups drop on Tuesday?", thread=post.ts, user=stage.who.ben)
    _, answer = stage.posts(room)
    assert answer.thread_ts == post.ts
    assert answer.text.startswith("Sign-ups on Tue 12 May: 30 teams, down 7")
    async with stage.deps.db.read() as session:
        assert await asked_post(session, stage.workspace_id, room, post.ts) is not None
        assert await asked_post(session, stage.workspace_id, room, answer.ts) is None


async def test_who_may_see_less_than_the_thread_is_answered_alone_and_without_it(
    stage: Stage, product: Product
) -> None:
    declare_all(product, stage)
    await resync(stage, product)
    await subscribe(stage, stage.rooms.leads, "sign_ups", "revenue")
    await stage.run_until(NINE + timedelta(minutes=5))
    [post] = stage.posts(stage.rooms.leads)
    directory = stage.deps.places.of(stage.workspace_id).directory
    audience = await directory.audience(stage.rooms.leads, at=NINE)
    less = Asker(stage.workspace_id, stage.who.ben, sees_public=True)
    async with stage.deps.db.read() as session:
        asked = await asked_post(session, stage.workspace_id, stage.rooms.leads, post.ts)
        assert asked
        told = await answer_in_thread(
            session, asked, "why did revenue drop?", asker=less, audience=audience, at=NINE
        )
    assert told
    assert told.is_private
    assert "Revenue" not in told.message.text


async def test_asked_anywhere_it_is_answered_privately_from_what_the_asker_may_see(
    stage: Stage, product: Product
) -> None:
    declare_all(product, stage)
    product.put("sign_ups", date(2026, 5, 12), 30)
    await resync(stage, product)
    await stage.deps.metrics.refresh(stage.workspace_id, at=NINE)

    async def asked(user: str, words: str) -> str:
        await stage.people.command(user, stage.rooms.product, f"/why {words}")
        return (await stage.whispers(user, stage.rooms.product))[-1]

    told = await asked(stage.who.ben, "did sign-ups drop on Tuesday?")
    assert told.startswith("Sign-ups on Tue 12 May: 30 teams, down 7")
    assert (await asked(stage.who.ana, "did revenue drop on Tuesday?")).startswith("Revenue on Tue")
    assert "Revenue on" not in await asked(stage.who.ben, "did revenue drop on Tuesday?")
    await mention(stage, "why did sign-ups drop on Tuesday?", user=stage.who.ben)
    told = (await stage.whispers(stage.who.ben, stage.rooms.product))[-1]
    assert told.startswith("Sign-ups on Tue 12 May: 30 teams")
