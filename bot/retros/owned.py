"""What can be owned here, for a hand-over."""

from bot.handover.service import Owned
from bot.retros import rules
from bot.retros.tables import RetroAction, RetroSeries

OWNED = (
    Owned("retro", RetroSeries, RetroSeries.state != rules.REMOVED),
    Owned("action", RetroAction, RetroAction.state == rules.OPEN),
)
