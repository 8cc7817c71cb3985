"""Plays the sample's script: people speak in the world, Daybook does its part for real."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from sqlalchemy import select

from bot.bets.rules import CONFIDENCES
from bot.bootstrap import Daybook, running
from bot.db.migrate import migrate
from bot.db.session import Database
from bot.decisions.rules import CONFIDENCES as DECISION_CONFIDENCES
from bot.decisions.tables import Decision
from bot.feedback import service as feedback
from bot.feedback.tables import Feedback, FollowUp
from bot.metrics.tables import Metric
from bot.retros.rules import OWN
from bot.settings import load_settings
from bot.slack.ids import Action, Shortcut
from bot.workspaces.customers import CustomerFacts, put_customer
from playground.sample.acts import (
    AnswerRetro,
    ChangeStage,
    CloseRetro,
    GiveVerdict,
    JudgedByHand,
    Launch,
    LogDecision,
    MarkFeedback,
    OpenRetro,
    React,
    Say,
    SubscribeDigest,
    TellAsker,
)
from playground.sample.customers import CUSTOMERS
from playground.sample.hands import Hands
from playground.sample.history import Scripted
from playground.sample.setting import METRICS_FILE
from playground.sample.story.themes import THEMES
from playground.sample.team import FEEDBACK_EMOJI
from playground.sample.timeline import Timeline
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.rows import Message
from playground.server.settings import Settings as ServerSettings
from playground.server.world import World

MANIFEST = Path(__file__).parent.parent.parent / "app.yaml"


class StoryClock:
    """The story's time: stands still until it is moved, but for a hair at each look, so that no
    two messages share a ts.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the story's time."""
        return self.at

    def __call__(self) -> datetime:
        """Return the story's time for the world, a millisecond later at each look."""
        self.at += timedelta(milliseconds=1)
        return self.at

    def set(self, at: datetime) -> None:
        """Move on; the story never goes back."""
        self.at = max(self.at, at)


@asynccontextmanager
async def living(
    folder: Path, world: World, clock: StoryClock
) -> AsyncIterator[tuple[Daybook, People]]:
    """Serve the world and run Daybook on it, in this process, on the story's time."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    server = ServerSettings(port=0, ack_seconds=30, retry_seconds=(0.0,), file_refusals=0)
    people = People(world, manifest, server)
    database = f"sqlite+aiosqlite:///{folder / 'daybook.db'}"
    db = Database(database)
    await migrate(db)
    await db.close()
    async with serving(build_app(world, people, manifest, server), server) as url:
        settings = load_settings(
            _env_file=None,
            slack_bot_token=world.app.bot_token,
            slack_app_token=world.app.app_token,
            slack_api_url=f"{url}/api/",
            database_url=database,
            default_timezone="Europe/Berlin",
            metrics_file=METRICS_FILE,
        )
        product = {"PRODUCT_DB_URL": f"sqlite:///{folder / 'product.db'}"}
        async with running(settings, base_clock=clock, environment=product) as daybook:
            handler = AsyncSocketModeHandler(
                daybook.app, world.app.app_token, web_client=daybook.app.client
            )
            await handler.connect_async()  # type: ignore[no-untyped-call]
            yield daybook, people
            await people.settled()
            await handler.close_async()  # type: ignore[no-untyped-call]


class Player:
    """Plays one act after the other; keeps what the script's keys became."""

    def __init__(
        self, world: World, daybook: Daybook, clock: StoryClock, timeline: Timeline, people: People
    ) -> None:
        self._world, self._daybook, self._clock = world, daybook, clock
        self._line, self._people = timeline, people
        self._workspace = daybook.deps.places.all()[0].workspace_id
        self._messages: dict[str, tuple[str, str]] = {}  # message key -> channel, ts
        self._themes: dict[str, str] = {}
        self._theme_names = {theme.key: theme.name for theme in THEMES}
        self._customers: dict[str, str] = {}
        self._metrics: dict[str, str] = {}
        self._decisions: dict[str, str] = {}
        self._cards: dict[str, tuple[str, str]] = {}  # launch key -> its headline
        self._hands = Hands(world, people, daybook)
        self._acts: dict[type, Callable[[Any, datetime], Awaitable[None]]] = {
            Say: self._say,
            React: self._react,
            MarkFeedback: self._mark,
            LogDecision: self._decide,
            Launch: self._launch,
            ChangeStage: self._stage,
            GiveVerdict: self._verdict,
            TellAsker: self._tell,
            OpenRetro: self._open_retro,
            AnswerRetro: self._answer_retro,
            CloseRetro: self._close_retro,
            SubscribeDigest: self._digest,
        }

    async def prepare(self) -> None:
        """Bring in the customers."""
        async with self._daybook.deps.db.write() as session:
            for customer in CUSTOMERS:
                self._customers[customer.key] = await put_customer(
                    session,
                    self._workspace,
                    CustomerFacts(
                        name=customer.name,
                        domains=(customer.domain,),
                        channel_id=customer.channel,
                        tier=customer.tier,
                        status=customer.status,
                        monthly_revenue=customer.monthly_revenue_minor,
                        currency=customer.currency,
                    ),
                    at=self._clock.at,
                )

        async with self._daybook.deps.db.read() as session:
            rows = await session.execute(select(Metric.name, Metric.id))
            self._metrics = dict(rows.tuples().all())

    async def play(self, scripted: Scripted) -> None:
        """Let time come to the act, do what falls due on the way, then play it.

        What Daybook cannot do yet (docs/features.md) is left out of the story.
        """
        play = self._acts.get(type(scripted.act))
        if play is None:
            return
        if not isinstance(scripted.act, Say | React):
            await self._until(scripted.at)
        await play(scripted.act, scripted.at)

    async def finish(self, now: datetime) -> None:
        """Come to the present."""
        await self._until(now)

    async def _until(self, at: datetime) -> None:
        engine = self._daybook.engine
        due = await engine.next_due()
        if due and due <= at:
            await engine.run_until(max(at, self._clock.at), self._clock.set)
        self._clock.set(at)

    async def _settle(self) -> None:
        await self._people.settled()
        await self._daybook.engine.run_due()

    async def _say(self, act: Say, at: datetime) -> None:
        thread = self._messages[act.thread][1] if act.thread else None
        message = self._world.messages.add(
            act.channel, act.who, self._people.encoded(act.text), thread_ts=thread, at=at
        )
        self._messages[act.key] = act.channel, message.ts

    async def _react(self, act: React, _at: datetime) -> None:
        channel, ts = self._messages[act.message]
        self._world.messages.react(channel, ts, act.emoji, act.who)

    async def _decide(self, act: LogDecision, _at: datetime) -> None:
        hands = self._hands
        if act.supersedes:
            message, button = self._pressable(act.supersedes, Action.DECISION_SUPERSEDE)
            await hands.press(act.who, button, message)
        elif act.thread:
            channel, ts = self._messages[act.thread]
            await self._people.shortcut(act.who, Shortcut.LOG_DECISION, channel, ts)
        else:
            await hands.open_form(act.who, act.channel, f"/decision {act.title}")
        bet = await self._decision_bet(act) if act.bet else {}
        await hands.send(act.who, self._decision_values(act) | bet)
        async with self._daybook.deps.db.read() as session:
            query = select(Decision.id).where(Decision.title == act.title)
            self._decisions[act.key] = (await session.scalars(query)).one()
        message, _ = hands.find(act.channel, Action.DECISION_SUPERSEDE)
        self._cards[act.key] = message.channel, message.ts

    async def _decision_bet(self, act: LogDecision) -> dict[str, Any]:
        bet, hands, change = act.bet, self._hands, Action.DECISION_BET_CHANGE
        assert bet is not None  # noqa: S101  the caller looked
        await hands.choose(act.who, f"{change}:fold")
        await hands.choose(act.who, f"{change}:kind", "bet_kind", "by_hand")
        return {
            "bet_expectation": bet.expectation,
            "bet_check_date": self._line.on(bet.check).isoformat(),
            "bet_confidence": _nearest(bet.confidence, CONFIDENCES),
        }

    def _decision_values(self, act: LogDecision) -> dict[str, Any]:
        wire = act.tripwire
        values: dict[str, Any] = {
            "title": act.title,
            "choice": act.choice,
            "status": "accepted",
            "channel": act.channel,
            "context": act.context,
            "options": "\n".join(act.options),
            "rationale": act.rationale,
            "owner": act.owner,
            "participants": list(act.participants),
            "themes": [self._themes[key] for key in act.themes if key in self._themes],
            "confidence": _nearest(act.confidence, DECISION_CONFIDENCES),
            "reversible": "yes" if act.is_reversible else "no",
            "revisit": self._line.on(act.revisit).isoformat(),
        }
        if wire:
            values |= {
                "metric": self._metrics[wire.metric],
                "side": wire.side,
                "bound": f"{wire.bound:g}",
                "days": str(wire.days),
            }
        return values

    def _pressable(self, key: str, action: str) -> tuple[Message, str]:
        channel, ts = self._cards[key]
        return self._hands.find(channel, action, ts)

    async def _launch(self, act: Launch, _at: datetime) -> None:
        hands = self._hands
        await hands.open_form(act.who, act.channel, f"/launch {act.title}")
        values: dict[str, Any] = {
            "owner": act.owner,
            "channel": act.channel,
            "stage": act.stage,
            "area": act.area,
            "summary": act.summary,
        }
        if act.bet:
            await hands.choose(act.who, Action.LAUNCH_BET_FOLD)
            values |= await self._bet(act)
        await hands.send(act.who, values)
        card = hands.newest(act.channel)
        self._cards[act.key] = card.channel, card.ts

    async def _bet(self, act: Launch) -> dict[str, Any]:
        bet, hands = act.bet, self._hands
        assert bet is not None  # noqa: S101  the caller looked
        values: dict[str, Any] = {
            "check_date": self._line.on(bet.check).isoformat(),
            "confidence": _nearest(bet.confidence, CONFIDENCES),
            "themes": [self._themes[key] for key in act.asked_by if key in self._themes],
            "decision": self._decisions.get(act.decision or ""),
        }
        if isinstance(bet, JudgedByHand):
            await hands.choose(act.who, Action.LAUNCH_BET_KIND, "kind", "by_hand")
            return values | {"expectation": bet.expectation}
        metric = self._metrics[bet.metric]
        await hands.choose(act.who, Action.LAUNCH_BET_METRIC, "metric", metric)
        target = f"{bet.target:.10g}" if bet.target else ""
        values |= {"kind": "move_metric", "metric": metric, "target": target}
        if bet.guardrails:
            values["guardrails"] = [self._metrics[g.metric] for g in bet.guardrails]
            values["harm"] = f"{max(abs(g.worst_change) for g in bet.guardrails):g} %"
        return values

    async def _stage(self, act: ChangeStage, _at: datetime) -> None:
        message, menu = self._pressable(act.launch, Action.LAUNCH_STAGE)
        await self._hands.press(act.who, menu, message, act.stage)
        if act.stage == "rolled_back":
            await self._hands.send(act.who, {"reason": act.note})
        await self._hands.settle()

    async def _verdict(self, act: GiveVerdict, _at: datetime) -> None:
        dm = self._hands.direct(act.who)
        message, button = self._hands.find(dm, f"{Action.LAUNCH_VERDICT}:{act.verdict}")
        await self._hands.press(act.who, button, message)
        values = {"lesson": act.lesson, "next_step": act.next_step, "reason": act.lesson}
        await self._hands.send(act.who, values)

    async def _tell(self, act: TellAsker, _at: datetime) -> None:
        channel, ts = self._messages[act.message]
        async with self._daybook.deps.db.read() as session:
            query = (
                select(FollowUp.id, FollowUp.owner_id)
                .join(Feedback, Feedback.customer_id == FollowUp.customer_id)
                .where(
                    Feedback.source_channel_id == channel,
                    Feedback.message_ts == ts,
                    FollowUp.event == act.event,
                )
            )
            found = (await session.execute(query)).first()
        if found is None:
            raise LookupError(f"nobody is to be told about {act.message}")
        dm = self._hands.direct(found.owner_id)
        message, button = self._hands.find(dm, f"{Action.TOLD_TOLD}:{found.id}")
        await self._hands.press(found.owner_id, button, message)
        await self._hands.settle()

    async def _open_retro(self, act: OpenRetro, _at: datetime) -> None:
        hands = self._hands
        await hands.open_form(act.who, act.channel, f"/retro {act.series}")
        await hands.choose(act.who, Action.RETRO_TEMPLATE, "template", OWN)
        values = {
            "name": act.series,
            "questions": "\n".join(act.questions),
            "channel": act.channel,
            "when": "now",
        }
        await hands.send(act.who, values)
        message, _ = hands.find(act.channel, Action.RETRO_ANSWER)
        self._cards[act.key] = message.channel, message.ts

    async def _answer_retro(self, act: AnswerRetro, _at: datetime) -> None:
        message, button = self._pressable(act.retro, Action.RETRO_ANSWER)
        await self._hands.press(act.who, button, message)
        await self._hands.send(act.who, {f"q{n}": words for n, words in enumerate(act.answers)})

    async def _close_retro(self, act: CloseRetro, _at: datetime) -> None:
        hands = self._hands
        message, button = self._pressable(act.retro, Action.RETRO_CLOSE)
        await hands.press(act.who, button, message)
        await hands.settle()
        message, button = self._pressable(act.retro, Action.RETRO_ACTIONS)
        await hands.press(act.who, button, message)
        values: dict[str, Any] = {}
        for place, action in enumerate(act.actions):
            values |= {
                f"text{place}": action.text,
                f"owner{place}": action.owner,
                f"due{place}": self._line.on(action.due).isoformat(),
                f"effect{place}": action.expected_effect,
                f"check{place}": action.check,
            }
        await hands.send(act.who, values)

    async def _digest(self, act: SubscribeDigest, _at: datetime) -> None:
        hands = self._hands
        await hands.open_form(act.who, act.channel, "/digest")
        await hands.choose(act.who, Action.DIGEST_TARGET, "where", act.channel)
        days = "weekdays" if act.weekdays == (0, 1, 2, 3, 4) else "daily"
        await hands.send(
            act.who,
            {
                "where": act.channel,
                "metrics": [self._metrics[name] for name in act.metrics],
                "when": f"{days} at {act.clock} {act.zone}",
                "name": act.title,
            },
        )

    async def _mark(self, act: MarkFeedback, at: datetime) -> None:
        channel, ts = self._messages[act.message]
        await self._people.react(act.who, channel, ts, FEEDBACK_EMOJI)
        await self._settle()
        async with self._daybook.deps.db.write() as session:
            item = await session.scalar(
                select(Feedback).where(
                    Feedback.source_channel_id == channel, Feedback.message_ts == ts
                )
            )
            if item is None:
                raise LookupError(f"{act.message} was not logged")
            await feedback.correct(
                session,
                self._workspace,
                item.id,
                kind=act.kind,
                customer_id=self._customers[act.customer] if act.customer else "",
                by=act.who,
                at=at,
            )
            if act.theme and act.theme in self._themes:
                theme = self._themes[act.theme]
                await feedback.move_to_theme(
                    session, self._workspace, item.id, theme, by=act.who, at=at
                )
            elif act.theme and item.theme_id:
                self._themes[act.theme] = item.theme_id
                name = self._theme_names[act.theme]
                await feedback.rename_theme(
                    session, self._workspace, item.theme_id, name, by=act.who, at=at
                )


def _nearest(percent: int, offered: Iterable[int]) -> str:
    return str(min(offered, key=lambda one: abs(one - percent)))
