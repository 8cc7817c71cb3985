"""How Slack's methods are asked, so that also servers understand that only speak like Slack.

Slack takes a form in the body for every method (https://docs.slack.dev/apis/web-api/), and so do
the servers that imitate it: it is what most of its SDKs send. slack_sdk's asynchronous client puts
the arguments into the address instead, where some servers never look.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import MethodMissing

# What holds blocks goes as JSON: in a form they would be text within text.
_JSON = ("chat.post", "chat.update", "views.")
# What only reads may be asked twice; Slack documents it as GET.
_READS = frozenset({
    "chat.getPermalink", "conversations.history", "conversations.info", "conversations.list",
    "conversations.members", "conversations.replies", "files.info", "users.conversations",
    "users.info",
})  # fmt: skip

Translated = Callable[[str, Awaitable[Any]], Awaitable[dict[str, Any]]]


class Calls:
    """Asks methods of one server. ``translated`` awaits an answer and raises our errors."""

    def __init__(self, client: AsyncWebClient, translated: Translated) -> None:
        self._client, self._translated = client, translated
        self._by_address: set[str] = set()  # methods that this server knows as GET only

    async def ask(self, method: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Ask once; once more by GET where the server does not know a reading method by POST."""
        if not (method.startswith(_JSON) or method in self._by_address):
            try:
                return await self._translated(
                    method, self._client.api_call(method, data=as_form(args))
                )
            except MethodMissing:
                if method not in _READS:
                    raise
                self._by_address.add(method)
        in_its_way = getattr(self._client, method.replace(".", "_"))
        return await self._translated(method, in_its_way(**args))


def as_form(args: Mapping[str, Any]) -> dict[str, str]:
    """Return arguments as a form's fields, what is nested as JSON.

    Slack takes true and 1 alike; true is what its SDK for JavaScript sends, so all know it.
    """
    return {name: _field(value) for name, value in args.items() if value is not None}


def _field(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
