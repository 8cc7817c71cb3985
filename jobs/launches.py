"""What launches do by themselves: offer, answer mentions, read metrics that a form waits for."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.deliveries import plan_ephemeral
from bot.engine.queue import EventWork
from bot.general.titles import fit_title, render_too_long, shortened_words
from bot.launches import offering, service
from bot.launches.forms import SUMMARY_LIMIT, TITLE_LIMIT
from bot.launches.headlines import post_headline
from bot.launches.queries import find_launches, similar_launches
from bot.launches.stages import ENDED, LIVE
from bot.launches.views import (
    render_already_logged,
    render_form_offer,
    render_logged_note,
    render_offer,
)
from bot.slack.blocks import Message
from bot.slack.text import plain
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place

# A launch logged this recently under such a title is what a message talks about.
SAME_LAUNCH_DAYS = 30


@dataclass(frozen=True)
class _Said:
    """What somebody called a launch; the summary holds all of it when the title was cut."""

    title: str
    summary: str
    is_cut: bool


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
    said = plain(ids["text"])
    if len(said) > SUMMARY_LIMIT:
        async with deps.db.write() as session:
            await _say(session, work, render_too_long(said, limit=TITLE_LIMIT))
        return "refused: too long"
    head, _, rest = said.partition("\n")
    title, whole = fit_title(head, TITLE_LIMIT)
    words = _Said(title, summary=said if whole else rest.strip(), is_cut=bool(whole))
    if not title:
        async with deps.db.write() as session:
            await _say(session, work, render_form_offer(f"{ids['channel']}:{root}"))
        return "form offered"
    return await _launch_at_once(work, deps, place, asker, words)


async def _launch_at_once(
    work: EventWork, deps: Deps, place: Place, asker: Asker, words: _Said
) -> str:
    ids = work.payload
    readers = await place.directory.audience(ids["channel"], at=work.at)
    new = service.NewLaunch(
        title=words.title,
        owner_id=ids["user"],
        channel_id=ids["channel"],
        created_by=ids["user"],
        stage=LIVE,
        summary=words.summary,
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
        note = shortened_words(TITLE_LIMIT, "its summary") if words.is_cut else ""
        await _say(session, work, render_logged_note(detail.launch, note))
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


EVENTS = {
    "launch.offer": on_offer,
    "launch.read": read_metrics,
    "mention.launch": on_mention,
}
