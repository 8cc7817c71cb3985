"""What a process looks out for among Slack's events, in memory."""

from dataclasses import dataclass, field


@dataclass
class Watch:
    """Kept in memory and refreshed when settings change, so that matching reads no database."""

    emoji: frozenset[str] = frozenset()
    capture_all: set[str] = field(default_factory=set)  # ids of channels that log every message
    bot_users: set[str] = field(default_factory=set)

    def set_capture(self, channel_id: str, *, all_messages: bool) -> None:
        """Follow a change of a channel's settings in this process."""
        (self.capture_all.add if all_messages else self.capture_all.discard)(channel_id)
