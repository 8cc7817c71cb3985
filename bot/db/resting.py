"""Whether a connection still answers: asked when it rested, for each question is a round trip.

SQLAlchemy's ``pool_pre_ping`` asks at every checkout, which on Postgres takes about as long as the
unit of work itself. What breaks within the second that is not looked at ends one unit, as a
connection that breaks under way does; its pool is then made anew.
"""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

RESTED_SECONDS = 1.0


def ask_the_rested(engine: AsyncEngine, tick: Callable[[], float] = time.monotonic) -> None:
    """Let ``engine`` try each connection that nobody used for a second, before it is used again.

    ``tick`` is a clock in seconds.
    """
    sync, dialect = engine.sync_engine, engine.dialect

    @event.listens_for(sync, "checkin")
    def _note(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = tick()

    @event.listens_for(sync, "checkout")
    def _ask(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or tick() - since < RESTED_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            # All that are as old: the server was restarted, or cut them.
            raise InvalidatePoolError from error
