"""Feedback from files: what is read, what is named and left out."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.feedback.rules import CustomerCard
from bot.intake.feedback_file import (
    FORMULA_SIGNS,
    FeedbackRow,
    protected,
    read_feedback_file,
    unprotected,
)
from bot.intake.import_notes import note_file
from bot.intake.imports import origin_of

CSV = (
    "\ufeffComment;Company;E-mail;Type;Priority;Date;colour\r\n"
    '"Exports stop;\r\nat 1,000 rows";Acme;Ann@Acme.example;Bug;high;2026-05-01;red\r\n'
    "Dark mode please;;;;;;\r\n"
)


def test_a_csv_file_is_read_by_the_usual_names_of_its_columns() -> None:
    found = read_feedback_file("desk.csv", CSV)
    first, second = found.rows
    assert first == FeedbackRow(
        line=2,
        text="Exports stop;\r\nat 1,000 rows",
        customer="Acme",
        address="ann@acme.example",
        kind="bug",
        importance=3,
        said_at=datetime(2026, 5, 1, tzinfo=UTC),
    )
    assert (second.line, second.text, second.kind) == (4, "Dark mode please", "")
    assert (found.problems, found.left_out) == ((), ("colour",))


@pytest.mark.parametrize(
    "content",
    [
        '[{"text": "Dark mode", "customer": "Acme"}]',
        '{"feedback": [{"text": "Dark mode", "customer": "Acme"}]}',
        '{"text": "Dark mode", "customer": "Acme"}\n\n{"message": "Exports"}\n',
    ],
)
def test_json_is_read_as_a_list_under_a_name_or_by_lines(content: str) -> None:
    first = read_feedback_file("desk.json", content).rows[0]
    assert (first.text, first.customer) == ("Dark mode", "Acme")


def test_bad_rows_are_named_by_their_line_and_the_others_come() -> None:
    rows = [
        {"text": " "},
        {"text": "a", "kind": "rant"},
        {"text": "b", "email": "ann"},
        {"text": "c", "said_at": "soon"},
        {"text": "d", "importance": "11"},
        {"text": {"x": 1}},
        {"text": "good"},
    ]
    found = read_feedback_file("x.json", json.dumps(rows))
    assert [row.text for row in found.rows] == ["good"]
    assert [problem.split(":")[0] for problem in found.problems] == [
        f"Line {n}" for n in range(1, 7)
    ]
    assert (
        "“rant” is no kind: use bug, request, praise, question or competitor."
        in (found.problems[1])
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ""),
        ("a.csv", "name,colour\nx,y"),
        ("a.csv", "text\n"),
        ("a.json", "[]"),
        ("a.json", "{oops"),
        ("a.jsonl", '{"text": "a"}\n{oops'),
        ("a.json", "3"),
        ("a.csv", "text\n" + "a\n" * 10_001),
    ],
)
def test_a_file_without_anything_to_use_says_so(name: str, content: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_feedback_file(name, content)
    assert caught.value.field == "file"


def test_a_text_cut_by_its_own_commas_is_named_and_not_logged_in_part() -> None:
    found = read_feedback_file("a.csv", "text,customer\nStops, always,Acme\nSlow,Bolt,,\n")
    assert [(row.text, row.customer) for row in found.rows] == [("Slow", "Bolt")]
    assert found.problems == (
        'Line 2: 3 cells, but 2 columns: put a text with commas in "double quotes".',
    )


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below() -> None:
    with pytest.raises(BadInput, match="opens in line 3"):
        read_feedback_file("a.csv", 'text,customer\nSlow,Bolt\n"Stops,Acme\nFails,Acme\n')
    inches = read_feedback_file("a.csv", 'text,customer\n5" screens are "cut",Acme\n')
    assert inches.rows[0].text == '5" screens are "cut"'


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\ntext;customer\r\nSlow, always;Acme\r\n",
        "\n\ntext;customer\nSlow, always;Acme\n",
        '"text";"customer, or account";company\n"Slow, always";x;Acme\n',
    ],
)
def test_what_stands_between_cells_is_seen_by_the_header(content: str) -> None:
    [row] = read_feedback_file("a.csv", content).rows
    assert (row.text, row.customer) == ("Slow, always", "Acme")


def test_other_programs_words_are_understood_or_guessed_and_never_drop_a_row() -> None:
    found = read_feedback_file(
        "a.csv",
        "comment,type,priority,requester,created_at\n"
        "Slow,Feature Request,P1,Ann <ann@acme.example>,2026-05-18 06:00:00 UTC\n"
        "Stops,task,whenever,,1779084000\n",
    )
    first, second = found.rows
    assert (first.kind, first.importance, first.address) == ("request", 3, "ann@acme.example")
    assert first.said_at == second.said_at == datetime(2026, 5, 18, 6, tzinfo=UTC)
    assert (second.kind, second.importance) == ("", 0)
    assert (found.problems, found.guessed) == ((), ("task", "whenever"))


@pytest.mark.parametrize(
    "said_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1066-10-14"]
)
def test_a_time_that_cannot_be_is_named_instead_of_stopping_the_import(said_at: str) -> None:
    found = read_feedback_file("a.csv", f"text,said_at\nSlow,{said_at}\nFine,2026-05-01\n")
    assert [row.text for row in found.rows] == ["Fine"]
    assert found.problems[0].startswith("Line 2: ")


@pytest.mark.parametrize(
    ("days", "read"),
    [
        (["18/05/2026 06:00", "4/5/2026"], ["2026-05-18T06:00", "2026-05-04T00:00"]),
        (["5/18/2026", "4/5/2026 06:00:00 UTC"], ["2026-05-18T00:00", "2026-04-05T06:00"]),
        (["18.05.2026", "4.5.2026 06:00"], ["2026-05-18T00:00", "2026-05-04T06:00"]),
        (["4/5/2026", "6/5/2026"], []),
        (["18/5/2026", "5/18/2026"], []),
    ],
)
def test_days_of_a_country_are_read_where_the_file_shows_their_order(
    days: list[str], read: list[str]
) -> None:
    found = read_feedback_file("a.csv", "text,date\n" + "".join(f"Slow,{day}\n" for day in days))
    assert [row.said_at.isoformat()[:16] for row in found.rows if row.said_at] == read
    assert len(found.problems) == len(days) - len(read)


def test_the_list_of_an_answer_with_pages_is_found_beside_empty_ones() -> None:
    found = read_feedback_file("a.json", '{"errors": [], "items": [{"text": "Slow"}]}')
    assert [row.text for row in found.rows] == ["Slow"]


@given(st.text(alphabet=st.sampled_from([*FORMULA_SIGNS, "'", "a", " ", "\u200b", "\n"])))
def test_a_cell_made_safe_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    cell = protected(text)
    assert not cell.startswith(FORMULA_SIGNS)
    assert unprotected(cell) == text


def test_the_same_row_is_known_again_whatever_its_spacing_and_case() -> None:
    one, other = FeedbackRow(1, "Dark  mode", "Acme"), FeedbackRow(9, "dark mode", "ACME")
    assert origin_of(one) == origin_of(other) != origin_of(FeedbackRow(1, "dark mode"))


def test_customers_that_nobody_has_told_of_are_named() -> None:
    text = "text,customer,email\na,Acme,\nb,Nobody Ltd,\nc,Nobody Ltd,\nd,X,x@acme.example\n"
    acme = CustomerCard("c", "Acme", ("acme.example",))
    found = read_feedback_file("f.csv", text)
    [note] = note_file(found, [acme])
    assert note.startswith("2 lines name customers that I do not know: “Nobody Ltd”. Add them")
