"""A metric's picture, by matplotlib's Agg objects. Imported by the worker process alone.

One opaque light card, which stands on Slack's light and dark alike. Nothing is told by colour
alone: the series is a thick line, its usual range a hatched band, unusual days are rings, a launch
is a triangle on a solid line, a decision a diamond on a dotted one, the target is dashed.
"""

import io
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

from bot.digests.chart import ChartSpec, Mark
from bot.figures import minor_digits
from bot.metrics.numbers import format_bare, format_value
from bot.metrics.units import Unit

WIDTH_PX, HEIGHT_PX, DPI = 1080, 540, 100
"""Twice as wide as high; three pixels for each of a 360-pixel phone."""

SMALL, PLAIN, LARGE = 19, 22, 29
"""Points at 100 dpi: on a 360-pixel phone 9, 10 and 13 pixels."""

PAPER, INK, SOFT, GRID = "#ffffff", "#1d1c1d", "#5b5a5e", "#e4e4e7"
LINE, BAND, LAUNCH, DECISION, TARGET = "#0b5cad", "#cfdcec", "#9a3412", "#5b21b6", "#3f6212"
BAND_EDGE = "#b4c8e0"

COLOURS = 64

HEAD_PX, LABEL_CHARACTER_PX, LATEST_CHARACTER_PX = 975, 24, 18.6
"""Room of the head, and the mean widths of its two kinds of bold characters."""

MARK_TEXT_LIMIT = 22
MARK_ROWS = 3
CHARACTER_DAYS = 1.35
"""Width of a small character on the 90-day axis."""


def draw(spec: ChartSpec) -> bytes:
    """Return the picture as PNG bytes."""
    with mpl.rc_context({"text.parse_math": False, "hatch.linewidth": 0.8}):
        figure = Figure(figsize=(WIDTH_PX / DPI, HEIGHT_PX / DPI), dpi=DPI, facecolor=PAPER)
        axes = figure.add_axes((0.095, 0.195, 0.865, 0.515 if spec.shown_marks() else 0.63))
        _frame(axes, spec)
        _band(axes, spec)
        _target(axes, spec)
        _marks(axes, spec)
        _series(axes, spec)
        _head(figure, spec)
        _legend(figure, spec)
        return _png(figure)


def _png(figure: Figure) -> bytes:
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    size = canvas.get_width_height()
    picture = Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")
    target = io.BytesIO()
    # A palette halves the bytes; a picture of flat colours and their blends needs no more.
    picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(
        target, "PNG", compress_level=7
    )
    return target.getvalue()


def _numbers(values: tuple[float | None, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([np.nan if value is None else value for value in values])


def _frame(axes: Any, spec: ChartSpec) -> None:
    axes.set_facecolor(PAPER)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(SOFT)
    axes.set_xlim(-1, max(len(spec.values), 7) + 0.5)
    axes.set_ylim(*_limits(spec))
    axes.grid(axis="y", color=GRID, linewidth=1.2)
    axes.set_axisbelow(True)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, spec.unit)))
    places = [n for n in range(len(spec.values)) if spec.day(n).day == 1] or [0]
    if len(places) < 2:
        places = sorted({0, len(spec.values) - 1})
    axes.set_xticks(places, [_day(spec.day(n)) for n in places])
    axes.tick_params(labelsize=SMALL, labelcolor=SOFT, length=0, pad=7)


def _limits(spec: ChartSpec) -> tuple[float, float]:
    shown = [v for v in (*spec.values, *spec.low, *spec.high, spec.target) if v is not None]
    low, high = min(shown), max(shown)
    if 0 <= low < high / 2 or low == high >= 0:
        low = 0.0  # a level is best seen from zero, unless that flattens the line
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return (low if low == 0 else low - room), high + room


def _band(axes: Any, spec: ChartSpec) -> None:
    axes.fill_between(
        np.arange(len(spec.values)),
        _numbers(spec.low),
        _numbers(spec.high),
        facecolor=BAND,
        edgecolor=BAND_EDGE,
        hatch="//",
        linewidth=0,
        zorder=1,
    )


def _series(axes: Any, spec: ChartSpec) -> None:
    values, days = _numbers(spec.values), np.arange(len(spec.values))
    axes.plot(days, values, color=LINE, linewidth=3, solid_joinstyle="round", zorder=4)
    alone = np.isfinite(values) & _is_gap_beside(values)
    axes.plot(days[alone], values[alone], ".", color=LINE, markersize=7, zorder=4)
    odd = _is_odd(spec)
    axes.plot(days[odd], values[odd], "o", mfc=PAPER, mec=INK, mew=2.2, markersize=10, zorder=5)
    last = np.flatnonzero(np.isfinite(values))[-1:]
    axes.plot(days[last], values[last], "o", color=LINE, mec=PAPER, mew=2, markersize=15, zorder=6)


def _is_odd(spec: ChartSpec) -> Any:
    values = _numbers(spec.values)
    return (values < _numbers(spec.low)) | (values > _numbers(spec.high))


def _is_gap_beside(values: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    gap = np.isnan(np.concatenate(([np.nan], values, [np.nan])))
    return gap[:-2] & gap[2:]


def _target(axes: Any, spec: ChartSpec) -> None:
    if spec.target is None:
        return
    axes.axhline(spec.target, color=TARGET, linewidth=2.4, dashes=(5, 3), zorder=3)


def _marks(axes: Any, spec: ChartSpec) -> None:
    across = axes.get_xaxis_transform()  # x in days, y from 0 (bottom) to 1 (top)
    for mark, label, row, is_left in _placed(spec):
        x, is_launch = (mark.day - spec.first).days, mark.kind == "launch"
        colour = LAUNCH if is_launch else DECISION
        y = 1.035 + 0.095 * row
        axes.plot(
            [x, x], [0, y], "-" if is_launch else ":",
            transform=across, color=colour, linewidth=2, clip_on=False, zorder=2,
        )  # fmt: skip
        axes.plot(
            [x], [y], "^" if is_launch else "D", transform=across, color=colour,
            markersize=13 if is_launch else 10, clip_on=False, zorder=7,
        )  # fmt: skip
        axes.annotate(
            label, (x, y), xycoords=across, xytext=(-11 if is_left else 11, -1),
            textcoords="offset points", ha="right" if is_left else "left", va="center",
            fontsize=SMALL, color=INK, annotation_clip=False, zorder=6,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5} if label else None,
        )  # fmt: skip


def _placed(spec: ChartSpec) -> Iterator[tuple[Mark, str, int, bool]]:
    """Yield marks, launches and newest first: mark, text, row, is the text left of the sign.

    A text that fits beside no other in any row is left out; the sign stays, in the lowest row,
    where for this no text covers another mark's sign.
    """
    size = max(len(spec.values), 7)
    a_character = CHARACTER_DAYS * size / 90
    sign = a_character * 1.4
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MARK_ROWS)]
    marks = spec.shown_marks()
    # Launches first: where there is no room for all, a decision's words are missed less.
    for mark in sorted(marks, key=lambda one: (one.kind != "launch", -one.day.toordinal())):
        others = [(one.day - spec.first).days for one in marks if one is not mark]
        x, text = (mark.day - spec.first).days, _drawable(_shortened(mark.text))
        width = len(text) * a_character + sign
        spans = {False: (x - sign, x + width), True: (x - width, x + sign)}
        fitting = {
            side: span
            for side, span in spans.items()
            if span[0] >= -2 * sign and span[1] < size + 3
        }
        for row, (is_left, span) in product(range(MARK_ROWS), fitting.items()):
            covers = row == 0 and any(span[0] < at < span[1] for at in others)
            if not covers and _is_free(taken[row], span):
                taken[row].append(span)
                yield mark, text, row, is_left
                break
        else:
            taken[0].append((x - sign, x + sign))
            yield mark, "", 0, False


def _is_free(taken: list[tuple[float, float]], span: tuple[float, float]) -> bool:
    return all(span[1] < start or span[0] > end for start, end in taken)


def _legend(figure: Figure, spec: ChartSpec) -> None:
    handles: list[Any] = []
    if any(low is not None for low in spec.low):
        handles.append(Patch(fc=BAND, ec=BAND_EDGE, hatch="//", lw=0, label="usual range"))
    if _is_odd(spec).any():
        handles.append(
            Line2D([], [], mfc=PAPER, mec=INK, mew=2.2, marker="o", ms=10, lw=0, label="unusual")
        )
    if spec.target is not None:
        label = target_label(spec.target, spec.unit)
        handles.append(Line2D([], [], color=TARGET, lw=2.4, dashes=(3, 1.6), label=label))
    kinds = {mark.kind for mark in spec.shown_marks()}
    if "launch" in kinds:
        handles.append(Line2D([], [], color=LAUNCH, marker="^", ms=13, lw=0, label="launch"))
    if "decision" in kinds:
        handles.append(Line2D([], [], color=DECISION, marker="D", ms=10, lw=0, label="decision"))
    if handles:
        figure.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.02, -0.012), ncols=len(handles),
            frameon=False, fontsize=SMALL, labelcolor=SOFT, handlelength=1.5, handletextpad=0.5,
            columnspacing=1.2,
        )  # fmt: skip


def target_label(target: float, unit: Unit) -> str:
    """Return the target as the legend names it, with the digits that its text has."""
    return f"target {_drawable(format_bare(target, unit))}"


def _tick(value: float, unit: Unit) -> str:
    """Return an axis label, as short as can be; the currency stands in the head."""
    if unit.is_percent or (unit.word == "ms" and abs(value) >= 1000):
        return _drawable(format_bare(value, unit))
    if unit.is_minor:
        value /= 10 ** minor_digits(unit.currency)
    for size, sign in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * (10 if sign == "k" else 1):
            return f"{value / size:g}{sign}"
    return f"{value:g}"


def _head(figure: Figure, spec: ChartSpec) -> None:
    n, value = next(
        (n, value) for n, value in reversed(list(enumerate(spec.values))) if value is not None
    )
    day = spec.day(n)
    latest = f"{_drawable(format_value(value, spec.unit))}, {day:%a} {_day(day)}"
    room = (HEAD_PX - LATEST_CHARACTER_PX * len(latest)) / LABEL_CHARACTER_PX
    label = _shortened(_drawable(spec.label), max(int(room), 8))
    figure.text(0.03, 0.965, label, fontsize=LARGE, color=INK, va="top", weight="bold")
    figure.text(
        0.965, 0.957, latest, fontsize=PLAIN, color=LINE, va="top", ha="right", weight="bold"
    )


def _shortened(text: str, limit: int = MARK_TEXT_LIMIT) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


@lru_cache(maxsize=1)
def _signs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def _drawable(text: str) -> str:
    """Leave out signs the font lacks (emoji, say): an empty box says less than nothing."""
    return re.sub(" +", " ", "".join(sign for sign in text if ord(sign) in _signs())).strip()
