"""The rules of a bet: what may be bet, from when it counts, how it is spoken of. Pure."""

import math
import re
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.errors import BadInput

MOVE_METRIC, REACH_COUNT, BY_HAND = "move_metric", "reach_count", "by_hand"
KINDS = {
    MOVE_METRIC: "Move a metric",
    REACH_COUNT: "Reach a count, from nothing",
    BY_HAND: "Judged by hand",
}
# Two whole weeks: what the verdicts were measured on (docs/verdicts.md).
DEFAULT_DAYS = 14
# Fewer have not seen every weekday.
FEW_DAYS = 7
# Beyond two years nobody remembers what was expected.
LONGEST_DAYS = 730
# A launch before noon has most of its first day; later ones count from the next day.
NOON_HOUR = 12
DEFAULT_HARM = 0.05
CONFIDENCES = (30, 40, 50, 60, 70, 80, 90, 95)

_NUMBER = re.compile(
    r"^\s*(?P<sign>[+\-\u2212]?)\s*(?P<digits>\d[\d\s.,'\u202f\u00a0]*)\s*(?P<k>[km]?)"
    r"\s*(?P<percent>%)?\s*$",
    re.IGNORECASE,
)
_THOUSANDS = {"": 1, "k": 1_000, "m": 1_000_000}
# States of a bet that was measured, or should have been: its terms are history.
SETTLED = frozenset({"measured", "judged", "unjudged"})
IS_SETTLED = "Its bet is measured, so it stays as it was."


def default_check_date(today: date) -> date:
    """Return when a bet is checked unless somebody says otherwise."""
    return today + timedelta(days=DEFAULT_DAYS)


def measured_days(first: date | None, check_date: date) -> int:
    """Return how many days count by the check date: it is made in the morning after the last."""
    return max((check_date - first).days, 0) if first else 0


def first_measured_day(live_at: datetime, zone: ZoneInfo) -> date:
    """Return the first local day that counts as after the launch."""
    local = live_at.astimezone(zone)
    return local.date() + timedelta(days=0 if local.hour < NOON_HOUR else 1)


def check_date_of(picked: date | None, today: date) -> date:
    """Return the check date picked, or the default; raises ``BadInput`` for a useless one."""
    day = picked or default_check_date(today)
    if day <= today:
        raise BadInput(
            field="check_date",
            problem=f"{spoken_date(day, today)} is not in the future.",
            fix="Pick a date when there is something to measure; two weeks on is usual.",
        )
    if (day - today).days > LONGEST_DAYS:
        raise BadInput(
            field="check_date", problem="That is over two years away.", fix="Pick a nearer date."
        )
    return day


def read_target(text: str, baseline: float | None, *, is_percent: bool = False) -> float:
    """Read a target: "450" is a level, "+10 %" and "+40" are from the baseline.

    With a metric in percent "44 %" is a level too. Raises ``BadInput`` on the field "target".
    """
    match = _NUMBER.match(text.strip())
    if match is None:
        raise BadInput(
            field="target",
            problem="I cannot read this as a number.",
            fix="Type a level such as 450, or a change such as +10 %.",
        )
    number = _number(match["digits"]) * _THOUSANDS[match["k"].lower()]
    sign = match["sign"]
    if not sign and (not match["percent"] or is_percent):
        return tidy(number)
    if not sign:
        raise BadInput(
            field="target",
            problem="Is this a level or a change?",
            fix=f"Type +{number:g} % or -{number:g} % for a change, {number:g} for a level.",
        )
    if baseline is None:
        raise BadInput(
            field="target",
            problem="There is no baseline to count from.",
            fix="Type the level itself, such as 450.",
        )
    change = number / 100 * abs(baseline) if match["percent"] else number
    return tidy(baseline + (change if sign == "+" else -change))


def tidy(target: float) -> float:
    """Return a target with six digits, so that it reads and is typed again as the same number."""
    return float(f"{target:.6g}")


def _number(digits: str) -> float:
    """Read "1 200", "1,200", "1'200.5" and "4,5"; a lone comma before other than 3 digits is a
    decimal one.
    """
    compact = re.sub(r"[\s'\u202f\u00a0]", "", digits).rstrip(".,")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", compact):
        compact = compact.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", compact):
        compact = compact.replace(".", "")
    elif compact.count(",") == 1 and "." not in compact:
        compact = compact.replace(",", ".")
    try:
        return float(compact)
    except ValueError:
        raise BadInput(
            field="target", problem="I cannot read this as a number.", fix="Type it like 1200.5."
        ) from None


def check_target(target: float, baseline: float, good: str) -> None:
    """Raise ``BadInput`` when the target is no improvement on the baseline."""
    if target == baseline:
        raise BadInput(
            field="target",
            problem="This is where the metric already is.",
            fix="Say where it should go.",
        )
    if (target > baseline) == (good == "up"):
        return
    way = "higher" if good == "up" else "lower"
    raise BadInput(
        field="target",
        problem=f"For this metric {way} is better, and this is on the other side of today's level.",
        fix=f"Type a target {'above' if good == 'up' else 'below'} it, or pick another metric.",
    )


def check_count(target: float) -> None:
    """Raise ``BadInput`` when a count's target is not above nothing."""
    if target <= 0:
        raise BadInput(
            field="target", problem="A count begins at nothing.", fix="Type a number above 0."
        )


def read_harm(text: str) -> float:
    """Read the largest harm accepted, "5 %" as a share of 0.05; empty is the default."""
    if not text.strip():
        return DEFAULT_HARM
    match = re.fullmatch(r"\s*[-\u2212]?\s*(\d+(?:[.,]\d+)?)\s*%?\s*", text)
    share = float(match[1].replace(",", ".")) / 100 if match else math.nan
    if not 0.001 <= share <= 0.9:
        raise BadInput(
            field="harm", problem="This is not a share of harm.", fix="Type a number such as 5 %."
        )
    return share


def relative_change(target: float | None, base: float | None) -> float | None:
    """Return the target as a change from ``base`` (0.1: 10 % more); None where it means nothing."""
    if target is None or base is None or not math.isfinite(base) or base == 0:
        return None
    return (target - base) / abs(base)


def visible_change(smallest_rise: float | None, good: str) -> float | None:
    """Return the smallest visible change in the good direction, as a share of the level.

    On a log scale a rise of v is as far as a fall of v / (1 + v).
    """
    if smallest_rise is None or not math.isfinite(smallest_rise):
        return None
    return smallest_rise if good == "up" else smallest_rise / (1 + smallest_rise)


def is_decidable(change: float | None, visible: float | None) -> bool:
    """Tell whether a change of that size would be told from noise four times in five."""
    return change is not None and visible is not None and abs(change) >= visible


def day_of(first_day: date | None, check_date: date, today: date) -> tuple[int, int]:
    """Return (n, m): today is day n of the m days measured; n is 0 before the first of them."""
    if first_day is None:
        return 0, 0
    length = max((check_date - first_day).days, 1)
    return max(0, min((today - first_day).days + 1, length)), length


def spoken_date(day: date, today: date | None = None) -> str:
    """Return "21 Nov", with the year when it is another one than today's."""
    year = "" if today is None or day.year == today.year else f" {day.year}"
    return f"{day.day} {day:%b}{year}"


Verdict = Literal["hit", "missed", "inconclusive", "invalid", "too_early"]
VERDICTS: dict[str, str] = {
    "hit": "hit",
    "missed": "missed",
    "inconclusive": "inconclusive",
    "invalid": "invalid",
    "too_early": "too early",
}
NEXT_STEPS = {"keep": "Keep it as it is", "fix": "Fix it", "remove": "Remove it"}


def fitting_verdicts(evidence: str, is_reached: bool | None) -> list[str]:
    """Return which of hit, missed and inconclusive agree with what was measured."""
    words = ("hit", "missed", "inconclusive")
    return [word for word in words if not is_against(word, evidence, is_reached)]


def is_against(verdict: str, evidence: str, is_reached: bool | None) -> bool:
    """Tell whether a verdict says other than what was measured, so that a reason is asked."""
    if verdict == "hit":
        return is_reached is False or evidence in {"below_target", "within_noise"}
    if verdict == "missed":
        return evidence == "beyond_target" or (
            is_reached is True and evidence in {"moved", "counted"}
        )
    if verdict == "inconclusive":
        return evidence in {"beyond_target", "below_target", "counted"}
    return False
