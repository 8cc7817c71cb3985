"""What can be owned here, for a hand-over."""

from bot.handover.service import Owned
from bot.launches.tables import Bet, Launch

OWNED = (
    Owned("launch", Launch, Launch.stage != "retired"),
    Owned("bet", Bet, Bet.state.in_(("open", "measured"))),
)
