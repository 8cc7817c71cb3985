"""What can be owned here, for a hand-over. A role that somebody took is theirs alone."""

from sqlalchemy import select

from bot.handover.service import Owned
from bot.launches.crew_tables import MissStep
from bot.launches.tables import Bet, Launch

_bets_channel = (
    select(Bet.source_channel_id)
    .where(Bet.workspace_id == MissStep.workspace_id, Bet.id == MissStep.bet_id)
    .scalar_subquery()
)

OWNED = (
    Owned("launch", Launch, Launch.stage != "retired"),
    Owned("bet", Bet, Bet.state.in_(("open", "measured"))),
    Owned("step", MissStep, MissStep.state == "open", _bets_channel),
)
