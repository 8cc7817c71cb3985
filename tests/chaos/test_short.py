"""A short chaos run in every test run: real processes, killed and lied to. ``make chaos`` is long."""

from pathlib import Path

import pytest

from tests.chaos.databases import Base, PostgresBase, SqliteBase
from tests.chaos.scenes import make_scene
from tests.chaos.trial import play, staged
from tests.chaos.troubles import TROUBLES
from tests.conftest import DATABASES

SENT, LOST = "kill_after_the_send", "lost_answers"


@pytest.fixture(params=DATABASES)
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    if request.param == "sqlite":
        return SqliteBase(tmp_path)
    return PostgresBase(request.getfixturevalue("postgres"), "migrated")


@pytest.mark.chaos
async def test_a_kill_and_lost_answers_lose_and_double_nothing(base: Base, tmp_path: Path) -> None:
    scene = make_scene(1, base.kind, 30, troubles=((SENT, LOST),))
    async with staged(scene, tmp_path, base, ["run"]) as trial:
        verdict = await play(trial, TROUBLES, instants=1)
    assert verdict.faults == [], (tmp_path / "trial.log").read_text()
    assert verdict.slots >= 5
