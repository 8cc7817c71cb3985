"""What a channel's budget put off is told the next morning, whatever becomes of its digests."""

from datetime import UTC, date, datetime, time, timedelta

from bot.clock import WORKING_DAYS, Rule, Weekly
from bot.digests.tables import Digest
from bot.engine.budget import DEFAULT_BUDGET
from bot.engine.deliveries import Cause, plan_post
from bot.slack.blocks import Message
from tests.conftest import Stage
from tests.digests import conftest as digests
from tests.digests.conftest import subscribe

product, metrics_yaml = digests.product, digests.metrics_yaml
AT_FIVE = Rule(at=time(17), on=Weekly(days=WORKING_DAYS))
MONDAY_AT_TEN = datetime(2026, 5, 18, 8, 0, tzinfo=UTC)  # in Berlin


async def test_a_digest_that_is_snoozed_holds_back_what_was_put_off_for_a_day_only(
    stage: Stage,
) -> None:
    room = stage.rooms.product
    digest = await subscribe(stage, room, rule=AT_FIVE)
    await stage.run_until(MONDAY_AT_TEN)
    async with stage.deps.db.write() as session:
        row = await session.get_one(Digest, (stage.workspace_id, digest.id))
        row.snoozed_until = date(2026, 6, 1)
        for number in range(DEFAULT_BUDGET + 1):
            cause = Cause(stage.workspace_id, f"occurrence:{number}", stage.deps.clock.now())
            await plan_post(session, cause, room, "head", Message(f"Message {number}"))
    await stage.run_until(MONDAY_AT_TEN + timedelta(days=1))
    assert len(stage.posts(room)) == DEFAULT_BUDGET
    await stage.run_until(MONDAY_AT_TEN + timedelta(days=2))
    *_, bundle, whole = stage.posts(room)
    assert "One message came after this channel had its messages of the day." in bundle.text
    assert (whole.text, whole.thread_ts) == (f"Message {DEFAULT_BUDGET}", bundle.ts)
