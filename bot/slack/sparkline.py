"""A line of block signs: a series' shape inside a sentence."""

import math
from collections.abc import Sequence
from typing import TypeGuard

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"

CALM_SHARE = 0.02
"""A spread below this share of the level is drawn flat: 1,000 to 1,010 is no mountain range."""


def render_sparkline(values: Sequence[float | None]) -> str:
    """Return one sign a value, oldest first, between the lowest and the highest of them.

    None, NaN and infinity are gaps. Where nothing differs much all bars are middle ones; where
    all is zero, lowest ones.
    """
    known = [value for value in values if _is_known(value)]
    if not known:
        return GAP * len(values)
    low, high = min(known), max(known)
    level = max(abs(low), abs(high))
    if level == 0:
        low, high = 0.0, 1.0
    elif high - low <= CALM_SHARE * level:
        middle = (low + high) / 2
        low, high = middle - level, middle + level
    return "".join(_bar((v - low) / (high - low)) if _is_known(v) else GAP for v in values)


def _is_known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _bar(share: float) -> str:
    return BARS[min(int(share * len(BARS)), len(BARS) - 1)]
