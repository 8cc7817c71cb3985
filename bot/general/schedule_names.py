"""What schedules are about, in the words of their rituals, as far as an asker may see it."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Subject:
    """What a schedule is about: its name, escaped, and the channel it posts to, if to one."""

    name: str
    channel_id: str = ""


async def name_schedules(session: AsyncSession, asker: Asker) -> dict[str, str]:
    """Return what is scheduled and the asker may see, by subject id, escaped."""
    return {of: one.name for of, one in (await find_subjects(session, asker)).items()}


async def find_subjects(session: AsyncSession, asker: Asker) -> dict[str, Subject]:
    """Return what is scheduled and the asker may see, by subject id."""
    scheduled = await scheduled_subjects(session, asker)
    names: dict[str, Subject] = {}
    if "digest.post" in scheduled:
        for digest in await find_digests(session, asker):
            name = f"Digest #{digest.number} {_title(digest.name)}"
            names[digest.id] = Subject(name, "" if digest.is_dm else digest.target)
    if {"launch.check", "launch.ask"} & set(scheduled):
        for launch in await find_launches(session, asker, limit=LAUNCHES_SEARCHED):
            if launch.bet:
                name = f"Check of launch #{launch.number} {_title(launch.title)}"
                names[launch.bet.id] = Subject(name, launch.source_channel_id)
        ids = await subjects_of(session, asker, "decision")
        decisions = await find_decisions(session, asker, ids=ids, limit=len(ids)) if ids else []
        for one in decisions:
            if one.bet:
                name = f"Check of decision #{one.number} {_title(one.title)}"
                names[one.bet.id] = Subject(name, one.source_channel_id or "")
    if {"alert.watch", "alert.again"} & set(scheduled):
        for metric in await list_metrics(session, asker):
            names[metric.id] = Subject(f"Watch over {_title(metric.label)}")
    names |= await _name_decisions(session, asker, scheduled)
    return names | await _name_retros(session, asker, scheduled)


async def _name_decisions(
    session: AsyncSession, asker: Asker, scheduled: dict[str, list[str]]
) -> dict[str, Subject]:
    ids = {*scheduled.get("decision.revisit", ()), *scheduled.get("decision.tripwire", ())}
    found = await find_decisions(session, asker, ids=sorted(ids), limit=len(ids)) if ids else []
    return {one.id: Subject(f"decision #{one.number} {_title(one.title)}") for one in found}


async def _name_retros(
    session: AsyncSession, asker: Asker, scheduled: dict[str, list[str]]
) -> dict[str, Subject]:
    names: dict[str, Subject] = {}
    if ids := scheduled.get(retro_rules.OPEN_JOB):
        for series in await find_series(session, asker, ids=ids, limit=len(ids)):
            name = f"Retro #{series.number} {_title(series.name)}"
            names[series.id] = Subject(name, series.channel_id)
    if ids := scheduled.get(retro_rules.CLOSE_JOB):
        for run in await find_runs(session, asker, ids=ids, limit=len(ids)):
            name = f"End of retro #{run.number} {_title(run.name)}"
            names[run.id] = Subject(name, run.channel_id)
    if ids := scheduled.get(retro_rules.ACTION_JOB):
        for action in await find_actions(session, asker, ids=ids, limit=len(ids)):
            names[action.id] = Subject(f"Check of action #{action.number} {_title(action.text)}")
    return names


def _title(text: str) -> str:
    return escape(text, limit=TITLE_LIMIT)
