"""Writes Tallywren's product database: what its own application would have left behind.

Moments are whole seconds since 1970 (UTC); `day` is the local date in Berlin as ISO text, stored
beside them, since SQLite knows no time zones. Money is integer cents of euros.
"""

import sqlite3
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from playground.sample.customers import CUSTOMERS
from playground.sample.events import (
    OLDER_TEAMS,
    Table,
    spell_activations,
    spell_imports,
    spell_payments,
    spell_request_hours,
    spell_sign_ups,
    spell_teams,
    spell_upgrades,
)
from playground.sample.series import Days, simulate

DATABASE_VARIABLE = "PRODUCT_DB_URL"

_SCHEMA = """
create table teams (id integer primary key, name text, domain text, created_day text not null);
create table sign_ups (
  team_id integer primary key, day text not null, at integer not null, source text not null);
create table activations (
  team_id integer primary key, day text not null, at integer not null);
create table imports (
  id integer primary key, team_id integer not null, day text not null, at integer not null,
  importer text not null, lines integer not null);
create table upgrades (
  id integer primary key, team_id integer not null, day text not null, at integer not null);
create table payments (
  id integer primary key, team_id integer not null, day text not null, at integer not null,
  plan text not null, amount_cents integer not null);
create table request_hours (
  day text not null, hour integer not null, requests integer not null, errors integer not null,
  p95_ms real not null, primary key (day, hour)) without rowid;
"""
_INDEXES = """
create index sign_ups_day on sign_ups (day);
create index imports_day on imports (day, team_id);
create index upgrades_day on upgrades (day);
create index payments_day on payments (day, amount_cents);
"""


def write_product(path: Path, seed: int, until: date) -> Days:
    """Replaces the file at `path`; returns the truth behind it.

    `until` is today in Berlin: the last complete day is the one before. The file goes on for
    `series.AHEAD_DAYS` more, which queries hide by asking for days before `:until`.
    """
    days = simulate(seed, until)
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    _fill(draft, _tables(days, seed))
    draft.replace(path)
    return days


def _tables(days: Days, seed: int) -> Iterable[Table]:
    sign_ups = spell_sign_ups(days, seed)
    yield spell_teams(days, CUSTOMERS)
    yield sign_ups.table
    yield spell_activations(days, sign_ups, seed)
    yield spell_imports(days, seed, OLDER_TEAMS)
    yield spell_upgrades(days, seed)
    yield spell_payments(days, CUSTOMERS, seed)
    yield spell_request_hours(days)


def _fill(path: Path, tables: Iterable[Table]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # A half-written draft is thrown away, so nothing has to survive a crash here.
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.executescript(_SCHEMA)
        connection.execute("begin")
        for table in tables:
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(
                f"insert into {table.name} ({', '.join(table.columns)}) values ({marks})",
                table.rows,
            )
        connection.execute("commit")
        connection.executescript(_INDEXES)
    finally:
        connection.close()
