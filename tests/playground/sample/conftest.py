from datetime import date
from pathlib import Path

import pytest

from playground.sample.facts import Facts, read_facts
from playground.sample.history import Scripted, write_history
from playground.sample.product import write_product
from playground.sample.series import Days, simulate
from playground.sample.setting import DEFAULT_SEED

# A week without a public holiday on either side, and one of each weekday.
A_WEDNESDAY = date(2026, 7, 15)
ONE_WEEK = [date(2026, 7, 13 + n) for n in range(7)]


@pytest.fixture(scope="session")
def today() -> date:
    return A_WEDNESDAY


@pytest.fixture(params=ONE_WEEK, ids=lambda day: f"{day:%A}")
def any_day(request: pytest.FixtureRequest) -> date:
    day: date = request.param
    return day


@pytest.fixture(scope="session")
def days(today: date) -> Days:
    return simulate(DEFAULT_SEED, today)


@pytest.fixture(scope="session")
def facts(days: Days) -> Facts:
    return read_facts(days)


@pytest.fixture(scope="session")
def script(today: date, facts: Facts) -> tuple[Scripted, ...]:
    return write_history(today, facts)


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory, today: date) -> Path:
    path = tmp_path_factory.mktemp("product") / "product.db"
    write_product(path, DEFAULT_SEED, today)
    return path
