from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from playground.sample.series import HISTORY_DAYS, Days, lay_calendar, simulate
from playground.sample.timeline import Timeline

SEEDS = (1, 2, 3, 5, 7, 11, 13, 20)
BEFORE, AFTER = 56, 14
Values = NDArray[np.float64] | NDArray[np.int64]


def moved(days: Days, values: Values, launch: int, after: int = AFTER) -> float:
    """Mean after over mean before, less 1; the outage is left out, weeks are whole."""
    before = np.array([n for n in range(launch - BEFORE, launch) if n != days.calendar.outage])
    return float(np.mean(values[launch : launch + after]) / np.mean(values[before]) - 1)


def test_the_importer_moved_importing_teams_by_about_a_quarter(today: date) -> None:
    found = []
    for seed in SEEDS:
        days = simulate(seed, today)
        found.append(moved(days, days.importing_teams, days.calendar.importer))
    assert all(0.12 < change < 0.42 for change in found)
    assert 0.20 < np.mean(found) < 0.33


def test_the_move_begins_on_the_launch_day_and_not_before(today: date) -> None:
    found = []
    for seed in SEEDS:
        days = simulate(seed, today)
        found.append(moved(days, days.importing_teams, days.calendar.importer - AFTER))
    assert abs(np.mean(found)) < 0.08


def test_the_checklist_did_not_move_activation(today: date) -> None:
    found = []
    for seed in SEEDS:
        days = simulate(seed, today)
        found.append(moved(days, days.activation_rate, days.calendar.checklist))
    assert all(abs(change) < 0.15 for change in found)
    assert abs(np.mean(found)) < 0.05


def test_annual_upgrades_are_too_few_to_tell_a_fifth_even_after_five_weeks(today: date) -> None:
    for seed in SEEDS:
        days = simulate(seed, today)
        launch = days.calendar.annual
        before = days.upgrades[launch - BEFORE : launch].sum()
        after = days.upgrades[launch : launch + 35].sum()
        # Two standard errors of the ratio of two Poisson counts.
        assert 2 * np.sqrt(1 / before + 1 / after) > 0.2


def test_one_seed_gives_the_same_days_twice_and_another_gives_others(today: date) -> None:
    first, again, other = simulate(7, today), simulate(7, today), simulate(8, today)
    assert np.array_equal(first.p95, again.p95)
    assert np.array_equal(first.payments, again.payments)
    assert not np.array_equal(first.payments, other.payments)


def test_weekends_are_quiet(days: Days) -> None:
    weekend = days.calendar.weekday >= 5
    assert np.mean(days.sign_ups[weekend]) < 0.6 * np.mean(days.sign_ups[~weekend])


def test_public_holidays_are_quieter_than_other_working_days(days: Days) -> None:
    calendar = days.calendar
    working = calendar.weekday < 5
    off = days.importing_teams[calendar.holiday & working]
    assert np.mean(off) < 0.85 * np.mean(days.importing_teams[~calendar.holiday & working])


def test_german_unity_day_is_known_as_a_holiday() -> None:
    calendar = lay_calendar(date(2026, 7, 15))
    assert calendar.holiday[calendar.days.index(date(2025, 10, 3))]


def test_the_product_grows(days: Days) -> None:
    last_year, this_year = days.sign_ups[:84].mean(), days.sign_ups[HISTORY_DAYS - 84 :].mean()
    assert this_year > 1.1 * last_year


def test_the_outage_stands_out_in_errors_and_latency_three_weeks_ago(days: Days) -> None:
    rates = days.errors.sum(axis=1) / days.requests.sum(axis=1)
    latency = days.p95.max(axis=1)
    outage = days.calendar.outage
    assert int(np.argmax(rates)) == int(np.argmax(latency)) == outage
    assert rates[outage] > 0.05
    assert 21 <= HISTORY_DAYS - outage <= 25


def test_the_noise_remembers_yesterday(days: Days) -> None:
    # p95 carries nearly no counting noise, so its memory shows once weekdays are taken out.
    logs = np.log((days.p95 * days.requests).sum(axis=1) / days.requests.sum(axis=1))
    calm = logs[:400].copy()
    calm -= np.polyval(np.polyfit(np.arange(400), calm, 1), np.arange(400))
    weekday = days.calendar.weekday[: len(calm)]
    for number in range(7):
        calm[weekday == number] -= calm[weekday == number].mean()
    assert np.corrcoef(calm[1:], calm[:-1])[0, 1] > 0.3


def test_launch_days_are_those_of_the_timeline(any_day: date) -> None:
    calendar, line = lay_calendar(any_day), Timeline(any_day)
    assert calendar.days[calendar.importer] == line.importer_live
    assert calendar.days[calendar.checklist] == line.checklist_live
    assert calendar.days[calendar.annual] == line.annual_live
    assert calendar.days[HISTORY_DAYS] == any_day
    assert line.checklist_live + timedelta(days=14) == line.next_morning
