"""Do the sample's three launches end as they should? Their true effects are known.

Each seed draws the sample's product numbers anew, and each launch is measured on its check date by
what measures a team's own: ``bot.launches.measurement``. Wrong is a word that its truth forbids.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from benchmarks.table import Row
from bot.bets.measurement import History, Span, measure_change
from playground.sample.facts import read_facts
from playground.sample.series import Days, Floats, Ints, simulate
from playground.sample.story.importer import IMPORTER
from playground.sample.story.launches import ANNUAL_OFFER, CHECKLIST
from playground.sample.timeline import Day, Timeline

SEEDS = 50
QUICK_SEEDS = 5
FIRST_DAY = date(2026, 1, 5)
EVERY_DAYS = 7  # each seed begins another week, so that all seasons and holidays are met
ALLOWED_SHARE = 1 / 40  # called beyond a target that was not reached

ONE_DAY = timedelta(days=1)
Values = Ints | Floats

# What the truth (+25 %, nothing, +10 % of one a day) allows to be said.
MOVED = frozenset({"beyond_target", "moved"})
NOT_MOVED = frozenset({"within_noise", "below_target"})
CANNOT_BE_TOLD = frozenset({"within_noise", "too_little_history"})
ALLOWED = {IMPORTER: MOVED, CHECKLIST: NOT_MOVED, ANNUAL_OFFER: CANNOT_BE_TOLD}
TRULY_BEYOND = frozenset({IMPORTER})


@dataclass(frozen=True)
class Ended:
    """How one launch ended under one seed."""

    launch: str
    evidence: str

    @property
    def is_wrong(self) -> bool:
        """Whether the truth forbids what was said."""
        return self.evidence not in ALLOWED[self.launch]

    @property
    def is_false_beyond(self) -> bool:
        """Whether it was called beyond a target that it did not truly reach."""
        return self.evidence == "beyond_target" and self.launch not in TRULY_BEYOND


def end_launches(seed: int, today: date) -> list[Ended]:
    """Measure the three launches of the sample on their check dates."""
    days, line = simulate(seed, today), Timeline(today)
    facts = read_facts(days)
    # The annual offer went live in the afternoon, so its first day is mixed and left out.
    annual = Span(line.annual_live, line.annual_live + ONE_DAY, line.on(Day(-25)) - ONE_DAY)
    bets: tuple[tuple[str, Values, float, Span], ...] = (
        (
            IMPORTER,
            days.importing_teams,
            facts.importers_target,
            _span(line.importer_live, line.on(Day(4))),
        ),
        (
            CHECKLIST,
            days.activation_rate,
            facts.activation_target,
            _span(line.checklist_live, line.on(Day(0))),
        ),
        (ANNUAL_OFFER, days.upgrades, facts.upgrades_target, annual),
    )
    return [
        Ended(name, _evidence(days, values, target, span)) for name, values, target, span in bets
    ]


def _span(live: date, check: date) -> Span:
    return Span(live, live, check - ONE_DAY)


def _evidence(days: Days, values: Values, target: float, span: Span) -> str:
    dates = np.array(days.calendar.days, dtype="datetime64[D]")
    history = History(dates, np.asarray(values, dtype=np.float64))
    return measure_change(history, span, target, "up").kind


def run(*, quick: bool) -> list[Row]:
    """Count what was said of each launch, and what was wrong."""
    seeds = QUICK_SEEDS if quick else SEEDS
    ended = [
        one
        for seed in range(1, seeds + 1)
        for one in end_launches(seed, FIRST_DAY + timedelta(days=EVERY_DAYS * seed))
    ]
    return [*(_row(name, ended) for name in ALLOWED), _false_beyond(ended, is_quick=quick)]


def _row(name: str, ended: list[Ended]) -> Row:
    own = [one for one in ended if one.launch == name]
    counts = Counter(one.evidence for one in own)
    said = ", ".join(f"{count} {word}" for word, count in counts.most_common())
    wrong = sum(one.is_wrong for one in own)
    return Row(f"{name} ({len(own)} seeds)", f"{said}; wrong {wrong}")


def _false_beyond(ended: list[Ended], *, is_quick: bool) -> Row:
    open_to_it = [one for one in ended if one.launch not in TRULY_BEYOND]
    false = sum(one.is_false_beyond for one in open_to_it)
    is_met = None if is_quick else false <= ALLOWED_SHARE * len(open_to_it)
    target = f"<= 1 in {round(1 / ALLOWED_SHARE)}"
    measured = f"{false} of {len(open_to_it)}"
    return Row("beyond target, and was not", measured, target=target, is_met=is_met)
