"""One seed: a Slack, one or more bots, a database, and a day that goes wrong."""

import asyncio
import json
import random
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.clock import Rule, Weekly
from bot.db.session import Database
from bot.digests import service
from bot.digests.rules import JOB
from bot.digests.tables import Digest as DigestRow
from bot.engine.pauses import resume_schedule
from bot.engine.schedules import find_schedule
from tests.chaos.checker import Due, Post, Verdict, check, check_events
from tests.chaos.clockfile import ClockFile
from tests.chaos.databases import LAUNCHES, REST, TWICE, UNCERTAIN, Base, states
from tests.chaos.processes import Bot, Slack
from tests.chaos.reading import (
    EVENT,
    HEAD,
    LAUNCH_NOTE,
    LAUNCH_REFUSED,
    LISTED,
    NOTE,
    REFUSED,
    at_of,
    read_post,
    words,
)
from tests.chaos.scenes import Digest, Scene


@dataclass
class Trial:
    """What troubles hold in their hands."""

    scene: Scene
    folder: Path
    base: Base
    slack: Slack
    true: ClockFile
    bots: list[Bot]
    rng: random.Random
    db: Database
    workspace_id: str = ""
    bot_user: str = ""
    owner: str = ""
    channels: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    quiet: bool = True
    most_ahead: timedelta = timedelta()
    closed: set[str] = field(default_factory=set)  # channels that the bot cannot post to now
    rows: list[dict[str, Any]] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Tell what happens, for who looks closer."""
        with (self.folder / "trial.log").open("a") as log:
            log.write(f"{datetime.now(UTC):%H:%M:%S.%f} [{self.true.now():%d %H:%M:%S}] {text}\n")
        if not self.quiet:
            print(f"  [{self.true.now():%d %b %H:%M:%S}] {text}", flush=True)

    def jump(self, to: datetime) -> None:
        """Let all machines' clocks jump forward, as after a sleep; each keeps its skew."""
        if to > self.true.now():
            self.true.set(to)
        self.follow()

    def follow(self) -> None:
        """Set every machine's clock to the true one and its skew."""
        for bot in self.bots:
            bot.clock.set_ahead(self.true.ahead + bot.skew_seconds)

    def any_bot(self) -> Bot:
        """Pick one that posts."""
        return self.rng.choice(self.bots)

    async def arm(self, bot: Bot, sign: signal.Signals, when: str, skip: int = 0) -> None:
        """Let Slack strike a bot at one of its next posts."""
        if not bot.is_alive:
            return
        strike = {"bot": bot.name, "pid": bot.pid, "signal": int(sign), "when": when, "skip": skip}
        await self.slack.ask("/chaos/arm", strike)

    async def struck(self, bot: Bot, seconds: float, before: int) -> bool:
        """Wait until a strike fell on a bot."""
        for _ in range(int(seconds / 0.05)):
            if await self.count_struck(bot) > before:
                return True
            await asyncio.sleep(0.05)
        return False

    async def count_struck(self, bot: Bot) -> int:
        """Return how many strikes fell on a bot so far."""
        return int((await self.slack.ask("/chaos/struck"))["struck"].get(bot.name, 0))

    async def seen(self, sign: str, seconds: float = 8.0) -> bool:
        """Wait until the database shows more of a state (``delivery.sent``) than now."""
        before = (await asyncio.to_thread(states, self.base))[sign]
        for _ in range(int(seconds / 0.02)):
            if (await asyncio.to_thread(states, self.base))[sign] > before:
                return True
            await asyncio.sleep(0.02)
        return False

    async def wake(self) -> None:
        """Let somebody write to the bot: an event, and a reason to look at the clock."""
        open_ = [one for one in self.channels if one not in self.closed]
        title = f"Storm s{self.scene.seed}e{len(self.events)}"
        self.events.append(title)
        said = {
            "user": self.owner,
            "channel": self.rng.choice(open_),
            "text": f"<@{self.bot_user}> launch {title}",
        }
        await self.slack.ask("/control/act/post", said)

    async def restarted(self, bot: Bot, after: float = 0.3) -> None:
        """Start a killed bot again, as its supervisor does."""
        if bot.process is not None:
            await bot.process.wait()
        await asyncio.sleep(after)
        await bot.start()

    # --- digests, changed as a form's submission changes them

    async def edit(self, digest: Digest, at: Any, zone: str) -> None:
        """Change a digest's hour and zone in one unit of work."""
        when = self.true.now()
        async with self._unit() as session:
            row = await session.get_one(DigestRow, (self.workspace_id, digest.id))
            wanted = wanted_digest(digest.name, row.target, row.metric_ids, at, zone)
            await service.edit_digest(session, row, wanted, by=self.owner, at=when)
        # To a machine whose clock is ahead a slot comes due before the edit is done.
        digest.edit(at, zone, when=when, done=self.true.now() + self.most_ahead)
        self.say(f"{digest.name} is now at {at:%H:%M} {zone}")

    async def remove(self, digest: Digest) -> None:
        """Remove a digest."""
        when = self.true.now()
        async with self._unit() as session:
            row = await session.get_one(DigestRow, (self.workspace_id, digest.id))
            await service.remove_digest(session, row, by=self.owner, at=when)
        digest.removed_at = when
        self.say(f"{digest.name} is removed")

    async def resume(self, only: str = "", since: datetime | None = None) -> None:
        """Press *Resume* for what the bot has paused, its channel being open again.

        What was due in channel ``only`` from ``since`` on may have been refused.
        """
        for digest in self.scene.digests:
            channel, now = self.channels[digest.channel], self.true.now()
            if digest.removed_at or channel in self.closed:
                continue
            async with self._unit() as session:
                row = await find_schedule(session, self.workspace_id, JOB, digest.id)
                is_paused = row is not None and row.state == "paused"
                if row and is_paused:
                    await resume_schedule(session, self.workspace_id, row.id, at=now)
            if since and channel == only:
                digest.shut.append((since, now))
            elif is_paused:
                digest.shut.append((now - timedelta(hours=1), now))

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[Any]:
        async with self.db.write() as session:
            yield session

    # --- what is expected, what is there

    def due(self) -> list[Due]:
        """Return every slot that has come due by now."""
        now, posts = self.true.now(), self._read_posts()
        found = []
        for one in self.scene.digests:
            mine = [post for post in posts if post.name == one.name]
            orders = [[_due(one, slot, at) for slot, at in slots] for slots in one.histories(now)]
            found += min(orders, key=lambda due: len(check(due, mine).faults))
        return found

    async def posts(self) -> list[Post]:
        """Return the digests in the ledger."""
        since = self.rows[-1]["seq"] if self.rows else 0
        self.rows += await self.slack.ledger(since)
        return self._read_posts()

    def _read_posts(self) -> list[Post]:
        return [post for row in self.rows if (post := read_post(row))]

    async def missing(self) -> list[Due]:
        """Return what is due and not there."""
        there = {(post.name, post.slot) for post in await self.posts()}
        told, refused = self.told(), self.refused()
        return [
            one
            for one in self.due()
            if not one.is_optional
            and (one.name, one.slot) not in there
            and one.name not in told
            # What was said of an earlier slot says nothing of this one: it is still to come.
            and not (one.name in refused and refused[one.name] >= one.at)
        ]

    def told(self) -> list[str]:
        """Return whose posts the owner was told to be uncertain."""
        return self._told_by(NOTE)

    def _told_by(self, note: re.Pattern[str]) -> list[str]:
        return [match[1] for _, text in self._notes() if (match := note.search(text))]

    def refused(self) -> dict[str, datetime]:
        """Return the digests of which a note said that their channel takes nothing, and when."""
        said: dict[str, datetime] = {}
        for row in self._messages():
            if row["channel"] not in self.channels:
                listed = dict.fromkeys(LISTED.findall(words(row)), at_of(row))
                said |= listed
        for at, text in self._notes():
            if match := REFUSED.search(text):
                said[match[1]] = max(at, said.get(match[1], at))
        return said

    def _notes(self) -> list[tuple[datetime, str]]:
        rows = [row for row in self._messages() if row["channel"] not in self.channels]
        return [(at_of(row), str(row["args"].get("text") or "")) for row in rows]

    def _messages(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["method"] == "chat.postMessage"]

    async def heard(self) -> set[str]:
        """Return the events that Slack was told we have."""
        events = (await self.slack.ask("/control/events?state=acked"))["events"]
        # Each message comes as two events; the other one is not for us.
        ours = [one["body"] for one in events if one["body"]["event"]["type"] == "app_mention"]
        return {match[0] for body in ours if (match := EVENT.search(json.dumps(body)))}

    def answers(self) -> list[str]:
        """Return the events that were answered in their channel."""
        return [
            match[0]
            for row in self._messages()
            if row["channel"] in self.channels
            and not HEAD.search(words(row))  # a digest tells what was launched
            and (match := EVENT.search(words(row)))
        ]

    async def verdict(self) -> Verdict:
        """Judge the whole trial by the ledger."""
        posts = await self.posts()
        told = self.told()
        due = self.due()
        verdict = check(due, posts, told, ahead=self.most_ahead)
        verdict.lost += self._unheard(due, posts)
        unknown = len(await asyncio.to_thread(self.base.rows, UNCERTAIN))
        named = dict(await asyncio.to_thread(self.base.rows, LAUNCHES))
        launches = [named[int(number)] for number in self._told_by(LAUNCH_NOTE)]
        refused = [named[int(number)] for number in self._told_by(LAUNCH_REFUSED)]
        verdict.uncertain += len(launches)
        if unknown > verdict.uncertain:
            verdict.untold.append(f"{unknown - verdict.uncertain} uncertain posts")
        heard = await self.heard() - {*launches, *refused}
        check_events(sorted(heard), self.answers(), verdict)
        twice = await asyncio.to_thread(self.base.rows, TWICE)
        verdict.doubled += [f"launch {title}, {times} times" for title, times in twice]
        if verdict.faults:
            self._keep_rows()
        return verdict

    def _unheard(self, due: list[Due], posts: list[Post]) -> list[str]:
        """Return what was not posted to a closed channel, and told to nobody either."""
        there = {(post.name, post.slot) for post in posts}
        told = set(self.refused())
        shut = {d.name for d in self.scene.digests if d.shut and not d.removed_at}
        return [
            f"{one.name} {one.slot} (refused, and nobody was told)"
            for one in due
            if one.name in shut - told and (one.name, one.slot) not in there and one.is_optional
        ]

    def _keep_rows(self) -> None:
        """Write down what the database holds, for who looks into a fault."""
        with (self.folder / "rows.log").open("w") as log:
            for sql in REST:
                log.writelines(f"{row}\n" for row in self.base.rows(sql))
        with (self.folder / "ledger.log").open("w") as log:
            log.writelines(f"{json.dumps(row)}\n" for row in self.rows)


def _due(digest: Digest, slot: date, at: datetime) -> Due:
    # Removed with its post on the way: either is right.
    gone = digest.removed_at
    is_late = gone is not None and at > gone - timedelta(hours=2)
    is_shut = any(since <= at <= until for since, until in digest.shut)
    return Due(digest.name, slot, at, is_late or is_shut)


def wanted_digest(name: str, channel: str, metrics: Any, at: Any, zone: str) -> service.Wanted:
    """Return what the form of a daily digest would ask for."""
    # Each day by its name: a weekend then holds nothing back.
    rule = Rule(at=at, on=Weekly(days=tuple(range(7))))
    return service.Wanted(name, channel, tuple(metrics), rule, "daily", zone)
