"""What people see of alerts: the message, what follows in its thread, the list. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.alerts.queries import AlertView, EpisodeView, Muted
from bot.metrics.numbers import format_bare, format_bound, format_value
from bot.metrics.queries import MetricView
from bot.slack.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    date_picker,
    field_input,
    modal,
    section,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape, person, when

SHOWN = 12  # of those that began together; a phone shows no more at once
ENDINGS = {
    "back": "Back to usual",
    "stayed": "It stayed: this is what is usual now",
    "excused": "Not unusual, as people here say",
    "unwatched": "Watched no more",
}


def render_alert(alert: AlertView) -> Message:
    """The message of an alert, as it stands now."""
    text = headline(alert)
    shown = alert.episodes[:SHOWN]
    more = len(alert.episodes) - len(shown)
    # On its first day the headline says all there is of a single one.
    rows = [_line(one) for one in shown if len(shown) > 1 or _has_gone_on(one)]
    blocks = [section(f"*{text}*"), *([section("\n".join(rows))] if rows else [])]
    if more > 0:
        blocks.append(context(f"And {more} more."))
    if len(alert.episodes) > 1:
        blocks.append(
            context("They began together: look first at what they share, and at the data.")
        )
    state = _state(alert)
    return Message(
        text, [*blocks, *([context(*state)] if state else []), actions(*_buttons(alert))]
    )


def headline(alert: AlertView) -> str:
    """Say in one sentence what is not as usual."""
    first = alert.episodes[0]
    if len(alert.episodes) > 1:
        fell = "fell below" if first.side == "below" else "rose above"
        return f"{len(alert.episodes)} metrics {fell} their usual on {_day(first.first_day)}."
    label = _label(first)
    unit = first.metric.unit
    if first.kind == "bound":
        bound = format_bare(first.usual, unit)
        return f"{label} is {first.side} {bound}: {_value(first)} on {_day(first.first_day)}."
    if first.level is not None:
        level, before = format_value(first.level, unit), format_bare(first.usual, unit)
        return (
            f"{label} left its level: {level} a day over the last {first.level_days} days, "
            f"{before} before."
        )
    return f"{label} stood out on {_day(first.first_day)}: {_value(first)}, {_usual(first)}."


def _has_gone_on(one: EpisodeView) -> bool:
    return bool(one.ending) or one.last_day != one.first_day


def _line(one: EpisodeView) -> str:
    value = format_value(one.last_value, one.metric.unit)
    told = f"{_day(one.last_day)}: {value}"
    if one.ending:
        return f"{_label(one)}: {ENDINGS[one.ending]}. {told}."
    since = "" if one.first_day == one.last_day else f", since {_day(one.first_day)}"
    return f"{_label(one)} {told}, {_usual(one)}{since}."


def _usual(one: EpisodeView) -> str:
    unit = one.metric.unit
    if one.kind == "bound":
        return f"the bound is {format_bare(one.usual, unit)}"
    if one.level is not None:
        return f"{format_bare(one.usual, unit)} a day before"
    if one.low is None or one.high is None:
        return f"usually {format_bare(one.usual, unit)}"
    return f"{one.side} the usual {format_bound(one.low, unit)} to {format_bound(one.high, unit)}"


def _value(one: EpisodeView) -> str:
    return format_value(one.first_value, one.metric.unit)


def _label(one: EpisodeView) -> str:
    return escape(one.metric.label, limit=60)


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _state(alert: AlertView) -> list[str]:
    parts = []
    if alert.seen_by and alert.seen_at:
        parts.append(f"{person(alert.seen_by)} looks into it since {when(alert.seen_at)}.")
    muted = [one for one in alert.episodes if one.muted_until]
    if muted and muted[0].muted_until:
        by = person(muted[0].muted_by)
        parts.append(
            f"Muted until {_day(muted[0].muted_until)}, {muted[0].metric.timezone}, by {by}."
        )
    zones = sorted({one.metric.timezone for one in alert.episodes})
    parts.append(f"Whole days in {', '.join(zones)}.")
    if alert.closed_at:
        parts.append(f"Closed {when(alert.closed_at)}.")
    return parts


def _buttons(alert: AlertView) -> list[Block]:
    def one(text: str, action: Action, confirm: str = "") -> Block:
        return button(text, action, alert.id, confirm=confirm)

    buttons = []
    is_excused = any(episode.ending == "excused" for episode in alert.episodes)
    if not alert.seen_by and alert.closed_at is None:
        buttons.append(one("I look into it", Action.ALERT_SEEN))
    elif alert.closed_at is None:
        buttons.append(one("Leave it to others", Action.ALERT_LEAVE))
    if is_excused:
        buttons.append(one("Undo “not unusual”", Action.ALERT_UNEXCUSE))
    else:
        sure = "I will be a fifth slower to speak of this metric for a year. It can be undone."
        buttons.append(one("Not unusual", Action.ALERT_EXCUSE, sure))
    if any(episode.muted_until for episode in alert.episodes):
        buttons.append(one("Unmute", Action.ALERT_UNMUTE))
    else:
        buttons.append(one("Mute…", Action.ALERT_MUTE))
    return buttons


def render_note(alert: AlertView, metric_id: str, step: str) -> Message | None:
    """What the thread is told of a metric's new day; nothing where only time went by."""
    one = next((one for one in alert.episodes if one.metric.id == metric_id), None)
    if one is None or step not in ("worse", "back", "stayed"):
        return None
    value, day = format_value(one.last_value, one.metric.unit), _day(one.last_day)
    if step == "worse":
        return Message(f"{_label(one)} is further out: {value} on {day}, {_usual(one)}.")
    if step == "back":
        return Message(f"{_label(one)} is back to usual: {value} on {day}. I close this.")
    text = f"{_label(one)} stayed where it is for two weeks: {value} on {day}. "
    return Message(text + "This is what I take for usual now; I close this.")


def render_blind(metric: MetricView, last: date | None) -> Message:
    """Say that a metric cannot be watched, since nothing comes of it."""
    label = escape(metric.label, limit=60)
    since = f"Its last day is {_day(last)}." if last else "No day of it was ever read."
    why = escape(f"{metric.problem} {metric.fix}".strip(), limit=400)
    said = f"It cannot be read: {why}" if why else "Its source answers, but has nothing newer."
    return Message(
        f"I cannot watch {label}. {since} {said} Until it comes again, no alert does not mean that "
        "all is as usual."
    )


def render_mute(alert: AlertView, until: date) -> View:
    """Ask until when."""
    names = ", ".join(_label(one) for one in alert.episodes[:SHOWN])
    return modal(
        Form.ALERT_MUTE,
        "Mute alerts",
        [
            section(f"Until then I tell nobody of {names}. Digests show them as before."),
            field_input("until", "Until (included)", date_picker("until", chosen=str(until))),
        ],
        submit="Mute",
        state={"alert": alert.id},
    )


def render_list(alerts: Sequence[AlertView], muted: Sequence[Muted]) -> Message:
    """The alerts that are open and the metrics that are muted, each with its buttons."""
    if not alerts and not muted:
        return Message("Nothing is out of the ordinary, and nothing is muted.")
    text = f"Open alerts that you may see: {len(alerts)}"
    blocks = [section(f"*{text}*")]
    for alert in alerts[:SHOWN]:
        blocks += _listed(alert)
    for one in muted[:SHOWN]:
        label = escape(one.metric.label, limit=60)
        said = (
            f"Muted: {label}, until {_day(one.until)} ({one.metric.timezone}), by {person(one.by)}."
        )
        undo = button("Unmute", f"{Action.ALERT_UNMUTE_ONE}:{one.metric.id}", one.metric.id)
        blocks.append(section(said, accessory=undo))
    return Message(text, blocks)


def render_home_mine(alerts: Sequence[AlertView]) -> list[Block]:
    """App Home: what is out of the ordinary with this person's metrics."""
    return [block for alert in alerts for block in _listed(alert)]


def _listed(alert: AlertView) -> list[Block]:
    since = [_line(one) for one in alert.episodes[:SHOWN] if one.first_day != one.last_day]
    text = "\n".join([f"*{headline(alert)}*", *since])
    return [section(text), actions(*(_apart(one, alert.id) for one in _buttons(alert)))]


def _apart(one: Block, suffix: str) -> Block:
    return one | {"action_id": f"{one['action_id']}:{suffix}"}
