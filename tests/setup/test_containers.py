"""compose.yaml and Dockerfile say what the program and its settings know."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from bot.cli import app
from bot.errors import BadSetting
from bot.settings import Settings, check_workers

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name: one for name, one in COMPOSE["services"].items() if name != "postgres"}


def _settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_there_are_a_database_a_migration_two_bots_and_two_workers() -> None:
    commands = sorted(one["command"][0] for one in OURS.values())
    assert commands == ["migrate", "run", "run", "worker", "worker"]


@pytest.mark.parametrize("name", OURS)
def test_each_command_is_one_of_the_program(name: str) -> None:
    known = getattr(typer.main.get_command(app), "commands", {})
    assert OURS[name]["command"][0] in known


@pytest.mark.parametrize("name", OURS)
def test_each_environment_is_of_settings_that_exist_and_agree(name: str) -> None:
    environment = {key.lower(): value for key, value in OURS[name]["environment"].items()}
    assert set(environment) <= set(Settings.model_fields)
    settings = _settings(**environment)
    assert settings.workers == "apart"
    check_workers(settings, is_worker=OURS[name]["command"] == ["worker"])


def test_bots_and_workers_start_after_the_migration_and_are_asked_for_their_health() -> None:
    for name, one in OURS.items():
        if name == "migrate":
            assert one["depends_on"]["postgres"]["condition"] == "service_healthy"
            continue
        assert one["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        asked = one["healthcheck"]["test"][-1]
        assert f":{one['environment']['HEALTH_PORT']}/health" in asked


def test_the_code_of_the_health_check_is_python() -> None:
    for one in OURS.values():
        compile(one["healthcheck"].get("test", ["pass"])[-1], "health", "exec")


def test_the_image_installs_by_hash_runs_as_nobody_special_and_holds_the_program() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert re.search(r"^USER daybook$", DOCKERFILE, re.MULTILINE)
    assert 'ENTRYPOINT ["python", "-m", "bot"]' in DOCKERFILE
    copied = re.findall(r"^COPY (?!--)(\S+)", DOCKERFILE, re.MULTILINE)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    offered = (ROOT / ".dockerignore").read_text().splitlines()
    assert [name for name in copied if f"!{name}" not in offered] == []


@pytest.mark.parametrize(
    ("values", "is_worker"),
    [({}, True), ({"workers": "apart"}, False), ({"workers": "apart"}, True)],
)
def test_workers_beside_sqlite_are_refused_by_name(values: dict[str, Any], is_worker: bool) -> None:
    with pytest.raises(BadSetting, match="SQLite is for one process"):
        check_workers(_settings(**values), is_worker=is_worker)


def test_one_process_on_sqlite_and_any_on_postgres_are_fine() -> None:
    check_workers(_settings(), is_worker=False)
    url = "postgresql://daybook@localhost/daybook"
    check_workers(_settings(database_url=url, workers="apart"), is_worker=True)
