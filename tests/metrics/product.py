"""A small product database and the metrics file that reads it."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

FILE = """
sources:
  product: {type: sql, url: "${PRODUCT_DB_URL}"}
  broken: {type: sql, url: "${BROKEN_DB_URL}"}
metrics:
  - name: sign_ups
    label: Sign-ups
    source: product
    sql: select day, value from numbers where name = 'sign_ups' and day >= :since and day < :until
    unit: teams
    good: up
    timezone: Europe/Berlin
    ready_after: "06:00"
    late_days: 2
    owner: {owner}
    target: 130
"""
PRIVATE = """
  - name: revenue
    label: Revenue
    source: product
    sql: select day, value from numbers where name = 'revenue' and day >= :since and day < :until
    currency: EUR
    good: up
    timezone: Europe/Berlin
    owner: {owner}
    audience: {audience}
"""
BROKEN = """
  - name: uptime
    label: Uptime
    source: broken
    sql: select day, value from numbers where day >= :since and day < :until
    percent: true
    good: up
    timezone: Europe/Berlin
    owner: {owner}
"""
WEEK = (120.0, 118.0, 122.0, 119.0, 116.0, 60.0, 55.0)  # Monday to Sunday


class Product:
    """The product's own SQLite file, and the metrics file beside it."""

    def __init__(self, folder: Path, owner: str) -> None:
        self.database, self.file = folder / "product.db", folder / "metrics.yaml"
        self.owner = owner
        with sqlite3.connect(self.database) as connection:
            connection.execute("create table numbers (name text, day text, value real)")

    @property
    def env(self) -> dict[str, str]:
        return {
            "PRODUCT_DB_URL": f"sqlite:///{self.database}",
            "BROKEN_DB_URL": "sqlite:////nowhere/at/all.db",
        }

    def text(self, *parts: str, audience: str = "") -> str:
        text = "".join(parts or (FILE,))
        return text.replace("{owner}", self.owner).replace("{audience}", audience)

    def declare(self, *parts: str, audience: str = "") -> None:
        self.file.write_text(self.text(*parts, audience=audience))

    def put(self, name: str, day: date, value: float) -> None:
        with sqlite3.connect(self.database) as connection:
            connection.execute("delete from numbers where name = ? and day = ?", (name, str(day)))
            connection.execute("insert into numbers values (?, ?, ?)", (name, str(day), value))

    def drop(self, name: str, day: date) -> None:
        with sqlite3.connect(self.database) as connection:
            connection.execute("delete from numbers where name = ? and day = ?", (name, str(day)))

    def fill(self, name: str, until: date, days: int = 120, *, scale: float = 1.0) -> None:
        """Put ordinary days up to ``until``, included."""
        dates = [until - timedelta(days=n) for n in range(days)]
        rows = [
            (name, str(day), scale * (WEEK[day.weekday()] + n % 3)) for n, day in enumerate(dates)
        ]
        with sqlite3.connect(self.database) as connection:
            connection.execute(
                "delete from numbers where name = ? and day between ? and ?",
                (name, str(dates[-1]), str(until)),
            )
            connection.executemany("insert into numbers values (?, ?, ?)", rows)
