"""The only caller of Slack's Web API: answers as plain values, errors from our tree."""

import re
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlparse

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import (
    BadInput,
    ChannelGone,
    MethodMissing,
    SlackRefused,
    SlackUnavailable,
    SlackUncertain,
    TokenRefused,
)
from bot.slack.blocks import Message, View
from bot.slack.calls import Calls
from bot.slack.gate import Gate, check_may_go
from bot.slack.kinds import is_person
from bot.slack.text import storable

# The event type of our messages' metadata; readable by every app, so it holds an opaque key only.
METADATA_EVENT = "daybook_delivery"
CALL_TIMEOUT_SECONDS = 10
GONE = {
    "channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "user_not_found",
    "cannot_dm_bot", "user_disabled", "restricted_action", "messages_tab_disabled",
}  # fmt: skip
RETRIABLE = {
    "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable",
    "request_timeout", "team_added_to_org",
}  # fmt: skip
# Of the token, not of the call. Whether it is right at all is asked by auth.test, which says so.
SHUT = {"token_revoked", "token_expired", "invalid_auth", "account_inactive", "not_authed"}
LIMITED = {"ratelimited", "rate_limited"}
# The first is Slack's; servers that only speak like it have words of their own.
MISSING = {
    "unknown_method", "method_not_supported", "not_implemented", "method_not_found",
    "method_not_allowed", "unsupported_method", "invalid_method", "test_data_not_found",
}  # fmt: skip
ABSENT = {404, 405, 501}  # how a web server says the same of an address
# Some servers say by them also that there is no such channel, in Slack's words: those count.
SLACK_WORD = re.compile(r"(?!(?:method|route|path|page|endpoint|not)_)[a-z]+(?:_[a-z]+)+")
FILES_HOST = "files.slack.com"
SLACK_HOSTS = ("slack.com", "slack-gov.com")
ALL_CHANNELS: dict[str, Any] = {"types": "public_channel,private_channel", "limit": 200}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Posted:
    """Where Slack put a message."""

    channel: str
    ts: str


@dataclass(frozen=True)
class SlackMessage:
    """A message as Slack gives it back."""

    channel: str
    ts: str
    user: str = ""
    text: str = ""
    thread_ts: str = ""
    subtype: str = ""
    bot_id: str = ""
    key: str = ""  # ours, from the metadata
    team: str = ""
    files: tuple[str, ...] = ()
    shared: str = ""  # the words of a message that was forwarded in it, or of a program's card

    @property
    def at(self) -> datetime:
        """When it was posted."""
        return datetime.fromtimestamp(float(self.ts), UTC)


@dataclass(frozen=True)
class SlackUser:
    """A person as Slack describes them."""

    id: str
    name: str
    team: str = ""
    email: str = ""
    timezone: str = "UTC"
    is_guest: bool = False
    is_bot: bool = False
    is_deleted: bool = False
    is_admin: bool = False
    is_stranger: bool = False
    status_emoji: str = ""
    status_text: str = ""
    status_expires: int = 0  # epoch seconds; 0: never


@dataclass(frozen=True)
class SlackChannel:
    """A channel as Slack describes it."""

    id: str
    name: str
    is_private: bool
    is_shared: bool = False
    is_archived: bool = False
    is_dm: bool = False
    has_bot: bool = True
    topic: str = ""


@dataclass(frozen=True)
class Identity:
    """Who the bot is: the answer of auth.test."""

    team_id: str
    enterprise_id: str
    team: str
    url: str
    user_id: str
    bot_id: str
    scopes: tuple[str, ...] = field(default_factory=tuple)


class Gateway(Protocol):
    """What Daybook asks of Slack in one workspace."""

    async def identity(self) -> Identity: ...
    async def post(
        self, target: str, message: Message, *, key: str = "", thread: str = ""
    ) -> Posted: ...
    async def update(self, channel: str, ts: str, message: Message, *, key: str = "") -> None: ...
    async def ephemeral(
        self, channel: str, user: str, message: Message, *, thread: str = ""
    ) -> None: ...
    async def respond(self, url: str, message: Message, *, replace: bool = False) -> None: ...
    async def react(self, channel: str, ts: str, emoji: str, *, remove: bool = False) -> None: ...
    async def upload(self, name: str, content: bytes, alt: str) -> str: ...
    async def fetch_file(self, file_id: str, *, limit: int) -> tuple[str, bytes]: ...
    async def send_file(self, user: str, name: str, content: bytes, note: str) -> None: ...
    async def find_key(
        self, channel: str, key: str, *, oldest: datetime, thread: str = ""
    ) -> Posted | None: ...
    async def message(self, channel: str, ts: str, *, thread: str = "") -> SlackMessage | None: ...
    async def replies(
        self, channel: str, thread: str, *, limit: int = 100
    ) -> list[SlackMessage]: ...
    async def permalink(self, channel: str, ts: str) -> str: ...
    async def user(self, user_id: str) -> SlackUser: ...
    async def channel(self, channel_id: str) -> SlackChannel: ...
    async def channel_members(self, channel_id: str) -> list[str]: ...
    async def channels_of(self, user_id: str) -> list[SlackChannel]: ...
    async def open_view(self, trigger_id: str, view: View) -> str: ...
    async def push_view(self, trigger_id: str, view: View) -> None: ...
    async def update_view(self, view_id: str, view: View, *, hash_: str = "") -> None: ...
    async def publish_home(self, user_id: str, view: View) -> None: ...


class SlackGateway:
    """``Gateway`` over slack_sdk. One attempt a call: retries are the engine's.

    ``gate`` keeps all calls to Slack's pace; without one nothing is held.
    """

    def __init__(self, token: str, base_url: str, gate: Gate | None = None) -> None:
        self._gate = gate
        self._client = AsyncWebClient(
            token=token, base_url=base_url, timeout=CALL_TIMEOUT_SECONDS, retry_handlers=[]
        )
        if urlparse(base_url).hostname in LOOPBACK:
            self._client.proxy = None
        self._is_slack = (urlparse(base_url).hostname or "").endswith(SLACK_HOSTS)
        self._calls = Calls(self._client, translated)
        self._session: aiohttp.ClientSession | None = None
        self._identity: Identity | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    async def identity(self) -> Identity:
        """Return who the bot is; read once."""
        if self._identity is None:
            answer = await self._call("auth.test")
            scopes = self._scopes(answer)
            self._identity = Identity(
                team_id=answer.get("team_id") or "",
                enterprise_id=answer.get("enterprise_id") or "",
                team=answer.get("team") or "",
                url=answer.get("url") or "",
                user_id=answer.get("user_id") or "",
                bot_id=answer.get("bot_id") or "",
                scopes=scopes,
            )
        return self._identity

    def _scopes(self, answer: dict[str, Any]) -> tuple[str, ...]:
        headers = answer.get("_headers", {})
        listed = next((v for k, v in headers.items() if k.lower() == "x-oauth-scopes"), "")
        return tuple(scope.strip() for scope in str(listed).split(",") if scope.strip())

    async def post(
        self, target: str, message: Message, *, key: str = "", thread: str = ""
    ) -> Posted:
        """Post once; a person's id as ``target`` posts a DM."""
        args: dict[str, Any] = {"channel": target, **_body(message), "unfurl_links": False}
        if thread:
            args["thread_ts"] = thread
        if key:
            args["metadata"] = {"event_type": METADATA_EVENT, "event_payload": {"key": key}}
        answer = await self._call("chat.postMessage", **args)
        ts = answer.get("ts") or (answer.get("message") or {}).get("ts") or ""
        return Posted(str(answer.get("channel") or target), str(ts))

    async def update(self, channel: str, ts: str, message: Message, *, key: str = "") -> None:
        """Edit a message of ours; doing it twice does no harm."""
        args: dict[str, Any] = {"channel": channel, "ts": ts, **_body(message)}
        if key:
            args["metadata"] = {"event_type": METADATA_EVENT, "event_payload": {"key": key}}
        await self._call("chat.update", **args)

    async def ephemeral(
        self, channel: str, user: str, message: Message, *, thread: str = ""
    ) -> None:
        """Show something to one person only; it vanishes, so never the only copy.

        Where it cannot be shown to them in the channel, they get a direct message.
        """
        args = {"thread_ts": thread} if thread else {}
        args |= {"channel": channel, "user": user}
        try:
            await self._call("chat.postEphemeral", **args, **_body(message))
        except SlackRefused as error:
            is_for_direct = isinstance(error, MethodMissing) or error.code == "user_not_in_channel"
            if not is_for_direct:
                raise
            await self.post(user, message)

    async def respond(self, url: str, message: Message, *, replace: bool = False) -> None:
        """Answer by the response_url of a payload."""
        body = {
            **_body(message),
            "response_type": "ephemeral",
            "replace_original": replace,
        }
        session = self._http()
        try:
            async with session.post(url, json=body) as answer:
                if answer.status >= 400:
                    raise SlackRefused("response_url", str(answer.status))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackUnavailable("Slack did not take the answer.") from error

    async def react(self, channel: str, ts: str, emoji: str, *, remove: bool = False) -> None:
        """Add or remove the bot's reaction; already done counts as done."""
        method = "reactions.remove" if remove else "reactions.add"
        try:
            await self._call(method, channel=channel, timestamp=ts, name=emoji)
        except SlackRefused as error:
            if error.code not in {"already_reacted", "no_reaction"}:
                raise

    async def upload(self, name: str, content: bytes, alt: str) -> str:
        """Upload a picture without sharing it; returns the file's id, for an image block."""
        file_id = await self._put(name, content, alt_txt=alt[:1000])
        await self._call("files.completeUploadExternal", files=[{"id": file_id, "title": name}])
        return file_id

    async def send_file(self, user: str, name: str, content: bytes, note: str) -> None:
        """Give a person a file in their direct messages, with a note beside it."""
        room = await self._call("conversations.open", users=user)
        file_id = await self._put(name, content)
        await self._call(
            "files.completeUploadExternal",
            files=[{"id": file_id, "title": name}],
            channel_id=str(room["channel"]["id"]),
            initial_comment=note,
        )

    async def _put(self, name: str, content: bytes, **more: str) -> str:
        ticket = await self._call(
            "files.getUploadURLExternal", filename=name, length=len(content), **more
        )
        try:
            async with self._http().post(ticket["upload_url"], data=content) as answer:
                if answer.status >= 400:
                    raise SlackUnavailable(f"Slack did not take a file ({answer.status}).")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackUnavailable("Slack did not take a file.") from error
        return str(ticket["file_id"])

    async def fetch_file(self, file_id: str, *, limit: int) -> tuple[str, bytes]:
        """Return a file's name and bytes. Raises ``BadInput`` when it is longer than ``limit``."""
        file = (await self._call("files.info", file=file_id))["file"]
        url = str(file.get("url_private_download") or "")
        if urlparse(url).hostname not in {FILES_HOST, urlparse(self._client.base_url).hostname}:
            raise SlackRefused("files.info", "file_elsewhere")
        token = {"Authorization": f"Bearer {self._client.token}"}
        content = bytearray()
        try:
            async with self._http().get(url, headers=token, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise SlackUnavailable(f"Slack did not give the file ({answer.status}).")
                async for chunk in answer.content.iter_chunked(64 * 1024):
                    content += chunk
                    if len(content) > limit:
                        problem = f"The file is over {limit // 1_000_000} MB."
                        raise BadInput(field="file", problem=problem, fix="Split it.")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackUnavailable("Slack did not give the file.") from error
        return str(file.get("name") or "file"), bytes(content)

    async def find_key(
        self, channel: str, key: str, *, oldest: datetime, thread: str = ""
    ) -> Posted | None:
        """Look a delivery's key up among the bot's messages since ``oldest``."""
        if is_person(channel):
            opened = await self._call("conversations.open", users=channel)
            channel = str(opened["channel"]["id"])
        method = "conversations.replies" if thread else "conversations.history"
        args: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{oldest.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": 200,
        }
        if thread:
            args["ts"] = thread
        while True:
            answer = await self._call(method, **args)
            for found in _messages(channel, answer):
                if found.key == key:
                    return Posted(channel, found.ts)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
            args["cursor"] = cursor

    async def message(self, channel: str, ts: str, *, thread: str = "") -> SlackMessage | None:
        """Read one message; a reply is read from its thread, never from the history."""
        window = {"channel": channel, "oldest": ts, "latest": ts, "inclusive": True, "limit": 15}
        if not thread:
            answer = await self._call("conversations.history", **window)
            for found in _messages(channel, answer):
                if found.ts == ts:
                    return found
        # A reply's own ts is accepted here too, and gives its thread.
        try:
            answer = await self._call("conversations.replies", ts=thread or ts, **window)
        except SlackRefused as error:
            if error.code in {"thread_not_found", "message_not_found"}:
                return None
            raise
        return next((m for m in _messages(channel, answer) if m.ts == ts), None)

    async def replies(self, channel: str, thread: str, *, limit: int = 100) -> list[SlackMessage]:
        """Read a thread, its first message included, oldest first."""
        answer = await self._call("conversations.replies", channel=channel, ts=thread, limit=limit)
        return _messages(channel, answer)

    async def permalink(self, channel: str, ts: str) -> str:
        """Return a message's address."""
        with suppress(MethodMissing):
            answer = await self._call("chat.getPermalink", channel=channel, message_ts=ts)
            if answer.get("permalink"):
                return str(answer["permalink"])
        base = (await self.identity()).url.rstrip("/")
        return f"{base}/archives/{channel}/p{ts.replace('.', '')}"

    async def user(self, user_id: str) -> SlackUser:
        """Return a person."""
        u = (await self._told("users.info", user=user_id)).get("user") or {}
        profile = u.get("profile") or {}
        name = profile.get("display_name") or u.get("real_name") or u.get("name") or user_id
        return SlackUser(
            id=user_id,
            name=str(name),
            team=str(u.get("team_id") or ""),
            email=str(profile.get("email") or ""),
            timezone=str(u.get("tz") or "UTC"),
            is_guest=bool(u.get("is_restricted") or u.get("is_ultra_restricted")),
            is_bot=bool(u.get("is_bot")),
            is_deleted=bool(u.get("deleted")),
            is_admin=bool(u.get("is_admin") or u.get("is_owner")),
            is_stranger=bool(u.get("is_stranger")),
            status_emoji=str(profile.get("status_emoji") or ""),
            status_text=str(profile.get("status_text") or ""),
            status_expires=int(profile.get("status_expiration") or 0),
        )

    async def channel(self, channel_id: str) -> SlackChannel:
        """Return a channel; by its id alone where the server cannot describe any."""
        missing = MethodMissing("conversations.info", "200")  # an answer that says nothing
        try:
            answer = await self._call("conversations.info", channel=channel_id)
            if answer.get("channel"):
                return _channel({"id": channel_id} | answer["channel"])
        except MethodMissing as error:
            if self._is_slack:
                raise
            missing = error
        return await self._listed(channel_id) or _undescribed(channel_id, missing)

    async def _listed(self, channel_id: str) -> SlackChannel | None:
        try:
            found = await self._channels("conversations.list", **ALL_CHANNELS)
        except MethodMissing:
            return None
        return next((one for one in found if one.id == channel_id), None)

    async def channel_members(self, channel_id: str) -> list[str]:
        """Return the ids of a channel's members."""
        return [
            str(user)
            for page in [p async for p in self._pages("conversations.members", channel=channel_id)]
            for user in page.get("members", [])
        ]

    async def channels_of(self, user_id: str) -> list[SlackChannel]:
        """Return the channels of a person; private ones only where the bot is too.

        Raises ``MethodMissing`` where the server lists no channels, or no members of one.
        """
        try:
            return await self._channels("users.conversations", user=user_id, **ALL_CHANNELS)
        except MethodMissing:
            return await self._channels_with(user_id)

    async def _channels_with(self, user_id: str) -> list[SlackChannel]:
        """Look through all channels; for servers that do not list one person's."""
        found = await self._channels("conversations.list", **ALL_CHANNELS)
        if user_id == (await self.identity()).user_id:
            return [one for one in found if one.has_bot]
        return [one for one in found if user_id in await self.channel_members(one.id)]

    async def _channels(self, method: str, **args: Any) -> list[SlackChannel]:
        pages = [page async for page in self._pages(method, **args)]
        return [_channel(raw) for page in pages for raw in page.get("channels") or []]

    async def open_view(self, trigger_id: str, view: View) -> str:
        """Open a modal; returns its id."""
        answer = await self._call("views.open", trigger_id=trigger_id, view=view)
        return str((answer.get("view") or {}).get("id", ""))

    async def push_view(self, trigger_id: str, view: View) -> None:
        """Put a modal on top of the open one."""
        await self._call("views.push", trigger_id=trigger_id, view=view)

    async def update_view(self, view_id: str, view: View, *, hash_: str = "") -> None:
        """Change an open modal; with ``hash_`` only if nobody changed it since."""
        args = {"hash": hash_} if hash_ else {}
        await self._call("views.update", view_id=view_id, view=view, **args)

    async def publish_home(self, user_id: str, view: View) -> None:
        """Show a person's App Home."""
        await self._call("views.publish", user_id=user_id, view=view)

    async def check_socket(self, app_token: str) -> None:
        """Ask for a socket's address with the app-level token; raises when it is refused."""
        await translated(
            "apps.connections.open", self._client.apps_connections_open(app_token=app_token)
        )

    async def _told(self, method: str, **args: Any) -> dict[str, Any]:
        """Read; of a server that only speaks like Slack, and does not know the method, nothing."""
        try:
            return await self._call(method, **args)
        except MethodMissing:
            if self._is_slack:
                raise
            return {}

    async def _pages(self, method: str, **args: Any) -> Any:
        while True:
            answer = await self._call(method, **args)
            yield answer
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            args["cursor"] = cursor

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trace_configs=[_late_check()])
            self._client.session = self._session
        return self._session

    async def _call(self, method: str, **args: Any) -> dict[str, Any]:
        self._http()
        channel = str(args.get("channel") or "")
        if self._gate:
            await self._gate.enter(method, channel)
        try:
            return await self._calls.ask(method, args)
        except SlackUnavailable as error:
            if self._gate and error.method and error.retry_after is not None:
                self._gate.note_refusal(method, channel, error.retry_after)
            raise


def _late_check() -> aiohttp.TraceConfig:
    """Have each request checked at the last moment before its first byte."""

    async def check(*_: object) -> None:
        check_may_go()

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(check)
    trace.on_connection_reuseconn.append(check)
    return trace


async def translated(method: str, call: Awaitable[Any]) -> dict[str, Any]:
    """Await a call of slack_sdk; its errors come out as ours."""
    try:
        answer = await call
    except SlackApiError as error:
        raise _refusal(method, error) from error
    except (TimeoutError, aiohttp.ServerDisconnectedError) as error:
        raise SlackUncertain(f"Slack did not answer {method} in time.") from error
    except aiohttp.ClientConnectorError as error:
        raise SlackUnavailable(f"Slack cannot be reached for {method}.") from error
    except (aiohttp.ClientError, ValueError, AttributeError) as error:
        # slack_sdk takes an answer in plain text for an object (AttributeError).
        raise SlackUncertain(f"Slack's answer to {method} cannot be read.") from error
    data = dict(answer.data) if isinstance(answer.data, Mapping) else {}
    return data | {"_headers": dict(answer.headers or {})}


def _refusal(method: str, error: SlackApiError) -> SlackRefused | SlackUnavailable:
    response = error.response
    status = getattr(response, "status_code", 200)
    data = getattr(response, "data", None)
    data = data if isinstance(data, Mapping) else {}
    code = str(data.get("error") or status)
    after = _retry_after(response)
    if status == 429 or code in RETRIABLE:
        limited = method if status == 429 or code in LIMITED else ""
        said = f"Slack {'asked to wait' if limited else 'could not do it now'} ({method})."
        return SlackUnavailable(said, retry_after=after, method=limited)
    if code in MISSING or (status in ABSENT and not SLACK_WORD.fullmatch(code)):
        return MethodMissing(method, code)
    if status >= 500:
        return SlackUncertain(f"Slack had an internal error ({method}).", retry_after=after)
    if code in SHUT and method != "auth.test":
        return TokenRefused(method, code)
    detail = "; ".join((data.get("response_metadata") or {}).get("messages") or [])
    kind = ChannelGone if code in GONE else SlackRefused
    return kind(method, code, str(data.get("needed") or detail))


def _retry_after(response: Any) -> float | None:
    headers = {k.lower(): v for k, v in dict(getattr(response, "headers", {}) or {}).items()}
    after = str(headers.get("retry-after") or "")
    return float(after) if after.replace(".", "", 1).isdigit() else None


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"text": message.text}
    if message.blocks:
        body["blocks"] = message.blocks
    return body


def _channel(raw: dict[str, Any]) -> SlackChannel:
    return SlackChannel(
        id=str(raw["id"]),
        name=str(raw.get("name") or ""),
        is_private=bool(raw.get("is_private") or raw.get("is_im") or raw.get("is_mpim")),
        is_shared=bool(raw.get("is_ext_shared") or raw.get("is_pending_ext_shared")),
        is_archived=bool(raw.get("is_archived")),
        is_dm=bool(raw.get("is_im")),
        has_bot=bool(raw.get("is_member", True)),
        topic=str((raw.get("topic") or {}).get("value") or ""),
    )


def _undescribed(channel_id: str, error: MethodMissing) -> SlackChannel:
    """Slack itself knows the method. Anything but a plain "unknown" may hide a private channel."""
    is_open = error.is_plain and not channel_id.startswith(("G", "D"))
    is_dm = channel_id.startswith("D")
    return SlackChannel(channel_id, channel_id, is_private=not is_open, is_dm=is_dm)


def _messages(channel: str, answer: dict[str, Any]) -> list[SlackMessage]:
    raw = answer.get("messages") or []
    # What is left of a deleted message that has replies is no message.
    return [read_message(channel, one) for one in raw if one.get("subtype") != "tombstone"]


def read_message(channel: str, raw: Mapping[str, Any]) -> SlackMessage:
    """Read a message from Slack's JSON (history, event or shortcut)."""
    metadata = raw.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    is_ours = metadata.get("event_type") == METADATA_EVENT
    return SlackMessage(
        channel=channel,
        ts=str(raw.get("ts") or ""),
        user=str(raw.get("user") or ""),
        text=storable(str(raw.get("text") or "")),
        thread_ts=str(raw.get("thread_ts") or ""),
        subtype=str(raw.get("subtype") or ""),
        bot_id=str(raw.get("bot_id") or ""),
        key=str(payload.get("key") or "") if is_ours else "",
        team=str(raw.get("user_team") or raw.get("team") or ""),
        files=tuple(str(f.get("name") or "") for f in raw.get("files") or []),
        shared=_shared(raw),
    )


def _shared(raw: Mapping[str, Any]) -> str:
    """Return the words of what was forwarded; of any card where nothing stands beside it."""
    cards = [one for one in raw.get("attachments") or [] if isinstance(one, Mapping)]
    if raw.get("text"):
        cards = [one for one in cards if one.get("is_share")]
    words = (str(one.get("text") or one.get("fallback") or "") for one in cards)
    return storable("\n".join(filter(None, words)))
