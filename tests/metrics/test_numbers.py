import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures import MINUS, THIN
from bot.metrics.numbers import compare, format_bound, format_value
from bot.metrics.units import Unit

TEAMS = Unit(word="teams")
PERCENT = Unit(is_percent=True)
EUR = Unit(currency="EUR")
MS = Unit(word="ms")


def readable(text: str) -> str:
    return text.replace(THIN, "_").replace(MINUS, "-")


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1234, TEAMS, "1_234 teams"),
        (1234567.4, TEAMS, "1_234_567 teams"),
        (1, TEAMS, "1 team"),
        (0, TEAMS, "0 teams"),
        (-1234, Unit(), "-1_234"),
        (-0.001, Unit(), "-0.001"),
        (2.5, Unit(), "2.5"),
        (42.34, Unit(), "42.3"),
        (4.2, PERCENT, "4.2_%"),
        (0.31, PERCENT, "0.31_%"),
        (1234.5, EUR, "EUR_1_234"),
        (-12.5, EUR, "EUR_-12.50"),
        (12.0, EUR, "EUR_12"),
        (1250, Unit(currency="EUR", is_minor=True), "EUR_12.50"),
        (1250, Unit(currency="JPY", is_minor=True), "JPY_1_250"),
        (1250, Unit(currency="KWD", is_minor=True), "KWD_1.250"),
        (250, MS, "250_ms"),
        (1340, MS, "1.34_s"),
        (90_000, MS, "1.5_min"),
        (None, TEAMS, "no figure"),
        (math.nan, EUR, "no figure"),
        (math.inf, PERCENT, "no figure"),
    ],
)
def test_a_value_is_shown_in_its_unit(value: float | None, unit: Unit, shown: str) -> None:
    assert readable(format_value(value, unit)) == shown


@pytest.mark.parametrize(
    ("value", "base", "unit", "words"),
    [
        (1234, 1102, TEAMS, "up 12_% on last Tuesday (1_102)"),
        (900, 1102, TEAMS, "down 18_% on last Tuesday (1_102)"),
        (1102, 1102, TEAMS, "the same as last Tuesday (1_102)"),
        (1103, 1102, TEAMS, "about the same as last Tuesday (1_102)"),
        (408, 120, TEAMS, "3.4 times last Tuesday (120)"),
        (0, 120, TEAMS, "down 100_% on last Tuesday (120)"),
        (3, 10_000, TEAMS, "down 99.9_% on last Tuesday (10_000)"),
        (16, 14, TEAMS, "up 2 from last Tuesday (14)"),
        (7, 0, TEAMS, "up 7 from last Tuesday (0)"),
        (4.2, 3.6, PERCENT, "up 0.6 points on last Tuesday (3.6_%)"),
        (0.4251, 0.2749, PERCENT, "up 0.16 points on last Tuesday (0.27_%)"),
        (2.6, 3.6, PERCENT, "down 1 point on last Tuesday (3.6_%)"),
        (110, 100, EUR, "up 10_% on last Tuesday (EUR_100)"),
        (50, -20, EUR, "up EUR_70 from last Tuesday (EUR_-20)"),
        (240, 200, MS, "up 20_% on last Tuesday (200_ms)"),
        (5, None, TEAMS, "no figure for last Tuesday to compare with"),
        (5, math.nan, TEAMS, "no figure for last Tuesday to compare with"),
        (None, 5, TEAMS, "no figure"),
    ],
)
def test_a_comparison_says_the_move_and_its_base(
    value: float | None, base: float | None, unit: Unit, words: str
) -> None:
    assert readable(compare(value, base, unit, "last Tuesday")) == words


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.sampled_from([TEAMS, PERCENT, EUR, MS]))
def test_no_percentage_ever_stands_without_its_base(value: float, base: float, unit: Unit) -> None:
    words = compare(value, base, unit, "last Tuesday")
    assert words.endswith(")")
    assert any(sign.isdigit() for sign in words.partition("(")[2])


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([TEAMS, PERCENT, EUR, MS]))
def test_any_float_has_words(value: float, unit: Unit) -> None:
    shown = format_value(value, unit)
    assert shown
    assert "nan" not in shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (91.4, Unit("teams"), "91"),
        (3.25, Unit("teams"), "3.25"),
        (91.4, Unit(is_percent=True), f"91.4{THIN}%"),
    ],
)
def test_an_end_of_a_range_has_no_tenths_of_a_count(value: float, unit: Unit, shown: str) -> None:
    assert format_bound(value, unit) == shown
