"""Tell a failure, in the unit that records it: nobody is untold, and nobody is told for ever."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.blame import whom_to_tell
from bot.engine.deliveries import ANSWER, Cause, plan_post
from bot.engine.notices import render_untold, with_pause
from bot.engine.pauses import OCCURRENCE, pause_if_failing
from bot.slack.blocks import Message
from bot.slack.kinds import is_person

log = structlog.get_logger()

# A note about a failure, and the note that this note did not arrive: there it ends.
FAILED, UNTOLD = "failed:", "untold:"


async def tell_failure(
    session: AsyncSession,
    cause: Cause,
    note: Message,
    *,
    failed_id: str,
    target: str = "",
    occurrence_id: str = "",
) -> str:
    """Tell the owner of ``cause``, else the installer or an admin; returns who is told.

    ``cause`` is why the failed thing was said, ``target`` whom it was for. The schedule of an
    occurrence that failed five times in a row is paused, and the note says so.
    """
    if cause.key.startswith(UNTOLD):
        return ""
    prefix = FAILED
    if cause.key.startswith(FAILED):
        prefix = UNTOLD
        note = render_untold(target, note)
    reader = await whom_to_tell(
        session, cause.workspace_id, cause.owner_id, besides=_people(target)
    )
    occurrence_id = occurrence_id or _occurrence(cause.key)
    paused = None
    if occurrence_id:
        paused = await pause_if_failing(session, cause.workspace_id, occurrence_id)
    if paused:
        note = with_pause(note, paused.schedule_id, paused.failures)
    if not reader:
        log.error("failure.untold", workspace=cause.workspace_id, failed=failed_id)
        return ""
    # Before all that waits its turn: behind a morning of digests it would come minutes later.
    about = Cause(cause.workspace_id, f"{prefix}{failed_id}", cause.at, priority=ANSWER)
    await plan_post(session, about, reader, "told", note)
    return reader


def _people(target: str) -> list[str]:
    # Who could not be reached is not told of it by the same way.
    return [target] if is_person(target) else []


def _occurrence(key: str) -> str:
    return key.removeprefix(OCCURRENCE) if key.startswith(OCCURRENCE) else ""
