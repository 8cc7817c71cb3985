"""Metrics from a table with a header: a file, or an address such as a published sheet's."""

import asyncio
import csv
import io
from datetime import date
from itertools import islice
from pathlib import Path

from yarl import URL

from bot.metrics.connections import CsvConnection
from bot.metrics.definition import MetricDefinition
from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.rows import Window, on_their_days
from bot.metrics.sources.unreadable import Unreadable, read_plainly, too_many_rows
from bot.metrics.sources.web import BYTE_LIMIT, Ask, WebReader, bearer, refused

SEPARATORS = ",;\t|"
SAMPLE_CHARACTERS = 4_000
SHOWN_COLUMNS = 8


class CsvSource:
    """Reads metrics from one table; the whole of it, since a file knows no dates."""

    def __init__(self, declared: CsvConnection, web: WebReader | None = None) -> None:
        self._declared, self._web = declared, web or WebReader(declared)

    async def read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        """Keep ``Source.read``'s contract."""
        return await read_plainly(
            self._read(definition, Window(since, until, definition.zone)),
            metric=definition.label,
            what="The table",
            seconds=self._declared.timeout_seconds,
        )

    async def _read(self, definition: MetricDefinition, window: Window) -> list[DayValue]:
        text = await self._text()
        return await asyncio.to_thread(self._values, text, definition, window)

    async def _text(self) -> str:
        if self._declared.file:
            return _decoded(await asyncio.to_thread(_file_bytes, Path(self._declared.file)))
        ask = Ask(URL(self._declared.address()), headers=bearer(self._declared.token))
        answer = await self._web.fetch(ask)
        if answer.status >= 300:
            raise refused(answer.status)
        return _decoded(answer.body)

    def _values(self, text: str, definition: MetricDefinition, window: Window) -> list[DayValue]:
        if text.lstrip()[:1] == "<":
            raise Unreadable(
                "The source answers with a web page instead of a table.",
                "Publish the sheet as CSV, and use that address.",
            )
        date_column, value_column = definition.date or "day", definition.value or "value"
        rows = csv.reader(io.StringIO(text), delimiter=_separator(text))
        limit = self._declared.row_limit
        try:
            header = [name.strip() for name in next(rows, [])]
            days, values = _place(header, date_column), _place(header, value_column)
            kept = [row for row in islice(rows, limit + 1) if any(cell.strip() for cell in row)]
        except csv.Error:
            raise Unreadable("The table is damaged.", "Export it anew as CSV.") from None
        if len(kept) > limit:
            raise too_many_rows(limit, "The table")
        pairs = [(_cell(row, days), _cell(row, values)) for row in kept]
        return on_their_days(
            [(day, value) for day, value in pairs if day],
            window,
            is_summed=definition.combine == "sum",
        )


def _file_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise Unreadable(
                "The table's file does not exist.",
                "Check the source's file; it counts from where Daybook was started.",
            )
        with path.open("rb") as stream:
            body = stream.read(BYTE_LIMIT + 1)
    except OSError:
        fix = "Let the user that runs Daybook read it."
        raise Unreadable("The table's file cannot be read.", fix) from None
    if len(body) > BYTE_LIMIT:
        raise Unreadable(
            f"The table is over {BYTE_LIMIT // 1_000_000} MB.", "Keep daily rows only."
        )
    return body


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The table is not UTF-8 text.", "Export it as CSV in UTF-8.") from None


def _separator(text: str) -> str:
    header = text[:SAMPLE_CHARACTERS].partition("\n")[0]
    return max(SEPARATORS, key=header.count)


def _place(header: list[str], column: str) -> int:
    names = [name.casefold() for name in header]
    if column.casefold() in names:
        return names.index(column.casefold())
    shown = ", ".join(f"“{name[:40]}”" for name in header[:SHOWN_COLUMNS] if name) or "none"
    raise Unreadable(f"The table has no column “{column}”.", f"Name one of its columns: {shown}.")


def _cell(row: list[str], place: int) -> str | None:
    text = row[place].strip() if place < len(row) else ""
    return text or None
