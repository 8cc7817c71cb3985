"""What a digest tells below its headline on a day that is not calm: from its own lines. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from bot.digests.headline import Line
from bot.digests.rules import Standing, rank
from bot.slack.text import escape

# What was launched longer before is rarely thought of as near.
NEAR_DAYS = 3
NAMED = 2
# A low of fewer days than a week's is no news: weekends are low.
MIN_DAYS = 8


class Happened(Protocol):
    """What is told of something that happened."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def number(self) -> int | None: ...


def render_narration(lines: Sequence[Line], happened: Sequence[Happened], zone: str) -> str:
    """Say how far back it was so, what is as usual, and what coincided; nothing on a calm day.

    Every number is a line's own, or a count of lines. What coincided is never called a cause.
    """
    ranked = rank([(line.standing, line.good) for line in lines])
    if not ranked:
        return ""
    first = lines[ranked[0]].standing
    said = (_extreme(first), _others(lines, ranked), _coincided(first, happened, zone))
    return " ".join(sentence for sentence in said if sentence)


def _extreme(standing: Standing) -> str:
    """Say that no other day shown was as low, or as high."""
    known = np.array([value for value in standing.recent if np.isfinite(value)])
    if standing.moved or standing.day is None or len(known) < MIN_DAYS:
        return ""
    others = known[:-1]
    if standing.side == "below" and standing.day.value < others.min():
        return f"No other of the last {len(known)} days was as low."
    if standing.side == "above" and standing.day.value > others.max():
        return f"No other of the last {len(known)} days was as high."
    return ""


def _others(lines: Sequence[Line], ranked: Sequence[int]) -> str:
    usual = [
        line
        for place, line in enumerate(lines)
        if place not in ranked and line.standing.state == "ok" and line.standing.usual
        if not line.standing.still
    ]
    if not usual:
        return ""
    if len(usual) == 1:
        return f"{escape(usual[0].label, limit=60)} was as usual."
    rest = "The other" if len(usual) + len(ranked) == len(lines) else "Of the others"
    return f"{rest} {len(usual)} were as usual."


def _coincided(standing: Standing, happened: Sequence[Happened], zone: str) -> str:
    if standing.day is None:
        return ""
    last = standing.day.date
    near = [one for one in happened if one.kind == "Launched" and _is_near(one, last, zone)]
    if not near:
        return ""
    names = " and ".join(f"{escape(one.text, limit=60)} (#{one.number})" for one in near[:NAMED])
    more = f" and {len(near) - NAMED} more" if len(near) > NAMED else ""
    verb = "was" if len(near) == 1 else "were"
    return (
        f"{names}{more} {verb} launched in those days; that they fall together does not show "
        "that one led to the other."
    )


def _is_near(one: Happened, last: date, zone: str) -> bool:
    day = one.at.astimezone(ZoneInfo(zone)).date()
    return last - timedelta(days=NEAR_DAYS) <= day <= last
