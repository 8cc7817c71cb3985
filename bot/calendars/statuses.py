"""Which Slack statuses say that somebody is not at work. Pure; the words are not kept."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Slack's own defaults ("Vacationing", "Out sick") and what calendar apps set.
AWAY_EMOJI = frozenset({
    "palm_tree", "desert_island", "beach_with_umbrella", "beach", "airplane", "hospital",
    "face_with_thermometer", "mask", "baby", "baby_bottle", "camping", "no_entry", "ooo",
})  # fmt: skip
AWAY_WORDS = re.compile(
    r"\b(vacation(?:ing)?|holidays?|pto|ooo|out of (?:the )?office|day off|time off|on leave"
    r"|(?:parental|maternity|paternity|sick|annual) leave|out sick|sick|urlaub|krank)\b",
    re.IGNORECASE,
)
# "Back from holiday", "no vacation this year" say the contrary.
PRESENT_WORDS = re.compile(r"\b(back from|before|after|no|planning|until)\b", re.IGNORECASE)


def is_away(emoji: str, text: str) -> bool:
    """Tell whether a status says that a person does not work now."""
    if text.strip():
        return bool(AWAY_WORDS.search(text)) and not PRESENT_WORDS.match(text.strip())
    return emoji.strip(":").split("::")[0] in AWAY_EMOJI


def away_until(
    emoji: str, text: str, expires: int, *, at: datetime, zone: ZoneInfo
) -> datetime | None:
    """Return until when a status says "away", or None.

    ``expires`` is in epoch seconds, 0 for never: then it counts for the local day on which it is
    seen, and is looked at again on the next.
    """
    if not is_away(emoji, text):
        return None
    if expires:
        end = datetime.fromtimestamp(expires, UTC)
        return end if end > at else None
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone).astimezone(UTC)
