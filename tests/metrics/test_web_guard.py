"""A source cannot be used to reach inwards, and keys go to nobody else."""

import socket
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.metrics.connections import HttpConnection
from bot.metrics.sources.addresses import is_allowed, is_host_allowed
from bot.metrics.sources.unreadable import Unreadable
from bot.metrics.sources.web import Ask, WebReader
from tests.metrics.servers import SECRET, Shelf, serving


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address, allow_private=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.5", "172.16.1.1", "192.168.1.1", "::1", "fd00::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.5", "2002:7f00:1::", "64:ff9b::7f00:1",
        "100.64.0.1", "100.127.255.254", "::ffff:100.99.1.2",
    ],
)  # fmt: skip
def test_private_and_loopback_addresses_are_allowed_only_where_said(address: str) -> None:
    assert not is_allowed(address, allow_private=False)
    assert is_allowed(address, allow_private=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "::",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1", "255.255.255.255", "64:ff9b::a9fe:a9fe", "no address",
        "100.100.100.200", "fd00:ec2::254", "::ffff:100.100.100.200",
    ],
)  # fmt: skip
def test_link_local_and_special_addresses_are_never_allowed(address: str) -> None:
    assert not is_allowed(address, allow_private=True)


def test_a_redirect_may_lead_to_the_same_host_and_to_named_ones() -> None:
    allowed = ("*.files.test", "other.test")
    for host in ("Sheets.test", "other.test", "a.files.test"):
        assert is_host_allowed(host, "sheets.test", allowed)
    for host in ("files.test", "evilfiles.test", "other.test.evil", ""):
        assert not is_host_allowed(host, "sheets.test", allowed)


class Names(AbstractResolver):
    """A name server that says what it is told to."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = ResolveResult(
            hostname=host, host=self._address, port=port, family=socket.AF_INET, proto=0, flags=0
        )
        return [found]

    async def close(self) -> None:
        return None


def reader(names: AbstractResolver | None = None, **settings: Any) -> WebReader:
    base = {"type": "http", "url": "https://source.test", "timeout_seconds": 2}
    return WebReader(HttpConnection.model_validate(base | settings), resolver=names)


async def failure(made: WebReader, ask: Ask) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        await made.fetch(ask)
    return caught.value


def fine(shelf: Shelf, request: web.Request) -> Any:
    return {"ok": True}


async def test_a_name_that_resolves_inwards_is_refused_at_connect() -> None:
    async with serving(fine) as shelf:
        port = URL(shelf.url).port
        ask = Ask(URL(f"http://innocent.test:{port}/"))
        error = await failure(reader(Names("127.0.0.1")), ask)
        assert "private network" in error.problem
        assert shelf.seen == []


async def test_an_address_written_as_a_number_is_checked_too() -> None:
    async with serving(fine) as shelf:
        assert "private network" in (await failure(reader(), Ask(URL(shelf.url)))).problem


async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(fine) as shelf:
        monkeypatch.setenv("http_proxy", shelf.url)
        error = await failure(reader(Names("127.0.0.1")), Ask(URL("http://innocent.test:1/")))
        assert "private network" in error.problem
        assert shelf.seen == []


async def test_a_redirect_to_a_host_that_is_not_named_is_refused() -> None:
    def away(shelf: Shelf, request: web.Request) -> Any:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"})

    async with serving(away) as shelf:
        error = await failure(reader(allow_private=True), Ask(URL(shelf.url)))
        assert "does not name" in error.problem
        assert "allow_hosts" in error.fix


async def test_a_named_redirect_is_checked_at_connect_anew() -> None:
    def away(shelf: Shelf, request: web.Request) -> Any:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"})

    async with serving(away) as shelf:
        made = reader(allow_private=True, allow_hosts=["169.254.169.254"])
        error = await failure(made, Ask(URL(shelf.url)))
        assert "never reads" in error.problem
        assert "allow_private" not in error.fix  # it is said already, and would not help


async def test_a_redirect_is_followed_and_the_key_stays_with_its_host() -> None:
    async with serving(fine) as end:

        def away(shelf: Shelf, request: web.Request) -> Any:
            target = end.url.replace("127.0.0.1", "localhost")
            return web.Response(status=307, headers={"Location": f"{target}/end"})

        async with serving(away) as start:
            made = reader(allow_private=True, allow_hosts=["localhost"])
            ask = Ask(URL(start.url), headers={"X-Api-Key": SECRET})
            assert (await made.fetch(ask)).status == 200
        assert start.seen[0].headers["X-Api-Key"] == SECRET
        assert "X-Api-Key" not in end.seen[0].headers


async def test_a_source_that_redirects_for_ever_is_left() -> None:
    def around(shelf: Shelf, request: web.Request) -> Any:
        return web.Response(status=302, headers={"Location": "/again"})

    async with serving(around) as shelf:
        assert (
            "in circles" in (await failure(reader(allow_private=True), Ask(URL(shelf.url)))).problem
        )


async def test_an_answer_without_end_is_cut_off() -> None:
    async def endless(shelf: Shelf, request: web.Request) -> Any:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 1_000_000)
        except (ConnectionError, OSError):
            return response

    async with serving(endless) as shelf:
        error = await failure(reader(allow_private=True), Ask(URL(shelf.url)))
        assert "over 10 MB" in error.problem
