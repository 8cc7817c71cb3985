"""What is known about a metric before a launch: its family of baselines, and how wrong they are.

Everything here is computed from the days before the launch. All comparisons are differences of
logarithms of window means, so that they read as relative changes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.stats import baselines, cleaning
from bot.stats.corrections import correct
from bot.stats.days import Floats, Grid
from bot.stats.placebo import Family, weigh

MAX_CONTROLS = 12  # the first ones; more can hardly be told apart in two years, and cost time
MAX_NEGATIVE_SHARE = 0.05  # a few refunds are noise; more, and the metric changes its sign
MIN_SEEN_SHARE = 0.5  # of the days of a window
RECENT_DAYS = 28
LARGEST_LOG = 50.0  # keeps exp within floats; such a change is beyond reading anyway
CORRECTED_BY_CONTROLS = (
    baselines.mean_of(28),
    baselines.fading_by(1.0),
    baselines.year_times(0.5),
)
LEARNED_FROM = (  # three sets: history reaches for the first before it reaches for the last
    (baselines.mean_of(7), baselines.mean_of(56)),
    (baselines.mean_of(7), baselines.mean_of(56), baselines.return_of(0.5)),
    (
        baselines.mean_of(7),
        baselines.mean_of(56),
        baselines.return_of(0.5),
        baselines.year_times(1.0),
    ),
)


@dataclass(frozen=True)
class Guess:
    """One baseline: (m,) placebo errors, its forecast at the launch, and its use of the controls.

    The forecast is to be corrected by `coefficients` times what the same `base` baseline gets wrong
    for each control at the launch (None: no controls used).
    """

    errors: Floats
    forecast: float
    base: str = ""
    coefficients: Floats | None = None


@dataclass(frozen=True)
class Course:
    """One metric, cleaned: (n,) values, and the forecasts and placebo errors of each baseline.

    `pseudo` is None when values are logarithms; else they are plain, and it is added to each mean
    before its logarithm is taken. `unit` turns a level back into the metric's own unit.
    """

    values: Floats
    launch: int
    pseudo: float | None
    unit: float
    forecasts: dict[str, Floats]
    errors: dict[str, Floats]

    def surprise(self, name: str) -> float:
        """What the baseline `name` gets wrong about the days from the launch on."""
        return self.outcome() - float(self.forecasts[name][-1])

    def in_unit(self, level: float) -> float:
        """A logarithm of a level as a daily mean in the metric's own unit."""
        plain = float(np.exp(np.clip(level, -LARGEST_LOG, LARGEST_LOG)))
        return self.unit * max(plain - (self.pseudo or 0.0), 0.0)

    def outcome(self) -> float:
        """Logarithm of the level from the launch on."""
        return float(_logarithm(self.values[self.launch :].mean(), self.pseudo))


@dataclass(frozen=True)
class Expectation:
    """The family chosen before the launch and the forecasts it is made of."""

    course: Course
    controls: list[Course]
    guesses: dict[str, Guess]
    family: Family

    def forecast(self) -> float:
        """Logarithm of the level expected from the launch on, from the days before it alone."""
        weights = self.family.weights
        return sum(weight * self.guesses[name].forecast for name, weight in weights.items())

    def expected(self) -> float:
        """The same, corrected by what the controls did from the launch on."""
        weights = self.family.weights
        moved = sum(
            weight * self._explained(self.guesses[name]) for name, weight in weights.items()
        )
        return self.forecast() + moved

    def _explained(self, guess: Guess) -> float:
        if guess.coefficients is None:
            return 0.0
        moves = [control.surprise(guess.base) for control in self.controls]
        return float(guess.coefficients @ np.array(moves))


def expect(grid: Grid, horizon: int) -> Expectation | str:
    """Choose the family for the `horizon` days from the launch on; else the reason why not.

    Reasons: "history" (too few days, or too few lately), "level" (zero, or of changing sign, so
    that a relative change means nothing).
    """
    before = grid.values[: grid.launch]
    if not _is_well_seen(before[-RECENT_DAYS:]) or horizon < 1:
        return "history"
    if not _has_level(before):
        return "level"
    course = follow(grid, grid.values, horizon)
    if not np.isfinite(course.forecasts[baselines.mean_of(28)][-1]):
        return "history"
    controls = _usable_controls(grid, horizon)
    guesses = _guesses(course, controls, horizon)
    family = weigh({name: guess.errors for name, guess in guesses.items()}, horizon)
    return "history" if family is None else Expectation(course, controls, guesses, family)


def _is_well_seen(window: Floats) -> bool:
    return len(window) > 0 and bool(np.mean(~np.isnan(window)) >= MIN_SEEN_SHARE)


def _has_level(before: Floats) -> bool:
    seen = before[~np.isnan(before)]
    return bool(np.mean(seen < 0) <= MAX_NEGATIVE_SHARE and np.nansum(before[-RECENT_DAYS:]) > 0)


def follow(grid: Grid, values: Floats, horizon: int) -> Course:
    """Clean `values` (n,) on the grid's days and ask every baseline at every placebo launch."""
    before = values[: grid.launch]
    cleaned, pseudo, unit = _cleaned(grid, values, horizon)
    past = cleaned[: grid.launch]
    forecasts = {
        name: _logarithm(forecast, pseudo)
        for name, forecast in baselines.forecasts(past, horizon).items()
    }
    outcomes = _logarithm(baselines.following_mean(past, horizon), pseudo)
    outcomes[~_seen_starts(before, horizon)] = np.nan
    errors = {name: outcomes - forecast[: len(outcomes)] for name, forecast in forecasts.items()}
    return Course(cleaned, grid.launch, pseudo, unit, forecasts, errors)


def _cleaned(grid: Grid, values: Floats, horizon: int) -> tuple[Floats, float | None, float]:
    """Cleaned values, what to add to their means (None: they are logarithms), and their unit."""
    before = values[: grid.launch]
    if cleaning.is_logarithmic(before):
        # The level is taken out, lest exp overflow; a mean of logs lies below the log of the mean.
        logs = cleaning.log_of(values)
        middle = float(np.nanmedian(logs[: grid.launch]))
        y = cleaning.clean_log(logs - middle, grid.weekday, grid.launch)
        recent = slice(max(grid.launch - RECENT_DAYS, 0), grid.launch)
        plain = np.exp(logs[recent] - middle)
        known = ~np.isnan(plain)
        odd = cleaning.odd_days(plain[known], grid.weekday[recent][known])
        bend = np.mean(plain[known][~odd]) / np.exp(np.mean(y[recent]))
        return y, None, float(bend * np.exp(middle))
    positive = before[before > 0]
    unit = float(np.median(positive)) if len(positive) else 1.0
    pseudo = float(positive.min()) / unit / 2 / horizon if len(positive) else 1.0
    return cleaning.clean_count(values / unit, grid.weekday, grid.launch), pseudo, unit


def _logarithm(mean: Floats, pseudo: float | None) -> Floats:
    return mean if pseudo is None else np.asarray(np.log(np.maximum(mean, 0.0) + pseudo))


def _seen_starts(before: Floats, horizon: int) -> NDArray[np.bool_]:
    """Whether at least half the `horizon` days from each start on were seen."""
    share = baselines.following_mean((~np.isnan(before)).astype(float), horizon)
    return share >= MIN_SEEN_SHARE


def _usable_controls(grid: Grid, horizon: int) -> list[Course]:
    """Controls that were seen around the launch and have a level of their own."""
    usable = []
    for values in grid.controls.T[:MAX_CONTROLS]:
        before, after = values[: grid.launch], values[grid.launch :]
        seen = _is_well_seen(before) and _is_well_seen(before[-RECENT_DAYS:])
        if seen and (not len(after) or _is_well_seen(after)) and _has_level(before):
            usable.append(follow(grid, values, horizon))
    return usable


def _guesses(course: Course, controls: list[Course], horizon: int) -> dict[str, Guess]:
    made = {
        name: Guess(errors, float(course.forecasts[name][-1]))
        for name, errors in course.errors.items()
    }
    made |= _learned(course, horizon)
    made |= _controlled(course, controls, horizon)
    return {name: guess for name, guess in made.items() if np.isfinite(guess.forecast)}


def _learned(course: Course, horizon: int) -> dict[str, Guess]:
    """The last month's mean, corrected by how other baselines differ from it."""
    made = {}
    month = course.forecasts[baselines.mean_of(28)]
    errors = course.errors[baselines.mean_of(28)]
    for names in LEARNED_FROM:
        apart = np.array([course.forecasts[name] - month for name in names])
        learned = correct(errors, apart[:, : len(errors)], horizon)
        if learned is not None:
            forecast = float(month[-1] + learned.coefficients @ apart[:, -1])
            made[f"learned from {len(names)} baselines"] = Guess(learned.errors, forecast)
    return made


def _controlled(course: Course, controls: list[Course], horizon: int) -> dict[str, Guess]:
    """Baselines corrected by what the same baseline got wrong for the controls."""
    made: dict[str, Guess] = {}
    if not controls:
        return made
    count = len(controls)
    for base in CORRECTED_BY_CONTROLS:
        moves = np.array([control.errors[base] for control in controls])
        ways = {"each": np.eye(count)}
        if count > 1:
            ways["the mean"] = np.full((1, count), 1 / count)
        for way, mixing in ways.items():
            learned = correct(course.errors[base], mixing @ moves, horizon)
            if learned is not None:
                forecast = float(course.forecasts[base][-1])
                shares = learned.coefficients @ mixing
                name = f"{base}, with {way} of {count} controls"
                made[name] = Guess(learned.errors, forecast, base, shares)
    return made
