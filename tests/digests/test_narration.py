"""What a digest says in words, above its lines: no figure that its lines do not hold."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digests.headline import render_headline
from bot.digests.narration import render_narration
from bot.digests.rules import Day, Standing
from bot.digests.views import Happening, MetricLine
from bot.metrics.judging import Moved, Range, Side
from bot.metrics.numbers import format_bare, format_bound, format_value
from bot.metrics.units import Unit

LAST = date(2026, 5, 14)
UNITS = (Unit("teams"), Unit(is_percent=True), Unit(currency="EUR"), Unit("ms"))
VALUES = st.floats(0, 1e7, allow_nan=False).map(lambda value: round(value, 2))
SIDES: st.SearchStrategy[Side] = st.sampled_from(["", "above", "below"])


@st.composite
def _standings(draw: st.DrawFn) -> Standing:
    recent = draw(st.lists(VALUES, min_size=6, max_size=14))
    side = draw(SIDES)
    if draw(st.booleans()):
        recent[draw(st.integers(0, len(recent) - 2))] = float("nan")
    if side and draw(st.booleans()):
        recent[-1] = np.nanmax(recent) + 1 if side == "above" else np.nanmin(recent) - 1
    low, high = sorted([draw(VALUES), draw(VALUES)])
    covered = [
        Day(LAST - timedelta(days=n), draw(VALUES), draw(SIDES))
        for n in range(draw(st.integers(0, 3)), 0, -1)
    ]
    is_moved = draw(st.sampled_from([True, False, False]))
    return Standing(
        state=draw(st.sampled_from(["ok", "ok", "ok", "ok", "late", "unreadable"])),
        expected=LAST,
        day=Day(LAST, float(recent[-1]), side),
        usual=Range(low, high, (low + high) / 2),
        score=draw(st.floats(-9, 9)),
        moved=Moved(7, draw(VALUES), draw(VALUES)) if is_moved else None,
        covered=tuple(covered),
        recent=tuple(recent),
    )


@st.composite
def _lines(draw: st.DrawFn) -> list[MetricLine]:
    standings = draw(st.lists(_standings(), min_size=1, max_size=5))
    return [
        MetricLine("m", f"Metric {chr(65 + n)}", "up", "", None, one, draw(st.sampled_from(UNITS)))
        for n, one in enumerate(standings)
    ]


HAPPENED = st.lists(
    st.builds(
        Happening,
        kind=st.sampled_from(["Launched", "Decided"]),
        text=st.sampled_from(["Importer", "New form", "Prices"]),
        at=st.integers(0, 200).map(
            lambda hours: datetime(2026, 5, 14, tzinfo=UTC) - timedelta(hours=hours)
        ),
        number=st.integers(1, 999),
    ),
    max_size=4,
)


def _measured(line: MetricLine) -> set[str]:
    """Return every figure that a line may be told by, as it is shown."""
    standing, unit = line.standing, line.unit
    assert standing.day
    assert standing.usual
    figures = {format_value(one.value, unit) for one in (standing.day, *standing.covered)}
    figures |= {format_bound(standing.usual.low, unit), format_bound(standing.usual.high, unit)}
    if standing.moved:
        figures |= {format_value(standing.moved.level, unit)}
        figures |= {format_bare(standing.moved.before, unit), f"last {standing.moved.days} days"}
    known = int(np.isfinite(standing.recent).sum())
    return figures | {f"of the last {known} days"}


@settings(max_examples=500)
@given(_lines(), HAPPENED)
def test_no_figure_is_told_in_words_that_the_lines_do_not_hold(
    lines: list[MetricLine], happened: list[Happening]
) -> None:
    text = f"{render_headline(lines)} {render_narration(lines, happened, 'UTC')}"
    known = [one.standing for one in lines if one.standing.state == "ok"]
    usual = sum(not (one.side or one.still) for one in known)
    held = {f"The other {usual} were", f"Of the others {usual} were", f"all {len(lines)} metrics"}
    held |= {f"(#{one.number})" for one in happened}
    held |= {f"and {n} more" for n in range(1, max(len(lines), len(happened)))}
    for line in lines:
        held |= _measured(line)
    for figure in sorted(held, key=len, reverse=True):
        text = text.replace(figure, "")
    assert not re.search(r"\d", text)


@settings(max_examples=200)
@given(_standings())
def test_a_day_is_called_the_lowest_only_where_it_is(standing: Standing) -> None:
    below = replace(standing, state="ok", moved=None, day=replace(standing.day, side="below"))  # type: ignore[type-var]
    line = MetricLine("m", "Metric", "up", "", None, below, Unit("teams"))
    told = render_narration([line], [], "UTC")
    others = [value for value in standing.recent[:-1] if np.isfinite(value)]
    is_lowest = len(others) >= 7 and standing.recent[-1] < min(others)
    assert ("was as low" in told) == is_lowest
