"""One guarded request: time-out, size limit, addresses checked at connect, redirects anew.

Nothing of an address, a key or an answer's headers goes into an error or a log.
"""

import asyncio
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.metrics.connections import WebConnection
from bot.metrics.sources.addresses import is_allowed, is_host_allowed
from bot.metrics.sources.unreadable import Unreadable

BYTE_LIMIT = 10_000_000
"""Two years of days take 100 kB; the rest is room for rows that are not needed."""

REDIRECT_LIMIT = 5
CHUNK_BYTES = 65_536
WORDS_LIMIT = 200
"""Characters of a source's own words that are passed on."""

_REDIRECTS = (301, 302, 303, 307, 308)
_INWARDS = (
    "The source's address lies in a private network.",
    "If it is meant to, write allow_private: true at the source.",
)
_NEVER = (
    "The source's address is of a kind that Daybook never reads.",
    "Write the source's own address; those where clouds keep their keys stay closed.",
)
_UNREACHED = (
    "The source cannot be reached.",
    "Check that it runs and that its address in the metrics file is right.",
)
_BY_STATUS = {
    400: ("The source does not understand what is asked.", "Correct the metric's query or path."),
    401: ("The source does not accept Daybook's key.", "Check the source's key or token."),
    403: ("The source refuses Daybook's key.", "Let its administrator give the key read access."),
    404: ("There is nothing at the source's address.", "Check the source's address and the path."),
    422: ("The source does not understand what is asked.", "Correct the metric's query or path."),
    429: ("The source was asked too often.", "Try again later."),
}


@dataclass(frozen=True)
class Ask:
    """One request: GET, or POST with ``body`` as JSON."""

    url: URL
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    hidden: tuple[str, ...] = ()  # what may not be told of an answer's words


@dataclass(frozen=True)
class Answer:
    """What came back, of any status that is no redirect."""

    status: int
    body: bytes


class WebReader:
    """Makes the requests of one source. A connection lives for one of them."""

    def __init__(
        self, declared: WebConnection, *, resolver: AbstractResolver | None = None
    ) -> None:
        self._declared, self._resolver = declared, resolver

    async def fetch_json(self, ask: Ask) -> Any:
        """Return what the JSON of an answer says. Raises ``Unreadable``."""
        answer = await self.fetch(ask)
        try:
            found = await asyncio.to_thread(json.loads, answer.body)
        except (ValueError, RecursionError):
            found = None
            if answer.status < 300:
                raise Unreadable(
                    "The source does not answer with JSON.",
                    "Check its address: this may be a page for people, or one for signing in.",
                ) from None
        if answer.status >= 300:
            raise refused(answer.status, _words_of(found), hidden=ask.hidden)
        return found

    async def fetch(self, ask: Ask) -> Answer:
        """Return an answer, redirects followed. Raises ``Unreadable``."""
        guard = _Guard(allow_private=self._declared.allow_private)
        connector = aiohttp.TCPConnector(
            resolver=self._resolver, socket_factory=guard, use_dns_cache=False, force_close=True
        )
        timeout = aiohttp.ClientTimeout(total=self._declared.timeout_seconds)
        try:
            # No trust_env: a proxy of the environment would connect where the guard sees nothing.
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                return await self._follow(session, ask)
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError, ValueError):
            refusal = _NEVER if self._declared.allow_private else _INWARDS
            raise Unreadable(*(refusal if guard.has_refused else _UNREACHED)) from None

    async def _follow(self, session: aiohttp.ClientSession, ask: Ask) -> Answer:
        url, headers = ask.url, dict(ask.headers)
        for _ in range(REDIRECT_LIMIT + 1):
            method = "GET" if ask.body is None else "POST"
            async with session.request(
                method, url, headers=headers, json=ask.body, allow_redirects=False
            ) as response:
                if response.status not in _REDIRECTS:
                    return Answer(response.status, await _limited(response))
                target = self._redirected(url, response.headers.get("Location", ""), ask)
            if target.origin() != url.origin():
                headers = {}  # a key is for whom it was declared
            url = target
        raise Unreadable("The source sends Daybook in circles.", "Check its address.")

    def _redirected(self, url: URL, location: str, ask: Ask) -> URL:
        target = url.join(URL(location))
        is_weaker = url.scheme == "https" and target.scheme != "https"
        allowed = is_host_allowed(target.host or "", ask.url.host or "", self._declared.allow_hosts)
        if target.scheme not in {"http", "https"} or is_weaker or not allowed or ask.body:
            raise Unreadable(
                "The source sends Daybook on to an address that the metrics file does not name.",
                "Write its final address, or name the other host in allow_hosts.",
            )
        return target


class _Guard:
    """Makes sockets, and refuses those to addresses that are not allowed."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self.has_refused = False

    def __call__(self, info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, address = info
        if not is_allowed(str(address[0]), allow_private=self._allow_private):
            self.has_refused = True
            raise OSError("this address is not allowed")
        return socket.socket(family=family, type=kind, proto=protocol)


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > BYTE_LIMIT:
            raise Unreadable(
                f"The source's answer is over {BYTE_LIMIT // 1_000_000} MB.",
                "Ask it for daily numbers only.",
            )
    return bytes(body)


def refused(status: int, words: str = "", *, hidden: tuple[str, ...] = ()) -> Unreadable:
    """Return the error of an answer that is none, with its own words where they are harmless."""
    problem, fix = _BY_STATUS.get(
        status,
        ("The source has a problem of its own.", "Try again later.")
        if status >= 500
        else (f"The source refuses to answer (code {status}).", "Check the source's settings."),
    )
    words = " ".join(words.split())[:WORDS_LIMIT]
    is_harmless = words and "://" not in words and not any(one in words for one in hidden if one)
    if status in {400, 422} and is_harmless:
        problem = f"{problem.rstrip('.')}: {words}"
    return Unreadable(problem, fix)


def _words_of(found: Any) -> str:
    if not isinstance(found, dict):
        return ""
    said = next((found[key] for key in ("detail", "error", "message") if found.get(key)), "")
    return said if isinstance(said, str) else ""


def bearer(token: Any, headers: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return headers that carry a token, and a source's own; all given as secrets."""
    carried = {name: value.get_secret_value() for name, value in (headers or {}).items()}
    return ({"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}) | carried
