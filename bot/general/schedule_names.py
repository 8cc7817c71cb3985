"""What schedules are about, in the words of their rituals, as far as an asker may see it."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.queries import subjects_of
from bot.decisions.queries import find_decisions
from bot.digests.queries import find_digests
from bot.engine.status import scheduled_subjects
from bot.launches.queries import find_launches
from bot.metrics.queries import list_metrics
from bot.retros import rules as retro_rules
from bot.retros.queries import find_actions, find_runs, find_series
from bot.slack.text import escape
from bot.workspaces.asker import Asker

# Bets are looked up by their launches; more live ones than this have lost their team long ago.
LAUNCHES_SEARCHED = 300
TITLE_LIMIT = 80


async def name_schedules(session: AsyncSession, asker: Asker) -> dict[str, str]:
    """Return what is scheduled and the asker may see, by subject id, escaped."""
    scheduled = await scheduled_subjects(session, asker)
    names: dict[str, str] = {}
    if "digest.post" in scheduled:
        for digest in await find_digests(session, asker):
            names[digest.id] = f"Digest #{digest.number} {_title(digest.name)}"
    if {"launch.check", "launch.ask"} & set(scheduled):
        for launch in await find_launches(session, asker, limit=LAUNCHES_SEARCHED):
            if launch.bet:
                names[launch.bet.id] = f"Check of launch #{launch.number} {_title(launch.title)}"
        ids = await subjects_of(session, asker, "decision")
        decisions = await find_decisions(session, asker, ids=ids, limit=len(ids)) if ids else []
        for one in decisions:
            if one.bet:
                names[one.bet.id] = f"Check of decision #{one.number} {_title(one.title)}"
    if {"alert.watch", "alert.again"} & set(scheduled):
        for metric in await list_metrics(session, asker):
            names[metric.id] = f"Watch over {_title(metric.label)}"
    names |= await _name_decisions(session, asker, scheduled)
    return names | await _name_retros(session, asker, scheduled)


async def _name_decisions(
    session: AsyncSession, asker: Asker, scheduled: dict[str, list[str]]
) -> dict[str, str]:
    ids = {*scheduled.get("decision.revisit", ()), *scheduled.get("decision.tripwire", ())}
    found = await find_decisions(session, asker, ids=sorted(ids), limit=len(ids)) if ids else []
    return {one.id: f"decision #{one.number} {_title(one.title)}" for one in found}


async def _name_retros(
    session: AsyncSession, asker: Asker, scheduled: dict[str, list[str]]
) -> dict[str, str]:
    names: dict[str, str] = {}
    if ids := scheduled.get(retro_rules.OPEN_JOB):
        for series in await find_series(session, asker, ids=ids, limit=len(ids)):
            names[series.id] = f"Retro #{series.number} {_title(series.name)}"
    if ids := scheduled.get(retro_rules.CLOSE_JOB):
        for run in await find_runs(session, asker, ids=ids, limit=len(ids)):
            names[run.id] = f"End of retro #{run.number} {_title(run.name)}"
    if ids := scheduled.get(retro_rules.ACTION_JOB):
        for action in await find_actions(session, asker, ids=ids, limit=len(ids)):
            names[action.id] = f"Check of action #{action.number} {_title(action.text)}"
    return names


def _title(text: str) -> str:
    return escape(text, limit=TITLE_LIMIT)
