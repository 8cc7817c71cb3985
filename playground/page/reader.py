"""Who looks at the page, when, and what the names mean that messages only hold as ids."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

_PERMALINK = re.compile(r"/archives/(\w+)/p(\d{7,})/?")
_FILE = re.compile(r"/(F[A-Z0-9]{6,})\b")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE_SCHEMES = ("http", "https", "mailto")


@dataclass(frozen=True, slots=True)
class Reader:
    """`now` is story time. `users`, `channels` map ids to names. `hosts` are those whose
    permalinks and files are this playground's."""

    user_id: str
    zone: ZoneInfo
    now: datetime
    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()

    def local(self, at: datetime) -> datetime:
        """A moment on this person's wall clock."""
        return at.astimezone(self.zone)

    def from_epoch(self, seconds: float) -> datetime:
        """The same from epoch seconds."""
        return datetime.fromtimestamp(seconds, UTC).astimezone(self.zone)

    def href(self, url: str) -> str | None:
        """Where a link leads: permalinks to this page, others as they are; None when unsafe."""
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return None
        if parts.scheme.lower() not in _SAFE_SCHEMES:
            return None
        is_ours = self._is_ours(parts.hostname)
        if is_ours and (found := _PERMALINK.fullmatch(parts.path)):
            return self._page_of(found.group(1), found.group(2), parts.query)
        return url.strip()

    def picture(self, source: Mapping[str, Any]) -> str | None:
        """Where the picture of an image block or element is, if it is one of ours: nothing is
        ever fetched from elsewhere."""
        slack_file = source.get("slack_file") or {}
        if slack_file.get("id"):
            return self.file(str(slack_file["id"]))
        url = str(slack_file.get("url") or source.get("image_url") or "")
        try:
            is_ours = self._is_ours(urlsplit(url).hostname)
        except ValueError:
            return None
        found = _FILE.search(url) if is_ours else None
        return self.file(found.group(1)) if found else None

    def file(self, file_id: str) -> str:
        """The address of an uploaded file for this person."""
        return f"/p/{quote(self.user_id)}/files/{quote(file_id)}"

    def _is_ours(self, host: str | None) -> bool:
        # The story was written by a server on another port of this machine.
        return host in self.hosts or host in _LOOPBACK

    def _page_of(self, channel: str, digits: str, query: str) -> str:
        ts = f"{digits[:-6]}.{digits[-6:]}"
        thread = parse_qs(query).get("thread_ts", [""])[0]
        tail = f"&thread={quote(thread)}" if thread else ""
        return f"/p/{quote(self.user_id)}/c/{quote(channel)}?at={ts}{tail}#m-{ts}"
