"""How fast Slack may be asked, for one workspace: token buckets, and pauses that Slack asked for.

Pure: time is passed in. Limits as Slack publishes them (docs.slack.dev, "Rate limits"): tiers of
20, 50 and 100 calls a minute for a method and workspace; a message a second in a channel, with
short bursts; a ceiling for a workspace's messages, which Slack calls "several hundred a minute".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

POST = "chat.postMessage"


class Limit(NamedTuple):
    """So many calls a second in the long run, and so many at once after a rest."""

    a_second: float
    burst: float


# A burst of a tier is half of its minute: the rest of the minute then goes at the tier's pace.
TIER_2, TIER_3, TIER_4 = Limit(20 / 60, 10), Limit(50 / 60, 25), Limit(100 / 60, 50)
METHODS: Mapping[str, Limit] = {
    POST: Limit(5.0, 10),
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "reactions.add": TIER_3,
    "reactions.remove": TIER_2,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "users.conversations": TIER_3,
    "users.info": TIER_4,
    "views.publish": TIER_4,
}
CHANNEL = Limit(1.0, 3)
# Tokens of a method that are kept for what is more urgent: answers to people may take them all.
KEPT_FOR_ANSWERS, KEPT_FOR_ORDINARY = 2, 5
# How far ahead a turn is given: what pauses and cancels later changes the line anyway.
LINE = timedelta(seconds=60)
# So many channels are remembered for a workspace before those at rest are forgotten.
CHANNELS_KEPT = 2_000


@dataclass
class Bucket:
    """Tokens that come back with time."""

    limit: Limit
    tokens: float
    at: datetime
    line: datetime  # until when turns were given away

    @classmethod
    def full(cls, limit: Limit, now: datetime) -> "Bucket":
        """Return a bucket after a rest."""
        return cls(limit, limit.burst, now, now)

    def refill(self, now: datetime) -> None:
        """Put in what came back; time that seems to go backwards brings nothing."""
        if now > self.at:
            came = (now - self.at).total_seconds() * self.limit.a_second
            self.tokens, self.at = min(self.limit.burst, self.tokens + came), now

    def free_at(self, now: datetime, kept: float = 0) -> datetime:
        """Return when a token may be taken that leaves ``kept`` for others."""
        self.refill(now)
        # A kept share above the burst would never be there to keep.
        missing = 1 + min(kept, self.limit.burst - 1) - self.tokens
        # A microsecond is what a datetime can tell apart.
        return now if missing <= 1e-6 else now + _wait(missing / self.limit.a_second)

    def give_turn(self, now: datetime, kept: float) -> datetime:
        """Return when the next of a line may come; each has its own turn."""
        turn = min(max(self.free_at(now, kept), self.line), now + LINE)
        self.line = turn + _wait(1 / self.limit.a_second)
        return turn


class Pace:
    """The buckets and pauses of one workspace.

    ``is_limited`` False leaves the buckets out and keeps only to what Slack said.
    """

    def __init__(self, *, is_limited: bool = True) -> None:
        self._is_limited = is_limited
        self._methods: dict[str, Bucket] = {}
        self._channels: dict[str, Bucket] = {}
        self._paused_methods: dict[str, datetime] = {}
        self._paused_channels: dict[str, datetime] = {}

    def take(self, method: str, channel: str, now: datetime, kept: float = 0) -> datetime | None:
        """Take a turn now and return None, or return when to come again."""
        paused = self.paused_until(method, channel, now)
        if paused:
            return paused
        if not self._is_limited:
            return None
        of_method, of_channel = self._method(method, now), self._channel(method, channel, now)
        # A channel's line is kept in the order of its messages, so nobody needs a turn there.
        if of_channel and (at := of_channel.free_at(now)) > now:
            return at
        if of_method and of_method.free_at(now, kept) > now:
            return of_method.give_turn(now, kept) if kept else of_method.free_at(now)
        for bucket in (of_method, of_channel):
            if bucket:
                bucket.tokens -= 1
        return None

    def pause(self, method: str, channel: str, now: datetime, seconds: float) -> None:
        """Note that Slack asked to wait.

        Slack does not say which of its limits was met by a post. It is taken for the channel's,
        until a second channel is refused meanwhile: then it is the workspace's.
        """
        until = now + timedelta(seconds=seconds)
        if method == POST and channel:
            others = any(at > now for c, at in self._paused_channels.items() if c != channel)
            self._paused_channels[channel] = max(until, self._paused_channels.get(channel, until))
            if not others:
                return
        self._paused_methods[method] = max(until, self._paused_methods.get(method, until))

    def charge(self, method: str, channel: str, now: datetime) -> None:
        """Take a token for what cannot wait, there or not; the others wait so much longer."""
        if not self._is_limited:
            return
        for bucket in (self._method(method, now), self._channel(method, channel, now)):
            if bucket:
                bucket.refill(now)
                bucket.tokens = max(bucket.tokens - 1, -bucket.limit.burst)

    def paused_until(self, method: str, channel: str, now: datetime) -> datetime | None:
        """Return until when Slack asked to wait; None when it did not."""
        found = [self._paused_methods.get(method)]
        if method == POST:
            found.append(self._paused_channels.get(channel))
        return max((at for at in found if at and at > now), default=None)

    def _method(self, method: str, now: datetime) -> Bucket | None:
        limit = METHODS.get(method)
        if limit is None:
            return None
        return self._methods.setdefault(method, Bucket.full(limit, now))

    def _channel(self, method: str, channel: str, now: datetime) -> Bucket | None:
        if method != POST or not channel:
            return None
        if len(self._channels) > CHANNELS_KEPT:
            self._forget(now)
        return self._channels.setdefault(channel, Bucket.full(CHANNEL, now))

    def _forget(self, now: datetime) -> None:
        for channel, bucket in list(self._channels.items()):
            if bucket.free_at(now, CHANNEL.burst) <= now:
                del self._channels[channel]
        self._paused_channels = {c: at for c, at in self._paused_channels.items() if at > now}


class Paces:
    """The pace of each workspace that this process serves."""

    def __init__(self, *, is_limited: bool = True) -> None:
        self._is_limited = is_limited
        self._of: dict[str, Pace] = {}

    def put(self, workspace_id: str, pace: Pace) -> None:
        """Let a workspace's deliveries share the pace of its gateway's other calls."""
        self._of[workspace_id] = pace

    def of(self, workspace_id: str) -> Pace:
        """Return the workspace's pace."""
        if workspace_id not in self._of:
            self.put(workspace_id, self.new())
        return self._of[workspace_id]

    def new(self) -> Pace:
        """Return the pace of a workspace whose id is not known yet."""
        return Pace(is_limited=self._is_limited)


def kept_for_others(priority: int) -> float:
    """Return how many tokens something of this priority leaves (smaller is more urgent)."""
    if priority <= 1:
        return 0
    return KEPT_FOR_ANSWERS if priority <= 5 else KEPT_FOR_ORDINARY


def _wait(seconds: float) -> timedelta:
    return max(timedelta(seconds=seconds), timedelta(microseconds=1))
