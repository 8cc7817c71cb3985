"""The one sentence above a digest: calm when the day is calm. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.digests.rules import Day, Standing, rank
from bot.metrics.judging import Moved, Range
from bot.metrics.numbers import format_bare, format_bound, format_value
from bot.metrics.units import Unit
from bot.slack.text import escape

NAMED = 2  # labels that one sentence takes
WEEK = 7  # days; over more of them a weekday names two


class Line(Protocol):
    """What the headline needs of a metric."""

    @property
    def label(self) -> str: ...
    @property
    def good(self) -> str: ...
    @property
    def standing(self) -> Standing: ...
    @property
    def unit(self) -> Unit: ...


def render_headline(lines: Sequence[Line]) -> str:
    """Say in one sentence what to know of the day."""
    if not lines:
        return "There is no metric to show."
    ranked = rank([(line.standing, line.good) for line in lines])
    if ranked:
        return _stands_out([lines[i] for i in ranked]) + _but(lines)
    earlier = _earlier(lines)
    if earlier:
        return _stood_out(*earlier) + _but(lines)
    return _calm(lines)


def _stands_out(lines: Sequence[Line]) -> str:
    first, *rest = lines
    day = first.standing.day
    assert day is not None  # noqa: S101  ranked by its side
    more = f" Also outside: {_names(rest)}." if rest else ""
    if first.standing.moved:
        moved = moved_words(first.standing.moved, first.unit)
        return f"{_label(first)} left its level: {moved}.{more}"
    return _sentence(first, day, first.standing.usual) + more


def _stood_out(line: Line, day: Day) -> str:
    after = "It still is outside." if line.standing.still else "The day after was as usual."
    return f"{_sentence(line, day, None)} {after}"


def _sentence(line: Line, day: Day, usual: Range | None) -> str:
    value = format_value(day.value, line.unit)
    text = f"{_label(line)} stood out on {day.date:%A}: {value}, {day.side} the usual"
    return f"{text} {usual_words(usual, line.unit)}." if usual else f"{text} range."


def usual_words(usual: Range, unit: Unit) -> str:
    """Return a range in words, e.g. ``102 to 140``."""
    return f"{format_bound(usual.low, unit)} to {format_bound(usual.high, unit)}"


def moved_words(moved: Moved, unit: Unit) -> str:
    """Return a level in words, e.g. ``310 teams a day over the last 7 days, 420 before``."""
    level, before = format_value(moved.level, unit), format_bare(moved.before, unit)
    return f"{level} a day over the last {moved.days} days, {before} before"


def _earlier(lines: Sequence[Line]) -> tuple[Line, Day] | None:
    found = ((line, day) for line in lines for day in line.standing.covered if day.side)
    return next(found, None)


def _calm(lines: Sequence[Line]) -> str:
    ok = [line for line in lines if line.standing.state == "ok"]
    if not ok:
        return _absent(lines)
    name, last = _days(ok), f"{_last_day(ok):%A}"
    judged = [line for line in ok if line.standing.usual]
    if not judged:
        return f"{last}'s numbers; {_silence(ok)} to say what is usual." + _but(lines)
    still = [line for line in ok if line.standing.still]
    if still:
        verb = "is" if len(still) == 1 else "are"
        out = f"{_names(still)} {verb} still outside the usual range."
        return f"Nothing new stood out on {last}; {out}" + _but(lines)
    if len(judged) < len(lines):
        when = f"on {last}" if name == last else f"from {name}"
        return f"Nothing stood out {when}." + _but(lines)
    if len(lines) == 1:
        line = lines[0]
        value = line.standing.day.value if line.standing.day else None
        at = f"at {format_value(value, line.unit)}" + (f" on {last}" if name != last else "")
        return f"A calm {name}: {_label(line)} {at}, as usual."
    count = "both" if len(lines) == 2 else f"all {len(lines)}"
    return f"A calm {name}: {count} metrics stayed in their usual range."


def _silence(lines: Sequence[Line]) -> str:
    if all(line.standing.silence == "too_few" for line in lines):
        return "they are too few"
    return "there is too little history"


def _absent(lines: Sequence[Line]) -> str:
    if any(line.standing.state == "unreadable" for line in lines):
        return f"No new numbers: {_names(lines)} could not be read."
    return f"No new numbers yet for {_names(lines)}."


def _but(lines: Sequence[Line]) -> str:
    """Name what is not there, so that silence about it is no calm."""
    broken = [line for line in lines if line.standing.state == "unreadable"]
    late = [line for line in lines if line.standing.state in {"late", "unread"}]
    text = f" Could not be read: {_names(broken)}." if broken else ""
    return text + (f" Late: {_names(late)}." if late else "")


def _names(lines: Sequence[Line]) -> str:
    named = [_label(line) for line in lines[:NAMED]]
    more = len(lines) - len(named)
    if more:
        return ", ".join(named) + f" and {more} more"
    return " and ".join(named)


def _label(line: Line) -> str:
    return escape(line.label, limit=60)


def _days(lines: Sequence[Line]) -> str:
    """Return the days that were looked at since the last digest, e.g. ``Friday to Sunday``.

    Zones and hours at which sources are ready differ: two metrics' last days need not be one.
    """
    last = _last_day(lines)
    days = [day for line in lines for day in (line.standing.day, *line.standing.covered)]
    first = min(day.date for day in days if day)
    if first == last:
        return f"{last:%A}"
    count = (last - first).days + 1
    return f"{first:%A} to {last:%A}" if count <= WEEK else f"{count} days to {last:%A}"


def _last_day(lines: Sequence[Line]) -> date:
    return max(line.standing.day.date for line in lines if line.standing.day)


def featured(lines: Sequence[Line]) -> int | None:
    """Return the place of the metric that the picture shows: what stands out, else the first."""
    ranked = rank([(line.standing, line.good) for line in lines])
    if ranked:
        return ranked[0]
    earlier = _earlier(lines)
    if earlier:
        return list(lines).index(earlier[0])
    still = next((i for i, line in enumerate(lines) if line.standing.still), None)
    if still is not None:
        return still
    return next((i for i, line in enumerate(lines) if line.standing.day), None)
