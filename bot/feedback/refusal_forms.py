"""The forms of an honest no and of a question to askers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.errors import BadInput
from bot.feedback.refusal_records import CUSTOMERS, DATE, METRIC
from bot.feedback.refusing import Condition
from bot.slack.blocks import (
    Block,
    View,
    context,
    date_picker,
    field_input,
    modal,
    section,
    select,
    text_input,
)
from bot.slack.ids import Action, Form

REASON, WHEN, COUNT, DAY, METRIC_FIELD, SIDE, BOUND, DAYS = (
    "reason", "when", "count", "day", "metric", "side", "bound", "days",
)  # fmt: skip
NEVER = "never"
REASON_CHARACTERS = 600
QUESTION_CHARACTERS = 400
CONDITIONS = (
    ("Never by itself", NEVER),
    ("When enough customers ask for it", CUSTOMERS),
    ("On a date", DATE),
    ("When a metric stays beyond a bound", METRIC),
)
MOST_DAYS = 30
MOST_CUSTOMERS = 100_000


@dataclass(frozen=True)
class Declining:
    """What stands in the form; ``name`` is the theme's in words, escaped."""

    theme_id: str
    name: str
    customers: int  # who ask for it now
    page_id: str = ""
    condition: str = NEVER
    reason: str = ""


def render_decline_form(draft: Declining, metrics: Sequence[tuple[str, str]]) -> View:
    """The no with its reason, and what would make it a question again.

    Drawn again when another condition is chosen; ``metrics`` are (label, id).
    """
    reason = text_input(
        REASON, initial=draft.reason, multiline=True, limit=REASON_CHARACTERS,
        placeholder="e.g. We keep the export simple, and the API covers this",
    )  # fmt: skip
    offered = [one for one in CONDITIONS if metrics or one[1] != METRIC]
    menu = select(Action.THEME_CONDITION, offered, chosen=draft.condition)
    blocks = [
        section(f"Decline *{draft.name}*?"),
        field_input(
            REASON, "Why not?", reason, hint="Customers read it in the drafts, as you write it."
        ),
        field_input(WHEN, "It opens again", menu, dispatch=True),
        *_fields(draft, metrics),
        context(
            "Whoever looks after those who asked gets a draft for each; nothing is sent by itself. "
            "You can open it again at any time."
        ),
    ]
    state = {
        "theme": draft.theme_id, "page": draft.page_id, "name": draft.name,
        "customers": draft.customers,
    }  # fmt: skip
    return modal(Form.THEME_DECLINE, "Decline theme", blocks, submit="Decline", state=state)


def _fields(draft: Declining, metrics: Sequence[tuple[str, str]]) -> list[Block]:
    if draft.condition == CUSTOMERS:
        field = text_input(COUNT, placeholder=str(draft.customers + 5), limit=6)
        hint = f"{draft.customers} ask for it now."
        return [field_input(COUNT, "How many customers?", field, hint=hint)]
    if draft.condition == DATE:
        return [field_input(DAY, "On which day?", date_picker(DAY))]
    if draft.condition == METRIC:
        sides = select(SIDE, [("Above", "above"), ("Below", "below")], chosen="above")
        return [
            field_input(METRIC_FIELD, "Metric", select(METRIC_FIELD, metrics)),
            field_input(SIDE, "Stays", sides),
            field_input(BOUND, "This figure", text_input(BOUND, placeholder="250", limit=20)),
            field_input(DAYS, "For how many days running?", text_input(DAYS, initial="7", limit=2)),
        ]
    return []


def read_condition(values: Mapping[str, str], *, customers: int, today: date) -> Condition:
    """Read the condition; ``customers`` ask for it now. Raises ``BadInput`` for its field."""
    kind = values.get(WHEN, NEVER)
    if kind == CUSTOMERS:
        return Condition(CUSTOMERS, customers=_count(values.get(COUNT, ""), customers))
    if kind == DATE:
        return Condition(DATE, on_date=_day(values.get(DAY, ""), today))
    if kind == METRIC:
        return Condition(
            METRIC,
            metric_id=values.get(METRIC_FIELD, ""),
            side="below" if values.get(SIDE) == "below" else "above",
            bound=_bound(values.get(BOUND, "")),
            days=_whole(values.get(DAYS, ""), DAYS, 1, MOST_DAYS),
        )
    return Condition()


def _count(text: str, now: int) -> int:
    count = _whole(text, COUNT, 1, MOST_CUSTOMERS)
    if count <= now:
        problem = f"{now} customers ask for it already, so it would open at once."
        raise BadInput(field=COUNT, problem=problem, fix=f"Use {now + 1} or more.")
    return count


def _whole(text: str, field: str, least: int, most: int) -> int:
    text = text.strip()
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadInput(
            field=field, problem="That is not a whole number.", fix=f"Use {least} to {most:,}."
        )
    return int(text)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(field=DAY, problem="Pick a day.") from error
    if day <= today:
        raise BadInput(field=DAY, problem="That day is over.", fix="Pick a later one.")
    return day


def _bound(text: str) -> float:
    try:
        bound = float(text.strip().replace(",", ""))
    except ValueError as error:
        raise BadInput(field=BOUND, problem="That is not a number.", fix="e.g. 250") from error
    if not abs(bound) < 1e15:
        raise BadInput(field=BOUND, problem="That number is too large.")
    return bound


def render_ask_form(theme_id: str, name: str, customers: int, *, page_id: str) -> View:
    """The question to all who asked for a theme; ``name`` is escaped."""
    field = text_input(
        "question", multiline=True, limit=QUESTION_CHARACTERS,
        placeholder="e.g. Which columns do you need every week?",
    )  # fmt: skip
    people = "one" if customers == 1 else str(customers)
    return modal(
        Form.THEME_ASK,
        "Ask those who asked",
        [
            section(f"*{name}*: {people} asked for it."),
            field_input("question", "What do you want to know?", field),
            context(
                "Whoever looks after them gets a draft for each, with their own words in it, and "
                "sends it. I post nothing to customers."
            ),
        ],
        submit="Draft it",
        state={"theme": theme_id, "page": page_id},
    )
