"""Moments in words, on the reader's wall clock."""

import re
from datetime import date, datetime, timedelta

from playground.page.reader import Reader

_FIELD = re.compile(r"\{(\w+)\}")
_ZONE_CITY = re.compile(r"[^/]+$")


def clock_time(at: datetime) -> str:
    """09:05."""
    return f"{at:%H:%M}"


def day_name(day: date, today: date) -> str:
    """Today, Yesterday, "Tuesday, 3 March", with the year when it is another one."""
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    year = f" {day.year}" if day.year != today.year else ""
    return f"{day:%A}, {day.day} {day:%B}{year}"


def ago(at: datetime, now: datetime) -> str:
    """5 minutes ago, in 2 hours, 3 days ago."""
    seconds = int((now - at).total_seconds())
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = abs(seconds) // size
        if count:
            words = f"{count} {word}{'s' if count > 1 else ''}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now"


def city(zone: str) -> str:
    """ "America/Sao_Paulo" -> "Sao Paulo"."""
    found = _ZONE_CITY.search(zone)
    return found.group(0).replace("_", " ") if found else zone


def slack_date(template: str, seconds: float, reader: Reader) -> str:
    """Slack's <!date> templates, for example "{date_short_pretty} at {time}"."""
    at = reader.from_epoch(seconds)
    return _FIELD.sub(lambda found: _field(found.group(1), at, reader), template)


def _field(name: str, at: datetime, reader: Reader) -> str:
    today = reader.local(reader.now).date()
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((at.date() - today).days)
    if name.endswith("_pretty"):
        return near or _field(name.removesuffix("_pretty"), at, reader)
    forms = {
        "date_num": f"{at:%Y-%m-%d}",
        "date": f"{at.day} {at:%B} {at.year}",
        "date_short": f"{at.day} {at:%b} {at.year}",
        "date_long": f"{at:%A}, {at.day} {at:%B} {at.year}",
        "time": clock_time(at),
        "time_secs": f"{at:%H:%M:%S}",
        "ago": ago(at, reader.now),
    }
    return forms.get(name, f"{{{name}}}")
