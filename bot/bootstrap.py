"""The composition root: the only module that knows every other. Builds one running Daybook."""

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlparse

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.ai.llm import Drafter, ModelDrafter
from bot.ai.vectors import Vectors
from bot.calendars.queries import people_away
from bot.clock import Clock, OffsetClock, SystemClock
from bot.db.session import Database
from bot.deps import Deps
from bot.digests.chart_process import ProcessCharts
from bot.engine.calls import Draw
from bot.engine.locks import SessionLocks, one_at_a_time
from bot.engine.outgoing import Outgoing
from bot.engine.presence import Alone, new_owner
from bot.engine.queue import Queue
from bot.engine.runner import Engine, Jobs
from bot.entries.consumers import consume
from bot.feedback.grouping import Reader
from bot.feedback.vectors import ask_for_vectors
from bot.metrics.reader import MetricReader
from bot.settings import Settings, source_environment
from bot.slack.admission import check_bot_token
from bot.slack.gate import Gate
from bot.slack.gateway import LOOPBACK, SlackGateway
from bot.slack.pacing import Paces
from bot.workspaces.channels import channels_capturing_all
from bot.workspaces.places import Places
from bot.workspaces.watch import Watch
from handlers.listeners import Listeners
from handlers.routes import Routes, build_routes
from jobs import alerts as alert_jobs
from jobs import bets as bet_jobs
from jobs import budget as budget_jobs
from jobs import decisions as decision_jobs
from jobs import digests as digest_jobs
from jobs import engine as engine_jobs
from jobs import exports as export_jobs
from jobs import feedback as feedback_jobs
from jobs import general as general_jobs
from jobs import imports as import_jobs
from jobs import intake as intake_jobs
from jobs import launch_listening as launch_listening_jobs
from jobs import launch_words as launch_word_jobs
from jobs import launches as launch_jobs
from jobs import metrics as metric_jobs
from jobs import privacy as privacy_jobs
from jobs import refusals as refusal_jobs
from jobs import retros as retro_jobs
from jobs import rollcall as rollcall_jobs
from jobs import thanks as thanks_jobs
from jobs import theme_status as theme_status_jobs
from jobs import told as told_jobs
from jobs import told_themes as told_theme_jobs
from jobs import tripwires as tripwire_jobs
from jobs import welcome as welcome_jobs
from jobs import why as why_jobs

log = structlog.get_logger()

# One line a ritual, as in handlers/routes.py.
# Kinds of events, beside mentions, whose failure is missed by who brought them about.
ASKED = (
    "feedback.reaction",
    "feedback.message",
    "decision.draft",
    "export.make",
    "launch.word",
    "privacy.erase",
)
JOBS = (
    general_jobs,
    engine_jobs,
    budget_jobs,
    feedback_jobs,
    intake_jobs,
    import_jobs,
    export_jobs,
    privacy_jobs,
    told_jobs,
    told_theme_jobs,
    refusal_jobs,
    thanks_jobs,
    theme_status_jobs,
    launch_jobs,
    launch_listening_jobs,
    launch_word_jobs,
    bet_jobs,
    decision_jobs,
    tripwire_jobs,
    digest_jobs,
    metric_jobs,
    alert_jobs,
    retro_jobs,
    rollcall_jobs,
    welcome_jobs,
    why_jobs,
)


@dataclass(frozen=True)
class Daybook:
    """One running Daybook and its parts."""

    deps: Deps
    engine: Engine
    app: AsyncApp
    clock: OffsetClock
    locks: SessionLocks | None = None  # None: SQLite, where this process is alone


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    base_clock: Clock | None = None,
    drafter: Drafter | None = None,
    draw: Draw | None = None,
    vectors: Vectors | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Daybook]:
    """Build everything, register the workspace of the token, and close all at the end.

    The database must be migrated. Nothing runs by itself until the caller starts the engine.
    ``drafter``, ``draw`` and ``vectors`` take the place of the model, of the picture worker and of
    the local embedder, ``environment``
    of what the metrics file's ``${NAME}`` stand for.
    """
    clock = OffsetClock(
        base_clock or SystemClock(), timedelta(seconds=settings.clock_offset_seconds)
    )
    db = Database(settings.database_url)
    places = Places()
    charts = ProcessCharts()
    feedback = Reader(db, vectors)
    # A Slack on this machine is the playground's, which has no limits.
    paces = Paces(is_limited=urlparse(settings.slack_api_url).hostname not in LOOPBACK)
    gate = Gate(paces.new(), clock.now)
    token = settings.slack_bot_token.get_secret_value()
    gateway = SlackGateway(token, settings.slack_api_url, gate)
    try:
        await check_bot_token(gateway)
        place = await places.add(db, gateway, at=clock.now())
        paces.put(place.workspace_id, gate.pace)
        watch = Watch(emoji=settings.emoji, bot_users={place.identity.user_id})
        async with db.read() as session:
            watch.capture_all |= await channels_capturing_all(session)
            watch.away |= await people_away(session, at=clock.now())
        deps = Deps(
            db=db,
            clock=clock,
            settings=settings,
            places=places,
            metrics=MetricReader(
                db,
                places,
                settings.metrics_file,
                environment or source_environment(),
                default_zone=settings.default_timezone,
                is_required="metrics_file" in settings.model_fields_set,
            ),
            feedback=feedback,
            watch=watch,
            drafter=drafter or build_drafter(settings),
        )
        async with one_at_a_time(db):
            problems = await deps.metrics.start(at=clock.now())
        for problem in problems:
            log.warning("metrics.problem", problem=problem)
        owner = new_owner()
        locks = None if db.is_sqlite else SessionLocks(db, owner)
        await _prepare_meaning(deps)
        engine = build_engine(deps, draw or charts.render, owner, locks, paces)
        yield Daybook(deps, engine, build_app(deps), clock, locks)
    finally:
        await feedback.aclose()
        await charts.aclose()
        await gateway.close()
        await db.close()


async def _prepare_meaning(deps: Deps) -> None:
    """Say when there is no local model; have vectors made that another one, or none, made."""
    if not deps.feedback.has_model:
        log.warning(
            "meaning.by_words", hint="`daybook doctor` says why the local model is not used"
        )
        return
    async with deps.db.write() as session:
        for place in deps.places.all():
            await ask_for_vectors(
                session, place.workspace_id, deps.feedback.vectors.model_id, at=deps.clock.now()
            )


def build_drafter(settings: Settings) -> Drafter | None:
    """Return the model's port, or None while no key is set."""
    key = settings.openai_api_key.get_secret_value()
    if not key:
        return None
    return ModelDrafter(
        api_key=key, model=settings.openai_model, base_url=settings.openai_base_url or None
    )


def build_engine(
    deps: Deps, draw: Draw, owner: str, locks: SessionLocks | None, paces: Paces
) -> Engine:
    """Build the engine of this process, ``owner``, with all rituals' jobs."""
    presence = locks or Alone()
    events = _bound(deps, "EVENTS")
    jobs = Jobs(
        events=events,
        slots=_bound(deps, "SLOTS"),
        consumers=lambda at: consume(deps.db, _collect("CONSUMERS"), at=at),
        asked=frozenset(ASKED) | {kind for kind in events if kind.startswith("mention.")},
    )
    outgoing = Outgoing(
        deps.db, owner, deps.places.gateway, draw, SystemClock().now, paces, presence
    )
    queue = Queue(deps.db, owner, presence)
    return Engine(deps.db, deps.clock, queue, outgoing, jobs, hands_out=locks is not None)


def _collect(name: str) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for ritual in JOBS:
        for key, job in getattr(ritual, name, {}).items():
            if key in table:
                raise ValueError(f"{key} is claimed twice among {name}")
            table[key] = job
    return table


def _bound(deps: Deps, name: str) -> Mapping[str, Callable[[Any], Awaitable[str]]]:
    async def call(job: Callable[..., Awaitable[str]], work: Any) -> str:
        return await job(work, deps)

    return {key: partial(call, job) for key, job in _collect(name).items()}


def build_app(deps: Deps, routes: Routes | None = None) -> AsyncApp:
    """Build Bolt's app with the seven listeners. Who the bot is was asked once, at start.

    ``routes`` takes the place of the rituals' table.
    """
    settings = deps.settings
    token = settings.slack_bot_token.get_secret_value()
    client = AsyncWebClient(token=token, base_url=settings.slack_api_url)
    if urlparse(settings.slack_api_url).hostname in LOOPBACK:
        client.proxy = None
    identity = deps.places.all()[0].identity

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=identity.user_id,
            bot_id=identity.bot_id,
            bot_token=token,
        )

    logger = logging.getLogger("daybook.bolt")
    # Bolt warns at each start that it found both a token and an authorize function: as meant.
    logger.setLevel(logging.ERROR)
    app = AsyncApp(
        name="daybook",  # else Bolt walks the whole stack for one
        logger=logger,
        client=client,
        authorize=authorize,
        signing_secret=settings.slack_signing_secret.get_secret_value() or secrets.token_hex(16),
        # Without it Bolt acknowledges an event before its listener has stored it.
        process_before_response=True,
        request_verification_enabled=not settings.is_socket_mode,
    )
    Listeners(deps, routes or build_routes(), deps.watch).register(app)
    return app
