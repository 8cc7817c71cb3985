"""SQL that is compiled once a process, though every test has databases of its own."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.util import LRUCache


class SharedStatements(LRUCache[Any, Any]):
    """Compiled statements by the name of their dialect.

    SQLAlchemy keys them by the dialect's object, which is a new one for each engine: a suite with
    thousands of databases would compile the same few statements for each of them.
    """

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_named(key))

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_named(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_named(key), value)

    def __contains__(self, key: Any) -> bool:
        return super().__contains__(_named(key))


def _named(key: Any) -> Any:
    dialect, *rest = key
    return (f"{dialect.name}+{dialect.driver}", *rest)


def share_statements() -> None:
    """Let every engine of this process use the same compiled statements."""
    shared: SharedStatements = SharedStatements(2000)

    @event.listens_for(Engine, "engine_connect")
    def _use(connection: Connection) -> None:
        connection.execution_options(compiled_cache=shared)
