"""``@Daybook word ...``: the same as the command, where commands do not work (threads)."""

from collections.abc import Iterable

from bot.engine.inbox import Arrival
from bot.slack.text import storable
from bot.workspaces.watch import Watch
from handlers.events import Event, Matcher, without_mention
from handlers.payloads import split_word


def match_mentions(words: Iterable[str]) -> Matcher:
    """Build the matcher for the words that the rituals answer to; others are ``unknown``."""
    known = frozenset(words)

    def match(event: Event, watch: Watch) -> Arrival | None:
        if event.user in watch.bot_users or event.raw.get("bot_id"):
            return None
        said = storable(str(event.raw.get("text") or ""))
        word, rest = split_word(without_mention(said))
        kind = word if word in known else "unknown"
        payload = {
            "channel": event.channel,
            "ts": str(event.raw.get("ts") or ""),
            "thread_ts": str(event.raw.get("thread_ts") or ""),
            "user": event.user,
            # An unknown word is answered with the nearest known one; nothing else is kept.
            "text": rest if kind != "unknown" else word[:40],
        }
        return Arrival(f"mention.{kind}", payload)

    return match
