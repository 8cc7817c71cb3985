"""The Asker: for whom something is read, and the one filter over team content."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from bot.workspaces.tables import Channel


@dataclass(frozen=True)
class Asker:
    """A person, or a target channel's audience, with what they may see.

    ``sees_public`` holds for full members and for channels that only full members read;
    ``channel_ids`` are the further channels whose content they may see. Unknown means no.
    """

    workspace_id: str
    user_id: str = ""  # empty for a channel's audience
    channel_id: str = ""  # the channel asked from, or the target channel
    sees_public: bool = False
    channel_ids: frozenset[str] = field(default_factory=frozenset)
    timezone: str = "UTC"
    is_guest: bool = False
    is_outsider: bool = False
    is_admin: bool = False

    @property
    def is_member(self) -> bool:
        """A full member of the workspace: may log, decide, launch and vote."""
        return bool(self.user_id) and not (self.is_guest or self.is_outsider)

    def sees(self, source: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Build the filter for rows whose source channel is ``source`` (None: the workspace's)."""
        if self.is_outsider:
            return false()
        own = _is_among(source, self.channel_ids)
        if not self.sees_public:
            return own
        return or_(own, _is_for_all(self.workspace_id, source))

    def owns(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Build the filter for rows that this person made: always theirs to see."""
        return column == self.user_id if self.user_id and not self.is_outsider else false()


# The same for all who see public channels: to build it anew takes longer than to ask.
@lru_cache(maxsize=256)
def _is_for_all(workspace_id: str, source: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    public = and_(Channel.workspace_id == workspace_id, Channel.is_private.is_(False))
    return or_(source.in_(select(Channel.id).where(public)), source.is_(None))


def _is_among(source: InstrumentedAttribute[Any], ids: frozenset[str]) -> ColumnElement[bool]:
    if len(ids) == 1:  # as for every channel's audience: quicker to build than a list
        return source == next(iter(ids))
    return source.in_(sorted(ids))
