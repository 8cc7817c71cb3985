"""Schedules whose channel Daybook cannot post to, known before anything fails there."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.status import ScheduleStatus
from bot.general.schedule_names import Subject
from bot.workspaces.asker import Asker
from bot.workspaces.channels import closed_channels

# Questions go to a person; only what is told of the same bet goes to the channel.
TO_PEOPLE = frozenset({"launch.ask"})


async def find_closed(
    session: AsyncSession,
    asker: Asker,
    schedules: Sequence[ScheduleStatus],
    subjects: Mapping[str, Subject],
) -> dict[str, str]:
    """Return the closed channel of each active schedule that posts to one, by schedule's id."""
    posts_to = {
        one.id: subject.channel_id
        for one in schedules
        if one.state == "active" and one.kind not in TO_PEOPLE
        if (subject := subjects.get(one.subject_id)) and subject.channel_id
    }
    closed = await closed_channels(session, asker.workspace_id, set(posts_to.values()))
    return {id_: channel_id for id_, channel_id in posts_to.items() if channel_id in closed}
