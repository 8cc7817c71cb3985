"""What can be owned here, for a hand-over: customers, who of them is to be told, refusals."""

from sqlalchemy import true

from bot.feedback.tables import FollowUp, Refusal
from bot.handover.service import Owned
from bot.workspaces.tables import Customer

OWNED = (
    Owned("customer", Customer, true()),
    Owned("follow_up", FollowUp, FollowUp.state.in_(("to_tell", "drafted"))),
    Owned("refusal", Refusal, Refusal.state == "standing"),
)
