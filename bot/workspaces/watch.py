"""What a process looks out for among Slack's events, in memory."""

from dataclasses import dataclass, field


@dataclass
class Watch:
    """Kept in memory and refreshed when settings change, so that matching reads no database."""

    emoji: frozenset[str] = frozenset()
    capture_all: set[str] = field(default_factory=set)  # ids of channels that log every message
    bot_users: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)  # ids of people whose status says so

    def set_capture(self, channel_id: str, *, all_messages: bool) -> None:
        """Follow a change of a channel's settings in this process."""
        (self.capture_all.add if all_messages else self.capture_all.discard)(channel_id)

    def follow_away(self, user_id: str, *, is_away: bool) -> bool:
        """Follow a person's status in this process; False when they are at work as before."""
        if is_away:
            self.away.add(user_id)
            return True
        was_away = user_id in self.away
        self.away.discard(user_id)
        return was_away
