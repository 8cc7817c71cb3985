"""What holds for retros: templates, questions, anonymity, actions. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from bot.clock import Once, Rule
from bot.errors import BadInput, NotAllowed
from bot.slack.text import visible

OPEN_JOB, CLOSE_JOB, ACTION_JOB = "retro.open", "retro.close", "retro.action"

ACTIVE, PAUSED, REMOVED = "active", "paused", "removed"
OPEN, CLOSED = "open", "closed"
WORKED, DID_NOT, NOT_DONE = "worked", "did_not", "not_done"
ANSWERS = (WORKED, DID_NOT, NOT_DONE)
STATE_WORDS = {
    OPEN: "open",
    WORKED: "it worked",
    DID_NOT: "it did not work",
    NOT_DONE: "not done",
}

OWN = "own"
TEMPLATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "start_stop_continue": (
        "Start, stop, continue",
        ("What should we start doing?", "What should we stop doing?", "What should we continue?"),
    ),
    "four_ls": (
        "4Ls",
        ("What did you like?", "What did you learn?", "What was lacking?", "What do you long for?"),
    ),
    "mad_sad_glad": (
        "Mad, sad, glad",
        ("What made you mad?", "What made you sad?", "What made you glad?"),
    ),
    OWN: ("Own questions", ()),
}
DEFAULT_TEMPLATE = "start_stop_continue"
DEFAULT_NAME = "Retro"

NAME_CHARACTERS = 80
QUESTION_CHARACTERS = 150
MOST_QUESTIONS = 6  # more is a survey, and nobody answers it on a phone
ACTION_CHARACTERS = 300
MOST_OPEN_ACTIONS = 3  # of a series: what is promised beyond is not kept
FEWEST_FOR_ANONYMITY = 4  # below, whoever reads an answer guesses its author
STAYS_OPEN = timedelta(hours=24)
FARTHEST_DUE = timedelta(days=366)
# How far back the first retro of a channel looks: a month, as most are held no less often.
FIRST_COVERS = timedelta(days=30)
ASKED_AT = time(9, 0)
# A scheduled retro that a sleeping process missed may open the same working day.
OPEN_LATEST_MINUTES = 6 * 60
# Closing and asking are wanted however late.
CLOSE_LATEST_MINUTES = 60 * 24 * 60
NOW = "now"


def read_questions(text: str) -> list[str]:
    """Return the questions, one a line; raises ``BadInput``."""
    lines = [" ".join(line.split()) for line in visible(text).split("\n")]
    found = list(dict.fromkeys(line for line in lines if line))
    if not found:
        raise BadInput(
            field="questions", problem="There is no question.", fix="Write one on each line."
        )
    if len(found) > MOST_QUESTIONS:
        raise BadInput(
            field="questions",
            problem=f"These are {len(found)} questions; {MOST_QUESTIONS} at most get answered.",
            fix="Leave some out.",
        )
    if long := next((one for one in found if len(one) > QUESTION_CHARACTERS), ""):
        raise BadInput(
            field="questions",
            problem=f"“{long[:30]}…” is over {QUESTION_CHARACTERS} characters.",
            fix="Shorten it.",
        )
    return found


def is_now(words: str) -> bool:
    """Tell whether a schedule's words mean one retro, at once."""
    return words.strip().lower().rstrip(".!") in {"", NOW, "once", "right now", "today"}


def closing_at(opened_at: datetime) -> datetime:
    """Return when a run closes by itself: 24 hours on, at a whole minute."""
    later = opened_at.astimezone(UTC) + STAYS_OPEN
    whole = later.replace(second=0, microsecond=0)
    return whole if whole == later else whole + timedelta(minutes=1)


def once_at(at: datetime) -> Rule:
    """Return the rule, in UTC, that falls on one instant (a whole minute)."""
    at = at.astimezone(UTC)
    return Rule(at=time(at.hour, at.minute), on=Once(on=at.date()))


def mark_of(salt: str, user_id: str) -> str:
    """Return what stands for a person among those who answered one anonymous run."""
    return hmac.new(bytes.fromhex(salt), user_id.encode(), hashlib.sha256).hexdigest()


def check_open(state: str) -> None:
    """Raise ``NotAllowed`` once a run is closed."""
    if state != OPEN:
        raise NotAllowed("This retro is closed; its answers stand in its thread.")


def check_closed(state: str) -> None:
    """Raise ``NotAllowed`` while a run is open."""
    if state == OPEN:
        raise NotAllowed("Close the retro first; the answers come before the actions.")


def check_room(open_titles: Sequence[str], wanted: int) -> None:
    """Raise ``BadInput`` where a series would have more than three open actions."""
    room = MOST_OPEN_ACTIONS - len(open_titles)
    if wanted <= room:
        return
    named = "; ".join(open_titles)
    left = {0: "", 1: " There is room for one more.", 2: " There is room for two more."}[room]
    raise BadInput(
        field=f"text{room}",
        problem=f"Three open actions are what a team keeps. Still open: {named}.{left}",
        fix="Finish one first; its owner can say how it went in my App Home.",
    )


def check_due(due: date, today: date, field: str) -> None:
    """Raise ``BadInput`` for a day on which nobody can be asked (``today`` is the owner's)."""
    if due <= today:
        raise BadInput(
            field=field,
            problem=f"{due.isoformat()} is not in the future.",
            fix="Pick tomorrow or later: I ask the owner on the morning of that day.",
        )
    if due - today > FARTHEST_DUE:
        raise BadInput(
            field=field, problem="That is more than a year away.", fix="Pick a nearer day."
        )
