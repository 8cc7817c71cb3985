"""The course of a trial: each due instant with its troubles, a calm after it, then the verdict."""

import asyncio
import contextlib
import signal
from datetime import datetime, timedelta
from typing import Any

from bot.errors import DaybookError
from tests.chaos.checker import Due, Verdict
from tests.chaos.trial import Trial

# How long before a slot the clocks arrive there: the bots see it come.
LEAD_SECONDS = 1.5
# How long the troubles of one instant may last, and how long all may take to settle after them.
TROUBLE_SECONDS, CALM_SECONDS = 80.0, 120.0
# Minutes that may go by in a calm: a morning's digest may be two hours late, troubles take the rest.
MOST_MINUTES = 12


async def play(trial: Trial, troubles: Any, *, instants: int = 100) -> Verdict:
    """Go through the scene's due instants, each with its troubles, then judge."""
    at: datetime | None = trial.scene.opens
    for number in range(instants):
        at = trial.scene.next_instant(max(at, trial.true.now()))
        if at is None:
            break
        names = trial.scene.troubles[number % len(trial.scene.troubles)]
        if trial.scene.is_hopeless and trial.scene.next_instant(at) is None:
            names = ("no_look_up",)
        trial.jump(at - timedelta(seconds=LEAD_SECONDS))
        trial.say(f"due {at:%d %b %H:%M}: {', '.join(names)}")
        await trial.wake()
        acts = [asyncio.wait_for(troubles[name](trial, at), TROUBLE_SECONDS) for name in names]
        for name, ended in zip(
            names, await asyncio.gather(*acts, return_exceptions=True), strict=True
        ):
            if isinstance(ended, TimeoutError):
                trial.say(f"{name} took too long")  # a busy machine: what it did stands
            elif ended is not None:
                raise ended
        while trial.true.now() <= at:  # noqa: ASYNC110  the clock is moved from elsewhere
            await asyncio.sleep(0.1)
        await _calm(trial)
    await _settled(trial)
    return await trial.verdict()


async def _settled(trial: Trial) -> None:
    """Wait for the answers to what people wrote; time goes by."""
    for look in range(int(CALM_SECONDS)):
        await trial.posts()
        if not await trial.heard() - set(trial.answers()):
            return
        if look % 4 == 3:
            _pass_a_minute(trial)
        await asyncio.sleep(1)


def _pass_a_minute(trial: Trial) -> None:
    """Let more than a lease go by, unless something else comes due in it."""
    later = trial.true.now() + timedelta(seconds=70)
    due = trial.scene.next_instant(trial.true.now())
    if due is None or due > later:
        trial.jump(later)


async def _calm(trial: Trial) -> None:
    """Let everything be well again, and wait until nothing is missing."""
    await trial.slack.good_weather()
    for bot in trial.bots:
        bot.strike(signal.SIGCONT)
        await bot.start()
    missing: list[Due] = []
    for look in range(int(CALM_SECONDS / 0.25)):
        missing = await trial.missing()
        if not missing:
            trial.say("all there")
            return
        if look % 12 == 11:
            if look < MOST_MINUTES * 12:
                _pass_a_minute(trial)
            await trial.wake()
        for bot in trial.bots:
            await bot.start()
        with contextlib.suppress(DaybookError):
            await trial.resume()
        await asyncio.sleep(0.25)
    names = ", ".join(f"{one.name} {one.slot}" for one in missing[:5])
    trial.say(f"still missing: {len(missing)}: {names}")
