"""The troubles: each befalls a trial around one due instant, and returns when it is over."""

import asyncio
import signal
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

import psycopg

from bot.db.types import new_id
from bot.errors import DaybookError
from tests.chaos.course import LEAD_SECONDS
from tests.chaos.databases import PostgresBase, SqliteBase
from tests.chaos.processes import Bot
from tests.chaos.trial import Trial

Trouble = Callable[[Trial, datetime], Awaitable[None]]
# Longer than any lease of the engine; the clocks jump over it, as over a machine's sleep.
PAST_LEASES = timedelta(minutes=3)


# What a newer version may have done: a column that may be empty, a revision, an event that only it
# knows, and a message of a kind that only it can send.
NEWER = (
    "alter table inbox add column note_of_a_newer_version varchar(8)",
    "update alembic_version set version_num = '9999'",
    "insert into inbox (workspace_id, id, event_id, kind, payload, state, attempts, error,"
    " received_at, not_before) select id, '{id}', '{id}', 'newer.kind', '{{}}', 'due', 0, '',"
    " '{now}', '{now}' from workspace",
    "insert into delivery (workspace_id, id, cause, target, part, method, payload, priority,"
    " owner_id, label, key, state, channel, ts, error, attempts, not_before, lease_owner, planned_at)"
    " select workspace_id, '{id}', 'newer:{id}', target, 'p', 'newer', '{{}}', 5, '', '', '{id}',"
    " 'planned', '', '', '', 0, '{now}', '', '{now}' from delivery where method = 'post' limit 1",
)


async def _until(trial: Trial, at: datetime) -> None:
    # In small pieces: other troubles may move the clock meanwhile.
    while (left := (at - trial.true.now()).total_seconds()) > 0:  # noqa: ASYNC110
        await asyncio.sleep(min(left, 0.25))


async def _killed_by_slack(trial: Trial, when: str) -> None:
    bot = trial.any_bot()
    before = await trial.count_struck(bot)
    await trial.arm(bot, signal.SIGKILL, when, trial.rng.randrange(3))
    if await trial.struck(bot, 8, before):
        trial.say(f"{bot.name} killed {when} its post is accepted")
        await trial.restarted(bot)


async def kill_after_the_intent(trial: Trial, at: datetime) -> None:
    """The request is on the way, nothing is accepted."""
    await _killed_by_slack(trial, "before")


async def kill_after_the_send(trial: Trial, at: datetime) -> None:
    """The message stands in the channel, and nobody was told so."""
    await _killed_by_slack(trial, "after")


async def _killed_when(trial: Trial, sign: str) -> None:
    bot = trial.any_bot()
    await trial.seen(sign)
    await bot.kill()
    trial.say(f"{bot.name} killed at {sign}")
    await trial.restarted(bot)


async def kill_before_the_intent(trial: Trial, at: datetime) -> None:
    """The job is being run, or its messages are planned."""
    await _until(trial, at - timedelta(milliseconds=100))
    await _killed_when(trial, trial.rng.choice(["occurrence.leased", "delivery.planned"]))


async def kill_after_the_record(trial: Trial, at: datetime) -> None:
    """One is done, the others are not."""
    await _until(trial, at - timedelta(milliseconds=100))
    await _killed_when(trial, "delivery.sent")


async def _sleeps(trial: Trial, bot: Bot) -> None:
    """A stopped process; time goes by past its leases; it wakes."""
    await asyncio.sleep(0.3)
    trial.jump(trial.true.now() + PAST_LEASES)
    await trial.wake()
    await asyncio.sleep(trial.rng.uniform(2, 6))
    bot.strike(signal.SIGCONT)
    trial.say(f"{bot.name} goes on")


async def stop_past_the_lease(trial: Trial, at: datetime) -> None:
    """Stopped somewhere between the intent and the send."""
    bot = trial.any_bot()
    await _until(trial, at - timedelta(milliseconds=100))
    if await trial.seen("delivery.sending"):
        bot.strike(signal.SIGSTOP)
        trial.say(f"{bot.name} stopped while sending")
        await _sleeps(trial, bot)


async def stop_after_the_send(trial: Trial, at: datetime) -> None:
    """Stopped with its message accepted, before it reads the answer."""
    bot = trial.any_bot()
    before = await trial.count_struck(bot)
    await trial.arm(bot, signal.SIGSTOP, trial.rng.choice(["before", "after"]), 1)
    if await trial.struck(bot, 8, before):
        trial.say(f"{bot.name} stopped at its post")
        await _sleeps(trial, bot)


async def rate_limits(trial: Trial, at: datetime) -> None:
    """429 with Retry-After."""
    await trial.slack.fault(
        "rate_limited", method="chat.postMessage", remaining=4, retry_after_seconds=1
    )


async def server_errors(trial: Trial, at: datetime) -> None:
    """5xx, and an internal error said politely."""
    await trial.slack.fault("server_error", method="chat.postMessage", remaining=3)
    await trial.slack.fault("error", method="chat.postMessage", remaining=2)
    await trial.slack.fault("server_error", method="conversations.info", remaining=2, status=500)


async def time_out_after_acceptance(trial: Trial, at: datetime) -> None:
    """Slack takes the message and says nothing for longer than we wait."""
    await trial.slack.fault("timeout_after", method="chat.postMessage", remaining=2, seconds=12)


async def lost_answers(trial: Trial, at: datetime) -> None:
    """The line breaks in the answer."""
    await trial.slack.fault("lost_answer", method="chat.postMessage", remaining=4)


async def slow_look_up(trial: Trial, at: datetime) -> None:
    """The answer is lost, and the look-up is slow, refused for a while, or lost too."""
    await trial.slack.fault("lost_answer", method="chat.postMessage", remaining=3)
    await trial.slack.fault("delay", method="conversations.history", remaining=2, seconds=2)
    await trial.slack.fault("rate_limited", method="conversations.history", remaining=2)
    await trial.slack.fault("lost_answer", method="conversations.history", remaining=1)


async def clock_jump(trial: Trial, at: datetime) -> None:
    """The machines sleep for an hour in the middle of it."""
    await _until(trial, at)
    await asyncio.sleep(trial.rng.uniform(0, 0.6))
    trial.jump(trial.true.now() + timedelta(hours=1))
    trial.say("an hour later")
    await trial.wake()


async def downtime(trial: Trial, at: datetime) -> None:
    """Nobody is there when it is due; they come back within its limit."""
    for bot in trial.bots:
        await bot.kill()
    await _until(trial, at)
    trial.jump(at + timedelta(minutes=trial.rng.randrange(5, 40)))
    trial.say("back after the slot's time")
    for bot in trial.bots:
        await bot.start()


async def skew(trial: Trial, at: datetime) -> None:
    """One machine's clock goes slow by some seconds, or right again."""
    bot = trial.any_bot()
    bot.skew_seconds = 0.0 if bot.skew_seconds else -trial.rng.uniform(1, 5)
    trial.follow()
    trial.say(f"{bot.name} is {bot.skew_seconds:.1f} s off")


async def clock_ahead(trial: Trial, at: datetime) -> None:
    """One machine's clock is fast by a second or two: what it does is early by as much, and once."""
    bot = trial.any_bot()
    bot.skew_seconds = 0.0 if bot.skew_seconds else trial.rng.uniform(0.5, 2)
    trial.most_ahead = max(trial.most_ahead, timedelta(seconds=bot.skew_seconds))
    trial.follow()
    trial.say(f"{bot.name} is {bot.skew_seconds:+.1f} s off")


async def token_revoked(trial: Trial, at: datetime) -> None:
    """Slack refuses the token in whatever is asked, for a while."""
    await _until(trial, at - timedelta(seconds=1))
    for method in ("chat.postMessage", "chat.update", "conversations.history", "users.info"):
        fault = {"method": method, "error": "token_revoked", "remaining": None}
        await trial.slack.fault("error", **fault)
    trial.say("the token is refused")
    await _until(trial, at + timedelta(seconds=4))


async def two_versions(trial: Trial, at: datetime) -> None:
    """A newer version has migrated, and left work that only it knows; one of ours starts anew."""
    old = next((one for one in trial.bots if one.is_alive), trial.bots[0])
    now = f"{trial.true.now():%Y-%m-%d %H:%M:%S.%f}"
    for sql in NEWER:
        await _tried_sql(trial, sql.format(now=now, id=new_id()))
    await old.kill()
    await trial.restarted(old)
    trial.say(f"{old.name} runs beside a newer version")


async def channel_archived(trial: Trial, at: datetime) -> None:
    """A channel is archived while something is due there; then it is opened, and resumed."""
    await _closed(trial, at, "archive", "unarchive")


async def bot_kicked(trial: Trial, at: datetime) -> None:
    """The bot is removed from a channel while something is due there; then it is invited back."""
    who = trial.bot_user
    await _closed(trial, at, "kick", "invite", kick={"kicked": who}, invite={"invited": who})


async def _closed(trial: Trial, at: datetime, close: str, open_: str, **more: Any) -> None:
    channel = trial.rng.choice(trial.channels[1:])
    if trial.closed:
        return  # one at a time: people write in the others
    trial.closed.add(channel)
    by = {"user": trial.owner, "channel": channel}
    since = trial.true.now() - timedelta(minutes=1)
    await _until(trial, at - timedelta(seconds=0.5))
    await trial.slack.ask(f"/control/act/{close}", by | more.get(close, {}))
    trial.say(f"{close} {channel}")
    await _until(trial, at + timedelta(seconds=4))
    await asyncio.sleep(4)  # what was under way is refused by then
    await trial.slack.ask(f"/control/act/{open_}", by | more.get(open_, {}))
    trial.closed.discard(channel)
    await _tried(lambda: trial.resume(channel, since))
    trial.say(f"{open_} {channel}")


async def edits(trial: Trial, at: datetime) -> None:
    """Hours and zones are edited just before, at, and after the slot's instant."""
    here = [one for one in trial.scene.digests if _is_due(one.due(trial.scene.ends), at)]
    moments = (-0.4, 0.02, 0.3, 0.8)
    for digest, moment in zip(trial.rng.sample(here, min(4, len(here))), moments, strict=False):
        await _until(trial, at + timedelta(seconds=moment))
        hour = (digest.at.hour + trial.rng.choice([1, 2, 23])) % 24
        # A slot shortly before noon may be late by minutes only: the troubles take longer.
        later = time(13 if hour in {10, 11} else hour, digest.at.minute)
        zone = trial.rng.choice([digest.zone, digest.zone, "Europe/Lisbon", "Asia/Tokyo"])
        await _tried(lambda d=digest, h=later, z=zone: trial.edit(d, h, z))


async def removal(trial: Trial, at: datetime) -> None:
    """A digest is removed while its run is leased."""
    here = [one for one in trial.scene.digests if _is_due(one.due(trial.scene.ends), at)]
    if len(here) > 2:
        await _until(trial, at + timedelta(seconds=0.1))
        await _tried(lambda d=here[0]: trial.remove(d))


async def stormy_events(trial: Trial, at: datetime) -> None:
    """People write; events come twice, late, in another order, or not at the first time."""
    for kind in ("duplicate_event", "reorder_event", "drop_event"):
        await trial.slack.fault(kind, method="app_mention", remaining=2)
    for _ in range(6):
        await trial.wake()


async def poison_job(trial: Trial, at: datetime) -> None:
    """A digest that cannot be run at all, until somebody mends it; the others go on."""
    here = [one for one in trial.scene.digests if _is_due(one.due(trial.scene.ends), at)]
    digest = trial.rng.choice(here)
    spoil = "update digest set timezone = '{}' where id = '{}'"
    await _tried_sql(trial, spoil.format("Mars/Olympus", digest.id))
    await _until(trial, at + timedelta(seconds=3))
    await _tried_sql(trial, spoil.format(digest.zone, digest.id))
    trial.say(f"{digest.name} could not be run for a while")


async def no_look_up(trial: Trial, at: datetime) -> None:
    """An answer is lost and nobody may look: only saying so is honest. Rare, and at the end."""
    if not trial.scene.is_hopeless or trial.scene.next_instant(at) is not None:
        return
    await trial.slack.fault("lost_answer", method="chat.postMessage", channel=trial.channels[0])
    await trial.slack.fault(
        "error", method="conversations.history", error="missing_scope", remaining=None
    )
    await _until(trial, at + timedelta(seconds=5))
    for _ in range(24):
        if not await trial.missing() and trial.told():
            break
        trial.jump(trial.true.now() + timedelta(minutes=16))
        await trial.wake()
        await asyncio.sleep(1)
    trial.say(f"told of {len(trial.told())} uncertain posts")


async def database_busy(trial: Trial, at: datetime) -> None:
    """Another program holds the write lock for longer than we wait."""
    assert isinstance(trial.base, SqliteBase)
    await _until(trial, at - timedelta(seconds=trial.rng.uniform(-0.5, LEAD_SECONDS)))
    trial.say("the database is locked")
    await trial.base.busy(3.5)


async def disk_full(trial: Trial, at: datetime) -> None:
    """No byte more can be written."""
    assert isinstance(trial.base, SqliteBase)
    await _until(trial, at - timedelta(seconds=trial.rng.uniform(-0.5, LEAD_SECONDS)))
    trial.say("the disk is full")
    await trial.base.full(3.0, [bot.pid for bot in trial.bots if bot.is_alive])


async def second_process(trial: Trial, at: datetime) -> None:
    """Somebody starts a second one on the same file."""
    first = trial.bots[0]
    name = f"{first.name}x"
    second = Bot(name, first.command, first.environment, trial.folder, first.nursery)
    second.clock.set_ahead(trial.true.ahead)
    await second.start()
    await _until(trial, at + timedelta(seconds=4))
    trial.say(f"the second process {'runs' if second.is_alive else 'has refused to run'}")
    await second.kill()


async def database_restart(trial: Trial, at: datetime) -> None:
    """The server is restarted."""
    await _restart(trial, at, "fast")


async def database_crash(trial: Trial, at: datetime) -> None:
    """The server crashes and recovers."""
    await _restart(trial, at, "immediate")


async def _restart(trial: Trial, at: datetime, mode: str) -> None:
    assert isinstance(trial.base, PostgresBase)
    await _until(trial, at + timedelta(seconds=trial.rng.uniform(-0.2, 1)))
    await trial.base.restart(mode)
    trial.say(f"the database was restarted ({mode})")


async def cut_connections(trial: Trial, at: datetime) -> None:
    """Every connection is cut, three times."""
    assert isinstance(trial.base, PostgresBase)
    await _until(trial, at)
    for _ in range(3):
        await trial.base.cut()
        await asyncio.sleep(trial.rng.uniform(0.1, 0.5))
    trial.say("connections cut")


def _is_due(slots: list[tuple[object, datetime]], at: datetime) -> bool:
    return any(due == at for _, due in slots)


async def _tried_sql(trial: Trial, sql: str) -> None:
    for _ in range(20):
        try:
            await asyncio.to_thread(trial.base.execute, sql)
        except (sqlite3.Error, psycopg.Error):
            await asyncio.sleep(0.5)
        else:
            return


async def _tried(act: Callable[[], Awaitable[None]]) -> None:
    """A person presses again while the database is busy."""
    for _ in range(20):
        try:
            await act()
        except DaybookError:
            await asyncio.sleep(0.5)
        else:
            return


TROUBLES: Mapping[str, Trouble] = {
    trouble.__name__: trouble
    for trouble in (
        *(kill_before_the_intent, kill_after_the_intent, kill_after_the_send),
        *(kill_after_the_record, stop_past_the_lease, stop_after_the_send, rate_limits),
        *(server_errors, time_out_after_acceptance, lost_answers, slow_look_up, clock_jump),
        *(
            downtime,
            skew,
            clock_ahead,
            token_revoked,
            two_versions,
            edits,
            removal,
            stormy_events,
            poison_job,
            no_look_up,
        ),
        *(channel_archived, bot_kicked, database_busy, disk_full),
        *(second_process, database_restart, database_crash, cut_connections),
    )
}
