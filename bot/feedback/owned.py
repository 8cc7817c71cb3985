"""What can be owned here, for a hand-over: customers, and who of them is to be told."""

from sqlalchemy import true

from bot.feedback.tables import FollowUp
from bot.handover.service import Owned
from bot.workspaces.tables import Customer

OWNED = (
    Owned("customer", Customer, true()),
    Owned("follow_up", FollowUp, FollowUp.state.in_(("to_tell", "drafted"))),
)
