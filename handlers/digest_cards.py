"""A digest's buttons: test, send, pause, resume, remove, and what a metric means."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.queries import When, read_coming
from bot.clock import zone_named
from bot.deps import Deps
from bot.digests import service, uses
from bot.digests.cards import (
    Card,
    labels_of,
    render_card,
    render_list,
    render_metric,
    render_removed,
)
from bot.digests.queries import DigestView, find_digest, find_digests
from bot.digests.rules import JOB
from bot.digests.tables import Digest
from bot.engine.pauses import find_stopped
from bot.errors import NotAllowed, NotFound
from bot.metrics.chosen import retired_metrics
from bot.metrics.queries import find_corrections, find_metric, list_metrics
from bot.slack.blocks import Message
from bot.slack.ids import Action
from bot.slack.text import escape
from bot.workspaces.asker import Asker
from bot.workspaces.channels import closed_channels
from handlers.answers import Answer, OpenModal, Private, RefreshHome, ShowModal
from handlers.payloads import Request

# Two blocks each, of the 50 that a message takes.
LISTED = 20
# From when on the facts of a metric tell of corrected values.
EVER = datetime(1970, 1, 1, tzinfo=UTC)


async def send_test(request: Request, deps: Deps) -> Answer:
    """Test to me: the digest as its readers would get it, as a DM."""
    view = await _visible(request, deps)
    async with deps.act(request) as session:
        digest = await service.get_digest(session, request.workspace_id, view.id)
        await service.run_digest(
            session, digest, by=request.user_id, at=request.at, target=request.user_id
        )
    return await _answer(request, deps, "A test is on its way to you as a direct message.")


async def send_now(request: Request, deps: Deps) -> Answer:
    """Send now: one post to everybody, beside the schedule."""

    async def send(session: AsyncSession, digest: Digest) -> None:
        await service.run_digest(session, digest, by=request.user_id, at=request.at)

    return await _change(request, deps, send, "It is on its way.")


async def pause(request: Request, deps: Deps) -> Answer:
    """Pause until somebody resumes."""

    async def stop(session: AsyncSession, digest: Digest) -> None:
        await service.pause_digest(session, digest, by=request.user_id, at=request.at)

    return await _change(request, deps, stop, "Paused.")


async def resume(request: Request, deps: Deps) -> Answer:
    """Resume with the next date."""

    async def go_on(session: AsyncSession, digest: Digest) -> None:
        await service.resume_digest(session, digest, by=request.user_id, at=request.at)

    return await _change(request, deps, go_on, "It posts again.")


async def remove(request: Request, deps: Deps) -> Answer:
    """Remove for good."""

    async def end(session: AsyncSession, digest: Digest) -> None:
        await service.remove_digest(session, digest, by=request.user_id, at=request.at)

    return await _change(request, deps, end, "Removed. What it posted stays.")


async def explain_metric(request: Request, deps: Deps) -> Answer:
    """About: what a number means, where it comes from, how fresh it is."""
    async with deps.db.read() as session:
        metric = await find_metric(session, request.asker, request.value)
        corrections = await find_corrections(session, request.asker, metric.id, since=EVER)
    if request.message is not None:
        async with deps.db.write() as session:
            message = request.message
            await uses.note_use(
                session, request.workspace_id, message.channel, message.ts, at=request.at
            )
    return OpenModal(render_metric(metric, corrections))


async def _change(
    request: Request,
    deps: Deps,
    act: Callable[[AsyncSession, Digest], Awaitable[None]],
    note: str,
) -> Answer:
    await check_may_change(request, deps, request.value)
    async with deps.act(request) as session:
        digest = await service.get_digest(session, request.workspace_id, request.value)
        await act(session, digest)
    return await _answer(request, deps, note)


async def _answer(request: Request, deps: Deps, note: str) -> Answer:
    if request.view_type == "home":
        return RefreshHome()
    if request.view_type != "modal":
        is_gone = request.name.partition(":")[0] == Action.DIGEST_REMOVE
        removed = request.value if is_gone else ""
        listed = await read_list(request, deps, note=note, removed=removed)
        return Private(listed, replaces=True)
    try:
        card = await read_card(request, deps, request.value)
    except NotFound:
        return ShowModal(render_removed(note, request.value))
    return ShowModal(render_card(card, note=note))


async def _visible(request: Request, deps: Deps) -> DigestView:
    async with deps.db.read() as session:
        return await find_digest(session, request.asker, request.value)


async def check_may_change(request: Request, deps: Deps, digest_id: str) -> DigestView:
    """Return the digest; raises ``NotFound`` or ``NotAllowed``."""
    async with deps.db.read() as session:
        view = await find_digest(session, request.asker, digest_id)
    if not may_change(view, request.asker):
        raise NotAllowed("Only the digest's owner or an admin may change it.")
    return view


def may_change(view: DigestView, asker: Asker) -> bool:
    """Tell whether a person may edit, pause or remove a digest."""
    return asker.is_admin or view.owner_id == asker.user_id


async def read_card(request: Request, deps: Deps, digest_id: str) -> Card:
    """Return a digest's card as the asker may see it."""
    async with deps.db.read() as session:
        view = await find_digest(session, request.asker, digest_id)
        known = await _known_labels(session, request.asker, [view])
        return await _card_of(session, request, view, known)


async def _known_labels(
    session: AsyncSession, asker: Asker, views: Sequence[DigestView]
) -> dict[str, str]:
    """Return the labels of what digests show, as the asker may see them, by metric id."""
    known = {one.id: one.label for one in await list_metrics(session, asker)}
    gone = {one for view in views for one in view.metric_ids} - known.keys()
    for one in await retired_metrics(session, asker, gone) if gone else []:
        known[one.id] = f"{one.label} (retired)"
    return known


async def _card_of(
    session: AsyncSession, request: Request, view: DigestView, known: dict[str, str]
) -> Card:
    place = When(view.rule, zone_named(view.timezone), view.target)
    coming = await read_coming(session, request.workspace_id, place, at=request.at)
    stopped = await find_stopped(session, request.workspace_id, JOB, view.id)
    closed = await closed_channels(session, request.workspace_id, [view.target])
    return Card(
        view,
        labels_of(view, known),
        escape(coming),
        may_change(view, request.asker),
        not request.asker.is_guest,
        escape(stopped, limit=120),
        is_closed=view.target in closed,
    )


async def read_list(
    request: Request, deps: Deps, *, words: str = "", note: str = "", removed: str = ""
) -> Message:
    """Return the digests that the asker may see whose names hold ``words``, with their buttons."""
    wanted = words.casefold().split()
    async with deps.db.read() as session:
        views = [
            view
            for view in await find_digests(session, request.asker)
            if all(word in view.name.casefold() for word in wanted)
        ]
        known = await _known_labels(session, request.asker, views[:LISTED])
        cards = [await _card_of(session, request, view, known) for view in views[:LISTED]]
    more, is_guest = len(views) - len(cards), request.asker.is_guest
    return render_list(cards, note=note, removed=removed, words=words, more=more, is_guest=is_guest)
