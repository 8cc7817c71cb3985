"""What tests of telling begin with: customers, their words, and a launch that answers them."""

from sqlalchemy import select

from bot.bets.betting import Subject
from bot.bets.judging import Given, record_verdict
from bot.bets.tables import Bet
from bot.feedback.tables import Feedback, FollowUp
from bot.launches import service as launches
from bot.launches.service import NewLaunch, create_launch, get_launch_row, move_stage
from bot.slack.blocks import Block
from bot.workspaces.customers import CustomerFacts, put_customer
from playground.server.rows import Message
from tests.conftest import Stage

EXPORT = "Please add a CSV export, ann@acme.test needs it every Friday"
SAME_WISH = "Please add a CSV export, joe@bolt.test needs it every Monday"


async def add_customer(stage: Stage, name: str, *, owner: str | None = None) -> str:
    facts = CustomerFacts(name, domains=(f"{name.lower()}.test",), owner_id=owner)
    async with stage.deps.db.write() as session:
        return await put_customer(session, stage.workspace_id, facts, at=stage.clock.at)


async def log_words(stage: Stage, text: str, *, channel: str = "", by: str = "") -> Feedback:
    """Ben pastes what a customer said; ana (or ``by``) logs it with the emoji."""
    room = channel or stage.rooms.voice
    author = stage.who.ben if room == stage.rooms.voice else stage.who.ana
    ts = await stage.people.post(author, room, text)
    await stage.people.react(by or stage.who.ana, room, ts, "memo")
    await stage.settle()
    async with stage.deps.db.read() as session:
        row = await session.scalar(select(Feedback).where(Feedback.message_ts == ts))
    assert row is not None
    return row


async def launch_for(
    stage: Stage,
    *items: Feedback,
    title: str = "CSV export",
    stage_: str = "live",
    room: str = "",
    owner: str = "",
) -> str:
    new = NewLaunch(
        title=title,
        owner_id=owner or stage.who.ben,
        channel_id=room or stage.rooms.product,
        created_by=owner or stage.who.ben,
        stage=stage_,
        theme_ids=tuple(dict.fromkeys(str(item.theme_id) for item in items)),
    )
    await stage.deps.places.all()[0].directory.channel(new.channel_id, at=stage.clock.at)
    async with stage.deps.db.write() as session:
        row = await create_launch(session, stage.workspace_id, new, at=stage.clock())
    await stage.settle()
    return row.id


async def move(stage: Stage, launch_id: str, to: str) -> None:
    async with stage.deps.db.write() as session:
        row = await get_launch_row(session, stage.workspace_id, launch_id)
        await move_stage(session, row, to, by=stage.who.ben, at=stage.clock())
    await stage.settle()


async def link_later(stage: Stage, launch_id: str, item: Feedback) -> None:
    """Somebody says afterwards who asked for a launch."""
    async with stage.deps.db.write() as session:
        row = await get_launch_row(session, stage.workspace_id, launch_id)
        themes = (str(item.theme_id),)
        await launches.link_sources(session, row, themes, "", by=row.owner_id, at=stage.clock())
    await stage.settle()


async def judge(stage: Stage, launch_id: str, verdict: str, *, next_step: str = "") -> None:
    """Give a verdict on a bet judged by hand; the bet is made where there is none."""
    async with stage.deps.db.write() as session:
        row = await get_launch_row(session, stage.workspace_id, launch_id)
        subject: Subject = launches.subject_of(row)
        bet = await session.scalar(select(Bet).where(Bet.subject_id == launch_id))
        if bet is None:
            bet = Bet(
                workspace_id=stage.workspace_id,
                subject_kind="launch",
                subject_id=launch_id,
                source_channel_id=row.source_channel_id,
                owner_id=row.owner_id,
                kind="by_hand",
                check_date=stage.clock.at.date(),
                timezone="UTC",
                set_by=row.owner_id,
                set_at=stage.clock.at,
                state="measured",
            )
            session.add(bet)
            await session.flush()
        given = Given(verdict, stage.who.ben, next_step=next_step)
        await record_verdict(session, bet, subject, given, "by_hand", at=stage.clock())
    await stage.settle()


async def follow_ups(stage: Stage) -> list[FollowUp]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(FollowUp).order_by(FollowUp.id)))


def words_of(blocks: list[Block] | None) -> str:
    """All that a person reads in blocks."""
    found = []
    for block in blocks or []:
        parts = [block.get("text"), *block.get("elements", []), block.get("accessory")]
        for part in parts:
            text = (part or {}).get("text")
            found.append(text.get("text", "") if isinstance(text, dict) else text or "")
    return "\n".join(text for text in found if text)


def buttons_of(blocks: list[Block] | None) -> dict[str, list[str]]:
    """Action ids by what stands on the button."""
    found: dict[str, list[str]] = {}
    for block in blocks or []:
        for part in [*block.get("elements", []), block.get("accessory") or {}]:
            if part.get("type") == "button":
                found.setdefault(part["text"]["text"], []).append(part["action_id"])
    return found


def reread(stage: Stage, message: Message) -> Message:
    found = stage.world.messages.get(message.channel, message.ts)
    assert found is not None
    return found
