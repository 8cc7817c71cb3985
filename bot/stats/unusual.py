"""Is the last day of a daily metric unusual? See docs/metrics.md for the method and its figures.

Three questions, with one yearly budget of false alarms: is the day far from what the days before
say (day), have the last one or two weeks left their level (week, fortnight), is it zero (zero)?
An alarm is told once: what stays is accepted. numpy alone, no chance, no clock.
"""

from dataclasses import dataclass
from math import exp, isfinite, isnan, log, sqrt
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

__all__ = ["Judgement", "band", "judge"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Good: TypeAlias = Literal["up", "down"]

HISTORY_DAYS = 400  # a year and a month: this day a year ago, and what was usual before it
MIN_KNOWN_DAYS = 90  # with fewer neither the week's shape nor the noise is known
WARM_DAYS = 35  # five weeks before the first error that counts
YEAR = 365
SIGMA_PER_MAD = 1.4826  # of a normal distribution
TINY = 1e-12
LARGEST_RATIO = 1e6  # of a usual day; further out all is the same

# Channels: how many scales, and how large a change, before anybody is told.
DAY_SCALES = 3.6  # of normal errors one day in 3,000 is further
DAY_CHANGE = 0.25
LEVEL_SCALES = 2.1
LEVEL_CHANGE = 0.17  # of a week's or a fortnight's level
WANTED_STRICTNESS = 2.0  # a level that moves the good way wakes nobody for less than twice as much
SEASON_STRICTNESS = 1.3  # the level moved the same way a year ago
HOLIDAY_STRICTNESS = 2.0
DAYS_A_YEAR = 3  # a side; a metric further out more often than this has its own idea of usual
LARGEST_SCALES = 12.0  # the strictest that such a metric may become
SIGNIFICANT = 2.5  # scales: a day a year ago that explains one today
SEASON_SCALES = 1.5  # the same of levels
YEAR_AGO_DAYS = (357, 363, 364, 365, 366, 371)  # the same date, the same weekday, a week about
YEAR_AGO_WEEKS = (357, 364, 371)
LEVELS = ((7, 0.09, "week"), (14, 0.06, "fortnight"))  # days, smoothing of the level before them
DAY_SILENCE_DAYS = 7
LEVEL_SILENCE_DAYS = 10
LOUD = 2.6  # times as far out as the day that was told: it speaks though one spoke this week

# Expectation
NEGATIVE_SHARE = 0.05  # a few refunds are noise; more, and the metric changes its sign
LEAST_NOISE = 0.005  # no metric is known better than to half a percent
CLIP_SCALES = 4.0  # a day further from its fortnight is pulled in before it teaches
SMOOTHING = 0.3
SLOW, FAST = 0.1, 0.6
LEARNT_FROM_LAGS = (1, 2, 7)
LEARNT_HOLD_DAYS = 7  # the last week teaches no correction: it may be the fault
PENALTY_DAYS = 20.0
SAME_WEEKDAYS = 10
WEEKDAY_HALF_LIFE = 4.0  # weeks
SHORT_DAYS, LONG_DAYS = 90, 360  # of errors; the scale lies between theirs

# Counts
LOG_FROM = 30.0  # a usual count from which its logarithm is well behaved
FEW_BELOW = 10.0  # a zero has a chance of 5 in 100,000 at ten a day
RARE_BELOW = 0.2  # a day: six a month, of which no week can be missed
LARGEST_COUNT = 100.0  # a day of more, where under ten are usual, teaches as much as this
RARE_CHANCE = 0.25 / YEAR  # for each window and side: a false alarm in four years, were it Poisson
FEW_WINDOWS = ((1, "day"), (7, "week"), (28, "month"))
FEW_HISTORY_DAYS = 182
BAND_DAYS = 120  # as many as a picture shows, and some
SAME_ZEROS = 1  # of the last eight same weekdays: zero is no news where it is common


class Judgement(dict[str, Any]):
    """What can be said of the last day: a dict of these keys.

    - unusual: bool; direction: "up", "down", or "" when not unusual.
    - expected, low, high: the day's usual value and range in the metric's unit (NaN: not known).
    - score: distance from what was expected in scales, of the channel that spoke, else of the day.
    - status: "ok", "incomplete" (the day is not over), "missing" (no value), "too_short" (under 90
      days with a value), "too_few" (so rare that nothing honest can be said). Only "ok" can be
      unusual.
    - channel: what spoke: "day", "zero", "week", "fortnight", "month", or "".
    - days, level, before: of a level that moved: days of it, its daily mean, and the one before
      (NaN otherwise).
    """


def judge(
    dates: ArrayLike,
    values: ArrayLike,
    now: Any = None,
    *,
    holidays: ArrayLike | None = None,
    good: Good = "up",
    min_count: float = 0,
    widen: float = 1.0,
) -> Judgement:
    """Judge the last of `dates` (n,) days by the `values` (n,) before it, NaN where there is none.

    `now`: naive local datetime, when the last day may not be over. `holidays`: local dates that are
    unlike other days. `good`: the side on which a moved level is welcome. `min_count`: a day on
    which both value and expectation are smaller is too few to say. `widen`: times all limits.
    Raises ValueError when lengths disagree.
    """
    days, seen = _lay(dates, values)
    status = _status(days, seen, now)
    if status != "ok":
        return _silent(status)
    case = Case(days, seen, _holidays(days, holidays), good, widen)
    with np.errstate(all="ignore"):
        scale = _scale(case)
        told = _judge_few(case) if scale is None else _judge_many(case, scale)
    if min_count > 0 and not max(seen[-1], told["expected"]) >= min_count:
        return _silent("too_few")
    return told


def band(
    dates: ArrayLike,
    values: ArrayLike,
    *,
    holidays: ArrayLike | None = None,
    widen: float = 1.0,
) -> tuple[Floats, Floats]:
    """What each of `dates` (n,) consecutive days usually is: (n,) low and high, NaN where unknown.

    The last day's are those of `judge`; an earlier day's rest on days before it, all but the share
    of the correction that later days taught. Raises ValueError when lengths disagree.
    """
    days, seen = _lay(dates, values)
    low, high = np.full((2, np.size(values)), np.nan)
    if np.isfinite(seen).sum() < MIN_KNOWN_DAYS or len(days) > len(low):
        return low, high
    case = Case(days, seen, _holidays(days, holidays), "up", widen)
    with np.errstate(all="ignore"):
        scale = _scale(case)
        laid = _few_band(case) if scale is None else _many_band(case, scale)
    late = np.cumsum(np.isfinite(seen)) >= MIN_KNOWN_DAYS
    for whole, part in zip((low, high), laid, strict=True):
        whole[len(whole) - len(part) :] = np.where(late, part, np.nan)
    return low, high


def _status(days: Ints, seen: Floats, now: Any) -> str:
    if not len(days):
        return "too_short"
    if now is not None and days[-1] >= _number(np.array([now]).astype("datetime64[D]"))[0]:
        return "incomplete"
    if np.isnan(seen[-1]):
        return "missing"
    return "ok" if np.isfinite(seen).sum() >= MIN_KNOWN_DAYS else "too_short"


class Case(NamedTuple):
    """(n,) consecutive day numbers, values, holidays; what is welcome; how much wider."""

    days: Ints
    values: Floats
    holiday: Flags
    good: Good
    widen: float


def _lay(dates: ArrayLike, values: ArrayLike) -> tuple[Ints, Floats]:
    """Sort onto consecutive days, the last reading of a day counts; infinite is no value."""
    day = _number(np.asarray(dates).astype("datetime64[D]").reshape(-1))
    value = np.asarray(values, dtype=np.float64).reshape(-1)
    if len(day) != len(value):
        raise ValueError("dates and values must have one row for each day")
    if not len(day):
        return day, value
    last = int(day.max())
    first = max(int(day.min()), last + 1 - HISTORY_DAYS)
    laid = np.full(last + 1 - first, np.nan)
    kept = day >= first
    laid[day[kept] - first] = np.where(np.isfinite(value), value, np.nan)[kept]
    return np.arange(first, last + 1), laid


def _number(days: NDArray[Any]) -> Ints:
    return np.asarray(days.astype("datetime64[D]").astype(np.int64))


def _holidays(days: Ints, holidays: ArrayLike | None) -> Flags:
    if holidays is None or not np.size(holidays):
        return np.zeros(len(days), dtype=bool)
    return np.asarray(np.isin(days, _number(np.asarray(holidays).astype("datetime64[D]"))))


def _silent(status: str, **known: Any) -> Judgement:
    empty = {"unusual": False, "direction": "", "score": 0.0, "status": status, "channel": ""}
    numbers = dict.fromkeys(("expected", "low", "high", "level", "before"), np.nan)
    return Judgement({**empty, **numbers, "days": 0, **known})


# A metric with enough to it: everything is compared on a scale where changes are relative.


@dataclass(frozen=True)
class Scale:
    """How values become numbers whose differences are relative changes of a usual day."""

    kind: Literal["log", "root", "plain"]
    unit: float
    shift: float
    floor: float  # the least noise such a metric can have: Poisson's, or half a percent

    def lay(self, values: Floats) -> Floats:
        """Values as compared."""
        if self.kind == "plain":
            return np.clip(values / self.unit, -LARGEST_RATIO, LARGEST_RATIO)
        ratio = np.clip(values / self.unit, 0.0, LARGEST_RATIO) + self.shift
        return np.asarray(np.log(ratio) if self.kind == "log" else 2 * np.sqrt(ratio))

    def value(self, laid: float) -> float:
        """Back in the metric's unit."""
        if self.kind == "plain":
            return laid * self.unit
        if isnan(laid):
            return laid
        ratio = exp(min(laid, 50.0)) if self.kind == "log" else max(laid / 2, 0.0) ** 2
        return max(ratio - self.shift, 0.0) * self.unit

    def width(self, change: float) -> float:
        """How far apart two days are that differ by a relative `change`."""
        return log(1 + change) if self.kind == "log" else change


def _scale(case: Case) -> Scale | None:
    """How to compare a metric's days; None for one of few, which chance itself judges."""
    seen, recent = case.values[np.isfinite(case.values)], case.values[-MIN_KNOWN_DAYS:]
    unit = float(np.nanmedian(np.abs(recent))) if np.isfinite(recent).any() else 0.0
    is_count = _is_count(seen)
    if unit <= 0 or (is_count and unit < FEW_BELOW):
        return None
    if np.mean(seen < 0) > NEGATIVE_SHARE:
        return Scale("plain", unit, 0.0, LEAST_NOISE)
    if not is_count:
        return Scale("log", unit, 0.01, LEAST_NOISE)
    if unit < LOG_FROM:
        return Scale("root", unit, 0.375 / unit, 1 / sqrt(unit))
    return Scale("log", unit, 1 / unit, 1 / sqrt(unit))


@dataclass(frozen=True)
class Course:
    """(n,) a metric as compared: without its week, days far out pulled in, and what was expected.

    `scores` are its one-day errors in `scales`; `anchor` the last day whose past is summed up.
    """

    flat: Floats
    week: Floats
    steady: Floats
    expected: Floats
    scales: Floats
    scores: Floats
    anchor: Ints


@dataclass(frozen=True)
class Usual:
    """(n,) the limits of each day in scales, how far out it is, and its range as compared."""

    limits: Floats
    excess: Floats
    side: Floats
    low: Floats
    high: Floats


def _judge_many(case: Case, scale: Scale) -> Judgement:
    course = _follow(case, scale.lay(case.values), scale.floor)
    if not isfinite(course.scores[-1]):
        return _silent("too_short")
    usual = _usual(case, course, scale)
    levels = [_level(case, course, scale, *level) for level in LEVELS]
    speaking = _replay(usual, levels)
    if _is_news_zero(case.values):
        speaking = "zero"
    return _told(scale, course, usual, speaking, levels)


def _usual(case: Case, course: Course, scale: Scale) -> Usual:
    limits, explained = _day_limits(case, course)
    size = np.abs(course.scores)
    excess = np.maximum(size - explained, 0.0)
    far = np.maximum(limits, scale.width(DAY_CHANGE) * case.widen / course.scales)
    reach = (far + explained) * course.scales
    return Usual(
        limits=limits,
        excess=excess,
        side=np.where(excess > far, np.sign(course.scores), 0.0),
        low=course.expected - reach,
        high=course.expected + reach,
    )


def _many_band(case: Case, scale: Scale) -> tuple[Floats, Floats]:
    usual = _usual(case, _follow(case, scale.lay(case.values), scale.floor), scale)
    low, high = (
        np.array([scale.value(float(one)) for one in side]) for side in (usual.low, usual.high)
    )
    return low, high


def _follow(case: Case, y: Floats, floor: float) -> Course:
    anchor = np.maximum(np.arange(len(y)) - case.days % 7, 0)
    taught = np.where(case.holiday, np.nan, y)
    week = _weekday_effect(taught)
    flat = y - week
    kept = np.where(case.holiday, np.nan, flat)
    middle = _median(_before(kept, 14))
    noise = np.maximum(_spread(kept - middle, 60, anchor), floor)
    near = np.clip(kept, middle - CLIP_SCALES * noise, middle + CLIP_SCALES * noise)
    steady = np.where(np.isfinite(middle) & np.isfinite(noise), near, kept)
    guess = _smooth(steady, SMOOTHING)[:-1]
    guess = guess + _correction(kept - guess, steady, guess)
    scales = _error_scale(kept - guess, anchor, 0, floor)
    return Course(flat, week, steady, guess + week, scales, (flat - guess) / scales, anchor)


def _day_limits(case: Case, course: Course) -> tuple[Floats, Floats]:
    """(n,) scales beyond which a day speaks, and scales that the same day a year ago explains."""
    up, down = (_often(side * course.scores, course.anchor) for side in (1, -1))
    limits = np.clip(np.where(course.scores > 0, up, down), DAY_SCALES, LARGEST_SCALES)
    limits = limits * case.widen * np.where(case.holiday, HOLIDAY_STRICTNESS, 1.0)
    ago = np.array([_late(course.scores, back) for back in YEAR_AGO_DAYS])
    is_alike = (np.sign(ago) == np.sign(course.scores)) & (np.abs(ago) > SIGNIFICANT)
    return limits, np.where(is_alike, np.abs(ago), 0.0).max(axis=0)


@dataclass(frozen=True)
class Level:
    """(n,) of one window: its side where it moved (else 0), scores, means, and levels before."""

    name: str
    days: int
    side: Floats
    scores: Floats
    mean: Floats
    before: Floats


def _level(
    case: Case, course: Course, scale: Scale, days: int, smoothing: float, name: str
) -> Level:
    """The mean of the last `days` against the level as it stood before them."""
    windows = _before(np.append(course.steady, np.nan), days)[1:]
    known = np.isfinite(windows)
    count = known.sum(axis=1)
    total = np.where(known, windows, 0.0).sum(axis=1)
    mean = np.where(count >= 0.6 * days, total / np.maximum(count, 1), np.nan)
    before = _late(_smooth(course.steady, smoothing)[1:], days)
    moved = mean - before
    scores = moved / _error_scale(moved, course.anchor, days, scale.floor / sqrt(days))
    is_wanted = (scores > 0) == (case.good == "up")
    ago = np.array([_late(scores, back) for back in YEAR_AGO_WEEKS]) * np.sign(scores)
    limit = LEVEL_SCALES * case.widen * np.where(is_wanted, WANTED_STRICTNESS, 1.0)
    limit = limit * np.where((ago > SEASON_SCALES).any(axis=0), SEASON_STRICTNESS, 1.0)
    is_out = (np.abs(scores) > limit) & (np.abs(moved) > scale.width(LEVEL_CHANGE) * case.widen)
    return Level(name, days, np.where(is_out, np.sign(scores), 0.0), scores, mean, before)


def _replay(usual: Usual, levels: list[Level]) -> str:
    """Live through the days in turn and return the channel that speaks on the last one."""
    spoken: dict[float, tuple[int, float]] = {}  # by side: the last day out, how far the worst
    held: dict[float, int] = {}  # by side: the last day on which a level was out
    never = (-YEAR, 0.0)
    speaking, last = "", len(usual.side) - 1
    out = np.any([usual.side, *(level.side for level in levels)], axis=0)
    for t in (np.flatnonzero(out[WARM_DAYS:]) + WARM_DAYS).tolist():
        speaking = ""
        way, far = float(usual.side[t]), float(usual.excess[t])
        if way:
            before, worst = spoken.get(way, never)
            if t - max(before, held.get(way, -YEAR)) > DAY_SILENCE_DAYS:
                worst = 0.0
            if not worst or far > LOUD * worst:
                speaking, worst = "day", max(far, float(usual.limits[t]))
            spoken[way] = (t, worst)
        for level in levels:
            moved = float(level.side[t])
            if not moved:
                continue
            is_new = t - held.get(moved, -YEAR) > LEVEL_SILENCE_DAYS
            if is_new and t - spoken.get(moved, never)[0] > DAY_SILENCE_DAYS:
                speaking = speaking or level.name
            held[moved] = t
    return speaking if out[last] else ""


def _told(
    scale: Scale, course: Course, usual: Usual, speaking: str, levels: list[Level]
) -> Judgement:
    score, known = float(course.scores[-1]), dict[str, Any]()
    for level in levels:
        if level.name == speaking:
            score = float(level.scores[-1])
            week = float(np.mean(course.week[-7:]))
            means = {"level": level.mean[-1], "before": level.before[-1]}
            known = {name: scale.value(float(mean) + week) for name, mean in means.items()}
            known["days"] = level.days
    low, high = float(usual.low[-1]), float(usual.high[-1])
    return _silent(
        "ok",
        unusual=bool(speaking),
        direction=("up" if score > 0 else "down") if speaking else "",
        expected=scale.value(float(course.expected[-1])),
        low=scale.value(low),
        high=scale.value(high),
        score=score,
        channel=speaking,
        **known,
    )


def _is_news_zero(values: Floats) -> bool:
    """Whether the last day is a zero of a metric that has no zeros on such days."""
    if values[-1] != 0:
        return False
    ago = [values[-1 - back] for back in YEAR_AGO_DAYS if back < len(values)]
    same = values[-8:-64:-7]
    return int(np.sum(same == 0)) <= SAME_ZEROS and 0 not in ago


def _weekday_effect(y: Floats) -> Floats:
    """(n,) how each day's weekday lies from its week, of the ten before it, lately most."""
    known = np.isfinite(y)
    total = np.convolve(np.where(known, y, 0.0), np.ones(7))[3:-3]
    count = np.convolve(known.astype(float), np.ones(7))[3:-3]
    away = y - np.where(count >= 3.5, total / np.maximum(count, 1), np.nan)
    past = np.array([_late(away, 7 * back) for back in range(1, SAME_WEEKDAYS + 1)]).T
    middle = _median(past)[:, None]
    reach = 2 * SIGMA_PER_MAD * _filled(_median(np.abs(past - middle)))[:, None]
    seen = np.isfinite(past)
    pulled = np.where(seen, np.clip(past, middle - reach, middle + reach), 0.0)
    weight = seen * 0.5 ** (np.arange(SAME_WEEKDAYS) / WEEKDAY_HALF_LIFE)
    return np.asarray((pulled * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), TINY))


def _correction(errors: Floats, steady: Floats, guess: Floats) -> Floats:
    """(n,) what the errors have in common with how faster and slower guesses differ (ridge)."""
    others = [_smooth(steady, speed)[:-1] for speed in (SLOW, FAST)]
    others += [_late(steady, back) for back in LEARNT_FROM_LAGS]
    table = _filled(np.array(others) - guess).T
    known = np.flatnonzero(np.isfinite(errors))
    known = known[(known >= WARM_DAYS) & (known < len(errors) - LEARNT_HOLD_DAYS)]
    if len(known) < MIN_KNOWN_DAYS - WARM_DAYS:
        return np.zeros(len(errors))
    x, y, size = table[known], errors[known], SIGMA_PER_MAD * float(np.nanmedian(np.abs(errors)))
    ridge = np.diag(PENALTY_DAYS * np.mean(x**2, axis=0) + TINY)
    share: Floats = np.zeros(x.shape[1])
    for _ in range(3):  # Huber: far days teach less
        weight = np.minimum(1.0, 1.5 * size / np.maximum(np.abs(y - x @ share), TINY))[:, None]
        share = np.asarray(np.linalg.solve((x * weight).T @ x + ridge, (x * weight).T @ y))
    return np.asarray(np.clip(table @ share, -3 * size, 3 * size))


def _error_scale(errors: Floats, anchor: Ints, gap: int, floor: float) -> Floats:
    """(n,) between the spread of the last quarter and of the last year, `gap` days ago."""
    late = _late(errors, gap)
    short, long = (_spread(late, days, anchor) for days in (SHORT_DAYS, LONG_DAYS))
    return np.maximum(np.sqrt(short * long), floor)


def _often(scores: Floats, anchor: Ints) -> Floats:
    """(n,) the score that was passed only DAYS_A_YEAR times in the year before."""
    weeks = _weeks(anchor)
    past = _filled(_before(scores, YEAR)[weeks], -1.0)
    largest = -np.partition(-past, DAYS_A_YEAR, axis=1)[:, DAYS_A_YEAR]
    return np.asarray(largest[np.searchsorted(weeks, anchor)])


def _spread(errors: Floats, days: int, anchor: Ints) -> Floats:
    """(n,) robust sigma of the `days` before, summed up once a week."""
    weeks = _weeks(anchor)
    past = np.abs(_before(errors, days)[weeks])
    enough = np.isfinite(past).sum(axis=1) >= 14
    sigma = np.where(enough, SIGMA_PER_MAD * _median(past), np.nan)
    return np.asarray(sigma[np.searchsorted(weeks, anchor)])


def _weeks(anchor: Ints) -> Ints:
    return anchor[np.flatnonzero(np.diff(anchor, prepend=-1))]


def _before(x: Floats, days: int) -> Floats:
    """(n, days) the values before each day, NaN where there were none."""
    padded = np.concatenate([np.full(days, np.nan), x])
    return np.asarray(sliding_window_view(padded, days)[: len(x)])


def _filled(x: Floats, gap: float = 0.0) -> Floats:
    return np.asarray(np.where(np.isfinite(x), x, gap))


def _median(rows: Floats) -> Floats:
    """(n,) medians of rows, NaN skipped."""
    ordered = np.sort(rows, axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    row = np.arange(len(ordered))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, ordered.shape[1] - 1)
    return np.asarray(np.where(count > 0, (ordered[row, low] + ordered[row, high]) / 2, np.nan))


def _late(x: Floats, days: int) -> Floats:
    moved = np.full(len(x), np.nan)
    if days < len(x):
        moved[days:] = x[: len(x) - days]
    return moved


def _smooth(x: Floats, speed: float) -> Floats:
    """(n + 1,) the fading mean before each day; a gap changes nothing."""
    start, known = x[:14], np.isfinite(x)
    first = float(np.nanmedian(start)) if np.isfinite(start).any() else 0.0
    seen = x[known]
    fading = (1 - speed) ** np.arange(len(seen) + 1)
    levels = first * fading
    if len(seen):
        levels[1:] += speed * np.convolve(seen, fading[:-1])[: len(seen)]
    return np.asarray(levels[np.concatenate([[0], np.cumsum(known)])])


# A metric of few: counts a day, a week and four weeks, against chance itself.


def _judge_few(case: Case) -> Judgement:
    taught = np.where(case.holiday, np.nan, case.values)
    x = np.minimum(taught, LARGEST_COUNT)
    rates = _usual_counts(x)
    rate, limit = float(rates[-1]), RARE_CHANCE / case.widen**2
    if not np.nanmean(rates[-28:]) >= RARE_BELOW or not _is_count(case.values):
        return _silent("too_few")
    windows = {name: _surprises(x, case.values, rates, days) for days, name in FEW_WINDOWS}
    far = sqrt(-2 * log(limit))
    day = windows["day"]
    speaking = [name for name, scores in windows.items() if abs(scores[-1]) > far]
    score = windows[speaking[0]][-1] if speaking else day[-1]
    earlier = np.concatenate([scores[:-1] for scores in windows.values()])
    if (earlier * np.sign(score) > far).any():
        speaking = []
    low, high = _count_range(rate, _dispersion(x, rates, 1), limit)
    return _silent(
        "ok",
        unusual=bool(speaking),
        direction=("up" if score > 0 else "down") if speaking else "",
        expected=rate,
        low=low,
        high=high,
        score=float(score if speaking else day[-1]),
        channel=speaking[0] if speaking else "",
        **_few_level(case, rates, speaking),
    )


def _few_band(case: Case) -> tuple[Floats, Floats]:
    low, high = np.full((2, len(case.values)), np.nan)
    if not _is_count(case.values):
        return low, high
    x = np.minimum(np.where(case.holiday, np.nan, case.values), LARGEST_COUNT)
    rates = _usual_counts(x)
    spread, limit = _dispersion(x, rates, 1), RARE_CHANCE / case.widen**2
    for t in range(max(len(x) - BAND_DAYS, 0), len(x)):
        if rates[t] >= RARE_BELOW:
            low[t], high[t] = _count_range(float(rates[t]), spread, limit)
    return low, high


def _is_count(values: Floats) -> bool:
    seen = values[np.isfinite(values)]
    return bool((seen >= 0).all() and (seen == np.round(seen)).all())


def _few_level(case: Case, rates: Floats, speaking: list[str]) -> dict[str, Any]:
    days = next((days for days, name in FEW_WINDOWS if name in speaking[:1]), 1)
    if days == 1:
        return {}
    before = float(np.nanmean(_late(rates, days)[-days:]))
    return {"days": days, "level": float(np.nanmean(case.values[-days:])), "before": before}


def _usual_counts(x: Floats) -> Floats:
    """(n,) the mean of eight weeks before each day, leaning to that of its weekday."""
    mean = _mean(_before(x, 56))
    half_year = _before(x, FEW_HISTORY_DAYS)
    whole, same = _mean(half_year), half_year[:, ::7]  # a week ago, two, ...
    count = np.isfinite(same).sum(axis=1)
    shape = (_mean(same) * count + 4 * whole) / ((count + 4) * np.maximum(whole, TINY))
    return np.asarray(mean * shape)


def _mean(rows: Floats) -> Floats:
    known = np.isfinite(rows)
    return np.asarray(np.where(known, rows, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def _surprises(x: Floats, values: Floats, rates: Floats, days: int) -> Floats:
    """(8,) for the windows of `days` that ended in the last week, about normal deviations."""
    spread = _dispersion(x, rates, days)
    counts, usual = _windows(values, rates, days)
    return np.array([_surprise(c, u, spread) for c, u in zip(counts[-8:], usual[-8:], strict=True)])


def _windows(x: Floats, rates: Floats, days: int) -> tuple[Floats, Floats]:
    """(n,) sums of counts and of what was usual before the window; gaps in neither."""
    usual = rates if days == 1 else _late(rates, days)
    known = np.isfinite(x) & np.isfinite(usual)
    one = np.ones(days)
    sums = [np.convolve(np.where(known, part, 0.0), one)[: len(x)] for part in (x, usual)]
    return sums[0], sums[1]


def _dispersion(x: Floats, rates: Floats, days: int) -> float:
    """How much more than Poisson's a window's count varies: 1 or more."""
    counts, usual = _windows(x, rates, days)
    warm = slice(max(len(x) - FEW_HISTORY_DAYS, 56 + days), len(x) - 1)
    kept = usual[warm] > 0
    if not kept.any():
        return 1.0
    return max(1.0, float(np.mean((counts[warm] - usual[warm])[kept] ** 2 / usual[warm][kept])))


def _surprise(count: float, usual: float, spread: float) -> float:
    if not usual > 0 or usual <= count <= 1:  # one event is never a burst
        return 0.0
    at_most = _at_most(usual, spread)
    place = int(min(count, len(at_most) - 1))
    below, above = at_most[place], 1 - (at_most[place - 1] if place else 0.0)
    chance = above if count > usual else below  # spread far, both may be small
    size = sqrt(-2 * log(min(max(chance, 1e-300), 1.0)))
    return size if count > usual else -size


def _at_most(mean: float, spread: float) -> Floats:
    """(k,) chances of at most 0, 1, ... : negative binomial of variance `spread` times `mean`."""
    more = max(spread - 1, 1e-6)
    size, share = mean / more, more / (1 + more)
    k = np.arange(int(mean + 12 * sqrt(mean * spread)) + 12)
    ratios = np.log(share) + np.log(k + size) - np.log(k + 1)
    chances = np.exp(np.concatenate([[0.0], np.cumsum(ratios)]) - size * np.log1p(more))
    return np.asarray(np.minimum(np.cumsum(chances), 1.0))


def _count_range(mean: float, spread: float, limit: float) -> tuple[float, float]:
    """The fewest and the most that a day may have without being unusual."""
    at_most = _at_most(mean, spread)
    low = int(np.searchsorted(at_most, limit))
    high = int(np.searchsorted(at_most, 1 - limit, side="right"))
    return float(min(low, int(mean))), float(max(min(high, len(at_most) - 1), int(mean) + 1))
