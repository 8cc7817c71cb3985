"""The table: every command, click, form, shortcut and event that Daybook answers, in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.general.rules import MENTIONS
from handlers import (
    alerts,
    areas,
    calendars,
    customers,
    decisions,
    digest_uses,
    digests,
    engine,
    exports,
    feedback,
    general,
    handover,
    home,
    hooks,
    imports,
    launch_announce,
    launch_crew,
    launches,
    metrics,
    privacy,
    receipts,
    retros,
    status,
    theme_answers,
    theme_pages,
    themes,
    told,
    triage,
    verdicts,
    why,
)
from handlers.boundary import HomeView, Route
from handlers.events import Matcher
from handlers.mentions import match_mentions

# One line a ritual; a new one is added here and in bootstrap, nowhere else.
RITUALS = (
    general,
    engine,
    calendars,
    handover,
    feedback,
    areas,
    customers,
    exports,
    hooks,
    imports,
    privacy,
    receipts,
    theme_answers,
    theme_pages,
    themes,
    told,
    triage,
    launches,
    launch_crew,
    launch_announce,
    verdicts,
    decisions,
    digest_uses,
    digests,
    metrics,
    alerts,
    retros,
    status,
    home,
    why,
)


@dataclass(frozen=True)
class Routes:
    """What the listeners look up."""

    commands: Mapping[str, Route]
    actions: Mapping[str, Route]
    forms: Mapping[str, Route]
    shortcuts: Mapping[str, Route]
    matchers: Mapping[str, Sequence[Matcher]]
    render_home: HomeView


def build_routes() -> Routes:
    """Collect the rituals' tables; a word or id that two of them claim is an error."""
    matchers: dict[str, list[Matcher]] = {"app_mention": [match_mentions(MENTIONS)]}
    for ritual in RITUALS:
        for kind, more in getattr(ritual, "MATCHERS", {}).items():
            matchers.setdefault(kind, []).extend(more)
    return Routes(
        commands=collect("COMMANDS", RITUALS),
        actions=collect("ACTIONS", RITUALS),
        forms=collect("FORMS", RITUALS),
        shortcuts=collect("SHORTCUTS", RITUALS),
        matchers=matchers,
        render_home=home.show_home,
    )


def collect(name: str, rituals: Sequence[object]) -> dict[str, Route]:
    """Join the rituals' tables of one name; raises ``ValueError`` when two claim the same."""
    table: dict[str, Route] = {}
    for ritual in rituals:
        for key, route in getattr(ritual, name, {}).items():
            if str(key) in table:
                raise ValueError(f"{key} is claimed twice among {name}")
            table[str(key)] = route
    return table
