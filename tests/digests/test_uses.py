"""Useful or not, snoozed, brought back, and the digest that proposes its own end."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.db.types import new_id
from bot.digests.tables import Digest, DigestPost, DigestVote
from bot.digests.uses import Use, is_unused
from bot.entries.tables import Entry
from playground.server.rows import Message
from tests.conftest import Stage
from tests.digests.conftest import subscribe
from tests.metrics.product import Product

NINE = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)  # Monday, 9:00 in Berlin
LATER = timedelta(minutes=5)
SILENT = Use(NINE, is_used=False, useful=0, not_useful=0)
LIKED, DISLIKED = replace(SILENT, useful=1), replace(SILENT, not_useful=1)
OPENED = replace(SILENT, is_used=True)


@pytest.mark.parametrize(
    ("uses", "unused"),
    [
        ([SILENT] * 10, True),
        ([SILENT] * 9, False),
        ([SILENT] * 9 + [OPENED], False),
        ([SILENT] * 9 + [LIKED], False),
        ([DISLIKED] * 3, True),
        ([DISLIKED] * 2, False),
        ([DISLIKED] * 5 + [LIKED], False),
        ([], False),
    ],
)
def test_a_digest_is_unused_after_ten_silent_posts_or_three_who_said_so(
    uses: list[Use], unused: bool
) -> None:
    assert is_unused(uses, posts=10, against=3) == unused


async def _press(stage: Stage, user: str, action: str, message: Message) -> None:
    answer = await stage.people.click(user, action, channel=message.channel, ts=message.ts)
    assert answer.ok, answer
    await stage.settle()


async def _votes(stage: Stage) -> list[bool]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(DigestVote.is_useful)))


async def _digest(stage: Stage) -> Digest:
    async with stage.deps.db.read() as session:
        return (await session.scalars(select(Digest))).one()


async def test_a_word_on_a_post_counts_once_changes_and_can_be_taken_back(stage: Stage) -> None:
    room, ben = stage.rooms.product, stage.who.ben
    await subscribe(stage, room)
    await stage.run_until(NINE + LATER)
    [post] = stage.posts(room)
    before = json.dumps(post.blocks)
    await _press(stage, ben, "digest.post.useful", post)
    assert await _votes(stage) == [True]
    await _press(stage, ben, "digest.post.not_useful", post)
    assert await _votes(stage) == [False]
    await _press(stage, ben, "digest.post.not_useful", post)
    assert await _votes(stage) == []
    # Nobody else sees who said what: the message stays as it is, the answers are private.
    assert json.dumps(stage.posts(room)[0].blocks) == before
    assert len(stage.posts(room)) == 1
    assert (await stage.whispers(ben, room))[-1] == "Taken back."


async def test_a_snoozed_digest_is_silent_for_a_week_and_can_be_woken(
    stage: Stage, product: Product
) -> None:
    room, ben = stage.rooms.product, stage.who.ben
    await subscribe(stage, room)
    await stage.run_until(NINE + LATER)
    await _press(stage, ben, "digest.post.snooze", stage.posts(room)[0])
    _, note = stage.posts(room)
    assert note.thread_ts == stage.posts(room)[0].ts
    assert "nothing is posted before Mon 25 May" in note.text
    await stage.run_until(NINE + timedelta(days=1, hours=4))
    assert len(stage.posts(room)) == 2
    await _press(stage, ben, "digest.post.wake", note)
    await stage.run_until(NINE + timedelta(days=2) + LATER)
    assert len(stage.posts(room)) == 3
    async with stage.deps.db.read() as session:
        query = select(Entry.kind).where(Entry.subject_kind == "digest").order_by(Entry.seq)
        kinds = list(await session.scalars(query))
    assert kinds == [
        "digest.created", "digest.posted", "digest.snoozed", "digest.woken", "digest.posted",
    ]  # fmt: skip


async def test_a_digest_that_nobody_used_asks_its_owner_once_and_is_kept(stage: Stage) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    async with stage.deps.db.write() as session:
        for day in range(1, 11):
            past = NINE - timedelta(days=day)
            session.add(
                DigestPost(
                    workspace_id=stage.workspace_id, id=new_id(), digest_id=digest.id,
                    slot=past.date(), kind="scheduled", target=digest.target, facts={},
                    covers_from=past, at=past,
                )
            )  # fmt: skip
    await stage.run_until(NINE + timedelta(days=1) + LATER)
    [asked] = stage.dms(stage.who.ana)
    assert "should the digest product numbers" in asked.text.lower()
    assert "In its last 10 posts nobody found it useful" in json.dumps(asked.blocks)
    await _press(stage, stage.who.ana, "digest.card.keep", asked)
    assert (await _digest(stage)).state == "active"


async def test_opening_a_number_is_use(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product)
    await stage.run_until(NINE + LATER)
    [post] = stage.posts(stage.rooms.product)
    about = next(b["accessory"]["action_id"] for b in post.blocks if "accessory" in b)
    await _press(stage, stage.who.ben, about, post)
    async with stage.deps.db.read() as session:
        [row] = await session.scalars(select(DigestPost))
    assert row.used_at is not None


async def test_a_removed_digest_can_be_brought_back(stage: Stage) -> None:
    room, ana = stage.rooms.product, stage.who.ana
    digest = await subscribe(stage, room)
    await stage.people.command(ana, room, "/digest list")
    for action in (f"digest.card.remove:{digest.number}", "digest.card.restore"):
        note = (await stage.people.ephemerals(ana, room))[-1]
        await _press(stage, ana, action, note)
    assert (await _digest(stage)).state == "active"
    await stage.run_until(NINE + LATER)
    assert len(stage.posts(room)) == 1
