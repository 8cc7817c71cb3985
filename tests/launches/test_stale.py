"""Two forms of one launch, open at once: nothing is overwritten unseen."""

import pytest

from bot.bets.stale import check_bet_unchanged, is_touched, settle_fields, stamps_of
from bot.errors import BadInput
from bot.launches.tables import Launch, StageChange
from tests.conftest import Stage
from tests.launches.conftest import (
    bet_on,
    click_headline,
    headline,
    launch,
    rows,
    submit,
    thread,
    top_view,
    words,
)

NAMES = ("title", "owner")
SEEN = stamps_of({"title": "Importer", "owner": "U1"})
BET = {
    "kind": "move_metric", "metric": "m1", "target": "450", "check_date": "2026-06-01",
    "guardrails": "m2,m3", "harm": "5 %", "confidence": "", "expectation": "",
}  # fmt: skip


def test_what_the_writer_left_alone_stays_as_the_other_made_it() -> None:
    now = {"title": "Importer", "owner": "U2"}
    typed = {"title": "Guided importer", "owner": "U1"}
    assert settle_fields(SEEN, now, typed, NAMES) == {"title": "Guided importer", "owner": "U2"}
    assert settle_fields(SEEN, now, {"owner": "U1"}, NAMES) == now, "a field it never had"


def test_what_both_changed_alike_is_no_conflict_and_else_is_named_under_its_field() -> None:
    typed = {"title": "Guided importer", "owner": "U1"}
    same = {"title": "Guided importer", "owner": "U1"}
    assert settle_fields(SEEN, same, typed, NAMES) == typed
    with pytest.raises(BadInput, match="to “CSV importer”") as caught:
        settle_fields(SEEN, {"title": "CSV importer", "owner": "U1"}, typed, NAMES)
    assert caught.value.field == "title"


def test_a_bet_is_one_thing_and_the_order_of_choices_is_none() -> None:
    seen = stamps_of(BET)
    assert not is_touched(seen, BET | {"guardrails": "m3,m2"}, BET)
    check_bet_unchanged(seen, BET, BET | {"target": "500"})
    check_bet_unchanged(seen, BET | {"target": "500"}, BET | {"target": "500"})
    with pytest.raises(BadInput, match="somebody changed the bet") as caught:
        check_bet_unchanged(seen, BET | {"metric": "m9"}, BET | {"target": "500"})
    assert caught.value.field == "metric"
    with pytest.raises(BadInput):
        check_bet_unchanged({}, BET, BET | {"target": "500"})


async def test_the_later_of_two_edits_is_told_under_the_field_and_keeps_its_words(
    stage: Stage,
) -> None:
    await bet_on(stage)
    await click_headline(stage, "launch.item.edit", user=stage.who.ana)
    await click_headline(stage, "launch.item.edit", user=stage.who.ben)
    answer = await submit(stage, {"title": "CSV importer", "target": "470"}, stage.who.ben)
    assert answer.result == "closed", answer

    late = await submit(stage, {"title": "Guided importer"}, stage.who.ana)
    assert "CSV importer" in late.errors["title"]
    assert "Guided importer" in str(top_view(stage, stage.who.ana).state)
    late = await submit(stage, {"title": "CSV importer", "target": "500"}, stage.who.ana)
    assert "somebody changed the bet" in late.errors["target"]
    late = await submit(stage, {"target": "470", "area": "Import"}, stage.who.ana)
    assert late.result == "closed", late
    [row] = await rows(stage, Launch)
    assert (row.title, row.area) == ("CSV importer", "Import")
    assert "470" in words(headline(stage))


async def test_the_later_of_two_roll_backs_keeps_its_words(stage: Stage) -> None:
    await launch(stage)
    for user in (stage.who.ana, stage.who.ben):
        await click_headline(stage, "launch.stage.move", user=user, value="rolled_back")
    await submit(stage, {"reason": "It broke exports"}, stage.who.ben)
    late = await submit(stage, {"reason": "It was too slow"}, stage.who.ana)
    assert "rolled back already" in late.errors["reason"]
    assert len(thread(stage)) == 1
    assert [step.reason for step in await rows(stage, StageChange)] == ["", "It broke exports"]
