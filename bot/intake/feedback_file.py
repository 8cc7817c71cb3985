"""Read feedback from CSV, JSON or JSON lines. Pure. A bad row is named and left out; others come.

An export of Daybook's is read back as it was written.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import BadInput
from bot.feedback.rules import TEXT_LIMIT
from bot.intake.cells import (
    foreign_words,
    has_day_first,
    read_address,
    read_cell,
    read_importance,
    read_instant,
    read_kind,
)
from bot.slack.text import shorten, storable, visible

ROWS_AT_MOST = 10_000
BYTES_AT_MOST = 5_000_000
NAME_LIMIT, AREA_LIMIT, ID_LIMIT = 200, 60, 100
# What else a column may be called; the first of each is its name in exports.
NAMES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "feedback", "comment", "message", "quote", "body", "verbatim", "description"),
    "customer": ("customer", "company", "account", "organization", "customer_name"),
    "email": ("email", "e-mail", "person", "email_address", "requester"),
    "kind": ("kind",),
    "type": ("type", "category"),
    "area": ("area", "product_area", "component"),
    "importance": ("importance",),
    "priority": ("priority",),
    "said_at": ("said_at", "date", "created_at", "created", "time"),
    "id": ("id", "external_id", "ticket", "ticket_id"),
}
# What an export says beside them: read over.
OURS = ("record", "number", "sentiment", "theme", "logged_at", "permalink")
KNOWN = {alias: name for name, aliases in NAMES.items() for alias in aliases}
# Excel's own first line, which says what stands between cells.
SEPARATOR = re.compile(r"sep=([,;\t])\s*", re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')
# A row of its own behind the last one; where it is missing, a quote swallowed it.
END = "\N{END OF TEXT}"
# Signs that make a spreadsheet run a cell; an apostrophe before them says "this is text".
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class FeedbackRow:
    """One verbatim of a file. ``line`` is where it stands, for problems."""

    line: int
    text: str
    customer: str = ""
    address: str = ""
    kind: str = ""
    area: str = ""
    importance: int = 0
    said_at: datetime | None = None
    id: str = ""


@dataclass(frozen=True)
class FeedbackFile:
    """What a file holds: rows, what is wrong with others, columns that mean nothing here, and
    words of other programs in "type" or "priority", in whose place Daybook guesses.
    """

    rows: tuple[FeedbackRow, ...]
    problems: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Raw:
    line: int
    cells: dict[str, Any]
    problem: str = ""


def read_feedback_file(name: str, content: str) -> FeedbackFile:
    """Read a file. Raises ``BadInput`` where nothing in it can be used."""
    content = storable(content.removeprefix("\ufeff"))
    starts_json = content.lstrip()[:1] in ("{", "[")
    is_json = name.lower().endswith((".json", ".jsonl", ".ndjson")) or starts_json
    raw = _json_rows(content) if is_json else _csv_rows(content)
    if len(raw) > ROWS_AT_MOST:
        raise _bad(f"There are {len(raw):,} rows.", f"Split it: {ROWS_AT_MOST:,} at most.")
    rows: list[FeedbackRow] = []
    problems: list[str] = []
    guessed: set[str] = set()
    is_day_first = has_day_first(str(one.cells.get("said_at") or "").strip() for one in raw)
    for one in raw:
        try:
            rows.append(_row(one, is_day_first=is_day_first))
            guessed |= foreign_words(one.cells)
        except ValueError as error:
            problems.append(f"Line {one.line}: {error}")
    if not rows and not problems:
        raise _bad("There is no feedback in it.", "Put one verbatim on each line.")
    named = {column for one in raw for column in one.cells}
    left_out = sorted(column for column in named if column and column not in (*NAMES, *OURS))
    return FeedbackFile(tuple(rows), tuple(problems), tuple(left_out), tuple(sorted(guessed)))


def protected(cell: str) -> str:
    """Return a cell that no spreadsheet runs; ``unprotected`` gives the text back."""
    first = visible(cell).lstrip()[:1]
    at_risk = cell.startswith(FORMULA_SIGNS) or first in FORMULA_SIGNS or cell.startswith("'")
    return f"'{cell}" if at_risk else cell


def unprotected(cell: str) -> str:
    """Return the text of a cell that was made safe."""
    rest = cell.removeprefix("'")
    return rest if rest != cell and protected(rest) == cell else cell


def _bad(problem: str, fix: str = "") -> BadInput:
    return BadInput(field="file", problem=problem, fix=fix)


def _csv_rows(content: str) -> list[_Raw]:
    found = _lines(content.rstrip() + f"\n{END}\n")
    start, last = found.pop()
    if last != [END]:
        raise _bad(f"A quote that opens in line {start} is not closed.", 'Write " as "" in a text.')
    header = _header(found[0][1]) if found else []
    if "text" not in header:
        raise _bad("There is no column “text”.", f"Call it one of: {', '.join(NAMES['text'])}.")
    return [_raw(line, header, cells) for line, cells in found[1:]]


def _raw(line: int, header: list[str], cells: list[str]) -> _Raw:
    named = dict(zip(header, map(unprotected, cells), strict=False))
    if not any(cell.strip() for cell in cells[len(header) :]):
        return _Raw(line, named)
    # The rest of a text would be lost, or taken for its customer.
    fix = 'put a text with commas in "double quotes".'
    return _Raw(line, named, f"{len(cells)} cells, but {len(header)} columns: {fix}")


def _lines(content: str) -> list[tuple[int, list[str]]]:
    """Return the rows that hold anything, each with the line where it begins."""
    told = SEPARATOR.match(content)
    head = QUOTED.sub("", content.lstrip("\r\n").split("\n", 1)[0])
    delimiter = told[1] if told else max(",;\t", key=head.count)
    csv.field_size_limit(BYTES_AT_MOST)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not (told and start == 1):
                found.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise _bad(f"Line {reader.line_num}: this is not CSV ({error}).") from error
    return found


def _json_rows(content: str) -> list[_Raw]:
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError):
        return _json_lines(content)
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if value and isinstance(value, list)]
        whole = lists[0] if len(lists) == 1 else [whole]
    if not isinstance(whole, list):
        raise _bad("That is not a list of feedback.", 'For example [{"text": "Exports stop"}]')
    rows = enumerate(whole, start=1)
    return [_Raw(place, _named(one)) for place, one in rows if _is_feedback(one)]


def _json_lines(content: str) -> list[_Raw]:
    found = []
    for place, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _bad(f"Line {place}: this is not JSON.") from error
        if _is_feedback(one):
            found.append(_Raw(place, _named(one)))
    return found


def _is_feedback(one: Any) -> bool:
    """Tell feedback from what else stands in an export."""
    return not isinstance(one, dict) or one.get("record", "feedback") == "feedback"


def _named(one: Any) -> dict[str, Any]:
    if not isinstance(one, dict):
        return {"text": one if isinstance(one, str) else ""}
    return dict(zip(_header(one), one.values(), strict=True))


def _header(names: Iterable[str]) -> list[str]:
    plain = ["_".join(str(name).strip().lower().split()) for name in names]
    header: list[str] = []
    # The own name of a column counts before what else it may be called.
    for name in plain:
        known = name if name in NAMES else KNOWN.get(name, name)
        is_taken = known in header or (known != name and known in plain)
        header.append(name if is_taken else known)
    return header


def _row(raw: _Raw, *, is_day_first: bool | None) -> FeedbackRow:
    if raw.problem:
        raise ValueError(raw.problem)
    cells = raw.cells
    text = read_cell(cells, "text")
    if not visible(text).strip():
        raise ValueError("there are no words.")
    return FeedbackRow(
        line=raw.line,
        text=shorten(text, TEXT_LIMIT),
        customer=shorten(" ".join(read_cell(cells, "customer").split()), NAME_LIMIT),
        address=read_address(cells),
        kind=read_kind(cells),
        area=shorten(read_cell(cells, "area"), AREA_LIMIT),
        importance=read_importance(cells),
        said_at=read_instant(read_cell(cells, "said_at"), is_day_first=is_day_first),
        id=read_cell(cells, "id")[:ID_LIMIT],
    )
