"""What can be owned here, for a hand-over. A role that somebody took is theirs alone."""

from bot.handover.service import Owned
from bot.launches.tables import Launch

OWNED = (Owned("launch", Launch, Launch.stage != "retired"),)
