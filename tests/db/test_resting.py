"""A connection that rested is asked whether it still answers; one in use is not."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.db.resting import RESTED_SECONDS, ask_the_rested
from tests.postgres import Postgres


class Ticks:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
async def engine(postgres: Postgres, ticks: Ticks) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(postgres.url_of_used())
    ask_the_rested(made, ticks)
    yield made
    await made.dispose()


async def _ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("select 1"))


def _cut_all(postgres: Postgres, engine: AsyncEngine) -> None:
    name = engine.url.database
    postgres.run(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")


async def test_what_was_cut_while_it_rested_is_made_anew(
    engine: AsyncEngine, postgres: Postgres, ticks: Ticks
) -> None:
    async with engine.connect() as one, engine.connect() as other:
        await one.execute(text("select 1"))
        await other.execute(text("select 1"))
    _cut_all(postgres, engine)
    ticks.now += RESTED_SECONDS
    await _ask(engine)
    async with engine.connect() as one, engine.connect() as other:
        await one.execute(text("select 1"))
        await other.execute(text("select 1"))


async def test_what_was_used_just_now_is_not_asked_and_breaks_one_unit_at_most(
    engine: AsyncEngine, postgres: Postgres
) -> None:
    await _ask(engine)
    _cut_all(postgres, engine)
    with pytest.raises(OperationalError):
        await _ask(engine)
    await _ask(engine)


async def test_a_busy_connection_costs_no_further_round_trip(
    engine: AsyncEngine, ticks: Ticks
) -> None:
    pings: list[object] = []
    ping = engine.dialect.do_ping
    engine.dialect.do_ping = lambda connection: (pings.append(connection), ping(connection))[1]  # type: ignore[method-assign]
    await _ask(engine)
    await _ask(engine)
    assert pings == []
    ticks.now += RESTED_SECONDS
    await _ask(engine)
    assert len(pings) == 1
