import io
import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pydantic import ValidationError

from bot.digests.chart import (
    ALT_LIMIT,
    MOST_DECISIONS,
    MOST_LAUNCHES,
    ChartSpec,
    Mark,
    alt_text,
    bundled,
    chart_of,
)
from bot.digests.chart_drawing import draw, target_label
from bot.metrics.units import Unit

FIRST = date(2026, 8, 22)
TEAMS = Unit(word="teams")
LAUNCH = Mark(day=date(2026, 10, 12), kind="launch", text="Importer v2")
DECISION = Mark(day=date(2026, 11, 2), kind="decision", text="Drop CSV")


def series(n: int) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    dates = np.datetime64(FIRST, "D") + np.arange(n)
    return dates, np.array([100.0 + 10 * (day % 7) for day in range(n)])


def quarter() -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """The 90 days from FIRST on, and what was before them."""
    dates, values = series(230)
    return dates - 140, values


def spec_of(*values: float | None, marks: tuple[Mark, ...] = ()) -> ChartSpec:
    none = tuple(None for _ in values)
    return ChartSpec(
        label="Imports", unit=TEAMS, first=FIRST, values=values, low=none, high=none, marks=marks
    )


def full_spec(marks: tuple[Mark, ...] = (LAUNCH, DECISION)) -> ChartSpec:
    dates, values = quarter()
    values[140 + 80] = 20
    values[140 + 30 : 140 + 33] = np.nan
    spec = chart_of("Teams that imported", TEAMS, dates, values, target=150, marks=marks)
    assert spec is not None
    return spec


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


# --- what is shown


def test_the_last_90_days_are_shown_and_all_serve_the_usual_range() -> None:
    dates, values = series(200)
    spec = chart_of("Imports", TEAMS, dates, values)
    assert spec is not None
    assert len(spec.values) == 90
    assert spec.last == FIRST + timedelta(days=199)
    assert spec.low[0] is not None


def test_without_enough_history_there_is_no_usual_range() -> None:
    dates, values = series(20)
    spec = chart_of("Imports", TEAMS, dates, values)
    assert spec is not None
    assert set(spec.low) == {None}


def test_a_series_of_gaps_has_no_picture() -> None:
    dates, values = series(20)
    assert chart_of("Imports", TEAMS, dates, values * np.nan) is None


def test_marks_outside_the_picture_are_left_out() -> None:
    early = Mark(day=FIRST - timedelta(days=1), kind="launch", text="Early")
    assert full_spec((early, DECISION, LAUNCH)).shown_marks() == [LAUNCH, DECISION]


def test_a_picture_survives_json() -> None:
    spec = full_spec()
    assert ChartSpec.model_validate(spec.to_json()) == spec


def test_a_picture_without_any_value_is_refused() -> None:
    with pytest.raises(ValidationError):
        spec_of(None, None)


# --- words


def test_the_alt_text_tells_what_the_picture_shows() -> None:
    assert alt_text(full_spec()).replace("\u202f", " ") == (
        "Teams that imported, 22 Aug to 19 Nov. "
        "Last 150 teams on 19 Nov, inside its usual range (108 to 205). "
        "Lowest 20 on 10 Nov, highest 160 on 13 Nov. 3 days without a figure. Target 150. "
        "Launches: Importer v2 (12 Oct). Decisions: Drop CSV (2 Nov)."
    )


def test_the_alt_text_fits_slack() -> None:
    many = tuple(
        Mark(day=FIRST + timedelta(days=n), kind="launch", text="x" * 500) for n in range(8)
    )
    assert len(alt_text(full_spec(many))) == ALT_LIMIT


def test_the_alt_text_says_on_which_side_an_unusual_day_is() -> None:
    dates, values = quarter()
    values[-1] = 20
    spec = chart_of("Imports", TEAMS, dates, values)
    assert spec is not None
    assert "20 teams on 19 Nov, below its usual range" in alt_text(spec)


# --- pictures


def test_a_full_picture_is_small_and_twice_as_wide_as_high() -> None:
    png = draw(full_spec())
    assert len(png) <= 60 * 1024
    assert picture(png).size == (1080, 540)


def test_a_picture_is_opaque_so_that_it_stands_on_dark_too() -> None:
    assert "transparency" not in Image.open(io.BytesIO(draw(full_spec()))).info


def test_the_same_facts_give_the_same_bytes() -> None:
    assert draw(full_spec()) == draw(full_spec())


def test_a_launch_and_a_decision_differ_without_their_colours() -> None:
    other = Mark(day=LAUNCH.day, kind="decision", text=LAUNCH.text)
    first, second = (picture(draw(full_spec((mark,)))).convert("1") for mark in (LAUNCH, other))
    assert first.tobytes() != second.tobytes()


@pytest.mark.parametrize(
    "spec",
    [
        spec_of(5),
        spec_of(0, 0, 0),
        spec_of(None, 3, None, 4, None),
        spec_of(-5, -1e9, 1e9),
        spec_of(1e-9, 2e-9),
        spec_of(*[1.0] * 400),
        spec_of(
            *[1.0] * 60,
            marks=tuple(
                Mark(day=FIRST + timedelta(days=n), kind="launch", text=f"Launch {n}")
                for n in range(60)
            ),
        ),
        spec_of(1, 2, marks=(Mark(day=FIRST, kind="launch", text="$\\frac{1}$ <b> 🚀 \n\x00"),)),
        spec_of(1, 2, marks=(Mark(day=FIRST, kind="launch", text=""),)),
    ],
)
@pytest.mark.filterwarnings("error")
def test_any_series_and_any_words_can_be_drawn(spec: ChartSpec) -> None:
    assert picture(draw(spec)).size == (1080, 540)


def test_words_in_math_signs_are_drawn_as_they_stand() -> None:
    plain, math = (
        draw(spec_of(*[1.0] * 60, marks=(Mark(day=FIRST, kind="launch", text=text),)))
        for text in ("x", "$x$")
    )
    assert plain != math


def test_facts_and_words_of_a_picture_do_not_load_matplotlib() -> None:
    code = (
        "import sys, bot.digests.chart, bot.digests.chart_process, bot.slack.sparkline\n"
        "assert 'matplotlib' not in sys.modules and 'PIL' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_decisions_of_near_days_stand_as_one_mark_and_launches_by_themselves() -> None:
    first = date(2026, 5, 1)
    marks = [
        Mark(day=first + timedelta(days=n), kind="decision", text=f"D{n}") for n in (0, 1, 3, 9)
    ]
    marks += [Mark(day=first + timedelta(days=n), kind="launch", text=f"L{n}") for n in (1, 2, 2)]
    assert [(mark.day.day, mark.text) for mark in bundled(marks)] == [
        (2, "L1"), (3, "2 launches"), (4, "3 decisions"), (10, "D9"),
    ]  # fmt: skip


def test_of_many_marks_the_newest_few_of_each_kind_are_kept() -> None:
    first = date(2026, 1, 1)
    marks = [
        Mark(day=first + timedelta(days=5 * n), kind=kind, text=f"{kind} {n}")
        for n in range(18)
        for kind in ("launch", "decision")
    ]
    kept = bundled(marks)
    assert len(kept) == MOST_LAUNCHES + MOST_DECISIONS
    assert max(mark.day for mark in kept) == first + timedelta(days=85)


def test_the_legend_names_the_target_with_the_digits_that_the_text_has() -> None:
    assert target_label(204.936, TEAMS) == "target 205"
    assert target_label(4.25, Unit(is_percent=True)) == "target 4.25\u202f%"
