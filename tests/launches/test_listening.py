"""The days after a launch: feedback offered as a reaction to it, and counted as a guardrail."""

from datetime import timedelta

import pytest

from bot.bets.words import complaints_phrase
from bot.entries.tables import Entry
from bot.launches.crew_tables import LaunchReaction
from bot.launches.listening import chance_of, days_begun, home_reactions
from bot.launches.records import Reaction
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.feedback.desk import react, said
from tests.launches.conftest import CHECK_AT, Numbers, bet_on, launch, rows, thread, words

COMPLAINT = "The spreadsheet importer crashes with an error on every file, it is broken"


async def _waiting(stage: Stage, user: str = "") -> list[Reaction]:
    asker = Asker(stage.workspace_id, user or stage.who.ana, sees_public=True)
    async with stage.deps.db.read() as session:
        return await home_reactions(session, asker)


@pytest.mark.parametrize(
    ("after", "before", "more"),
    [(0, 0, False), (3, 1, False), (5, 0, False), (6, 0, True), (12, 3, True), (3, 12, False)],
)
def test_more_complaints_than_chance_makes_are_told_from_a_few(
    after: int, before: int, more: bool
) -> None:
    assert (chance_of(after, before) <= 0.025) is more


def test_complaints_are_said_with_both_counts_and_never_as_a_cause() -> None:
    found = {"after": 7, "before": 0, "days": 14, "is_more": True}
    assert "7 in the 14 days after, 0 in as many before" in complaints_phrase(found)
    assert complaints_phrase(found | {"after": 0}) == ""


@pytest.mark.parametrize(("hours", "days"), [(1, 1), (24, 1), (14 * 24 - 7, 14), (14 * 24, 14)])
def test_days_of_listening_are_counted_with_the_one_that_has_begun(hours: int, days: int) -> None:
    assert days_begun(timedelta(hours=hours)) == days


async def test_what_customers_say_after_a_launch_is_offered_to_its_owner_only(
    stage: Stage, product: Numbers
) -> None:
    await bet_on(stage, "Spreadsheet importer")
    await stage.after(days=1)
    await react(stage, await said(stage, COMPLAINT))
    await react(stage, await said(stage, "Please add a dark theme for night shifts"))
    [offer] = await _waiting(stage)
    assert (offer.launch.title, offer.text) == ("Spreadsheet importer", COMPLAINT)
    assert await _waiting(stage, stage.who.ben) == []

    await stage.people.open_home(stage.who.ana)
    await stage.settle()
    home = stage.world.views.home(stage.who.ana)
    assert home is not None
    assert "Is this about #1" in words(home)
    answer = f"launch.reaction.answer:taken:{offer.id}"
    await stage.people.click(stage.who.ana, answer, view_id=home.id)
    await stage.settle()
    [row] = await rows(stage, LaunchReaction)
    assert row.state == "taken"
    assert await _waiting(stage) == []
    assert [e.kind for e in await rows(stage, Entry)].count("launch.reaction") == 1

    await stage.people.command(stage.who.ana, stage.rooms.product, "/why #1")
    story = words((await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1])
    assert "*Said since*, 1 time, as its owner counts them" in story
    assert COMPLAINT in story

    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    check = words(next(m for m in thread(stage) if "Check of" in m.text))
    assert "Complaints about it: 1 in the 14 days after, 0 in as many before" in check


async def test_feedback_long_after_a_launch_is_no_reaction_to_it(stage: Stage) -> None:
    await launch(stage, "Spreadsheet importer")
    await stage.after(days=15)
    await react(stage, await said(stage, COMPLAINT))
    assert await _waiting(stage) == []
