"""The answer to a question about a number: what it was, and what coincided. Pure.

Never more than a coincidence is claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.digests.headline import usual_words
from bot.digests.questions import Question
from bot.digests.rules import Standing
from bot.digests.views import Happening, MetricLine, day_name
from bot.metrics.numbers import compare, format_bare, format_value
from bot.slack.blocks import Message, context, section
from bot.slack.text import escape, link, shorten

SHOWN = 6
LABEL_LIMIT = 80
OF_DIGEST = " of this digest"
NO_CAUSE = (
    "These fell together in time. That does not show that one led to the other: a launch's bet or "
    "an experiment can tell more."
)


@dataclass(frozen=True)
class Found:
    """What the readings and the log say around one day.

    ``line`` is the number asked about, standing at that day; ``others`` are the digest's other
    numbers on it. ``corrected`` tells that the day's value was read differently before.
    """

    question: Question
    line: MetricLine
    others: tuple[MetricLine, ...] = ()
    happenings: tuple[Happening, ...] = ()
    since: date | None = None
    holidays: tuple[date, ...] = field(default=())
    of: str = OF_DIGEST  # what the others are numbers of


def render_ask_in_thread(question: str) -> Message:
    """Say how to ask about a number, where none was named; ``question`` as it was typed."""
    words = " ".join(question.split())
    text = (
        "That asks about a number, but about none that I know by that name. Name it as "
        "`/daybook metrics` does, or ask in the thread of the digest that shows it."
    )
    again = f"In a thread: @Daybook {words if words.lower().startswith('why') else f'why {words}'}"
    return Message(text, [section(text), context(escape(again, limit=300))])


def render_which(labels: Sequence[str]) -> Message:
    """Ask back which number is meant."""
    named = ", ".join(escape(label, limit=LABEL_LIMIT) for label in labels[:SHOWN])
    named += f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    verb = "are" if len(labels) > 1 else "is"
    return Message(
        f"Which number do you mean? There {verb} {named}. Ask, for example: "
        f"why did {escape(labels[0], limit=LABEL_LIMIT)} drop on Tuesday?"
    )


def render_answer(found: Found) -> Message:
    """Answer in a few lines that stand alone."""
    lead = _what(found)
    coincided = _coincided(found)
    rows = [f"*{lead}*", *_of_the_day(found), *(coincided or [_nothing(found)])]
    # Where nothing coincided there is nothing to be taken for a cause.
    small = [context(NO_CAUSE)] if coincided else []
    return Message(lead, [section("\n".join(rows)), *small])


def _what(found: Found) -> str:
    line, day = found.line, found.question.day
    label = escape(line.label, limit=LABEL_LIMIT)
    value = _value(line.standing, day)
    if value is None:
        return f"There is no figure of {label} for {day_name(day)}; that is no drop."
    text = f"{label} on {day_name(day)}: {format_value(value, line.unit)}"
    base = line.standing.last_week
    if base is not None:
        text += f", {compare(value, base, line.unit, f'{day:%a} the week before')}"
    return f"{text}."


def _of_the_day(found: Found) -> list[str]:
    standing, unit, day = found.line.standing, found.line.unit, found.question.day
    value = _value(standing, day)
    if value is None:
        return []
    rows = []
    if standing.usual is not None:
        place = standing.side or standing.still or "inside"
        rows.append(f"That is {place} its usual range ({usual_words(standing.usual, unit)}).")
        if standing.still:
            rows.append("So were days before it.")
        elif not standing.side:
            rows.append("A day like this comes by itself now and then.")
    elif standing.silence == "too_few":
        rows.append("The counts are too small to say what is usual.")
    elif standing.silence:
        rows.append("There is too little history to say what is usual.")
    rows += _other_way(found, value)
    rows += [
        f"_That day was read as {format_bare(one.was, unit)} first; it was corrected._"
        for one in found.line.corrections
        if one.day == day
    ]
    if day in found.holidays:
        rows.append("It was a public holiday.")
    return rows


def _other_way(found: Found, value: float) -> list[str]:
    base, way = found.line.standing.last_week, found.question.way
    if base is None or not way or value == base:
        return []
    went = "up" if value > base else "down"
    return [] if went == way else [f"It went {went}, not {way}, against the week before."]


def _coincided(found: Found) -> list[str]:
    rows = [_happening(one) for one in found.happenings[:SHOWN]]
    more = len(found.happenings) - SHOWN
    rows += [f"• and {more} more in the log"] if more > 0 else []
    rows += [_other(line) for line in found.others if line.standing.side or line.standing.still]
    return ["*What coincided*", *rows] if rows else []


def _nothing(found: Found) -> str:
    since = f" from {day_name(found.since)} on" if found.since else ""
    return (
        f"Nothing in the log coincided{since}: no launch, roll-back, decision or verdict, and no "
        f"other number{found.of} stood out that day."
    )


def _happening(one: Happening) -> str:
    number = f" (#{one.number})" if one.number else ""
    day = day_name(one.at.date())
    return f"• {day}, {one.kind.lower()}: {link(one.permalink, shorten(one.text, 120))}{number}"


def _other(line: MetricLine) -> str:
    standing = line.standing
    value = format_value(standing.day.value if standing.day else None, line.unit)
    label = escape(line.label, limit=LABEL_LIMIT)
    side = standing.side or f"still {standing.still}"
    return f"• The same day, {label}: {value}, {side} its usual range"


def _value(standing: Standing, day: date) -> float | None:
    return standing.day.value if standing.day and standing.day.date == day else None
