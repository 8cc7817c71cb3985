import math

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.sparkline import BARS, GAP, render_sparkline


def test_values_lie_between_the_lowest_and_the_highest_bar() -> None:
    assert render_sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == BARS


def test_a_missing_value_is_a_gap_and_no_low_bar() -> None:
    assert render_sparkline([1, None, 8, math.nan, math.inf]) == "▁·█··"


def test_nearly_equal_values_are_drawn_flat() -> None:
    assert render_sparkline([1000, 1010, 1005]) == "▄▅▅"


def test_equal_values_are_middle_bars() -> None:
    assert set(render_sparkline([5, 5, 5])) == {"▅"}


def test_zeros_are_lowest_bars() -> None:
    assert render_sparkline([0, 0, None]) == "▁▁·"


def test_negative_values_have_bars_too() -> None:
    assert render_sparkline([-8, 0]) == "▁█"


def test_nothing_known_is_all_gaps() -> None:
    assert render_sparkline([None, math.nan]) == GAP * 2


@given(st.lists(st.none() | st.floats(-1e300, 1e300) | st.just(math.nan)))
def test_there_is_one_sign_a_value(values: list[float | None]) -> None:
    line = render_sparkline(values)
    assert len(line) == len(values)
    assert set(line) <= set(BARS + GAP)
