"""What can be owned here, for a hand-over."""

from bot.decisions.rules import CURRENT
from bot.decisions.tables import Decision
from bot.handover.service import Owned

OWNED = (Owned("decision", Decision, Decision.status.in_(CURRENT)),)
