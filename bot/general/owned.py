"""Everything that a person can own, of all rituals: what a hand-over moves."""

from bot.bets.owned import OWNED as BETS
from bot.decisions.owned import OWNED as DECISIONS
from bot.digests.owned import OWNED as DIGESTS
from bot.feedback.owned import OWNED as CUSTOMERS
from bot.launches.owned import OWNED as LAUNCHES
from bot.metrics.owned import OWNED as METRICS
from bot.retros.owned import OWNED as RETROS

OWNED = (*DIGESTS, *LAUNCHES, *BETS, *DECISIONS, *RETROS, *METRICS, *CUSTOMERS)
