"""Every call of Slack waits its turn, but for those that a person waits for."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import SlackUnavailable
from bot.slack.gate import (
    AT_ONCE,
    EVENT,
    HOUSEKEEPING,
    SENDING,
    SLOT,
    Gate,
    Hurry,
    hurrying,
    turn_taken,
)
from bot.slack.pacing import KEPT_FOR_ANSWERS, KEPT_FOR_ORDINARY, METHODS, POST, Pace

READ = "conversations.members"
BURST = int(METHODS[READ].burst)


class Machine:
    """A gate whose clock goes on only while somebody waits."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)
        self.pace = Pace()
        self.gate = Gate(self.pace, lambda: self.at, self._sleep)
        self.slept = 0.0

    async def _sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.at += timedelta(seconds=seconds)

    async def enter(self, times: int, hurry: Hurry, method: str = READ) -> float:
        """Make calls; returns how long they waited in all."""
        before = self.slept
        with hurrying(hurry):
            for _ in range(times):
                await self.gate.enter(method)
        return self.slept - before


async def test_a_job_that_reads_much_goes_on_at_the_tiers_pace() -> None:
    machine = Machine()
    assert await machine.enter(BURST, EVENT) == 0
    assert await machine.enter(5, EVENT) == pytest.approx(5 / METHODS[READ].a_second, rel=0.01)


async def test_a_person_is_answered_at_once_and_the_others_wait_so_much_longer() -> None:
    machine = Machine()
    await machine.enter(BURST, EVENT)
    assert await machine.enter(10, AT_ONCE) == 0
    assert await machine.enter(1, EVENT) == pytest.approx(11 / METHODS[READ].a_second, rel=0.01)


@pytest.mark.parametrize(
    ("hurry", "left"), [(SLOT, KEPT_FOR_ANSWERS), (HOUSEKEEPING, KEPT_FOR_ORDINARY)]
)
async def test_what_is_less_urgent_leaves_some_turns(hurry: Hurry, left: int) -> None:
    machine = Machine()
    assert await machine.enter(BURST - left, hurry) == 0
    assert await machine.enter(1, hurry) > 0
    machine = Machine()
    await machine.enter(BURST - left, hurry)
    assert await machine.enter(left, EVENT) == 0


async def test_who_sends_does_not_wait_long_between_intent_and_record() -> None:
    machine = Machine()
    machine.gate.note_refusal(READ, "", 20)
    with pytest.raises(SlackUnavailable) as raised:
        await machine.enter(1, SENDING)
    assert (raised.value.retry_after, raised.value.method, machine.slept) == (20, "", 0)


async def test_not_even_a_person_asks_before_the_time_that_slack_named() -> None:
    machine = Machine()
    machine.gate.note_refusal(READ, "", 20)
    with pytest.raises(SlackUnavailable):
        await machine.enter(1, AT_ONCE)
    assert await machine.enter(1, EVENT) == pytest.approx(20)


async def test_a_delivery_that_had_its_turn_takes_no_second_one() -> None:
    machine = Machine()
    for _ in range(3):
        machine.pace.take(POST, "C1", machine.at)
    with hurrying(SENDING), turn_taken(POST):
        await machine.gate.enter(POST, "C1")
        assert machine.slept == 0
        await machine.gate.enter(POST, "C1")
        assert machine.slept == pytest.approx(1)
