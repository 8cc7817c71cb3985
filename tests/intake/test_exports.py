"""What is taken out: safe in a spreadsheet, and read back as it was."""

import csv
import io
import json
from datetime import UTC, datetime

from bot.intake.exports import Row, write_csv, write_jsonl
from bot.intake.feedback_file import FORMULA_SIGNS, read_feedback_file
from tests.conftest import Stage
from tests.feedback.desk import items, react, said, top_view
from tests.intake.test_imports import bring_in

SIGNS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", " =1",
         "\u200b=1", "'=1", "'tis", "plain, \"quoted\"\nand more"]  # fmt: skip


def _row(text: str) -> Row:
    return {"number": 1, "text": text, "customer": text, "email": "", "kind": "bug",
            "area": "", "importance": 3, "said_at": "2026-05-01T00:00:00+00:00"}  # fmt: skip


def test_no_cell_of_a_csv_export_is_a_formula() -> None:
    content = write_csv([_row(text) for text in SIGNS]).decode("utf-8-sig")
    for line in csv.reader(io.StringIO(content, newline="")):
        for cell in line:
            assert not cell.startswith(FORMULA_SIGNS)
            assert cell.lstrip(" \u200b")[:1] not in FORMULA_SIGNS


def test_an_export_is_read_back_as_it_was_in_either_form() -> None:
    rows = [_row(text) for text in SIGNS]
    for name, content in (("a.csv", write_csv(rows)), ("a.jsonl", write_jsonl(rows))):
        found = read_feedback_file(name, content.decode("utf-8-sig"))
        assert (found.problems, found.left_out) == ((), ())
        assert [one.text for one in found.rows] == [text.strip() for text in SIGNS]
        first = found.rows[0]
        assert (first.kind, first.importance) == ("bug", 3)
        assert first.said_at == datetime(2026, 5, 1, tzinfo=UTC)


def test_json_lines_of_other_records_are_no_feedback() -> None:
    content = write_jsonl([{"record": "launch", "title": "x"}, {"record": "feedback", "text": "y"}])
    assert [one.text for one in read_feedback_file("a.jsonl", content.decode()).rows] == ["y"]


async def test_a_member_gets_what_they_may_see_as_a_file_that_can_be_imported_again(
    stage: Stage,
) -> None:
    await react(stage, await said(stage, "=cmd|calc wants an export"))
    leads = await stage.people.post(stage.who.ana, stage.rooms.leads, "The board wants SSO")
    await react(stage, leads, stage.rooms.leads)
    assert len(await items(stage)) == 2

    content = {}
    for user in (stage.who.ana, stage.who.ben):
        await stage.people.command(user, stage.rooms.voice, "/daybook export")
        form = {"kinds": ["feedback", "customers"], "form": "jsonl"}
        await stage.people.submit(user, top_view(stage, user).id, form)
        await stage.settle()
        [file_id] = stage.dms(user)[-1].files
        content[user] = (stage.world.files.content(file_id) or b"").decode()
    texts = {
        user: [json.loads(line)["text"] for line in lines.splitlines()]
        for user, lines in content.items()
    }
    assert texts[stage.who.ben] == ["=cmd|calc wants an export"]
    assert len(texts[stage.who.ana]) == 2
    told = await bring_in(stage, "again.jsonl", content[stage.who.ana])
    assert "0 lines added, 2 known already" in told
