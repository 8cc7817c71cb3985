"""The pure rules of decisions."""

from datetime import date

import pytest

from bot.decisions import rules
from bot.errors import BadInput

TODAY = date(2026, 5, 18)


@pytest.mark.parametrize("on", [date(2026, 5, 18), date(2020, 1, 1)])
def test_a_revisit_date_that_is_not_ahead_is_refused_under_its_field(on: date) -> None:
    with pytest.raises(BadInput) as caught:
        rules.check_revisit(on, today=TODAY)
    assert caught.value.field == "revisit"


@pytest.mark.parametrize("on", [None, date(2026, 5, 19)])
def test_no_revisit_date_or_one_ahead_is_taken(on: date | None) -> None:
    rules.check_revisit(on, today=TODAY)


@pytest.mark.parametrize("status", ["accepted", "superseded", "retired"])
def test_only_a_proposal_may_be_edited(status: str) -> None:
    rules.check_editable("proposed")
    with pytest.raises(BadInput, match="Supersede"):
        rules.check_editable(status)


def test_options_are_read_one_a_line_without_bullets_repeats_and_empty_lines() -> None:
    typed = "- S3\n\n* A bigger disk\n2) Nothing\nS3\n1. 3 nodes"
    assert rules.read_options(typed) == ["S3", "A bigger disk", "Nothing", "3 nodes"]


@pytest.mark.parametrize("typed", ["\n".join(map(str, range(11))), "x" * 301])
def test_options_that_do_not_fit_are_refused_instead_of_cut(typed: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.read_options(typed)
    assert caught.value.field == "options"


@pytest.mark.parametrize(
    ("typed", "value"),
    [("320", 320.0), ("1.5 %", 1.5), ("1,5", 1.5), ("1,200", 1200.0), ("-4", -4.0)],
)
def test_a_bound_is_read_as_people_write_numbers(typed: str, value: float) -> None:
    assert rules.read_bound(typed) == value


@pytest.mark.parametrize("typed", ["", "soon", "1e9", "nan", "3 or 4", "9" * 40])
def test_what_is_no_number_is_no_bound(typed: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.read_bound(typed)
    assert caught.value.field == "bound"


def _alike(title: str, past: str, choice: str = "") -> bool:
    stems = rules.title_stems
    return rules.alike(stems(title), stems(past), stems(choice)) > 0


def test_a_past_decision_about_the_same_is_worth_a_look() -> None:
    assert _alike("Where to store uploads", "Storing uploaded files")
    assert _alike("Buy a database replica", "Database scaling", "Stay without a replica")


def test_one_common_word_among_many_is_chance() -> None:
    assert not _alike("New pricing page for teams", "The status page moves to a subdomain")
    assert not _alike("Dark mode", "Row limit of imports")


def test_ids_are_kept_once_without_the_owner() -> None:
    assert rules.ids_but(["U1", "U2", "U1", ""], "U2") == ["U1"]
