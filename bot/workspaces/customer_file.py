"""Read customers from a CSV file. Pure; every problem is told with its line and column at once."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from bot.errors import BadInput
from bot.figures import minor_digits

# The columns there are; only the name must be there.
COLUMNS = ("name", "domains", "channel", "owner", "tier", "status", "monthly_revenue", "currency")
# What makes a spreadsheet run a cell as a formula; such text would come out again in exports.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")
HEADER_LIMIT = 40
LEFT_OUT_SHOWN = 8
# Longer names and words are a file read wrongly, e.g. with a quote that is not closed.
TEXT_LIMIT = 200
WORD_LIMIT = 64
PROBLEMS_SHOWN = 20


@dataclass(frozen=True)
class CustomerRow:
    """One line of the file. ``channel`` and ``owner`` are as written: an id, a name, an e-mail.

    ``monthly_revenue`` is in minor units of ``currency``; ``columns`` are those the file has.
    """

    line: int
    columns: frozenset[str]
    name: str
    domains: tuple[str, ...] = ()
    channel: str = ""
    owner: str = ""
    tier: str = ""
    status: str = ""
    monthly_revenue: int | None = None
    currency: str = ""


@dataclass(frozen=True)
class CustomerFile:
    """What a file holds: rows, and what was left out, in sentences."""

    rows: tuple[CustomerRow, ...]
    notes: tuple[str, ...] = ()


def read_customers(text: str) -> CustomerFile:
    """Read a CSV text with a header line, separated by commas, semicolons or tabs.

    Columns that mean nothing here are left out and named. Raises one ``BadInput`` that names the
    line and column of every problem.
    """
    header, lines = _table(text)
    problems: list[str] = []
    rows: list[CustomerRow] = []
    seen: dict[str, int] = {}
    for number, cells in lines:
        values = _values(number, header, cells, problems)
        if values is None:
            continue
        columns = frozenset(header).intersection(COLUMNS)
        row = CustomerRow(line=number, columns=columns, **values)
        first = seen.setdefault(row.name.casefold(), number)
        if first != number:
            problems.append(f"Line {number}, column name: “{row.name}” stands in line {first} too.")
        rows.append(row)
    if problems:
        raise _bad(problems)
    if not rows:
        raise _bad(["There is no customer below the header line."])
    return CustomerFile(tuple(rows), _notes(header))


def _notes(header: list[str]) -> tuple[str, ...]:
    unknown = [column for column in dict.fromkeys(header) if column and column not in COLUMNS]
    if not unknown:
        return ()
    shown = [f"“{column[:HEADER_LIMIT]}”{_meant(column, header)}" for column in unknown]
    if len(shown) > LEFT_OUT_SHOWN:
        shown = [*shown[:LEFT_OUT_SHOWN], f"and {len(shown) - LEFT_OUT_SHOWN} more"]
    return (f"Columns that mean nothing to me were left out: {', '.join(shown)}.",)


def _meant(column: str, header: list[str]) -> str:
    missing = [known for known in COLUMNS if known not in header]
    near = get_close_matches(column[:HEADER_LIMIT], missing, n=1, cutoff=0.7)
    return f" (is it “{near[0]}”? Rename it and import again)" if near else ""


def _bad(problems: list[str]) -> BadInput:
    shown = problems[:PROBLEMS_SHOWN]
    if len(problems) > len(shown):
        shown.append(f"… and {len(problems) - len(shown)} more.")
    return BadInput(field="file", problem="\n".join(shown), fix="\nNothing was imported.")


def _table(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise _bad([f"Line {reader.line_num}: this is not CSV ({error})."]) from error
    header = [cell.strip().lower().replace(" ", "_") for cell in lines[0][1]] if lines else []
    _check_header(header)
    return header, lines[1:]


def _check_header(header: list[str]) -> None:
    problems = [f"Line 1: “{name}” stands twice." for name in COLUMNS if header.count(name) > 1]
    if "name" not in header:
        problems.append(f"Line 1: the column “name” is missing.{_instead('name', header)}")
    if "monthly_revenue" in header and "currency" not in header:
        needed = "Line 1: “monthly_revenue” needs a column “currency” beside it."
        problems.append(needed + _instead("currency", header))
    if problems:
        raise _bad(problems)


def _instead(needed: str, header: list[str]) -> str:
    """Name what may have been meant to be that column, or else what there is."""
    unknown = [column[:HEADER_LIMIT] for column in header if column and column not in COLUMNS]
    near = get_close_matches(needed, unknown, n=1) or [c for c in unknown if needed in c][:1]
    if near:
        return f" Is it “{near[0]}”?"
    return f" There is: {', '.join(unknown[:LEFT_OUT_SHOWN])}." if unknown else ""


def _values(
    number: int, header: list[str], cells: list[str], problems: list[str]
) -> dict[str, Any] | None:
    if len(cells) != len(header):
        problems.append(f"Line {number}: {len(cells)} cells, but {len(header)} columns.")
        return None
    raw = dict(zip(header, cells, strict=True))
    values: dict[str, Any] = {}
    known = [column for column in COLUMNS if column in raw]
    for column in known:
        try:
            values[column] = _READERS[column](raw[column], raw)
        except ValueError as error:
            problems.append(f"Line {number}, column {column}: {error}")
    return values if len(values) == len(known) else None


def _text(cell: str, limit: int = TEXT_LIMIT) -> str:
    """Return a cell as text. One apostrophe in front says "this is text", as in spreadsheets."""
    if cell.startswith(FORMULA_SIGNS):
        shown = cell[:20].strip()
        raise ValueError(f"“{shown}” reads like a formula. If it is text, put a ' before it.")
    text = " ".join(cell.removeprefix("'").split())
    if len(text) > limit:
        raise ValueError(f"this is over {limit} characters.")
    return text


def _name(cell: str, _raw: Mapping[str, str]) -> str:
    name = _text(cell)
    if not name:
        raise ValueError("it is empty.")
    return name


def _word(cell: str, _raw: Mapping[str, str]) -> str:
    return _text(cell, WORD_LIMIT)


def _mention(cell: str, raw: Mapping[str, str]) -> str:
    return _word(cell.strip().removeprefix("@"), raw)


def _domains(cell: str, _raw: Mapping[str, str]) -> tuple[str, ...]:
    found = [part.lower().removeprefix("@") for part in re.split(r"[\s,;|]+", cell.strip()) if part]
    for domain in found:
        if not DOMAIN.fullmatch(domain):
            raise ValueError(f"“{domain[:60]}” is not an e-mail domain such as acme.example.")
    return tuple(dict.fromkeys(found))


def _currency(cell: str, raw: Mapping[str, str]) -> str:
    code = cell.strip().upper()
    if not code and not raw.get("monthly_revenue", "").strip():
        return ""
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError(f"“{cell[:20].strip()}” is not a currency code such as EUR.")
    return code


def _revenue(cell: str, raw: Mapping[str, str]) -> int | None:
    """Return minor units: "449.00" EUR is 44900."""
    text = cell.strip()
    if not text:
        return None
    decimals = minor_digits(raw.get("currency", "").strip().upper())
    try:
        minor = Decimal(text).scaleb(decimals)
        is_amount = minor.is_finite() and minor >= 0 and minor == minor.to_integral_value()
    except InvalidOperation:
        is_amount = False
    if not is_amount:
        raise ValueError(f"“{text[:20]}” is not an amount such as 449.00 (no thousands sign).")
    return int(minor)


_READERS: dict[str, Callable[[str, Mapping[str, str]], Any]] = {
    "name": _name,
    "domains": _domains,
    "channel": _word,
    "owner": _mention,
    "tier": _word,
    "status": _word,
    "monthly_revenue": _revenue,
    "currency": _currency,
}


def read_customer(values: Mapping[str, str]) -> CustomerRow:
    """Read one customer typed into a form. Raises ``BadInput`` that names the field."""
    found: dict[str, Any] = {}
    for column, read in _READERS.items():
        try:
            found[column] = read(values.get(column, ""), values)
        except ValueError as error:
            said = str(error)
            raise BadInput(field=column, problem=said[:1].upper() + said[1:]) from error
    return CustomerRow(line=0, columns=frozenset(COLUMNS), **found)
