"""An announcement worded by the model, where one is set: put into the form that asked for it."""

import asyncio

import structlog

from bot.ai.llm import TIMEOUT_SECONDS
from bot.deps import Deps
from bot.engine.queue import EventWork
from bot.entries.queries import find_entries
from bot.errors import DaybookError, SlackRefused
from bot.feedback.queries import find_themes
from bot.launches.announcements import (
    TEXT,
    WORDED,
    draft_announcement,
    facts_of,
    render_announcement_form,
)
from bot.launches.queries import get_launch

log = structlog.get_logger()

# The model's own time-out, and a little for the way there: somebody looks at the form.
PATIENCE_SECONDS = TIMEOUT_SECONDS + 3
UPDATES_READ = 5


async def word_announcement(work: EventWork, deps: Deps) -> str:
    """Let the model reword the facts; what it says beyond them is not used."""
    ids = work.payload
    place = deps.places.of(work.workspace_id)
    asker = await place.directory.asker(ids["user"], at=work.at, here=ids["channel"])
    async with deps.db.read() as session:
        detail = await get_launch(session, asker, ids["launch"])
        themes = await find_themes(session, asker, ids=list(detail.theme_ids))
        told = await find_entries(
            session,
            asker,
            kinds=("launch.updated",),
            subjects=(detail.launch.id,),
            limit=UPDATES_READ,
        )
    asked_in = [theme.name for theme in themes]
    facts = facts_of(detail, asked_in, [line.prose for line in reversed(told)], at=work.at)
    text, field, wording = draft_announcement(detail, asked_in, at=work.at), TEXT, "failed"
    try:
        if deps.drafter:
            async with asyncio.timeout(PATIENCE_SECONDS):
                text = await deps.drafter.word_announcement(facts)
            field, wording = WORDED, "done"
    except (DaybookError, TimeoutError) as error:
        log.warning("announcement.not_worded", error=str(error) or "time-out")
    view = render_announcement_form(
        detail.launch, text, ids["channel"], field=field, wording=wording
    )
    try:
        await place.gateway.update_view(ids["view"], view)
    except SlackRefused as error:
        return f"the form is closed: {error.code}"
    return wording


EVENTS = {"launch.word": word_announcement}
