"""A digest as its owner meets it: the card with its buttons, lists, App Home, a metric's facts.

Pure.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.digests.queries import BrokenDigest, BrokenMetric, DigestView
from bot.digests.rules import FEEDBACK, LAUNCHES, METRICS
from bot.digests.views import clock_time, day_name
from bot.engine.notices import closed_words
from bot.metrics.asks import describe_ask
from bot.metrics.numbers import format_bare, format_value
from bot.metrics.queries import Correction, MetricView
from bot.slack.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    fields,
    modal,
    section,
)
from bot.slack.ids import Action, Form
from bot.slack.kinds import is_person
from bot.slack.text import channel, escape, link, person, when

SHOWN_METRICS = 8
# What a digest of its kind says, where it is not of metrics.
CONTENTS = {
    FEEDBACK: "The week in feedback: new, growing, answered, wanted without a decision.",
    LAUNCHES: "All launches: what moved, verdicts, what is under way.",
}
ONLY_WHEN = {
    METRICS: "Only when something stands out, is late or happened.",
    FEEDBACK: "Only when something was said or answered.",
    LAUNCHES: "Only when a launch moved or was judged.",
}
SQL_LIMIT = 2_500


@dataclass(frozen=True)
class Card:
    """A digest with what its buttons may do for the one who looks."""

    digest: DigestView
    labels: Sequence[str]  # of its metrics, as the one who looks may see them
    coming: str  # its next posts in words, escaped
    may_change: bool
    may_test: bool = True  # guests only read
    stopped: str = ""  # why the engine paused it, escaped
    is_closed: bool = False  # its channel takes no message of Daybook's now


def slot_words(slots: Sequence[datetime], zone: str) -> str:
    """Return e.g. ``Fri 22 May 09:00, Mon 25 May 09:00 (Europe/Berlin)``."""
    local = [at.astimezone(ZoneInfo(zone)) for at in slots]
    return ", ".join(f"{day_name(at.date())} {at:%H:%M}" for at in local) + f" ({zone})"


def where_words(target: str) -> str:
    """Return where a digest goes."""
    return f"a DM to {person(target)}" if is_person(target) else channel(target)


def render_card(card: Card, *, note: str = "") -> View:
    """The card as a modal: what the form becomes once a digest is saved."""
    blocks = [section(f"*{escape(note)}*")] if note else []
    return modal(Form.DIGEST_CARD, "Digest", [*blocks, *_card(card)])


def render_removed(note: str, digest_id: str) -> View:
    """Say that a digest was removed, with the way back."""
    back = actions(button("Bring it back", Action.DIGEST_RESTORE, digest_id))
    return modal(Form.DIGEST_CARD, "Digest", [section(escape(note)), back])


def render_list(
    cards: Sequence[Card],
    *,
    note: str = "",
    removed: str = "",
    words: str = "",
    more: int = 0,
    is_guest: bool = False,
) -> Message:
    """Every digest that the asker may see, each with its buttons, and how to add one.

    ``removed`` is the id of one that was just removed, ``words`` what was looked for, ``more`` how
    many others there are.
    """
    blocks: list[Block] = [section(f"*{escape(note)}*")] if note else []
    if removed:
        blocks.append(actions(button("Bring it back", Action.DIGEST_RESTORE, removed)))
    if not cards:
        called = f" with “{escape(words, limit=80)}” in its name" if words else " yet"
        blocks.append(section(f"There is no digest{called} that you can see."))
    for card in cards:
        blocks += _card(card)
    if more:
        blocks.append(context(f"And {more} more: `/digest list` and a word of a name finds them."))
    if not is_guest:
        blocks.append(_ways_on())
    return Message(note or f"Digests you can see: {len(cards) + more}", blocks)


def _ways_on() -> Block:
    return actions(
        button("New digest", Action.DIGEST_NEW),
        button("New feedback digest", Action.DIGEST_NEW_FEEDBACK),
        button("New launches digest", Action.DIGEST_NEW_LAUNCHES),
        button("Metrics", Action.METRIC_LIST),
    )


def render_invitation(words: str) -> Message:
    """Answer a mention: forms open from a button only."""
    text = "A digest posts the numbers you choose, every morning or when you say."
    opens = button("Set up a digest", Action.DIGEST_NEW, words[:100], style="primary")
    return Message(text, [section(text), actions(opens)])


def _card(card: Card) -> list[Block]:
    digest = card.digest
    head = f"*{escape(digest.name, limit=80)}* (#{digest.number}) to {where_words(digest.target)}"
    lines = [head, _content(card)]
    if card.stopped:
        lines.append(f"Paused by Daybook: {card.stopped}. It posts nothing until it is resumed.")
    elif digest.state == "paused":
        lines.append("Paused: it posts nothing until it is resumed.")
    else:
        lines.append(card.coming)
        lines += [closed_words(digest.target)] if card.is_closed else []
    if digest.snoozed_until is not None:
        lines.append(f"Snoozed: nothing is posted before {day_name(digest.snoozed_until)}.")
    if digest.skip_if_empty:
        lines.append(ONLY_WHEN[digest.kind])
    buttons = _buttons(card)
    return [section("\n".join(lines)), *([actions(*buttons)] if buttons else [])]


def _content(card: Card) -> str:
    return CONTENTS.get(card.digest.kind) or f"Metrics: {_labels(card.labels)}"


def _labels(labels: Sequence[str]) -> str:
    shown = ", ".join(escape(label, limit=80) for label in labels[:SHOWN_METRICS])
    more = len(labels) - SHOWN_METRICS
    return (shown or "none that you may see") + (f" and {more} more" if more > 0 else "")


def _buttons(card: Card) -> list[Block]:
    digest = card.digest
    is_paused = digest.state == "paused" or bool(card.stopped)

    def one(text: str, action: Action, confirm: str = "") -> Block:
        return button(text, f"{action}:{digest.number}", digest.id, confirm=confirm)

    buttons = [one("Test to me", Action.DIGEST_TEST)] if card.may_test else []
    if not card.may_change:
        return buttons
    reader = "you" if digest.is_dm else "everybody in the channel"
    return [
        *buttons,
        one("Send now", Action.DIGEST_SEND, f"This posts to {reader} at once."),
        one("Edit", Action.DIGEST_EDIT),
        one("Resume", Action.DIGEST_RESUME) if is_paused else one("Pause", Action.DIGEST_PAUSE),
        *([one("Wake", Action.DIGEST_WAKE)] if digest.snoozed_until else []),
        one("Remove", Action.DIGEST_REMOVE, "It posts no more. What it posted stays."),
    ]


def render_metric(
    metric: MetricView, corrections: Sequence[Correction], *, source_kind: str = ""
) -> View:
    """What a number means: definition, source, owner, how fresh it is."""
    unit = metric.unit
    facts = [
        f"*Good is*\n{'more' if metric.good == 'up' else 'less'}",
        f"*Target*\n{format_value(metric.target, unit) if metric.target is not None else 'none'}",
        f"*Owner*\n{person(metric.owner_id) if metric.owner_id else 'nobody named'}",
        f"*Source*\n{escape(metric.source, limit=80)}{source_kind}",
        f"*Days end*\nat midnight, {metric.timezone}",
        f"*Who may see it*\n{_audience(metric)}",
    ]
    blocks = [section(f"*{escape(metric.label, limit=80)}*"), fields(facts)]
    meaning = describe_ask(metric.definition)
    if meaning:
        blocks.append(_verbatim(meaning[:SQL_LIMIT]))
    if address := str(metric.definition.get("link") or ""):
        blocks.append(section(link(address, "See it at its source")))
    blocks.append(context(*_freshness(metric)))
    if corrections:
        rows = [
            f"• {day_name(one.day)}: was {format_bare(one.was, unit)}, "
            f"is {format_bare(one.value, unit)}"
            for one in corrections
        ]
        blocks.append(section("*Corrected since it was first read*\n" + "\n".join(rows)))
    return modal(Form.DIGEST_METRIC, "About this metric", blocks)


def _verbatim(text: str) -> Block:
    # Plain text: shown as it is, and still inert.
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _audience(metric: MetricView) -> str:
    if metric.source_channel_id is None:
        return "all members"
    return f"who reads {channel(metric.source_channel_id)}"


def _freshness(metric: MetricView) -> list[str]:
    lines = [f"Definition version {metric.version}."]
    if metric.read_at and metric.read_through:
        lines.append(
            f"Read {when(metric.read_at)}, up to {day_name(metric.read_through)} "
            f"({clock_time(metric.read_at, metric.timezone)})."
        )
    if metric.problem:
        told = escape(f"{metric.problem} {metric.fix}", limit=400)
        lines.append(f"The last read failed: {told}")
    return lines


def render_home_mine(digests: Sequence[DigestView], closed: Collection[str] = ()) -> list[Block]:
    """My digests, each with its next post, in the schedule's zone; ``closed`` are channels' ids."""
    if not digests:
        return []
    rows = [_home_line(digest, is_closed=digest.target in closed) for digest in digests]
    return [section("*Your digests*\n" + "\n".join(rows)), *_home_buttons()]


def _home_line(digest: DigestView, *, is_closed: bool) -> str:
    name = f"• {escape(digest.name, limit=80)} (#{digest.number}) to {where_words(digest.target)}"
    if digest.next_at is None:
        return f"{name}: paused"
    if is_closed:
        return f"{name}: cannot post there now"
    return f"{name}: next {slot_words([digest.next_at], digest.timezone)}"


def _home_buttons() -> list[Block]:
    return [actions(button("New digest", Action.DIGEST_NEW))]


def render_home_broken(
    digests: Sequence[BrokenDigest], metrics: Sequence[BrokenMetric]
) -> list[Block]:
    """What needs the asker's hand: posts that did not arrive, metrics that cannot be read."""
    blocks: list[Block] = []
    for broken in digests:
        name = escape(broken.digest.name, limit=80)
        text = f"The digest {name} (#{broken.digest.number}) did not reach "
        text += f"{where_words(broken.digest.target)}. {escape(broken.error, limit=200)}"
        again = button("Send it again", Action.ENGINE_RESEND, broken.delivery_id)
        blocks.append(section(text, accessory=again))
    for metric in metrics:
        told = escape(f"{metric.problem} {metric.fix}", limit=400)
        blocks.append(section(f"{escape(metric.label, limit=80)} cannot be read: {told}"))
    return blocks


def render_nothing_to_show(name: str, number: int, target: str, reason: str) -> Message:
    """Tell the owner why a digest was not posted."""
    head = f"The digest {escape(name, limit=80)} (#{number}) was not posted to "
    return Message(f"{head}{where_words(target)}. {reason}")


def labels_of(digest: DigestView, known: Mapping[str, str]) -> list[str]:
    """Return the labels of a digest's metrics that are in ``known``, in the digest's order."""
    return [known[metric_id] for metric_id in digest.metric_ids if metric_id in known]
