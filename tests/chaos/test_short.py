"""A short chaos run in every test run: real processes, killed and lied to. ``make chaos`` is long."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.course import play
from tests.chaos.databases import Base, PostgresBase, SqliteBase
from tests.chaos.nursery import Nursery, nursing
from tests.chaos.scenes import make_scene
from tests.chaos.staging import staged
from tests.chaos.troubles import TROUBLES
from tests.conftest import DATABASES

SENT, LOST = "kill_after_the_send", "lost_answers"


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with nursing() as found:
        yield found


@pytest.fixture(params=DATABASES)
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    if request.param == "sqlite":
        return SqliteBase(tmp_path, request.getfixturevalue("migrated_sqlite"))
    return PostgresBase(request.getfixturevalue("postgres"), "migrated")


@pytest.mark.chaos
async def test_a_kill_and_lost_answers_lose_and_double_nothing(
    base: Base, tmp_path: Path, nursery: Nursery
) -> None:
    scene = make_scene(1, base.kind, 12, troubles=((SENT, LOST),))
    async with staged(scene, tmp_path, base, ["run"], nursery) as trial:
        verdict = await play(trial, TROUBLES, instants=1)
    assert verdict.faults == [], (tmp_path / "trial.log").read_text()
    assert verdict.slots >= 2
