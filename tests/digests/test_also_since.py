"""What a channel's budget put off comes with its digest, whole, in the thread; else next morning."""

from datetime import UTC, date, datetime, time

from sqlalchemy import select

from bot.clock import Daily, Rule
from bot.db.types import new_id
from bot.digests.queries import digest_to_run
from bot.digests.rules import JOB
from bot.engine.deliveries import Cause, plan_post
from bot.engine.queue import SlotWork
from bot.engine.tables import Occurrence
from bot.slack.blocks import Message, section
from jobs.digest_parts import plan_head
from tests.conftest import Stage
from tests.digests.conftest import subscribe

TUESDAY = datetime(2026, 5, 19, tzinfo=UTC)


async def over_budget(stage: Stage, *texts: str) -> None:
    """Six messages that go out, and more that do not."""
    at = stage.deps.clock.now()
    async with stage.deps.db.write() as session:
        for text in (*(f"Message {n}" for n in range(6)), *texts):
            cause = Cause(stage.workspace_id, f"occurrence:{text}", at, stage.who.ana, text)
            await plan_post(session, cause, stage.rooms.product, "head", Message(text))
    await stage.settle()


def said(stage: Stage, text: str) -> list[str | None]:
    """The threads in which a text stands; None is the channel itself."""
    posts = stage.posts(stage.rooms.product)
    return [m.thread_ts for m in posts if m.text == text]


async def test_a_digest_tells_what_was_put_off_in_its_thread(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product)
    await over_budget(stage, "Sign-ups are unusual")
    assert said(stage, "Sign-ups are unusual") == []
    await stage.run_until(stage.deps.clock.now().replace(hour=7, minute=1))
    digest = next(m for m in stage.posts(stage.rooms.product) if "Also since" in str(m.blocks))
    assert "Sign-ups are unusual" in str(digest.blocks)
    assert said(stage, "Sign-ups are unusual") == [digest.ts]


async def test_without_a_digest_one_message_comes_next_morning(stage: Stage) -> None:
    await stage.run_until(stage.deps.clock.now().replace(hour=10))
    await over_budget(stage, "First alert", "Second alert")
    await stage.run_until(TUESDAY.replace(hour=8, minute=59))
    assert said(stage, "First alert") == []
    await stage.run_until(TUESDAY.replace(hour=9))
    [bundle] = [m for m in stage.posts(stage.rooms.product) if "Also since" in str(m.blocks)]
    assert bundle.text == "2 messages came after this channel had its messages of the day."
    assert said(stage, "First alert") == [bundle.ts]
    assert said(stage, "Second alert") == [bundle.ts]


async def test_a_digest_of_the_weekend_is_told_by_mondays(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product, rule=Rule(at=time(9), on=Daily()))
    posted = []
    for day in (22, 23, 24, 25):  # Friday to Monday
        await stage.run_until(datetime(2026, 5, day, 7, 1, tzinfo=UTC))
        posted.append(len([m for m in stage.posts(stage.rooms.product) if not m.is_reply]))
    friday = posted[0]
    assert posted == [friday, friday, friday, friday + 1]
    async with stage.deps.db.read() as session:
        query = select(Occurrence.result).where(Occurrence.slot == date(2026, 5, 23))
        assert (await session.scalars(query)).all() == [
            "skipped: weekend; told by the digest of Mon 25 May, 09:00 (Europe/Berlin)"
        ]


async def test_a_full_digest_tells_what_was_put_off_in_its_thread_so_that_its_picture_fits(
    stage: Stage,
) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    await over_budget(stage, "Sign-ups are unusual")
    at = stage.deps.clock.now()
    work = SlotWork(
        stage.workspace_id, new_id(), JOB, digest.id, "", at.date(), at, at, 1, "", "", "",
        "Europe/Berlin", 180,
    )  # fmt: skip
    full = Message("Full", [section(f"Metric {n}") for n in range(49)])
    async with stage.deps.db.write() as session:
        view = await digest_to_run(session, stage.workspace_id, digest.id)
        assert view
        _, message = await plan_head(session, work.measured, work, view, full)
    assert len(message.blocks) == 49  # one is kept for the picture
    await stage.settle()
    head = next(m for m in stage.posts(stage.rooms.product) if m.text == "Full")
    also = next(m for m in stage.posts(stage.rooms.product) if m.text == "Also since")
    assert also.thread_ts == head.ts
    assert "Sign-ups are unusual" in str(also.blocks)
