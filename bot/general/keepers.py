"""Everything that a bet can be on, by the kind that its rows name."""

from collections.abc import Mapping

from bot.bets.keeping import Keeper
from bot.decisions.keeping import DecisionKeeper
from bot.launches.keeping import LaunchKeeper

KEEPERS: Mapping[str, Keeper] = {"launch": LaunchKeeper(), "decision": DecisionKeeper()}
