"""What a metric's picture shows, and the same in words. Drawing is chart_drawing's."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal, Protocol, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.metrics.judging import PLAIN, Habits, usual_band
from bot.metrics.numbers import format_bare, format_bound, format_value
from bot.metrics.units import Unit

CHART_DAYS = 90
"""A quarter: long enough for a trend, short enough that a phone still shows single days."""

ALT_LIMIT = 2000
"""Characters that Slack takes as alt text."""

MARKS_IN_WORDS = 5

BUNDLE_DAYS = 4
"""Decisions of so many days stand as one mark: apart they would cover the line on a phone."""

MOST_LAUNCHES, MOST_DECISIONS = 6, 4
"""Marks of each kind that a quarter has room for; the newest are kept."""


class Mark(BaseModel):
    """Something that happened on a day: ``text`` is the launch's or decision's title."""

    model_config = ConfigDict(frozen=True)
    day: date
    kind: Literal["launch", "decision"]
    text: str


class ChartSpec(BaseModel):
    """A picture's facts, as plain JSON: one entry a day from ``first`` on, None where none is.

    The last day is the last complete one. ``low`` and ``high`` are what each day
    usually is.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
    label: str
    unit: Unit = Unit()
    first: date
    values: tuple[float | None, ...] = Field(min_length=1)
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    target: float | None = None
    marks: tuple[Mark, ...] = ()

    @model_validator(mode="after")
    def _is_aligned(self) -> Self:
        if not len(self.values) == len(self.low) == len(self.high):
            raise ValueError("values, low and high need the same length")
        if all(value is None for value in self.values):
            raise ValueError("a picture needs one value at least")
        return self

    @property
    def last(self) -> date:
        """The last complete day."""
        return self.day(len(self.values) - 1)

    def day(self, n: int) -> date:
        """Return the date of the n-th value."""
        return self.first + timedelta(days=n)

    def shown_marks(self) -> list[Mark]:
        """Return the marks inside the picture, oldest first."""
        return sorted(
            (mark for mark in self.marks if self.first <= mark.day <= self.last),
            key=lambda mark: mark.day,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON, which ``Charts.render`` takes too."""
        return self.model_dump(mode="json")


class Charts(Protocol):
    """Something that draws."""

    async def render(self, spec: ChartSpec | Mapping[str, Any]) -> bytes:
        """Return a PNG of twice its height's width. Raises ``Unavailable``."""
        ...

    async def aclose(self) -> None:
        """Free what drawing holds."""
        ...


def chart_of(
    label: str,
    unit: Unit,
    dates: npt.NDArray[np.datetime64],
    values: npt.NDArray[np.float64],
    *,
    target: float | None = None,
    marks: Sequence[Mark] = (),
    days: int = CHART_DAYS,
    habits: Habits = PLAIN,
) -> ChartSpec | None:
    """Return the picture of a series' last days, or None where none of them has a value.

    ``dates`` (datetime64[D]) are consecutive complete days, oldest first, ``values`` floats with
    NaN for gaps; all of them serve the usual range, the last ``days`` are shown.
    """
    shown = range(max(0, len(values) - days), len(values))
    if not any(np.isfinite(values[n]) for n in shown):
        return None
    low, high = usual_band(dates, values, habits)
    first = date.fromisoformat(str(dates[shown[0]]))
    return ChartSpec(
        label=label,
        unit=unit,
        first=first,
        values=_shown(values, shown),
        low=_shown(low, shown),
        high=_shown(high, shown),
        target=target,
        marks=bundled([mark for mark in marks if mark.day >= first]),
    )


def _shown(numbers: npt.NDArray[np.float64], days: range) -> tuple[float | None, ...]:
    return tuple(float(numbers[n]) if np.isfinite(numbers[n]) else None for n in days)


def bundled(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return few enough marks to read: decisions of near days as one, the newest of each kind."""
    ordered = sorted(marks, key=lambda mark: mark.day)
    launches = _grouped([mark for mark in ordered if mark.kind == "launch"], "launches", days=1)
    decisions = _grouped(
        [mark for mark in ordered if mark.kind == "decision"], "decisions", days=BUNDLE_DAYS
    )
    kept = [*launches[-MOST_LAUNCHES:], *decisions[-MOST_DECISIONS:]]
    return tuple(sorted(kept, key=lambda mark: mark.day))


def _grouped(marks: Sequence[Mark], many: str, *, days: int) -> list[Mark]:
    groups: list[list[Mark]] = []
    for mark in marks:
        if groups and (mark.day - groups[-1][0].day).days < days:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [
        group[0] if len(group) == 1
        else group[-1].model_copy(update={"text": f"{len(group)} {many}"})
        for group in groups
    ]  # fmt: skip


def alt_text(spec: ChartSpec) -> str:
    """Return what the picture shows, in sentences, for those who do not see it."""
    known = [(value, n) for n, value in enumerate(spec.values) if value is not None]
    (lowest, low_day), (highest, high_day) = min(known), max(known)
    parts = [
        f"{spec.label}, {_day(spec.first)} to {_day(spec.last)}.",
        _last_words(spec, *known[-1]),
        f"Lowest {format_bare(lowest, spec.unit)} on {_day(spec.day(low_day))},"
        f" highest {format_bare(highest, spec.unit)} on {_day(spec.day(high_day))}.",
    ]
    if len(known) < len(spec.values):
        missing = len(spec.values) - len(known)
        parts.append(f"{missing} day{'' if missing == 1 else 's'} without a figure.")
    if spec.target is not None:
        parts.append(f"Target {format_bare(spec.target, spec.unit)}.")
    parts += _mark_words(spec)
    text = " ".join(parts)
    return text if len(text) <= ALT_LIMIT else text[: ALT_LIMIT - 1] + "…"


def _last_words(spec: ChartSpec, value: float, n: int) -> str:
    low, high = spec.low[n], spec.high[n]
    usual = ""
    if low is not None and high is not None:
        place = "above" if value > high else "below" if value < low else "inside"
        bounds = f"{format_bound(low, spec.unit)} to {format_bound(high, spec.unit)}"
        usual = f", {place} its usual range ({bounds})"
    return f"Last {format_value(value, spec.unit)} on {_day(spec.day(n))}{usual}."


def _mark_words(spec: ChartSpec) -> list[str]:
    words = []
    for kind, name in (("launch", "Launches"), ("decision", "Decisions")):
        marks = [mark for mark in spec.shown_marks() if mark.kind == kind][-MARKS_IN_WORDS:]
        if marks:
            told = ", ".join(f"{mark.text} ({_day(mark.day)})" for mark in marks)
            words.append(f"{name}: {told}.")
    return words


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
