"""``daybook doctor``: names the one missing thing and how to mend it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.doctor import Finding, examine, render_findings
from bot.settings import Settings
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings as ServerSettings
from playground.server.world import World
from tests.conftest import MANIFEST


@dataclass
class Patient:
    """A complete installation, to be spoilt."""

    people: People
    values: dict[str, Any]

    async def examine(self, **spoilt: Any) -> dict[str, Finding]:
        settings = Settings(_env_file=None, **(self.values | spoilt))
        return {finding.what: finding for finding in await examine(settings)}


@pytest.fixture
async def patient(database_url: str, tmp_path: Path) -> AsyncIterator[Patient]:
    world = World.open(":memory:", team_name="Northstar")
    server = ServerSettings(port=0)
    (tmp_path / "metrics.yaml").write_text("metrics: []\n")
    people = People(world, MANIFEST, server)
    async with serving(build_app(world, people, MANIFEST, server), server) as url:
        values = {
            "slack_bot_token": world.app.bot_token,
            "slack_app_token": world.app.app_token,
            "slack_api_url": f"{url}/api/",
            "database_url": database_url,
            "metrics_file": tmp_path / "metrics.yaml",
        }
        yield Patient(people, values)
    world.close()


def _broken(findings: dict[str, Finding]) -> list[str]:
    return [name for name, finding in findings.items() if finding.is_broken]


async def test_a_complete_installation_is_well(patient: Patient) -> None:
    findings = await patient.examine()
    assert _broken(findings) == []
    assert "Northstar" in findings["Slack"].said
    assert "up to date" in findings["Database"].said
    assert "All well" in render_findings(list(findings.values()))


@pytest.mark.parametrize(
    ("spoilt", "what", "word"),
    [
        ({"slack_bot_token": ""}, "Settings", "SLACK_BOT_TOKEN"),
        ({"slack_bot_token": "xoxb-wrong"}, "Slack", "invalid_auth"),
        ({"slack_app_token": "xapp-wrong"}, "Socket Mode", "invalid_auth"),
        ({"slack_api_url": "http://127.0.0.1:9/"}, "Slack", "cannot be reached"),
        ({"database_url": "postgresql://nobody@127.0.0.1:9/x"}, "Database", "cannot be opened"),
    ],
)
async def test_what_is_wrong_is_named_with_its_fix(
    patient: Patient, spoilt: dict[str, Any], what: str, word: str
) -> None:
    findings = await patient.examine(**spoilt)
    assert findings[what].is_broken
    assert word in findings[what].said
    assert findings[what].fix
    assert f"Mend this first: {_broken(findings)[0]}" in render_findings(list(findings.values()))


async def test_every_fault_is_named_not_the_first_alone(patient: Patient) -> None:
    patient.values["metrics_file"].write_text("metrics: 3")
    spoilt = {"slack_bot_token": "xoxb-wrong", "slack_app_token": "xapp-wrong"}
    settings = Settings(_env_file=None, **(patient.values | spoilt))
    findings = await examine(settings, {"PORT": "must be at most 65535"})
    broken = [one.what for one in findings if one.is_broken]
    assert broken == ["PORT", "Slack", "Socket Mode", "Metrics"]
    assert all(one.fix for one in findings if one.is_broken)
    assert "4 things to mend" in render_findings(findings)


async def test_a_token_is_not_sent_anywhere_while_slacks_address_is_wrong() -> None:
    settings = Settings(_env_file=None, slack_bot_token="xoxb-1", slack_app_token="xapp-1")
    findings = await examine(settings, {"SLACK_API_URL": "wrong", "DATABASE_URL": "wrong"})
    assert not {"Slack", "Socket Mode", "Database", "Settings"} & {one.what for one in findings}


async def test_a_missing_scope_is_named(patient: Patient) -> None:
    patient.people.workspace.manifest.scopes.remove("files:write")
    findings = await patient.examine()
    assert findings["Permissions"].said == "missing: files:write"
    assert not findings["Permissions"].is_broken
    patient.people.workspace.manifest.scopes.remove("chat:write")
    assert (await patient.examine())["Permissions"].is_broken


async def test_a_malformed_metrics_file_is_told_with_its_place(patient: Patient) -> None:
    patient.values["metrics_file"].write_text("metrics:\n  - name: 3\n    oops\n")
    findings = await patient.examine()
    assert findings["Metrics"].is_broken
    assert "metrics.yaml" in f"{findings['Metrics'].said} {findings['Metrics'].fix}"


async def test_a_metrics_file_that_was_named_and_is_not_there_is_told(patient: Patient) -> None:
    patient.values["metrics_file"].unlink()
    assert (await patient.examine())["Metrics"].is_broken
    del patient.values["metrics_file"]
    assert not (await patient.examine())["Metrics"].is_broken


async def test_a_database_that_is_not_there_yet_is_no_problem(
    patient: Patient, tmp_path: Path
) -> None:
    findings = await patient.examine(database_url=f"sqlite:///{tmp_path / 'new' / 'x.db'}")
    assert not findings["Database"].is_broken
    assert "makes it" in findings["Database"].said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_is_no_database_is_told(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("this is not a database, " * 100)
    findings = await patient.examine(database_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert findings["Database"].is_broken


async def test_no_secret_stands_in_what_is_told(patient: Patient) -> None:
    secret = "sk-very-secret"
    findings = await patient.examine(
        openai_api_key=secret, database_url=f"postgresql://u:{secret}@127.0.0.1:9/x"
    )
    told = render_findings(list(findings.values()))
    for value in (secret, patient.values["slack_bot_token"], patient.values["slack_app_token"]):
        assert value not in told
