"""The digest's message: one headline, one line a metric, what happened since. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.digests.headline import moved_words, render_headline, usual_words
from bot.digests.narration import render_narration
from bot.digests.rules import Standing, has_reached
from bot.figures import share
from bot.metrics.numbers import compare, format_bare, format_value
from bot.metrics.queries import Correction
from bot.metrics.units import Unit
from bot.slack import limits
from bot.slack.blocks import Block, Message, button, context, section
from bot.slack.ids import Action
from bot.slack.sparkline import render_sparkline
from bot.slack.text import escape, link, person, say_test, shorten

# Room is kept for the picture, which is put in by an edit.
# Room is kept for the picture with its words (2,000), the buttons, and the note on the thread.
HEAD_BLOCKS = 47
HEAD_CHARACTERS = 10_000
PICTURE_INDEX = 2  # after the headline and the small print
LABEL_LIMIT = 80
# Of one metric; a source that rewrites its past is told by the number of its days.
CORRECTIONS_SHOWN = 3
# Lines of what happened in one paragraph: with titles and links well below Slack's limit.
HAPPENINGS_A_BLOCK = 8
SILENCES = {
    "too_short": "Too little history to say what is usual.",
    "too_few": "Too few to say what is usual.",
}


@dataclass(frozen=True)
class BetLine:
    """A live bet under its metric: no running score, which would invite peeking."""

    title: str
    number: int
    day: int
    days: int
    smallest_visible: float | None = None  # a share: 0.12 is 12 %
    permalink: str = ""


@dataclass(frozen=True)
class MetricLine:
    """One metric of a post."""

    id: str
    label: str
    good: str
    owner_id: str
    target: float | None
    standing: Standing
    unit: Unit
    timezone: str = "UTC"
    problem: str = ""
    fix: str = ""
    bets: tuple[BetLine, ...] = ()
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Happening:
    """Something that was launched, decided or judged; ``text`` is typed by people."""

    kind: str  # "Launched", "Decided", "Verdict", "Rolled back", "Moved to beta"
    text: str
    at: datetime
    number: int | None = None
    detail: str = ""
    permalink: str = ""


@dataclass(frozen=True)
class Post:
    """All that one digest says once."""

    number: int
    name: str
    slot: date
    zone: str
    lines: tuple[MetricLine, ...]
    happenings: tuple[Happening, ...] = ()
    since: datetime | None = None
    as_of: datetime | None = None
    hidden: int = 0  # metrics left out, since not all readers may see them
    retired: tuple[str, ...] = ()  # labels of those that were retired since the last one
    test_for: str = ""  # where it would go, for a test
    due_at: datetime | None = None  # given when the post is late
    buttons: Block | None = None  # what readers may say of it; none under a test


def render_post(post: Post) -> list[Message]:
    """Render a digest: the message, and what goes on in its thread."""
    headline = render_headline(post.lines)
    told = render_narration(post.lines, post.happenings, post.zone)
    top = [section(f"*{headline}*\n{told}".rstrip()), context(*_small_print(post))]
    blocks = [block for line in post.lines for block in _metric(line)] + _since(post)
    head, rest = _split(top, blocks)
    head += [post.buttons] if post.buttons else []
    opening = f"{headline} {told}".rstrip()
    text = "\n".join([opening, *(_plain_line(line) for line in post.lines)])
    return [Message(text, head), *(Message("The rest of the digest", piece) for piece in rest)]


def _split(top: list[Block], blocks: Sequence[Block]) -> tuple[list[Block], list[list[Block]]]:
    pieces, used = [list(top)], _size(top)
    for block in blocks:
        size = _size([block])
        if len(pieces[-1]) >= HEAD_BLOCKS or used + size > HEAD_CHARACTERS:
            pieces.append([])
            used = 0
        pieces[-1].append(block)
        used += size
    if len(pieces) > 1:
        pieces[0].append(context("The rest is in the thread."))
    return pieces[0], pieces[1:]


def _size(blocks: Sequence[Block]) -> int:
    return sum(len(json.dumps(block, ensure_ascii=False)) for block in blocks)


def _small_print(post: Post) -> list[str]:
    parts = [f"{escape(post.name, limit=LABEL_LIMIT)} · {day_name(post.slot)}"]
    if post.as_of:
        parts.append(f"Data as of {_moment(post.as_of, post.slot, post.zone)}")
    if post.due_at:
        parts.append(f"Late: it was due at {clock_time(post.due_at, post.zone)}")
    if post.test_for:
        parts.append(say_test(post.test_for))
    if post.retired:
        labels = ", ".join(escape(label, limit=LABEL_LIMIT) for label in post.retired)
        parts.append(f"Retired, and shown no more: {labels}.")
    if post.hidden:
        noun = "metric is" if post.hidden == 1 else "metrics are"
        parts.append(f"{post.hidden} {noun} left out: not everybody here may see them.")
    return parts


def _moment(at: datetime, today: date, zone: str) -> str:
    """Return the time of day, and the day where it is another one: old data never looks new."""
    day = at.astimezone(ZoneInfo(zone)).date()
    return ("" if day == today else f"{day_name(day)} ") + clock_time(at, zone)


def clock_time(at: datetime, zone: str) -> str:
    """Return an instant as the wall shows it in ``zone``, with the zone's name."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M} {zone}"


def day_name(day: date) -> str:
    """Return e.g. ``Thu 20 Nov``."""
    return f"{day:%a} {day.day} {day:%b}"


def _metric(line: MetricLine) -> list[Block]:
    about = button("About", f"{Action.DIGEST_EXPLAIN}:{line.id}", line.id)
    blocks = [section("\n".join(_paragraph(line)), accessory=about)]
    bets = [_bet(bet) for bet in line.bets]
    return blocks + [context(*some) for some in _portions(bets, limits.CONTEXT_ELEMENTS)]


def _portions(rows: Sequence[str], size: int) -> list[Sequence[str]]:
    return [rows[n : n + size] for n in range(0, len(rows), size)]


def _paragraph(line: MetricLine) -> list[str]:
    standing, label = line.standing, f"*{escape(line.label, limit=LABEL_LIMIT)}*"
    if standing.day is None:
        return [f"{label}: {_absence(line)}"]
    trend = render_sparkline(standing.recent)
    value = format_value(standing.day.value, line.unit)
    rows = [f"{label} {day_name(standing.day.date)}: *{value}*  {trend}"]
    if standing.state != "ok":
        rows.append(f"_{_absence(line)}_")
    compared = _compared(line)
    rows += [compared] if compared else []
    if standing.side:
        rows.append(f"*Unusual:* {_outside(line)}")
    elif standing.still:
        rows.append(f"*Still unusual:* {_outside(line)}")
    if standing.state == "ok" and standing.silence:
        rows.append(f"_{SILENCES[standing.silence]}_")
    rows += _corrections(line)
    if standing.covered:
        rows.append("Before it: " + " · ".join(_covered(line)))
    return rows


def _compared(line: MetricLine) -> str:
    standing = line.standing
    assert standing.day is not None  # noqa: S101  the caller asked
    weekday = f"{standing.day.date:%a}"
    parts = []
    if standing.last_week is not None:
        value, base = standing.day.value, standing.last_week
        parts.append(compare(value, base, line.unit, f"{weekday} last week"))
    if standing.mean is not None:
        mean = format_bare(standing.mean, line.unit)
        parts.append(f"mean of the last {standing.mean_days} {weekday} {mean}")
    if line.target is not None:
        reached = has_reached(standing.day.value, line.target, line.good)
        target = format_bare(line.target, line.unit)
        parts.append(f"target {target} {'reached' if reached else 'not reached'}")
    is_judged = standing.state == "ok" and standing.usual is not None
    if is_judged and not (standing.side or standing.still):
        parts.append("as usual")
    return " · ".join(parts)


def _outside(line: MetricLine) -> str:
    if line.standing.moved:
        return f"it left its level: {moved_words(line.standing.moved, line.unit)}."
    usual = line.standing.usual
    assert usual is not None  # noqa: S101  a side comes from a range
    return f"outside its usual range ({usual_words(usual, line.unit)})."


def _corrections(line: MetricLine) -> list[str]:
    # A change that does not show in the figures is no news.
    told = [one for one in line.corrections if _has_moved(one, line.unit)]
    rows = [_corrected(one, line.unit) for one in told[:CORRECTIONS_SHOWN]]
    more = len(told) - len(rows)
    noun = "day was" if more == 1 else "days were"
    return rows + ([f"_{more} more {noun} corrected; About shows the newest._"] if more > 0 else [])


def _has_moved(one: Correction, unit: Unit) -> bool:
    return format_bare(one.was, unit) != format_bare(one.value, unit)


def _corrected(one: Correction, unit: Unit) -> str:
    was, value = format_bare(one.was, unit), format_bare(one.value, unit)
    return f"_Corrected: {day_name(one.day)} was {was}, is {value}._"


def _covered(line: MetricLine) -> list[str]:
    return [
        f"{day.date:%a} {format_bare(day.value, line.unit)}" + (" (unusual)" if day.side else "")
        for day in line.standing.covered
    ]


def _absence(line: MetricLine) -> str:
    """Say that a number is late or cannot be read, and what its owner can do."""
    day = day_name(line.standing.expected)
    owner = person(line.owner_id) if line.owner_id else "Whoever runs Daybook"
    if line.standing.state == "unreadable":
        what = f"It cannot be read: {escape(line.problem, limit=300)} {escape(line.fix, limit=300)}"
        return f"{what.strip()} {owner} can mend it; this is no drop."
    if line.standing.state == "late":
        return f"Nothing for {day} yet; this is the last day there is. I look again next time."
    return f"no day has been read yet. {owner} can check its source."


def _bet(bet: BetLine) -> str:
    title = link(bet.permalink, shorten(bet.title, LABEL_LIMIT))
    text = f"Bet on {title} (#{bet.number}): day {bet.day} of {bet.days}"
    if bet.smallest_visible is not None:
        text += f"; the smallest change it could show is {share(bet.smallest_visible)}"
    return text


def _since(post: Post) -> list[Block]:
    if not post.happenings:
        return []
    start = (
        f"Since {day_name(post.since.astimezone(ZoneInfo(post.zone)).date())}" if post.since else ""
    )
    first, *more = _portions([_happening(one) for one in post.happenings], HAPPENINGS_A_BLOCK)
    parts = [[f"*{start or 'Lately'}*", *first], *more]
    return [section("\n".join(rows)) for rows in parts]


def _happening(one: Happening) -> str:
    number = f" (#{one.number})" if one.number else ""
    detail = f": {escape(one.detail, limit=160)}" if one.detail else ""
    return f"• {one.kind}: {link(one.permalink, shorten(one.text, 160))}{number}{detail}"


def _plain_line(line: MetricLine) -> str:
    label = escape(line.label, limit=LABEL_LIMIT)
    standing = line.standing
    if standing.day is None:
        return f"{label}: {_absence(line)}"
    text = f"{label} {day_name(standing.day.date)}: {format_value(standing.day.value, line.unit)}"
    compared = _compared(line)
    text += f" ({compared})" if compared else ""
    if standing.side:
        text += f". Unusual: {_outside(line)}"
    elif standing.still:
        text += f". Still unusual: {_outside(line)}"
    elif standing.state != "ok":
        text += f". {_absence(line)}"
    return text
