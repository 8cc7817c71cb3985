"""What a benchmark found: one row each, with its bare counterpart and its target."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement. ``bare`` is the same work without Daybook; ``ratio`` compares the two."""

    name: str
    measured: str
    bare: str = ""
    ratio: str = ""
    target: str = ""
    is_met: bool | None = None  # None: there is no target

    @property
    def verdict(self) -> str:
        """One word for the last column."""
        return {True: "met", False: "MISSED", None: ""}[self.is_met]


HEAD = Row("benchmark", "measured", "bare", "ratio", "target")


def render_table(rows: Sequence[Row]) -> str:
    """Lay the rows out in columns of plain text."""
    lines = [_cells(HEAD, "result"), *(_cells(row, row.verdict) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row, verdict: str) -> list[str]:
    return [row.name, row.measured, row.bare, row.ratio, row.target, verdict]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` (0 to 1) of them do not exceed: the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
