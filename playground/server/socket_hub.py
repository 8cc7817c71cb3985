"""Socket Mode: the app's web sockets, and payloads that each go to one of them."""

import asyncio
import json
import secrets
from contextlib import suppress
from uuid import uuid4

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.server.rows import Json
from playground.server.settings import Settings
from playground.server.transport import Delivery, UnansweredError


class SocketHub:
    """Payloads go round the open connections. Pings are WebSocket pings, sent by the server
    below (see `serve`)."""

    def __init__(self, settings: Settings, app_id: str) -> None:
        self._settings = settings
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._open: list[WebSocket] = []
        self._retired: list[WebSocket] = []
        self._waiting: dict[str, tuple[WebSocket, asyncio.Future[Json]]] = {}
        self._turn = 0
        self._connected, self._lost = asyncio.Event(), asyncio.Event()
        self._lost.set()

    @property
    def count(self) -> int:
        """Connections open now."""
        return len(self._open)

    async def connected(self) -> None:
        """Waits until the app has at least one connection."""
        await self._connected.wait()

    async def lost(self) -> None:
        """Waits until the app has no connection."""
        await self._lost.wait()

    def issue_ticket(self) -> str:
        """What apps.connections.open puts into its URL; good for one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Lives as long as one connection of the app."""
        await socket.accept()
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await self._turn_away(socket, "link_disabled")
            return
        self._tickets.discard(ticket)
        if self.count >= self._settings.socket_connections:
            await self._turn_away(socket, "too_many_websockets")
            return
        self._open.append(socket)
        try:
            await socket.send_text(json.dumps(self._hello(self.count)))
            self._connected.set()
            self._lost.clear()
            while self._retired:
                await _close(self._retired.pop())
            while True:
                self._take(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._forget(socket)

    async def send(self, delivery: Delivery) -> Json:
        """See Transport. Raises at once when no connection is open."""
        if not self._open:
            raise UnansweredError("connection_failed")
        self._turn += 1
        socket = self._open[self._turn % len(self._open)]
        envelope_id = str(uuid4())
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (socket, answer)
        try:
            await socket.send_text(json.dumps(_envelope(envelope_id, delivery)))
            return await asyncio.wait_for(answer, self._settings.ack_seconds)
        except TimeoutError:
            raise UnansweredError("timeout") from None
        except (WebSocketDisconnect, RuntimeError):
            raise UnansweredError("connection_failed") from None
        finally:
            self._waiting.pop(envelope_id, None)

    async def disconnect(self, reason: str = "refresh_requested") -> int:
        """Sends a disconnect frame to each connection; all but a "warning" also end it.
        Returns how many there were.

        A connection to be refreshed gets nothing more, and is closed once the next one is open:
        closed at once, slack_sdk would open two, one for the frame and one for the close.
        """
        sockets = list(self._open)
        for socket in sockets:
            if reason == "refresh_requested":
                self._retire(socket)
            await self._turn_away(
                socket, reason, closes=reason not in {"warning", "refresh_requested"}
            )
        return len(sockets)

    def _hello(self, count: int) -> Json:
        return {
            "type": "hello",
            "num_connections": count,
            "debug_info": {
                "host": "playground",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._app_id},
        }

    async def _turn_away(self, socket: WebSocket, reason: str, *, closes: bool = True) -> None:
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}}
        await socket.send_text(json.dumps(frame))
        if closes:
            self._forget(socket)
            await _close(socket)

    def _take(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return  # the SDK's own ping-pong words
        known = self._waiting.get(frame.get("envelope_id", "")) if isinstance(frame, dict) else None
        if known is not None and not known[1].done():
            known[1].set_result(frame.get("payload") or {})

    def _retire(self, socket: WebSocket) -> None:
        # What it was sent may still be answered, by the next connection too.
        self._leave(socket)
        self._retired.append(socket)

    def _leave(self, socket: WebSocket) -> None:
        if socket in self._open:
            self._open.remove(socket)
        if not self._open:
            self._connected.clear()
            self._lost.set()

    def _forget(self, socket: WebSocket) -> None:
        self._leave(socket)
        for owner, answer in list(self._waiting.values()):
            if owner is socket and not answer.done():
                answer.set_exception(UnansweredError("connection_failed"))


async def _close(socket: WebSocket) -> None:
    with suppress(RuntimeError, WebSocketDisconnect):  # the app was quicker
        await socket.close()


def _envelope(envelope_id: str, delivery: Delivery) -> Json:
    kind = "interactive" if delivery.kind == "options" else delivery.kind
    envelope: Json = {
        "envelope_id": envelope_id,
        "payload": delivery.payload,
        "type": kind,
        "accepts_response_payload": kind != "events_api",
    }
    if kind == "events_api":
        envelope["retry_attempt"] = delivery.retry_attempt
        envelope["retry_reason"] = delivery.retry_reason
    return envelope
