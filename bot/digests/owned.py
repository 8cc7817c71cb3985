"""What can be owned here, for a hand-over. A digest to its owner's DM is nobody else's."""

from sqlalchemy import and_

from bot.digests.tables import Digest
from bot.handover.service import Owned

OWNED = (
    Owned("digest", Digest, and_(Digest.state != "removed", Digest.target != Digest.owner_id)),
)
