"""A Slack that answers each post after 50 ms, in a process of its own: no world, only a ledger.

``python -m benchmarks.fake_slack`` prints its address and serves until its input ends.
"""

import asyncio
import contextlib
import itertools
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

ANSWER_SECONDS = 0.05
_ANSWERS: dict[str, Any] = {
    "auth.test": {
        "team_id": "T1", "team": "Bench", "url": "https://bench.test/", "user_id": "U0BOT",
        "bot_id": "B0BOT",
    },
    "users.info": {"user": {"id": "U1", "team_id": "T1", "name": "ana", "tz": "Europe/Berlin"}},
    "users.conversations": {"channels": []},
    "conversations.members": {"members": ["U1"]},
    "files.getUploadURLExternal": {"file_id": "F1"},
    "files.completeUploadExternal": {"files": [{"id": "F1"}]},
}  # fmt: skip


class FakeSlack:
    """An ASGI application."""

    def __init__(self) -> None:
        self.ledger: list[tuple[str, str]] = []
        self._ts = itertools.count(1)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one call."""
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            part = await receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        method = scope["path"].rsplit("/", 1)[-1]
        if method == "ledger":
            answer: Any = self.ledger
        elif method == "chat.postMessage":
            answer = await self._post(scope, body)
        else:
            answer = {"ok": True, **_ANSWERS.get(method, {}), **self._told(method, scope, body)}
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    async def _post(self, scope: Any, body: bytes) -> dict[str, Any]:
        args = _arguments(scope, body)
        self.ledger.append((args["channel"], args["text"]))
        await asyncio.sleep(ANSWER_SECONDS)
        return {"ok": True, "channel": args["channel"], "ts": f"1780000000.{next(self._ts):06d}"}

    def _told(self, method: str, scope: Any, body: bytes) -> dict[str, Any]:
        """What an answer says about what was asked; files and edits go into the ledger."""
        if method == "files.getUploadURLExternal":
            host = dict(scope["headers"])[b"host"].decode()
            return {"upload_url": f"http://{host}/upload"}
        if method == "conversations.info":
            id_ = _arguments(scope, body)["channel"]
            channel = {"id": id_, "name": id_.lower(), "is_channel": True, "is_member": True}
            return {"channel": channel}
        if method == "upload":
            self.ledger.append(("upload", str(len(body))))
        if method == "chat.update":
            args = _arguments(scope, body)
            self.ledger.append(("update", str(args.get("blocks"))))
            return {"channel": args["channel"], "ts": args["ts"]}
        return {}


def _arguments(scope: Any, body: bytes) -> dict[str, Any]:
    kind = dict(scope["headers"]).get(b"content-type", b"")
    if kind.startswith(b"application/json"):
        found: dict[str, Any] = json.loads(body)
        return found
    asked = body.decode() or scope["query_string"].decode()
    return {name: values[0] for name, values in parse_qs(asked).items()}


@contextmanager
def fake_slack() -> Iterator[str]:
    """Run one beside this process; gives the address of its Web API."""
    with child("benchmarks.fake_slack") as address:
        yield f"{address}/api/"


@contextmanager
def child(module: str, *arguments: str) -> Iterator[str]:
    """Run a module that prints its address and ends with its input."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = process.stdout.readline().strip() if process.stdout else ""
        if not address:
            raise RuntimeError(f"{module} did not start")
        yield address
    finally:
        if process.stdin:
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


async def serve_until_input_ends(app: Any) -> None:
    """Serve an application on a free port of this machine, as `daybook run` would."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", access_log=False, timeout_keep_alive=300
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await task


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve_until_input_ends(FakeSlack()))
