"""Metrics in Slack: the list, the form, and what a first read gave. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.metrics.connections import Connection
from bot.metrics.numbers import format_value
from bot.metrics.queries import MetricView
from bot.slack.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    channels_select,
    context,
    field_input,
    modal,
    section,
    select,
    text_input,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape, person

LABEL_LIMIT = 75
LISTED = 20  # two blocks each, of the 50 that a message takes
SHORT, LONG = 60, 200
PROBLEM_LIMIT = 2_000  # a file that is all wrong is no screen full

_HINTS = {
    "event": ("Event", "Its name in PostHog: counted for each day."),
    "date": ("Column of the day", "As its header is written."),
    "value": ("Column of the value", "As its header is written."),
}


@dataclass(frozen=True)
class Offer:
    """A source that somebody may use here: its named queries, and what may be typed."""

    name: str
    queries: tuple[str, ...]
    typed: tuple[str, ...]
    audience: str = ""  # the channel whose readers alone may see what comes of it


def offer_of(name: str, source: Connection) -> Offer:
    """Return what a declared source offers in Slack."""
    audience = "" if source.slack == "members" else source.slack
    return Offer(name, tuple(source.named()), source.typed, audience)


@dataclass(frozen=True)
class MetricDraft:
    """What stands in the form, by setting; ``metric_id`` is that of a metric being changed."""

    values: Mapping[str, str] = field(default_factory=dict)
    metric_id: str = ""


def render_metric_form(draft: MetricDraft, offers: Sequence[Offer]) -> View:
    """The form. It is drawn again when the source changes, with what was typed."""
    if not offers:
        return modal(Form.METRIC, "New metric", [section(_NO_OFFER)])
    chosen = draft.values.get("source", "")
    offer = next((one for one in offers if one.name == chosen), offers[0])
    blocks = [
        _text(draft, "label", "Name", limit=LABEL_LIMIT, placeholder="Teams that imported"),
        _source(offers, offer),
        *_asked(draft, offer),
        _text(draft, "unit", "Counted in", optional=True, placeholder="teams, EUR, EUR cents or %"),
        _menu(draft, "good", "Good is", [("More", "up"), ("Less", "down")]),
        _text(draft, "target", "Target", optional=True),
        _text(draft, "timezone", "Days end at midnight in", placeholder="Europe/Berlin"),
        _text(draft, "ready_after", "Yesterday is complete at", placeholder="06:00", optional=True),
        _menu(
            draft,
            "missing",
            "A day without a row is",
            [("Missing, and said to be", "gap"), ("Zero", "zero")],
        ),
        _audience(draft, offer),
        _menu(
            draft,
            "alerts",
            "Between digests, when it is unusual",
            [("Tell nobody", "none"), ("Tell its owner", "owner")],
        ),
    ]
    title = "Edit metric" if draft.metric_id else "New metric"
    state = {"metric": draft.metric_id} if draft.metric_id else None
    return modal(Form.METRIC, title, blocks, submit="Save", state=state)


_NO_OFFER = (
    "No source may be used in Slack yet. Whoever runs Daybook can write `slack: members` at a "
    "source of the metrics file; what it offers then stands here."
)


def _source(offers: Sequence[Offer], chosen: Offer) -> Block:
    options = [(one.name, one.name) for one in offers]
    menu = select(Action.METRIC_SOURCE, options, chosen=chosen.name)
    return field_input("source", "From", menu, dispatch=True)


def _asked(draft: MetricDraft, offer: Offer) -> list[Block]:
    blocks = []
    if offer.queries:
        options = [(name, name) for name in offer.queries]
        # The id changes with the source: Slack would keep a choice that is no longer offered.
        menu = select(f"query:{offer.name}", options, chosen=draft.values.get("query", ""))
        blocks.append(field_input("query", "Query", menu, optional=bool(offer.typed)))
    for key in offer.typed:
        if key == "count":
            options = [("Events", "events"), ("People", "people")]
            blocks.append(_menu(draft, "count", "Count", options))
        else:
            label, hint = _HINTS[key]
            is_optional = bool(offer.queries)
            blocks.append(_text(draft, key, label, hint=hint, limit=LONG, optional=is_optional))
    return blocks


def _text(
    draft: MetricDraft,
    key: str,
    label: str,
    *,
    limit: int = SHORT,
    hint: str = "",
    placeholder: str = "",
    optional: bool = False,
) -> Block:
    initial = draft.values.get(key, "")
    field_ = text_input(key, initial=initial, placeholder=placeholder, limit=limit)
    return field_input(key, label, field_, optional=optional, hint=hint)


def _menu(draft: MetricDraft, key: str, label: str, options: list[tuple[str, str]]) -> Block:
    chosen = draft.values.get(key) or options[0][1]
    return field_input(key, label, select(key, options, chosen=chosen))


def _audience(draft: MetricDraft, offer: Offer) -> Block:
    if offer.audience:
        return context(f"Only who reads <#{offer.audience}> will see it: so its source says.")
    picker = channels_select("audience", chosen=draft.values.get("audience", ""))
    picker["filter"] = {"include": ["public", "private"], "exclude_bot_users": True}
    hint = "Empty: all members. Guests never see it."
    return field_input("audience", "Only for who reads", picker, optional=True, hint=hint)


def render_metric_list(
    metrics: Sequence[MetricView],
    changeable: frozenset[str],
    latest: Mapping[str, tuple[date, float]],
    *,
    words: str = "",
    note: str = "",
    undo: str = "",
    problems: str = "",
) -> Message:
    """Every metric that the asker may see. ``undo`` is the id of one that was just retired.

    ``words`` are what was looked for, ``problems`` what is wrong with the metrics file.
    """
    blocks: list[Block] = [section(f"*{escape(note)}*")] if note else []
    blocks += [section(escape(problems, limit=PROBLEM_LIMIT))] if problems else []
    if undo:
        blocks.append(actions(button("Bring it back", Action.METRIC_RESTORE, undo)))
    for metric in metrics[:LISTED]:
        row = actions(*_buttons(metric, metric.id in changeable))
        blocks += [section(_line(metric, latest.get(metric.id))), row]
    if len(metrics) > LISTED:
        more = f"And {len(metrics) - LISTED} more: "
        blocks.append(context(more + "`/daybook metrics` and a word of a name finds them."))
    if words and not metrics:
        called = escape(words, limit=80)
        blocks.append(section(f"There is no metric with “{called}” in its name that you may see."))
    blocks.append(actions(button("New metric", Action.METRIC_NEW)))
    return Message(note or f"Metrics you can see: {len(metrics)}", blocks)


def file_words(problems: Sequence[str], *, is_admin: bool) -> str:
    """Say what is wrong with the metrics file; its names may be of metrics that few may see."""
    if not problems:
        return ""
    if not is_admin:
        return "The metrics file needs a hand; an admin sees here why."
    return "\n".join(["The metrics file needs a hand:", *problems])


def render_file_problems(problems: Sequence[str]) -> list[Block]:
    """App Home of an admin: the metrics file that was not taken over."""
    said = file_words(problems, is_admin=True)
    return [section(escape(said, limit=PROBLEM_LIMIT))] if said else []


def _line(metric: MetricView, latest: tuple[date, float] | None) -> str:
    head = f"*{escape(metric.label, limit=80)}* from {escape(metric.source, limit=60)}"
    if metric.problem:
        told = escape(f"{metric.problem} {metric.fix}".strip(), limit=300)
        return f"{head}\nCannot be read: {told}"
    if latest is None:
        return f"{head}\nNot read yet." if metric.read_at is None else f"{head}\nNo day yet."
    day, value = latest
    owner = f" · {person(metric.owner_id)}" if metric.owner_id else ""
    is_late = metric.read_through is not None and day < metric.read_through
    late = "; nothing newer yet" if is_late else ""
    shown = format_value(value, metric.unit)
    return f"{head}\n{shown} on {day:%a} {day.day} {day:%b}{late}{owner}"


def _buttons(metric: MetricView, may_change: bool) -> list[Block]:
    buttons = [
        button("About", f"{Action.DIGEST_EXPLAIN}:{metric.name}", metric.id),
        button("Read now", f"{Action.METRIC_READ}:{metric.name}", metric.id),
    ]
    if may_change:
        confirm = "It is read no more. What was read stays, and it can be brought back."
        buttons += [
            button("Edit", f"{Action.METRIC_EDIT}:{metric.name}", metric.id),
            button("Retire", f"{Action.METRIC_RETIRE}:{metric.name}", metric.id, confirm=confirm),
        ]
    return buttons


def render_saved(label: str) -> View:
    """Say that a metric was saved and is being read."""
    text = f"*{escape(label, limit=80)}* is saved. I read it now and tell you what came of it."
    return modal(Form.METRIC_DONE, "Metric", [section(text)])


def render_first_read(metric: MetricView, newest: tuple[date, float] | None, days: int) -> Message:
    """Tell whoever asked what a read gave: the newest value, or the problem and the fix."""
    label = escape(metric.label, limit=80)
    if metric.problem:
        told = escape(f"{metric.problem} {metric.fix}".strip(), limit=400)
        return Message(f"{label} cannot be read: {told}")
    if newest is None:
        return Message(
            f"{label}: the source answers, but has no day yet. Check its days: they are local "
            f"dates of {metric.timezone}."
        )
    day, value = newest
    shown = format_value(value, metric.unit)
    is_late = metric.read_through is not None and day < metric.read_through
    late = " There is nothing newer yet." if is_late else ""
    return Message(f"{label} on {day:%A} {day.day} {day:%b}: {shown}. Days read: {days}.{late}")
