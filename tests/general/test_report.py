"""``daybook status``: for whoever runs the bot, without what private channels say."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bot.clock import Daily, Rule
from bot.db.session import Database
from bot.engine.schedules import Plan, put_schedule
from bot.engine.tables import Delivery
from bot.general.report import has_failures, read_report
from bot.slack.gateway import Identity
from bot.workspaces.directory import register

MONDAY = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


async def test_the_operator_sees_each_schedule_in_a_named_zone_and_each_failure(
    db: Database,
) -> None:
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    workspace = await register(db, identity, at=MONDAY)
    rule = Rule(at=time(9), on=Daily())
    async with db.write() as session:
        plan = Plan("digest.post", "d1", rule, "Europe/Berlin", "U0ANA")
        await put_schedule(session, workspace.id, plan, at=MONDAY)
    told = await read_report(db, NEW_YORK, at=MONDAY)
    assert told == (
        "Northstar (times in America/New_York)\n"
        "  A digest: next Mon 18 May, 03:00 (Mon 18 May, 09:00 Europe/Berlin); has not run yet"
    )
    assert not has_failures(told)

    async with db.write() as session:
        session.add(
            Delivery(
                workspace_id=workspace.id,
                cause="act:1",
                target="C0SECRET",
                part="head",
                method="post",
                payload={},
                key="k",
                label="The digest of a secret",
                state="failed",
                error="Slack refused chat.postMessage: is_archived",
                not_before=MONDAY,
                planned_at=MONDAY,
            )
        )
    told = await read_report(db, NEW_YORK, at=MONDAY)
    assert has_failures(told)
    assert "to C0SECRET" in told
    assert "The channel is archived." in told
    assert "secret" not in told


async def test_without_a_workspace_it_says_how_to_start(db: Database) -> None:
    assert "daybook run" in await read_report(db, NEW_YORK, at=MONDAY)
