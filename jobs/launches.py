"""What launches do by themselves: offers, mentions, checks on their date, questions to owners."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date, zone_named
from bot.deps import Deps
from bot.digests.chart import alt_text
from bot.engine.deliveries import hold_cause, plan_ephemeral, plan_picture, plan_post
from bot.engine.queue import EventWork, SlotWork
from bot.errors import DaybookError, NotFound
from bot.launches import betting, checks, judging, offering, service, steps
from bot.launches.checks import Material
from bot.launches.headlines import post_headline, post_in_thread, refresh_headline
from bot.launches.listening import count_complaints
from bot.launches.offers import TITLE_LENGTH
from bot.launches.queries import find_launches, get_launch, similar_launches
from bot.launches.records import LaunchView
from bot.launches.stages import ENDED, LIVE
from bot.launches.tables import Bet, Launch
from bot.launches.verdict_views import (
    render_evidence,
    render_ownerless_note,
    render_question,
    render_step_question,
    render_unjudged_note,
    render_waiting_note,
)
from bot.launches.views import (
    render_already_logged,
    render_form_offer,
    render_logged_note,
    render_offer,
)
from bot.slack.blocks import Message
from bot.slack.text import plain, shorten
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place
from jobs.launch_pictures import PICTURE_INDEX, picture_of_check

# Asked at the check, and at most twice more.
MOST_QUESTIONS = 3
# A launch logged this recently under such a title is what a message talks about.
SAME_LAUNCH_DAYS = 30


async def on_offer(work: EventWork, deps: Deps) -> str:
    """A message reads like a launch: its author is asked once, privately."""
    ids = work.payload
    place = deps.places.of(work.workspace_id)
    asker = await place.directory.asker(ids["user"], at=work.at, here=ids["channel"])
    channel = await place.directory.channel(ids["channel"], at=work.at)
    if not asker.is_member or channel.is_shared or channel.is_dm:
        return "ignored: not a member's message in a channel of ours"
    async with deps.db.write() as session:
        if await _is_known(session, asker, work, ids["title"]):
            return "ignored: it is logged already"
        offer_id = await offering.make_offer(
            session,
            work.workspace_id,
            ids["channel"],
            ids["ts"],
            ids["user"],
            ids["title"],
            at=work.at,
        )
        if offer_id is None:
            return "offered before"
        message = render_offer(ids["title"], offer_id)
        await plan_ephemeral(session, work.cause, ids["channel"], ids["user"], "offer", message)
    return "offered"


async def _is_known(session: AsyncSession, asker: Asker, work: EventWork, title: str) -> bool:
    alike = await similar_launches(session, asker, title)
    since = work.at - timedelta(days=SAME_LAUNCH_DAYS)
    return any(one.created_at >= since and one.stage not in ENDED for one in alike)


async def on_mention(work: EventWork, deps: Deps) -> str:
    """``@Daybook launch [title]``: logged at once with a title, else the form is offered."""
    ids = work.payload
    place = deps.places.of(work.workspace_id)
    asker = await place.directory.asker(ids["user"], at=work.at, here=ids["channel"])
    root = ids["thread_ts"] or ids["ts"]
    if not asker.is_member:
        return await _whisper(work, deps, "Only members can log launches; please ask one to.")
    channel = await place.directory.channel(ids["channel"], at=work.at)
    if channel.is_shared or channel.is_dm:
        return await _whisper(work, deps, "Launches stand in channels of your own; type /launch.")
    title = shorten(plain(ids["text"]).split("\n")[0], TITLE_LENGTH)
    if not title:
        async with deps.db.write() as session:
            await _say(session, work, render_form_offer(f"{ids['channel']}:{root}"))
        return "form offered"
    return await _launch_at_once(work, deps, place, asker, title)


async def _launch_at_once(
    work: EventWork, deps: Deps, place: Place, asker: Asker, title: str
) -> str:
    ids = work.payload
    readers = await place.directory.audience(ids["channel"], at=work.at)
    new = service.NewLaunch(
        title=title,
        owner_id=ids["user"],
        channel_id=ids["channel"],
        created_by=ids["user"],
        stage=LIVE,
        origin_channel_id=ids["channel"],
        origin_ts=ids["thread_ts"] or ids["ts"],
    )
    async with deps.db.write() as session:
        known = await service.find_by_origin(
            session, work.workspace_id, new.origin_channel_id, new.origin_ts
        )
        if known:
            found = await find_launches(session, asker, ids=[known.id])
            await _say(session, work, render_already_logged(found[0]))
            return "logged before"
        launch = await service.create_launch(session, work.workspace_id, new, at=work.at)
        detail = await post_headline(session, work.cause, readers, launch)
        await _say(session, work, render_logged_note(detail.launch))
    return f"launch #{launch.number}"


async def _whisper(work: EventWork, deps: Deps, text: str) -> str:
    async with deps.db.write() as session:
        await _say(session, work, Message(text))
    return text


async def _say(session: AsyncSession, work: EventWork, message: Message) -> None:
    ids = work.payload
    thread = ids.get("thread_ts") or ""
    await plan_ephemeral(
        session, work.cause, ids["channel"], ids["user"], "answer", message, thread=thread
    )


async def read_metrics(work: EventWork, deps: Deps) -> str:
    """A form asked for metrics whose source is slow: they are there at the next look."""
    ids = [str(id_) for id_ in work.payload["metrics"]]
    failed = await deps.metrics.refresh(work.workspace_id, ids, at=work.at)
    return "; ".join(str(problem) for problem in failed) or "read"


@dataclass(frozen=True)
class _Check:
    """A bet that is due, with who reads its launch and who is asked."""

    bet: Bet
    launch: Launch
    readers: Asker
    owner: Asker | None  # None: nobody to ask any more


async def run_check(work: SlotWork, deps: Deps) -> str:
    """The check date: measure when the data are complete, tell the thread, ask the owner."""
    due = await _due(work, deps, "open")
    if due is None:
        return "nothing to check"
    ids = checks.metric_ids(due.bet)
    problems = await deps.metrics.refresh(work.workspace_id, ids, at=work.at) if ids else []
    async with deps.db.read() as session:
        material = await checks.gather_material(session, due.readers, due.bet, due.launch)
    waiting = checks.waits_for(material, [str(problem) for problem in problems])
    if waiting and checks.may_wait(due.bet, work.slot):
        return await _wait(work, deps, due, waiting.problem)
    if waiting:
        material = checks.Material(material.metric, problem=waiting.problem)
    evidence = await checks.measure(due.bet, material, checked_on=due.bet.check_date, at=work.at)
    evidence.facts = evidence.facts | {"complaints": await _complaints(work, deps, due)}
    async with deps.db.write() as session:
        bet = await betting.get_bet(session, work.workspace_id, due.bet.id)
        if bet.state != "open":
            return "checked before"
        launch = await service.get_launch_row(session, work.workspace_id, due.launch.id)
        await judging.record_evidence(
            session, bet, service.subject_of(launch), evidence, at=work.at
        )
        detail = await refresh_headline(session, work.cause, due.readers, launch)
        evidence.message_id = await _tell_thread(session, work, launch, detail.launch, material)
        await _ask(session, work, bet, due.owner)
        if due.owner is None:
            note = render_ownerless_note(detail.launch)
            await post_in_thread(session, work.cause, launch, "ownerless", note)
    return f"measured: {evidence.kind}"


async def _complaints(work: SlotWork, deps: Deps, due: _Check) -> dict[str, Any] | None:
    """Count what customers complained of, for those who read the launch's channel."""
    async with deps.db.read() as session:
        detail = await get_launch(session, due.readers, due.launch.id)
        return await count_complaints(session, due.readers, detail, at=work.at)


async def _tell_thread(
    session: AsyncSession, work: SlotWork, row: Launch, launch: LaunchView, material: Material
) -> str:
    """Plan the finding in the thread, and its picture, which comes when it is drawn."""
    message = render_evidence(launch)
    posted = await post_in_thread(session, work.cause, row, "evidence", message)
    picture = picture_of_check(launch, material)
    if picture:
        cause = work.cause.about(f"the picture of launch #{launch.number}", launch.owner_id)
        await plan_picture(
            session,
            cause,
            posted,
            "evidence.picture",
            message,
            spec=picture.to_json(),
            alt=alt_text(picture),
            index=PICTURE_INDEX,
        )
    return posted


async def _due(work: SlotWork, deps: Deps, state: str) -> _Check | None:
    async with deps.db.read() as session:
        bet = await session.get(Bet, (work.workspace_id, work.subject_id))
        if bet is None or bet.state != state or bet.subject_kind != "launch":
            return None
        launch = await session.get_one(Launch, (work.workspace_id, bet.subject_id))
    directory = deps.places.of(work.workspace_id).directory
    readers = await directory.audience(launch.source_channel_id, at=work.at)
    try:
        owner = await directory.asker(bet.owner_id, at=work.at)
    except DaybookError:
        owner = None
    return _Check(bet, launch, readers, owner if owner and owner.is_member else None)


async def _wait(work: SlotWork, deps: Deps, due: _Check, problem: str) -> str:
    async with deps.db.write() as session:
        bet = await betting.get_bet(session, work.workspace_id, due.bet.id)
        await betting.check_later(session, bet, work.slot + timedelta(days=1), at=work.at)
        if due.owner and work.slot == bet.check_date:
            view = await _seen_by(session, due.owner, due.launch.id)
            if view:
                note = render_waiting_note(view, problem)
                await plan_post(session, work.cause, bet.owner_id, "waiting", note)
    return f"waits: {problem}"


async def _seen_by(session: AsyncSession, asker: Asker, launch_id: str) -> LaunchView | None:
    try:
        return (await get_launch(session, asker, launch_id)).launch
    except NotFound:
        return None


async def _ask(session: AsyncSession, work: SlotWork, bet: Bet, owner: Asker | None) -> None:
    """Ask the owner for the verdict by DM; App Home shows it too."""
    await judging.ask_again_later(session, bet, work.slot, at=work.at)
    launch = await _seen_by(session, owner, bet.subject_id) if owner else None
    if launch is None:
        return
    message = render_question(launch, asked=bet.asked)
    cause = work.cause.about(f"verdict on launch #{launch.number}", bet.owner_id)
    bet.question_id = await plan_post(session, cause, bet.owner_id, "question", message)


async def run_question(work: SlotWork, deps: Deps) -> str:
    """Nobody answered yet: asked again, at most twice; then the launch is shown as unjudged."""
    due = await _due(work, deps, "measured")
    if due is None:
        return "answered"
    async with deps.db.write() as session:
        bet = await betting.get_bet(session, work.workspace_id, due.bet.id)
        if bet.state != "measured" or await judging.was_asked_on(session, bet, work.slot):
            return "asked before"
        held = await hold_cause(session, work.cause, bet.owner_id) if due.owner else None
        day = local_date(held.until, zone_named(bet.timezone)) if held else work.slot
        if held and day > work.slot:
            # Neither asked nor given up while its owner does not work.
            await judging.ask_on(session, bet, day, at=work.at)
            return f"waits: {held.reason}"
        if bet.asked < MOST_QUESTIONS:
            await _ask(session, work, bet, due.owner)
            return f"asked {bet.asked} times"
        launch = await service.get_launch_row(session, work.workspace_id, due.launch.id)
        await judging.mark_unjudged(session, bet, service.subject_of(launch), at=work.at)
        detail = await refresh_headline(session, work.cause, due.readers, launch)
        note = render_unjudged_note(detail.launch)
        await post_in_thread(session, work.cause, launch, "unjudged", note)
    return "unjudged"


async def run_step(work: SlotWork, deps: Deps) -> str:
    """The date by which a miss was to be fixed or removed: its owner is asked whether it is."""
    due = await _due(work, deps, "judged")
    if due is None or due.owner is None:
        return "nobody to ask"
    async with deps.db.write() as session:
        bet = await betting.get_bet(session, work.workspace_id, due.bet.id)
        row = await steps.find_step(session, bet)
        if (
            row is None
            or row.state != steps.OPEN
            or await steps.was_asked_on(session, row, work.slot)
        ):
            return "answered or asked before"
        launch = await _seen_by(session, due.owner, due.launch.id)
        if launch is None or launch.step is None:
            return "not theirs to see any more"
        await steps.ask_again_later(session, row, work.slot, at=work.at)
        cause = work.cause.about(f"what follows from launch #{launch.number}", row.owner_id)
        question = render_step_question(launch, launch.step)
        row.question_id = await plan_post(session, cause, row.owner_id, "step", question)
    return f"asked {row.asked} times"


EVENTS = {
    "launch.offer": on_offer,
    "launch.read": read_metrics,
    "mention.launch": on_mention,
}
SLOTS = {betting.CHECK: run_check, betting.ASK: run_question, steps.STEP: run_step}
