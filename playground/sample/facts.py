"""The figures that people in the story speak of, read off the product's own days."""

from dataclasses import asdict, dataclass

import numpy as np

from playground.sample.series import Days, Floats, Ints

BASELINE_DAYS = 28
CHECK_DAYS = 14


@dataclass(frozen=True, slots=True)
class Facts:
    """Daily means before each launch (28 days) and, for the importer, the 14 days after.

    Teams and upgrades are a day's counts, `activation_*` percent.
    """

    importers_before: int
    importers_after: int
    importers_target: int
    activation_before: float
    activation_target: float
    upgrades_before: float
    upgrades_target: float

    def fill(self, text: str) -> str:
        """`text` with its `{names}` replaced by figures."""
        return text.format_map(asdict(self))


def read_facts(days: Days) -> Facts:
    """Baselines as anybody would state them at launch: rounded, from days before it only."""
    calendar = days.calendar
    before = _mean_before(days.importing_teams, calendar.importer)
    after = float(np.mean(days.importing_teams[calendar.importer :][:CHECK_DAYS]))
    activation = round(_mean_before(days.activation_rate, calendar.checklist), 1)
    upgrades = round(_mean_before(days.upgrades, calendar.annual), 1)
    return Facts(
        importers_before=round(before),
        importers_after=round(after),
        importers_target=round(before * 1.15),
        activation_before=activation,
        activation_target=round(activation * 1.1, 1),
        upgrades_before=upgrades,
        upgrades_target=round(max(upgrades * 1.2, upgrades + 0.2), 1),
    )


def _mean_before(values: Ints | Floats, launch: int) -> float:
    return float(np.mean(values[launch - BASELINE_DAYS : launch]))
