"""Pure decisions about decisions: what may change when, which dates hold, what is alike."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from bot.ai.lexical import stems
from bot.errors import BadInput

PROPOSED, ACCEPTED, SUPERSEDED, RETIRED = "proposed", "accepted", "superseded", "retired"
STATUSES = (PROPOSED, ACCEPTED, SUPERSEDED, RETIRED)
# What still counts: everything else is history.
CURRENT = (PROPOSED, ACCEPTED)
SIDES = ("above", "below")
# How sure: in percent, as with bets; the model only says it in three words.
CONFIDENCES = (50, 60, 70, 80, 90, 95)
SPOKEN_CONFIDENCE = {"low": 50, "medium": 70, "high": 90}
# "Extend": a quarter, after which a team has new facts.
EXTENSION = timedelta(days=90)
# A list of options; more is a document, not a decision.
MOST_OPTIONS = 10
OPTION_CHARACTERS = 300
TITLE_CHARACTERS = 150
# Share of telling words in common from which a past decision is worth a look while typing.
ALIKE = 0.34
BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


def check_revisit(on: date | None, *, today: date, field: str = "revisit") -> None:
    """Raise ``BadInput`` for a date on which nobody can be asked any more."""
    if on is not None and on <= today:
        raise BadInput(
            field=field,
            problem="That date is not ahead of us.",
            fix="Pick a later one, or leave it empty.",
        )


def check_editable(status: str) -> None:
    """Raise ``BadInput`` unless the decision's words may still change."""
    if status != PROPOSED:
        raise BadInput(
            field="decision",
            problem=f"This decision is {status}, so its words stay as they are.",
            fix="Supersede it by a new one instead.",
        )


def check_current(status: str, doing: str) -> None:
    """Raise ``BadInput`` when the decision is history already."""
    if status not in CURRENT:
        raise BadInput(
            field="decision",
            problem=f"This decision is {status} already, so it cannot be {doing}.",
        )


def read_options(text: str) -> list[str]:
    """Return the options typed one a line, without bullets, repeats and empty lines.

    Raises ``BadInput`` for more, or longer ones, than are kept.
    """
    lines = (BULLET.sub("", line).strip() for line in text.splitlines())
    found = list(dict.fromkeys(line for line in lines if line))
    if len(found) > MOST_OPTIONS:
        said = f"These are {len(found)} options; {MOST_OPTIONS} at most are kept."
        raise BadInput(field="options", problem=said, fix="Leave some out.")
    if long := next((one for one in found if len(one) > OPTION_CHARACTERS), ""):
        said = f"“{long[:30]}…” is over {OPTION_CHARACTERS} characters."
        raise BadInput(field="options", problem=said, fix="Shorten it.")
    return found


def read_bound(text: str, *, field: str = "bound") -> float:
    """Return the number typed as a tripwire's bound; raises ``BadInput``."""
    cleaned = text.strip().replace("\u202f", "").replace(" ", "").rstrip("%")
    if "," in cleaned and "." not in cleaned and re.fullmatch(r"-?\d+,\d{1,2}", cleaned):
        cleaned = cleaned.replace(",", ".")
    cleaned = cleaned.replace(",", "")
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", cleaned):
        raise BadInput(
            field=field, problem="That is not a number.", fix="Use digits, e.g. 320 or 1.5."
        )
    return float(cleaned)


def title_stems(title: str) -> frozenset[str]:
    """Return the telling words of a title, without endings."""
    return frozenset(stems(title))


def alike(wanted: frozenset[str], title: frozenset[str], choice: frozenset[str]) -> float:
    """Return how much of ``wanted`` a past title (or choice) has, 0 when it is not worth a look."""

    def overlap(other: frozenset[str]) -> float:
        return len(wanted & other) / min(len(wanted), len(other)) if wanted and other else 0.0

    # Half of the words of the shorter; one word in common is chance unless it is all there is.
    shared = len(wanted & (title | choice))
    best = max(overlap(title), 0.8 * overlap(choice))
    is_chance = shared < 2 and min(len(wanted), len(title)) > 2
    return 0.0 if is_chance or best < ALIKE else best


def ids_but(ids: Sequence[str], *without: str) -> list[str]:
    """Return ``ids`` once each, in order, without some."""
    return [i for i in dict.fromkeys(ids) if i and i not in without]
