"""What a ledger's rows say: which digest was posted, who was told what."""

import json
import re
from datetime import datetime
from typing import Any

from tests.chaos.checker import Post

HEAD = re.compile(r"(s\d+d\d+) · \w{3} (\d{1,2} \w{3})")
EVENT = re.compile(r"Storm s\d+e\d+")
NOTE = re.compile(r"“(s\d+d\d+)”.*may or may not have reached")
LAUNCH_NOTE = re.compile(r"launch #\u200b?(\d+) may or may not have reached")
LAUNCH_REFUSED = re.compile(r"launch #\u200b?(\d+) did not reach")
REFUSED = re.compile(r"digest “?(s\d+d\d+)”? \(#\u200b?\d+\) (?:did not reach|was not posted)")
# In the list of what a closed channel stops.
LISTED = re.compile(r"• Digest #\u200b?\d+ (s\d+d\d+)")


def read_post(row: dict[str, Any]) -> Post | None:
    """Read a ledger's row as a digest's post, or None."""
    match = HEAD.search(words(row)) if row["method"] == "chat.postMessage" else None
    if match is None:
        return None
    at = at_of(row)
    slot = datetime.strptime(f"{match[2]} {at.year}", "%d %b %Y").date()  # noqa: DTZ007
    return Post(match[1], slot, at, str(row["channel"]), int(row["seq"]))


def at_of(row: dict[str, Any]) -> datetime:
    """Return when a call came."""
    return datetime.fromisoformat(row["real_at"])


def words(row: dict[str, Any]) -> str:
    """Return all that a call said, with our separator as it is read."""
    text = json.dumps(row["args"], ensure_ascii=False)
    return text.replace("\\\\u00b7", "·").replace("\\u00b7", "·")
