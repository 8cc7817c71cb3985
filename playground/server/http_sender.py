"""Signed HTTP: events, commands and interactions as POSTs to the app's request URLs."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp

from playground.server.manifest import Manifest
from playground.server.rows import AppIdentity, Json
from playground.server.settings import Settings
from playground.server.transport import Delivery, UnansweredError

_FORM = "application/x-www-form-urlencoded"


class HttpSender:
    """One client session, opened at the first delivery."""

    def __init__(
        self,
        manifest: Manifest,
        settings: Settings,
        app: AppIdentity,
        real_now: Callable[[], datetime],
    ) -> None:
        self._manifest = manifest
        self._settings = settings
        self._app = app
        self._real_now = real_now
        self._session: aiohttp.ClientSession | None = None
        self.is_answered = True  # whether anything listened, the last time

    async def send(self, delivery: Delivery) -> Json:
        """See Transport. Any status of 200 to 299 is an acknowledgement."""
        content, body = _encoded(delivery)
        headers = self._signed(body) | {"Content-Type": content}
        if delivery.retry_attempt:
            headers["X-Slack-Retry-Num"] = str(delivery.retry_attempt)
            headers["X-Slack-Retry-Reason"] = {"timeout": "http_timeout"}.get(
                delivery.retry_reason, delivery.retry_reason
            )
        return _answer(await self._post(self._url(delivery), body, headers))

    async def verify(self, challenge: str) -> bool:
        """url_verification: whether the events URL gives the challenge back."""
        asked = {"token": self._app.verification_token, "challenge": challenge}
        body = json.dumps(asked | {"type": "url_verification"})
        headers = self._signed(body) | {"Content-Type": "application/json"}
        text = await self._post(self._manifest.events_url, body, headers)
        return challenge in (text.strip(), _answer(text).get("challenge"))

    async def close(self) -> None:
        """Ends the client session."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, body: str, headers: dict[str, str]) -> str:
        if not url:
            raise UnansweredError("connection_failed")
        if self._session is None:
            self._session = aiohttp.ClientSession()
        self.is_answered = True
        limit = aiohttp.ClientTimeout(total=self._settings.ack_seconds)
        try:
            request = self._session.post(url, data=body.encode(), headers=headers, timeout=limit)
            async with request as response:
                text = await response.text()
        except TimeoutError:
            raise UnansweredError("timeout") from None
        except aiohttp.ClientError:
            self.is_answered = False
            raise UnansweredError("connection_failed") from None
        if not 200 <= response.status < 300:
            raise UnansweredError("http_error")
        return text

    def _signed(self, body: str) -> dict[str, str]:
        timestamp = str(int(self._real_now().timestamp()))
        signed = f"v0:{timestamp}:{body}".encode()
        key = self._app.signing_secret.encode()
        signature = hmac.new(key, signed, hashlib.sha256).hexdigest()
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signature}",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }

    def _url(self, delivery: Delivery) -> str:
        if delivery.kind == "events_api":
            return self._manifest.events_url
        if delivery.kind == "slash_commands":
            command = self._manifest.command(delivery.payload["command"])
            return (command or {}).get("url") or ""
        if delivery.kind == "options":
            return self._manifest.options_url
        return self._manifest.interactivity_url


def _encoded(delivery: Delivery) -> tuple[str, str]:
    if delivery.kind == "events_api":
        return "application/json", json.dumps(delivery.payload)
    if delivery.kind == "slash_commands":
        return _FORM, urlencode(delivery.payload)
    return _FORM, urlencode({"payload": json.dumps(delivery.payload)})


def _answer(text: str) -> Json:
    """An app answers with JSON, with plain text (a command's reply) or with nothing."""
    if not text.strip():
        return {}
    try:
        parsed: Any = json.loads(text)
    except ValueError:
        return {"text": text}
    return parsed if isinstance(parsed, dict) else {"text": text}
