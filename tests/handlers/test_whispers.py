"""What only one person is told, by the first way that is open."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.errors import SlackRefused
from bot.slack.blocks import Message
from handlers.boundary import Boundary
from handlers.payloads import Request

NOBODY = cast(Any, None)


class Gateway:
    """Shuts some ways; keeps which were tried."""

    def __init__(self, shut: set[str]) -> None:
        self._shut = shut
        self.tried: list[str] = []

    def __getattr__(self, way: str) -> Any:
        async def go(*_: object, **__: object) -> None:
            self.tried.append(way)
            if way in self._shut:
                raise SlackRefused(way, "404")

        return go


@pytest.mark.parametrize(
    ("shut", "tried"),
    [
        (set[str](), ["respond"]),
        ({"respond"}, ["respond", "ephemeral"]),
        ({"respond", "ephemeral"}, ["respond", "ephemeral", "post"]),
    ],
)
async def test_an_answer_takes_the_next_way_when_one_is_shut(
    shut: set[str], tried: list[str]
) -> None:
    gateway = Gateway(shut)
    request = Request(
        place=cast(Any, SimpleNamespace(gateway=gateway)),
        asker=cast(Any, SimpleNamespace(user_id="U1")),
        at=datetime(2026, 5, 4, tzinfo=UTC),
        name="launch.offer.decline",
        response_url="/response/1",
        channel_id="C1",
    )
    await Boundary(NOBODY, NOBODY)._whisper(request, Message("Done."), replaces=True)
    assert gateway.tried == tried
