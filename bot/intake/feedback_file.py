"""Read feedback from CSV, JSON or JSON lines. Pure. A bad row is named and left out; others come.

An export of Daybook's is read back as it was written.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.errors import BadInput
from bot.feedback.rules import ADDRESS, KINDS, TEXT_LIMIT
from bot.slack.text import shorten, storable, visible

ROWS_AT_MOST = 10_000
BYTES_AT_MOST = 5_000_000
NAME_LIMIT, AREA_LIMIT, ID_LIMIT = 200, 60, 100
# What else a column may be called; the first of each is its name in exports.
NAMES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "feedback", "comment", "message", "quote", "body", "verbatim", "description"),
    "customer": ("customer", "company", "account", "organization", "customer_name"),
    "email": ("email", "e-mail", "person", "email_address", "requester"),
    "kind": ("kind", "type", "category"),
    "area": ("area", "product_area", "component"),
    "importance": ("importance", "priority"),
    "said_at": ("said_at", "date", "created_at", "created", "time"),
    "id": ("id", "external_id", "ticket", "ticket_id"),
}
# What an export says beside them: read over.
OURS = ("record", "number", "sentiment", "theme", "logged_at", "permalink")
KNOWN = {alias: name for name, aliases in NAMES.items() for alias in aliases}
IMPORTANCE = {"1": 1, "2": 2, "3": 3, "low": 1, "usual": 2, "normal": 2, "medium": 2, "high": 3}
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
    """What a file holds: rows, what is wrong with others, and columns that mean nothing here."""

    rows: tuple[FeedbackRow, ...]
    problems: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


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
    for line, cells in raw:
        try:
            rows.append(_row(line, cells))
        except ValueError as error:
            problems.append(f"Line {line}: {error}")
    if not rows and not problems:
        raise _bad("There is no feedback in it.", "Put one verbatim on each line.")
    named = {column for _, cells in raw for column in cells}
    left_out = sorted(column for column in named if column and column not in (*NAMES, *OURS))
    return FeedbackFile(tuple(rows), tuple(problems), tuple(left_out))


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


def _csv_rows(content: str) -> list[tuple[int, dict[str, Any]]]:
    delimiter = max(",;\t", key=content.split("\n", 1)[0].count)
    csv.field_size_limit(BYTES_AT_MOST)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise _bad(f"Line {reader.line_num}: this is not CSV ({error}).") from error
    header = _header(found[0][1]) if found else []
    if "text" not in header:
        raise _bad("There is no column “text”.", f"Call it one of: {', '.join(NAMES['text'])}.")
    return [
        (line, dict(zip(header, map(unprotected, cells), strict=False)))
        for line, cells in found[1:]
    ]


def _json_rows(content: str) -> list[tuple[int, dict[str, Any]]]:
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError):
        return _json_lines(content)
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if isinstance(value, list)]
        whole = lists[0] if len(lists) == 1 else [whole]
    if not isinstance(whole, list):
        raise _bad("That is not a list of feedback.", 'For example [{"text": "Exports stop"}]')
    return [(place, _named(one)) for place, one in enumerate(whole, start=1) if _is_feedback(one)]


def _json_lines(content: str) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for place, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _bad(f"Line {place}: this is not JSON.") from error
        if _is_feedback(one):
            found.append((place, _named(one)))
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


def _row(line: int, cells: Mapping[str, Any]) -> FeedbackRow:
    text = _cell(cells, "text")
    if not visible(text).strip():
        raise ValueError("there are no words.")
    address = _cell(cells, "email").lower()
    if address and not ADDRESS.fullmatch(address):
        raise ValueError(f"“{address[:40]}” is not an e-mail address.")
    kind = _cell(cells, "kind").lower()
    if kind and kind not in KINDS:
        raise ValueError(f"“{kind[:40]}” is no kind: use {_listed(KINDS)}.")
    weight = _cell(cells, "importance").lower()
    if weight and weight not in IMPORTANCE:
        raise ValueError(f"importance “{weight[:20]}”: use low, usual or high.")
    return FeedbackRow(
        line=line,
        text=shorten(text, TEXT_LIMIT),
        customer=shorten(" ".join(_cell(cells, "customer").split()), NAME_LIMIT),
        address=address,
        kind=kind,
        area=shorten(_cell(cells, "area"), AREA_LIMIT),
        importance=IMPORTANCE.get(weight, 0),
        said_at=_instant(_cell(cells, "said_at")),
        id=_cell(cells, "id")[:ID_LIMIT],
    )


def _cell(cells: Mapping[str, Any], name: str) -> str:
    value = cells.get(name)
    if isinstance(value, (dict, list)):
        raise ValueError(f"{name} is not a text.")
    return storable(str(value)).strip() if value is not None else ""


def _instant(typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        at = datetime.fromisoformat(typed)
    except ValueError as error:
        raise ValueError(f"“{typed[:40]}” is not a day such as 2026-05-18.") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}"
