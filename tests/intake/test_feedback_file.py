"""Feedback from files: what is read, what is named and left out."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.intake.feedback_file import (
    FORMULA_SIGNS,
    FeedbackRow,
    protected,
    read_feedback_file,
    unprotected,
)
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


@given(st.text(alphabet=st.sampled_from([*FORMULA_SIGNS, "'", "a", " ", "\u200b", "\n"])))
def test_a_cell_made_safe_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    cell = protected(text)
    assert not cell.startswith(FORMULA_SIGNS)
    assert unprotected(cell) == text


def test_the_same_row_is_known_again_whatever_its_spacing_and_case() -> None:
    one, other = FeedbackRow(1, "Dark  mode", "Acme"), FeedbackRow(9, "dark mode", "ACME")
    assert origin_of(one) == origin_of(other) != origin_of(FeedbackRow(1, "dark mode"))
