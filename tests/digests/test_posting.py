"""A digest at its time: once, to those who may see it, and told when it fails."""

import json
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from bot.db.types import new_id
from bot.digests import service
from bot.digests.edition import read_edition
from bot.digests.queries import find_digest
from bot.digests.tables import DigestPost
from bot.engine.tables import Occurrence
from bot.entries.tables import Entry
from bot.metrics.tables import Metric
from bot.workspaces.asker import Asker
from playground.server.rows import Message
from tests.conftest import Stage
from tests.digests.conftest import declare_all, metric_id, resync, subscribe
from tests.metrics.product import Product

NINE = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)  # Monday, 9:00 in Berlin
SUNDAY = date(2026, 5, 17)


def _words(message: Message) -> str:
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


async def _sync(stage: Stage, product: Product) -> None:
    declare_all(product, stage)
    await resync(stage, product)


def _leader(stage: Stage) -> Asker:
    return Asker(stage.workspace_id, stage.who.ana, sees_public=True)


async def _posts(stage: Stage) -> list[DigestPost]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(DigestPost).order_by(DigestPost.at)))


async def test_a_digest_posts_once_at_its_local_time_with_a_picture(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product)
    await stage.run_until(NINE - timedelta(seconds=1))
    assert stage.posts(stage.rooms.product) == []
    await stage.run_until(NINE + timedelta(hours=2))

    [message] = stage.posts(stage.rooms.product)
    assert "A calm Sunday: Sign-ups at " in message.text
    images = [block for block in message.blocks if block["type"] == "image"]
    assert len(images) == 1
    assert "Sign-ups" in images[0]["alt_text"]
    [post] = await _posts(stage)
    assert (post.kind, post.slot) == ("scheduled", date(2026, 5, 18))
    async with stage.deps.db.read() as session:
        kinds = list(
            await session.scalars(
                select(Entry.kind).where(Entry.subject_kind == "digest").order_by(Entry.seq)
            )
        )
    assert kinds == ["digest.created", "digest.posted"]


async def test_an_edit_of_the_time_after_posting_does_not_post_the_same_day_twice(
    stage: Stage,
) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    await stage.run_until(NINE + timedelta(minutes=1))
    async with stage.deps.db.write() as session:
        row = await service.get_digest(session, stage.workspace_id, digest.id)
        rule = service.Rule.from_json(row.rule)
        wanted = service.Wanted(
            row.name, row.target, row.metric_ids, rule.model_copy(update={"at": rule.at.replace(10)}),
            "weekdays at 10:00", row.timezone,
        )  # fmt: skip
        await service.edit_digest(
            session, row, wanted, by=stage.who.ana, at=stage.daybook.clock.now()
        )
    await stage.run_until(NINE + timedelta(hours=8))
    assert len(stage.posts(stage.rooms.product)) == 1


async def test_tuesday_tells_of_monday_and_monday_covers_friday_and_the_weekend(
    stage: Stage, product: Product
) -> None:
    await stage.run_until(datetime(2026, 5, 22, 6, 0, tzinfo=UTC))  # Friday
    product.fill("sign_ups", date(2026, 5, 21))
    await subscribe(stage, stage.rooms.product)
    await stage.run_until(datetime(2026, 5, 22, 8, 0, tzinfo=UTC))
    product.fill("sign_ups", date(2026, 5, 24))
    await stage.run_until(datetime(2026, 5, 25, 8, 0, tzinfo=UTC))
    friday, monday = stage.posts(stage.rooms.product)
    assert "Thu 21 May" in friday.text
    assert "Sun 24 May" in monday.text
    line = next(b["text"]["text"] for b in monday.blocks if "accessory" in b)
    assert "Fri 1" in line
    assert "Sat " in line


async def test_a_private_metric_never_reaches_another_channel(
    stage: Stage, product: Product
) -> None:
    await _sync(stage, product)
    await subscribe(stage, stage.rooms.product, "sign_ups", "revenue")
    await subscribe(stage, stage.rooms.leads, "sign_ups", "revenue")
    await stage.run_until(NINE + timedelta(minutes=5))

    [public] = stage.posts(stage.rooms.product)
    [private] = stage.posts(stage.rooms.leads)
    assert "Revenue" not in _words(public)
    assert "1 metric is left out" in _words(public)
    assert "Revenue" in _words(private)


async def test_a_test_shows_what_the_channel_would_see_and_not_what_the_tester_may(
    stage: Stage, product: Product
) -> None:
    await _sync(stage, product)
    digest = await subscribe(stage, stage.rooms.product, "sign_ups", "revenue")
    async with stage.deps.db.write() as session:
        row = await service.get_digest(session, stage.workspace_id, digest.id)
        await service.run_digest(
            session, row, by=stage.who.ana, at=stage.daybook.clock.now(), target=stage.who.ana
        )
    await stage.settle()
    [test] = stage.dms(stage.who.ana)
    assert "Sign-ups" in _words(test)
    assert "Revenue" not in _words(test)
    assert "A test: only you see it." in _words(test)
    assert stage.posts(stage.rooms.product) == []


async def test_a_test_of_a_private_channels_digest_is_refused_to_who_is_not_in_it(
    stage: Stage, product: Product
) -> None:
    await _sync(stage, product)
    digest = await subscribe(stage, stage.rooms.leads, "revenue", owner=stage.who.ben)
    async with stage.deps.db.write() as session:
        row = await service.get_digest(session, stage.workspace_id, digest.id)
        await service.run_digest(
            session, row, by=stage.who.ben, at=stage.daybook.clock.now(), target=stage.who.ben
        )
    await stage.settle()
    told = " ".join(_words(message) for message in stage.dms(stage.who.ben))
    assert "Revenue" not in told
    assert "not in that channel" in told


async def test_guests_in_the_channel_keep_the_numbers_out_and_the_owner_is_told(
    stage: Stage,
) -> None:
    await subscribe(stage, stage.rooms.voice)  # gil, a guest, reads it
    await stage.run_until(NINE + timedelta(minutes=5))
    assert stage.posts(stage.rooms.voice) == []
    [told] = stage.dms(stage.who.ana)
    assert "was not posted to" in told.text
    assert "guests" in told.text


async def test_a_broken_metric_is_said_and_stops_no_other(stage: Stage, product: Product) -> None:
    await _sync(stage, product)
    await subscribe(stage, stage.rooms.product, "sign_ups", "uptime")
    await stage.run_until(NINE + timedelta(minutes=5))
    [message] = stage.posts(stage.rooms.product)
    assert "*Sign-ups* Sun 17 May" in _words(message)
    assert "Late: Uptime" in message.text or "Could not be read: Uptime" in message.text
    assert "The database file does not exist." in _words(message)


async def test_a_day_that_is_not_there_yet_is_said_to_be_late(
    stage: Stage, product: Product
) -> None:
    product.drop("sign_ups", SUNDAY)
    await subscribe(stage, stage.rooms.product)
    await stage.run_until(NINE + timedelta(minutes=5))
    [message] = stage.posts(stage.rooms.product)
    assert message.text.startswith("No new numbers yet for Sign-ups.")
    assert "Nothing for Sun 17 May yet" in _words(message)


async def test_a_drop_stands_in_the_headline_with_its_numbers(
    stage: Stage, product: Product
) -> None:
    product.put("sign_ups", SUNDAY, 12)
    await subscribe(stage, stage.rooms.product)
    await stage.run_until(NINE + timedelta(minutes=5))
    [message] = stage.posts(stage.rooms.product)
    assert message.text.startswith("Sign-ups stood out on Sunday: 12 teams, below the usual ")


async def test_a_quiet_day_is_skipped_when_asked_for_and_remembered_as_skipped(
    stage: Stage,
) -> None:
    await subscribe(stage, stage.rooms.product, skip_if_empty=True)
    await stage.run_until(NINE + timedelta(minutes=5))
    assert stage.posts(stage.rooms.product) == []
    assert [post.kind for post in await _posts(stage)] == ["skipped"]


async def test_down_over_nine_it_posts_late_and_says_so_until_noon(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product)
    stage.daybook.clock.set(NINE + timedelta(hours=2))
    await stage.settle()
    [message] = stage.posts(stage.rooms.product)
    assert "Late: it was due at 09:00 Europe/Berlin" in _words(message)


async def test_down_past_noon_it_is_skipped_with_the_reason(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product)
    stage.daybook.clock.set(NINE + timedelta(hours=3, minutes=1))
    await stage.settle()
    assert stage.posts(stage.rooms.product) == []
    async with stage.deps.db.read() as session:
        [occurrence] = list(await session.scalars(select(Occurrence)))
    assert (occurrence.state, occurrence.result) == ("skipped", "skipped: 181 minutes late")


async def test_kicked_from_the_channel_the_owner_hears_what_why_and_can_resend(
    stage: Stage,
) -> None:
    await subscribe(stage, stage.rooms.product)
    stage.world.channels.remove_member(stage.rooms.product, stage.world.bot.id)
    await stage.run_until(NINE + timedelta(minutes=5))
    [told] = stage.dms(stage.who.ana)
    assert "The digest “Product numbers”" in told.text
    assert "Invite me" in told.text
    assert "Send it again" in json.dumps(told.blocks)


async def test_a_paused_digest_posts_nothing_and_a_resumed_one_goes_on(stage: Stage) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    async with stage.deps.db.write() as session:
        row = await service.get_digest(session, stage.workspace_id, digest.id)
        await service.pause_digest(session, row, by=stage.who.ana, at=NINE)
    await stage.run_until(NINE + timedelta(minutes=5))
    assert stage.posts(stage.rooms.product) == []
    async with stage.deps.db.write() as session:
        row = await service.get_digest(session, stage.workspace_id, digest.id)
        now = stage.daybook.clock.now()
        await service.resume_digest(session, row, by=stage.who.ana, at=now)
    await stage.run_until(NINE + timedelta(days=1, minutes=5))
    assert len(stage.posts(stage.rooms.product)) == 1


async def test_a_run_that_is_done_again_after_a_crash_is_told_and_kept_once(
    stage: Stage,
) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    posted = service.Posted(new_id(), SUNDAY, "scheduled", stage.rooms.product, NINE, {})
    for _ in range(2):
        async with stage.deps.db.write() as session:
            row = await service.get_digest(session, stage.workspace_id, digest.id)
            await service.record_post(session, row, posted, by="", at=NINE)
    assert len(await _posts(stage)) == 1


async def test_daybooks_own_metrics_need_no_set_up(stage: Stage) -> None:
    await subscribe(stage, stage.who.ana, "daybook_feedback", "daybook_open_themes")
    assert await metric_id(stage, "daybook_launches")
    await stage.run_until(NINE + timedelta(minutes=5))
    [message] = stage.dms(stage.who.ana)
    assert "Feedback logged" in message.text


async def test_a_metric_whose_name_left_the_file_is_said_to_be_retired_once(
    stage: Stage, product: Product
) -> None:
    product.fill("sign_ups", date(2026, 5, 19))
    await subscribe(stage, stage.rooms.product, "sign_ups", "daybook_launches")
    await subscribe(stage, stage.who.ana, "sign_ups")
    product.file.write_text(product.text().replace("name: sign_ups", "name: new_teams"))
    await resync(stage, product)
    await stage.run_until(NINE + timedelta(minutes=5))
    [message] = stage.posts(stage.rooms.product)
    assert "Retired, and shown no more: Sign-ups." in _words(message)
    assert "not everybody" not in _words(message)
    [told] = stage.dms(stage.who.ana)
    assert "All of its metrics were retired" in told.text

    await stage.people.command(stage.who.ana, stage.rooms.product, "/digest list")
    listed = await stage.people.ephemerals(stage.who.ana, stage.rooms.product)
    assert "Sign-ups (retired)" in _words(listed[-1])
    await stage.run_until(NINE + timedelta(days=1, minutes=5))
    assert "Retired" not in _words(stage.posts(stage.rooms.product)[-1])


async def test_data_is_as_old_as_the_oldest_number_that_can_be_read(
    stage: Stage, product: Product
) -> None:
    await _sync(stage, product)
    digest = await subscribe(stage, stage.rooms.product, "sign_ups", "uptime")
    await stage.run_until(NINE + timedelta(minutes=5))
    async with stage.deps.db.write() as session:
        uptime = await session.get_one(
            Metric, (stage.workspace_id, await metric_id(stage, "uptime"))
        )
        uptime.read_at = NINE - timedelta(days=30)
    async with stage.deps.db.read() as session:
        view = await find_digest(session, _leader(stage), digest.id)
        edition = await read_edition(session, _leader(stage), view, None, at=NINE)
    assert edition.as_of
    assert edition.as_of >= NINE - timedelta(minutes=1)
