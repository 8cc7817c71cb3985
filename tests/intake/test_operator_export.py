"""``daybook export``, for whoever runs the bot."""

import asyncio
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.cli import app
from bot.db.session import Database
from bot.entries.tables import Entry
from bot.errors import BadInput
from bot.feedback.tables import Feedback
from bot.intake.feedback_file import read_feedback_file
from bot.intake.operator_export import export_feedback, form_of, write_new_file
from bot.workspaces.tables import Channel, Workspace

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
TEAM = "team"


async def _logged(db: Database) -> None:
    async with db.write() as session:
        session.add(Workspace(id=TEAM, team_id="T1", created_at=AT))
        await session.flush()
        for channel, is_private in (("C1", False), ("C2", True)):
            session.add(
                Channel(workspace_id=TEAM, id=channel, is_private=is_private, refreshed_at=AT)
            )
        said = {"f1": ("=cmd|calc", "C1", None), "f2": ("secret", "C2", None), "f3": ("", "C1", AT)}
        for number, (id_, (text, channel, redacted_at)) in enumerate(said.items(), 1):
            session.add(
                Feedback(
                    workspace_id=TEAM,
                    id=id_,
                    number=number,
                    text=text,
                    kind="bug",
                    said_at=AT,
                    logged_at=AT,
                    source_channel_id=channel,
                    redacted_at=redacted_at,
                )
            )


async def test_the_operator_gets_what_all_may_see_and_the_log_says_so(db: Database) -> None:
    await _logged(db)
    made = await export_feedback(db, "csv", with_private=False, at=AT)
    assert (made.name, made.rows) == ("daybook-feedback-2026-05-18.csv", 1)
    assert b"'=cmd|calc" in made.content
    assert b"secret" not in made.content
    async with db.read() as session:
        [line] = await session.scalars(select(Entry).where(Entry.kind == "export.made"))
    assert (line.actor, line.facts) == ("", {"files": [made.name], "rows": 1})


async def test_private_channels_come_when_they_are_asked_for_and_removed_words_never(
    db: Database,
) -> None:
    await _logged(db)
    made = await export_feedback(db, "jsonl", with_private=True, at=AT)
    texts = [json.loads(line)["text"] for line in made.content.decode().splitlines()]
    assert texts == ["secret", "=cmd|calc"]
    found = read_feedback_file(made.name, made.content.decode())
    assert [one.text for one in found.rows] == texts


async def test_before_the_first_start_there_is_nothing_to_export(db: Database) -> None:
    with pytest.raises(BadInput, match="does not know your workspace"):
        await export_feedback(db, "csv", with_private=False, at=AT)


def test_the_command_writes_a_file_that_only_its_user_reads(
    tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "daybook.db"
    database.write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite+aiosqlite:///{database}"
    monkeypatch.setenv("DATABASE_URL", url)

    async def fill() -> None:
        db = Database(url)
        await _logged(db)
        await db.close()

    asyncio.run(fill())
    file = tmp_path / "all.jsonl"
    assert "2 lines" in CliRunner().invoke(app, ["export", str(file), "--private"]).stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_bytes().splitlines()) == 2
    shown = CliRunner().invoke(app, ["export"]).stdout
    assert "number,text,customer" in shown


@pytest.mark.parametrize(
    ("file", "told", "form"),
    [("a.jsonl", "", "jsonl"), ("a.csv", "", "csv"), ("-", "", "csv"), ("a.csv", "jsonl", "jsonl")],
)
def test_the_form_is_what_was_told_or_what_the_name_says(file: str, told: str, form: str) -> None:
    assert form_of(file, told) == form


def test_an_unknown_form_and_a_file_that_is_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="csv, jsonl"):
        form_of("-", "xlsx")
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(BadInput, match="there already"):
        write_new_file(tmp_path / "a.csv", b"")
    with pytest.raises(BadInput, match="cannot be written"):
        write_new_file(tmp_path / "none" / "a.csv", b"")
    assert (tmp_path / "a.csv").read_text() == "mine"
