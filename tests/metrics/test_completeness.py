from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.metrics.completeness import Gate, lay_on_grid, open_gate, unread_from

BERLIN = ZoneInfo("Europe/Berlin")


def gate_at(*parts: int, ready_after: time = time(6), late_days: int = 2) -> Gate:
    at = datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
    return open_gate(at, BERLIN, ready_after, late_days)


def test_before_ready_after_yesterday_is_not_complete() -> None:
    assert gate_at(2026, 11, 21, 4, 59).last_complete == date(2026, 11, 19)


def test_from_ready_after_on_yesterday_is_complete() -> None:
    assert gate_at(2026, 11, 21, 5, 0).last_complete == date(2026, 11, 20)


def test_the_day_ends_at_the_zones_midnight() -> None:
    assert gate_at(2026, 7, 1, 22, 30, ready_after=time(0)).last_complete == date(2026, 7, 1)


def test_ready_after_in_a_gap_counts_from_the_gaps_end() -> None:
    before = gate_at(2026, 3, 29, 0, 59, ready_after=time(2, 30)).last_complete
    after = gate_at(2026, 3, 29, 1, 0, ready_after=time(2, 30)).last_complete
    assert (before, after) == (date(2026, 3, 27), date(2026, 3, 28))


def test_a_date_that_the_zone_skipped_is_never_the_last_complete_one() -> None:
    at = datetime(2011, 12, 30, 12, tzinfo=UTC)  # the 31st in Apia; there was no 30th
    assert open_gate(at, ZoneInfo("Pacific/Apia"), time(0), 2).last_complete == date(2011, 12, 29)


@pytest.mark.parametrize(("late_days", "since"), [(0, 20), (1, 20), (2, 19), (5, 16)])
def test_late_days_are_read_again(late_days: int, since: int) -> None:
    gate = gate_at(2026, 11, 21, 12, late_days=late_days)
    assert gate.may_change_from == date(2026, 11, since)


GATE = Gate(last_complete=date(2026, 11, 20), may_change_from=date(2026, 11, 19))


def test_a_first_read_takes_the_whole_history() -> None:
    assert unread_from(GATE, None, 10) == date(2026, 11, 11)


def test_a_read_after_a_pause_takes_what_was_missed() -> None:
    assert unread_from(GATE, date(2026, 11, 14), 10) == date(2026, 11, 15)


def test_a_read_when_all_is_known_takes_the_late_days_again() -> None:
    assert unread_from(GATE, date(2026, 11, 20), 10) == date(2026, 11, 19)


NOV = [date(2026, 11, day) for day in range(1, 31)]


def test_readings_are_laid_on_consecutive_days() -> None:
    grid = lay_on_grid([(NOV[3], 4.0), (NOV[1], 2.0)], NOV[0], NOV[4], "gap")
    assert grid.dates.dtype == np.dtype("datetime64[D]")
    assert grid.dates.tolist() == NOV[:5]
    np.testing.assert_array_equal(grid.values, [np.nan, 2, np.nan, 4, np.nan])


def test_zero_fills_gaps_after_the_first_reading_only() -> None:
    grid = lay_on_grid([(NOV[1], 2.0), (NOV[3], 4.0)], NOV[0], NOV[4], "zero")
    np.testing.assert_array_equal(grid.values, [np.nan, 2, 0, 4, 0])


def test_no_reading_at_all_is_no_row_of_zeros() -> None:
    assert np.isnan(lay_on_grid([], NOV[0], NOV[4], "zero").values).all()


def test_an_unfinished_day_is_dropped() -> None:
    grid = lay_on_grid([(NOV[4], 5.0), (NOV[5], 1.0)], NOV[3], NOV[4], "gap")
    np.testing.assert_array_equal(grid.values, [np.nan, 5])


def test_a_grid_that_ends_before_it_begins_is_empty() -> None:
    grid = lay_on_grid([(NOV[4], 5.0)], NOV[4], NOV[3], "gap")
    assert (len(grid.dates), len(grid.values)) == (0, 0)
