"""Figures in words: values by unit, and comparisons that never show a percentage alone."""

import math

from bot.figures import MINUS, THIN, format_money, minor_digits, signed
from bot.metrics.units import Unit

SMALL_BASE = 20
"""Below it one more or less is over 5 %, so a change is told in whole numbers only."""

SMALL_COUNT = 10
"""Below it a tenth of a count may still tell something of its mean."""

TIMES_FROM = 3.0
"""From three times the base on "3.4 times" is read more easily than "up 240 %"."""

_SECOND_MS = 1000
_MINUTE_MS = 60 * _SECOND_MS


def format_value(value: float | None, unit: Unit) -> str:
    """Return a value as people read it: "1 234 teams", "4.2 %", "EUR 1 234.50", "250 ms".

    Thousands are grouped by narrow no-break spaces. None, NaN and infinity are "no figure".
    """
    if value is None or not math.isfinite(value):
        return "no figure"
    if unit.currency:
        return _money(value, unit)
    if unit.is_percent:
        return f"{_plain(value)}{THIN}%"
    if unit.word == "ms":
        return _duration(value)
    return f"{_plain(value)} {_counted(value, unit.word)}".strip()


def format_bare(value: float | None, unit: Unit) -> str:
    """Return a value without the word it counts: "1 234", but "4.2 %" and "EUR 1 234.50"."""
    return format_value(value, Unit() if unit.word != "ms" and unit.word else unit)


def format_bound(value: float, unit: Unit) -> str:
    """Return an end of a range: a count from 10 on in whole numbers, since nobody counts tenths."""
    is_count = not (unit.currency or unit.is_percent or unit.word == "ms")
    return format_bare(round(value) if is_count and abs(value) >= SMALL_COUNT else value, unit)


def compare(value: float | None, base: float | None, unit: Unit, than: str) -> str:
    """Return a move in plain words, with both ends or the base in figures.

    ``than`` names the base ("last Tuesday"). A base of None or NaN yields "no figure for ...".
    Examples: "up 12 % on last Tuesday (1 102)", "up 2 from last Tuesday (14)",
    "up 0.6 points on last Tuesday (3.6 %)", "3.4 times last Tuesday (120)".
    """
    if value is None or not math.isfinite(value):
        return "no figure"
    if base is None or not math.isfinite(base):
        return f"no figure for {than} to compare with"
    shown = format_bare(base, unit)
    if format_bare(value, unit) == shown:
        return f"the same as {than} ({shown})"
    way = "up" if value > base else "down"
    if unit.is_percent:
        return f"{way} {_points(abs(_read(value) - _read(base)))} on {than} ({shown})"
    if not _is_ratio_fair(value, base, unit):
        return f"{way} {format_bare(abs(value - base), unit)} from {than} ({shown})"
    return _relative(value / base, way, than, shown)


def _relative(ratio: float, way: str, than: str, shown: str) -> str:
    if ratio >= TIMES_FROM:
        return f"{_plain(round(ratio, 1))} times {than} ({shown})"
    percent = abs(ratio - 1) * 100
    if percent < 0.5:
        return f"about the same as {than} ({shown})"
    return f"{way} {_percent(percent)}{THIN}% on {than} ({shown})"


def _percent(percent: float) -> str:
    """Return whole percents; a fall that is not all of it never reads 100."""
    return f"{min(percent, 99.9):.1f}" if 99.5 <= percent < 100 else f"{percent:.0f}"


def _is_ratio_fair(value: float, base: float, unit: Unit) -> bool:
    if base <= 0 or value < 0:
        return False
    return bool(unit.currency) or unit.word == "ms" or base >= SMALL_BASE


def _points(points: float) -> str:
    shown = _plain(round(points, 1) if points >= 1 else points)
    return f"{shown} point" if shown == "1" else f"{shown} points"


def _read(value: float) -> float:
    """Return a value as it is read, so that a difference is that of the figures beside it."""
    return float(_plain(value).replace(MINUS, "-").replace(THIN, ""))


def _counted(value: float, word: str) -> str:
    # "teams" is what is declared; one of them is "1 team".
    is_plain_plural = word.endswith("s") and not word.endswith("ss") and len(word) > 3
    return word[:-1] if value == 1 and is_plain_plural else word


def _plain(value: float) -> str:
    """Group thousands; up to 2 decimals under 10, 1 under 100, none above; none when whole."""
    size = abs(value)
    digits = 2 if size < 10 else 1 if size < 100 else 0
    if 0 < size < 0.005:
        return f"{value:.1g}".replace("-", MINUS)
    text = f"{value:,.{digits}f}"
    if digits:
        text = text.rstrip("0").rstrip(".")
    return signed(text)


def _money(value: float, unit: Unit) -> str:
    major = value / 10 ** minor_digits(unit.currency) if unit.is_minor else value
    return format_money(major, unit.currency)


def _duration(value: float) -> str:
    if abs(value) < _SECOND_MS:
        return f"{_plain(value)}{THIN}ms"
    if abs(value) < _MINUTE_MS:
        return f"{_plain(value / _SECOND_MS)}{THIN}s"
    return f"{_plain(value / _MINUTE_MS)}{THIN}min"
