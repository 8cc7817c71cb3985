"""Daybook's own metrics: counts of what every member may see, and no word of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.db.session import Database
from bot.db.types import new_id
from bot.entries.log import Line, append
from bot.feedback.tables import Feedback, FollowUp, Theme
from bot.metrics.builtin import Window, read_built_in
from bot.workspaces.tables import Channel, Workspace

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 5, 11)
NOON = datetime(2026, 5, 11, 10, 0, tzinfo=UTC)
WEEK = Window(MONDAY, MONDAY + timedelta(days=6), BERLIN)
WORKSPACE = "w1"


@pytest.fixture
async def filled(db: Database) -> Database:
    async with db.write() as session:
        session.add(Workspace(id=WORKSPACE, team_id="T1", created_at=NOON, settings={}))
        await session.flush()
        for channel_id, is_private in (("C0PUBLIC", False), ("C0SECRET", True)):
            session.add(
                Channel(
                    workspace_id=WORKSPACE, id=channel_id, is_private=is_private, refreshed_at=NOON
                )
            )
    return db


def _feedback(number: int, at: datetime, channel: str = "C0PUBLIC", **more: Any) -> Feedback:
    known: dict[str, Any] = {
        "workspace_id": WORKSPACE,
        "id": new_id(),
        "number": number,
        "text": "words",
        "source_channel_id": channel,
        "message_ts": f"{number}.0",
        "kind": "request",
        "said_at": at,
        "logged_at": at,
    }
    return Feedback(**(known | more))


async def _values(db: Database, name: str) -> dict[date, float | None]:
    async with db.read() as session:
        return dict(await read_built_in(session, WORKSPACE, name, WEEK))


async def test_feedback_is_counted_by_local_day_without_private_channels_and_withdrawals(
    filled: Database,
) -> None:
    late = datetime(2026, 5, 11, 22, 30, tzinfo=UTC)  # Tuesday in Berlin
    async with filled.write() as session:
        session.add_all(
            [
                _feedback(1, NOON),
                _feedback(2, late),
                _feedback(3, NOON, "C0SECRET"),
                _feedback(4, NOON, withdrawn_at=late),
            ]
        )
    values = await _values(filled, "daybook_feedback")
    assert (values[MONDAY], values[MONDAY + timedelta(days=1)]) == (1.0, 1.0)
    assert values[MONDAY + timedelta(days=2)] == 0.0


async def test_days_before_the_workspace_began_are_no_zeros(filled: Database) -> None:
    async with filled.read() as session:
        early = Window(MONDAY - timedelta(days=3), MONDAY, BERLIN)
        values = await read_built_in(session, WORKSPACE, "daybook_feedback", early)
    assert list(values) == [MONDAY]


async def test_a_theme_is_open_until_it_is_shipped(filled: Database) -> None:
    shipped = NOON + timedelta(days=3)
    async with filled.write() as session:
        for number, status in ((1, "open"), (2, "shipped")):
            session.add(
                Theme(
                    workspace_id=WORKSPACE,
                    id=f"t{number}",
                    number=number,
                    name="Import",
                    status=status,
                    group_id=number,
                    created_at=NOON,
                )
            )
        await session.flush()
        line = Line(kind="theme.shipped", subject_kind="theme", subject_id="t2")
        await append(session, WORKSPACE, line, at=shipped)
    values = await _values(filled, "daybook_open_themes")
    assert [values[day] for day in WEEK.days()] == [2, 2, 2, 1, 1, 1, 1]


async def test_the_told_rate_leaves_out_days_on_which_nobody_was_to_be_told(
    filled: Database,
) -> None:
    due = NOON + timedelta(days=2)
    async with filled.write() as session:
        session.add(_feedback(1, NOON))
        for number, told_at in ((1, due + timedelta(days=1)), (2, None)):
            session.add(
                FollowUp(
                    workspace_id=WORKSPACE,
                    id=f"f{number}",
                    asker_key=f"a{number}",
                    feedback_id="x",
                    owner_id="U1",
                    subject_kind="launch",
                    subject_id="l1",
                    event="shipped",
                    state="told" if told_at else "to_tell",
                    source_channel_id="C0PUBLIC",
                    created_at=due,
                    told_at=told_at,
                )
            )
    values = await _values(filled, "daybook_told_rate")
    assert MONDAY not in values
    assert values[MONDAY + timedelta(days=2)] == 0
    assert values[MONDAY + timedelta(days=3)] == 50


async def test_launches_are_counted_on_the_day_they_were_recorded(filled: Database) -> None:
    async with filled.write() as session:
        for channel in ("C0PUBLIC", "C0SECRET"):
            line = Line(
                kind="launch.created",
                subject_kind="launch",
                subject_id=new_id(),
                source_channel_id=channel,
            )
            await append(session, WORKSPACE, line, at=NOON)
    assert (await _values(filled, "daybook_launches"))[MONDAY] == 1
