"""What can be owned here, for a hand-over: bets that wait, and what misses asked for."""

from sqlalchemy import select

from bot.bets.tables import Bet, MissStep
from bot.handover.service import Owned

_bets_channel = (
    select(Bet.source_channel_id)
    .where(Bet.workspace_id == MissStep.workspace_id, Bet.id == MissStep.bet_id)
    .scalar_subquery()
)

OWNED = (
    Owned("bet", Bet, Bet.state.in_(("open", "measured"))),
    Owned("step", MissStep, MissStep.state == "open", _bets_channel),
)
