"""A quarter of launches, lived: all that may happen to a bet, and every word that is said of it."""

import os
from datetime import date, timedelta
from typing import Any

from bot.bets.tables import Bet, Evidence, Verdict
from bot.launches.tables import Launch
from playground.server.rows import Message
from tests.conftest import Stage
from tests.launches.conftest import (
    CHECK_AT,
    TODAY,
    Numbers,
    fold_out,
    metric,
    open_form,
    rows,
    submit,
    top_view,
    words,
)

LAST = TODAY + timedelta(days=100)


class Quarter:
    """Several launches in one channel, each found by its number."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.room = stage.rooms.product

    async def launch(self, title: str, /, **values: Any) -> int:
        """Log a launch, with a bet when a metric is named; returns its number."""
        stage, name = self.stage, values.pop("name", "")
        await open_form(stage, f"/launch {title}")
        if name:
            await fold_out(stage)
            values = {"metric": await metric(stage, name), "target": "+10 %", **values}
        answer = await submit(stage, values)
        assert answer.result == "closed", answer
        return int((await rows(stage, Launch))[-1].number)

    def head(self, number: int) -> Message:
        """The headline of a launch."""
        tops = [m for m in self.stage.posts(self.room) if not m.is_reply]
        return next(m for m in tops if f"#{number} · " in words(m))

    def thread(self, number: int) -> list[str]:
        """What the bot said under a headline."""
        ts = self.head(number).ts
        return [words(m) for m in self.stage.posts(self.room) if m.is_reply and m.thread_ts == ts]

    async def click(self, number: int, action: str, value: Any = None, user: str = "") -> None:
        """Use a button or the menu of a headline."""
        head = self.head(number)
        found = next(
            element["action_id"]
            for block in head.blocks
            if block["type"] == "actions"
            for element in block["elements"]
            if element["action_id"].startswith(action)
        )
        who = user or self.stage.who.ana
        answer = await self.stage.people.click(
            who, found, channel=self.room, ts=head.ts, value=value
        )
        assert answer.ok, answer
        await self.stage.settle()

    async def judge(self, number: int, **values: Any) -> None:
        """Give a verdict by the headline's button, with all that it asks for."""
        await self.click(number, "launch.verdict.give")
        await submit(self.stage, {"verdict": values.pop("verdict")})
        answer = await submit(self.stage, values)
        assert answer.result == "closed", answer

    async def ask_for_go(self, number: int, user: str) -> None:
        """Ask somebody for a go, who says it by direct message."""
        await self.click(number, "launch.crew.open")
        await submit(self.stage, {"approvers": [user]})
        question = self.stage.dms(user)[-1]
        place = {"channel": question.channel, "ts": question.ts}
        await self.stage.people.click(user, "launch.approval.go", **place)
        await self.stage.settle()


async def _redefine_sign_ups(stage: Stage, product: Numbers) -> None:
    """The metric counts something else from now on; the figures stay."""
    text = product.file.read_text().replace(
        "where name = 'sign_ups' and", "where name = 'sign_ups' and value >= 0 and"
    )
    assert text != product.file.read_text()
    product.file.write_text(text)
    stat = product.file.stat()
    os.utime(product.file, (stat.st_atime, stat.st_mtime + 10))
    await stage.deps.metrics.follow(stage.workspace_id, at=stage.daybook.clock.now())


async def _of(stage: Stage, number: int) -> tuple[Bet, Evidence | None, list[Verdict]]:
    launch = next(one for one in await rows(stage, Launch) if one.number == number)
    bet = next(one for one in await rows(stage, Bet) if one.subject_id == launch.id)
    found = [one for one in await rows(stage, Evidence) if one.bet_id == bet.id]
    said = [one for one in await rows(stage, Verdict) if one.bet_id == bet.id]
    return bet, found[-1] if found else None, said


async def test_a_quarter_of_launches_ends_as_it_should_and_stays_in_its_threads(
    stage: Stage, product: Numbers
) -> None:
    ana, ben = stage.who.ana, stage.who.ben
    quarter = Quarter(stage)
    product.write("sign_ups", effect=0.3, until=LAST)
    product.write("errors", level=300.0, effect=0.4, seed=3, until=LAST)

    # Approved, staged, measured with a guardrail that breaks, overruled.
    errors = await metric(stage, "errors")
    first = await quarter.launch(
        "Guided importer", name="sign_ups", stage="planned", guardrails=[errors], confidence="70"
    )
    await quarter.ask_for_go(first, ben)
    await quarter.click(first, "launch.stage.move", "live")
    # Rolled back before its check: never measured.
    second = await quarter.launch("Bulk undo", name="sign_ups", check_date="2026-06-03")
    # Judged by hand by somebody who leaves.
    await open_form(stage, "/launch Printed labels")
    await fold_out(stage)
    view = top_view(stage, ana)
    await stage.people.click(ana, "launch.bet.kind", view_id=view.id, value="by_hand")
    await submit(
        stage,
        {"kind": "by_hand", "expectation": "5 of 8 print alone", "owner": ben,
         "check_date": "2026-06-08"},
    )  # fmt: skip
    third = second + 1
    await stage.after(days=2)
    await quarter.click(second, "launch.stage.move", "rolled_back")
    await submit(stage, {"reason": "It undid too much"})
    # A bet changed after launch, and a metric defined anew before the check.
    await quarter.click(first, "launch.item.edit")
    await submit(stage, {"target": "+15 %"})
    await _redefine_sign_ups(stage, product)
    # Who judges the labels leaves, and the first check finds its source silent.
    await stage.people.change_user(ben, deleted=True)
    away = product.database.with_suffix(".gone")
    product.database.rename(away)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    assert (await _of(stage, first))[1] is None
    away.rename(product.database)
    await stage.after(days=1)

    bet, evidence, _ = await _of(stage, first)
    assert evidence is not None
    said = quarter.thread(first)[-1]
    assert (evidence.kind, evidence.checked_on) == ("beyond_target", CHECK_AT.date())
    assert evidence.window_to == date(2026, 5, 31)
    assert "The bet was changed after launch" in said
    assert "The metric is defined in another way now" in said
    assert "Errors got worse" in said
    assert "Bulk undo" in said
    await quarter.judge(
        first, verdict="missed", next_step="fix", reason="A fair doubled visits", lesson="Ask why"
    )
    bet, _, verdicts = await _of(stage, first)
    assert (bet.state, verdicts[-1].is_against_evidence) == ("judged", True)
    bet, evidence, _ = await _of(stage, second)
    assert (bet.state, evidence) == ("ended", None)

    await stage.run_until(CHECK_AT + timedelta(days=77))
    bet, _, verdicts = await _of(stage, third)
    assert (bet.state, verdicts) == ("unjudged", [])
    assert any("cannot be asked any more" in said for said in quarter.thread(third))
    assert "Is it fixed?" in " ".join(m.text for m in stage.dms(ana))

    said = _all_said(stage)
    begun = [(*one[:2], one[2][: len(due[2])]) for one, due in zip(said, EXPECTED, strict=False)]
    assert begun == EXPECTED
    assert len(said) == len(EXPECTED), said[len(EXPECTED) :]


# Everything that was said in the quarter: where, whether in a thread, and how it begins.
EXPECTED = [
    ("#product", "top", "Launch #1: Guided importer, planned"),
    ("ben", "top", "<ana> asks you: go or no-go for #1 Guided importer?"),
    ("#product", "#1", "<ana> asked for a go"),
    ("#product", "#1", "<ben> says *go*."),
    ("#product", "#1", "Now *live*"),
    ("#product", "top", "Launch #2: Bulk undo, live"),
    ("#product", "top", "Launch #3: Printed labels, live"),
    ("#product", "#2", "Now *rolled back*"),
    ("#product", "#1", "<ana> changed the bet."),
    ("ana", "top", "<ben> was deactivated and still owns 1 launch, 1 bet."),
    ("ana", "top", "The check of #1 Guided importer waits for data"),
    ("#product", "#1", "Check of #1 Guided importer: Target reached? Yes."),
    ("ana", "top", "What is your verdict on #1 Guided importer?"),
    ("#product", "#1", "Verdict on #1: *missed*"),
    ("#product", "#3", "Check of #3 Printed labels: Judged by hand."),
    ("#product", "#3", "<ben> owns this and cannot be asked any more."),
    ("ana", "top", "#1 Guided importer missed its bet. Is it fixed?"),
    ("#product", "#3", "#3 stays unjudged for now"),
    ("ana", "top", "#1 Guided importer missed its bet. Is it fixed?"),
    ("ana", "top", "#1 Guided importer missed its bet. Is it fixed?"),
]


def _all_said(stage: Stage) -> list[tuple[str, str, str]]:
    """Every message that the server took from the bot: all channels, all people, whispers too."""
    names = {stage.who.ana: "<ana>", stage.who.ben: "<ben>"}
    heads: dict[str, str] = {}
    said = []
    for row in stage.world.ledger.rows():
        assert not row.args.get("channel_id"), "a file was shared into a channel by itself"
        if not row.method.startswith("chat.post"):
            continue
        text, under = str(row.args["text"]), str(row.args.get("thread_ts") or "")
        for user, name in names.items():
            text = text.replace(f"<@{user}>", name)
        if not under and row.ts:
            heads[row.ts] = text.removeprefix("Launch ").partition(":")[0]
        place = _place(stage, row.channel or "")
        said.append((place, heads.get(under, "top" if not under else "elsewhere"), text))
    return said


def _place(stage: Stage, channel: str) -> str:
    if channel == stage.rooms.product:
        return "#product"
    for user, name in ((stage.who.ana, "ana"), (stage.who.ben, "ben")):
        room = stage.world.channels.find_direct(user, stage.world.bot.id)
        if room and room.id == channel:
            return name
    return f"somewhere else: {channel}"
