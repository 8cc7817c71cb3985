"""Three weeks at Tallywren as one ordered script, ready to be played through Slack and the bot."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from playground.sample.acts import Act, Launch, MoveMetric, Say
from playground.sample.facts import Facts
from playground.sample.story.company import COMPANY_LIFE
from playground.sample.story.engineering import ENGINEERING
from playground.sample.story.importer import IMPORTER, IMPORTER_STORY
from playground.sample.story.launches import ANNUAL_OFFER, CHECKLIST, OTHER_LAUNCHES
from playground.sample.story.open_quotes import OPEN_QUOTES
from playground.sample.story.shipped_quotes import SHIPPED_QUOTES
from playground.sample.timeline import Timeline

ACTS: tuple[Act, ...] = (
    COMPANY_LIFE + SHIPPED_QUOTES + OPEN_QUOTES + ENGINEERING + IMPORTER_STORY + OTHER_LAUNCHES
)


@dataclass(frozen=True, slots=True)
class Scripted:
    """One act at one instant (aware UTC), its figures filled in."""

    at: datetime
    act: Act


def write_history(today: date, facts: Facts) -> tuple[Scripted, ...]:
    """All acts in the order of time; `today` is `timeline.story_today(now)`.

    Every instant lies before `today` 09:00 in Berlin. Dates inside an act (`check`, `revisit`,
    `due`) are resolved with `Timeline(today).on(day)`.
    """
    line = Timeline(today)
    script = [Scripted(line.instant(act.at), _filled(act, facts)) for act in ACTS]
    return tuple(sorted(script, key=lambda scripted: scripted.at))


def _filled(act: Act, facts: Facts) -> Act:
    if isinstance(act, Say):
        return replace(act, text=facts.fill(act.text))
    if isinstance(act, Launch) and isinstance(act.bet, MoveMetric):
        baseline, target = _expected(act.key, facts)
        return replace(act, bet=replace(act.bet, baseline=baseline, target=target))
    return act


def _expected(launch: str, facts: Facts) -> tuple[float, float]:
    """Baseline and target of a launch's bet, in the metric's own unit."""
    return {
        IMPORTER: (float(facts.importers_before), float(facts.importers_target)),
        CHECKLIST: (facts.activation_before, facts.activation_target),
        ANNUAL_OFFER: (facts.upgrades_before, facts.upgrades_target),
    }[launch]
