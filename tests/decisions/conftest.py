"""Short hands for what people do with decisions."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from bot.ai.announcing import AnnouncementFacts
from bot.ai.llm import DecisionDraft, ModelUnavailable, Provenance
from bot.ai.prompts import ThreadMessage
from bot.decisions.tables import Decision
from bot.entries.tables import Entry
from playground.server.rows import Message, View
from tests.conftest import Stage


def top_view(stage: Stage, user: str) -> View:
    stack = stage.world.views.stack(user)
    assert stack, "no modal is open"
    return stack[-1]


def words(of: View | Message) -> str:
    """All that a person reads in a modal or a message, without invisible signs."""
    blocks = of.body["blocks"] if isinstance(of, View) else of.blocks
    return json.dumps(blocks, ensure_ascii=False).replace("\u200b", "")


async def submit(stage: Stage, values: dict[str, Any], user: str = "") -> Any:
    user = user or stage.who.ana
    answer = await stage.people.submit(user, top_view(stage, user).id, values)
    await stage.settle()
    return answer


async def decide(
    stage: Stage, title: str, choice: str = "S3", *, user: str = "", channel: str = "", **more: Any
) -> Decision:
    """Log a decision with /decision in a channel; returns its row."""
    user, channel = user or stage.who.ana, channel or stage.rooms.product
    answer = await stage.people.command(user, channel, f"/decision {title}")
    assert answer.ok, answer
    done = await submit(stage, {"choice": choice, **more}, user)
    assert done.result != "errors", done.errors
    return (await decisions(stage))[-1]


async def decisions(stage: Stage) -> list[Decision]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(Decision).order_by(Decision.number)))


async def entry_kinds(stage: Stage) -> list[str]:
    async with stage.deps.db.read() as session:
        query = select(Entry.kind).where(Entry.subject_kind == "decision").order_by(Entry.seq)
        return list(await session.scalars(query))


async def click(
    stage: Stage, message: Message, action: str, *, user: str = "", value: str = ""
) -> Any:
    """Click the first button of that action (or the one with that label) on a message."""
    user = user or stage.who.ana
    found = next(
        element["action_id"]
        for block in message.blocks or []
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"].startswith(action) and value in element.get("value", "")
    )
    answer = await stage.people.click(user, found, channel=message.channel, ts=message.ts)
    await stage.settle()
    return answer


def post(stage: Stage, channel: str = "") -> Message:
    """The newest message of the bot in the channel."""
    return stage.posts(channel or stage.rooms.product)[-1]


async def thread_of(stage: Stage, *texts: str, channel: str = "") -> tuple[str, list[str]]:
    """A thread begun by ben and answered by ana; returns its ts, and those of all messages."""
    channel = channel or stage.rooms.product
    first, *rest = texts
    ts = await stage.people.post(stage.who.ben, channel, first)
    answers = [await stage.people.post(stage.who.ana, channel, text, thread_ts=ts) for text in rest]
    return ts, [ts, *answers]


async def mention(
    stage: Stage, text: str, *, thread: str = "", user: str = "", channel: str = ""
) -> str:
    user, channel = user or stage.who.ana, channel or stage.rooms.product
    bot = stage.world.bot.id
    ts = await stage.people.post(user, channel, f"<@{bot}> {text}", thread or None)
    await stage.settle()
    return str(ts)


class FakeDrafter:
    """Answers each thread with what it was told to."""

    def __init__(self, draft: DecisionDraft | None = None, *, fails: bool = False) -> None:
        self.draft, self.fails = draft, fails
        self.threads: list[list[ThreadMessage]] = []

    async def draft_decision(self, thread: Sequence[ThreadMessage]) -> DecisionDraft | None:
        self.threads.append(list(thread))
        if self.fails:
            raise ModelUnavailable("The model's server could not be reached.")
        return self.draft

    async def word_announcement(self, facts: AnnouncementFacts) -> str:
        raise ModelUnavailable("Nobody asked for an announcement here.")


def drafted(**words: Any) -> DecisionDraft:
    known: dict[str, Any] = {
        "title": "Where uploads are stored",
        "context": "the disk is full",
        "options": ("S3", "a bigger disk"),
        "choice": "S3",
        "rationale": "no disk to watch",
        "owner": None,
        "confidence": "high",
        "provenance": Provenance("tiny-1", "decision-1", 10, 5),
    }
    return DecisionDraft(**(known | words))
