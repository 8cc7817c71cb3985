"""Post and edit the headline of a launch, as its channel's readers may see it."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.deliveries import ANSWER, Cause, plan_post, plan_update
from bot.feedback.queries import find_themes
from bot.launches.queries import get_launch
from bot.launches.records import LaunchDetail
from bot.launches.tables import Launch
from bot.launches.views import render_headline
from bot.slack.blocks import Message
from bot.workspaces.asker import Asker


async def post_headline(
    session: AsyncSession, cause: Cause, audience: Asker, launch: Launch
) -> LaunchDetail:
    """Plan the headline in the launch's channel, for ``audience`` (that channel's readers)."""
    detail, message = await _render(session, audience, launch.id)
    launch.headline_id = await plan_post(
        session,
        _about(cause, launch),
        launch.source_channel_id,
        "headline",
        message,
        is_headline=True,
    )
    await session.flush()
    return detail


async def refresh_headline(
    session: AsyncSession, cause: Cause, audience: Asker, launch: Launch
) -> LaunchDetail:
    """Plan the edit of the headline to what is true now."""
    detail, message = await _render(session, audience, launch.id)
    # One priority for all edits: a job's older one must not overtake a person's newer one.
    about = replace(_about(cause, launch), priority=ANSWER)
    await plan_update(session, about, "headline", message, of=launch.headline_id)
    return detail


async def post_in_thread(
    session: AsyncSession, cause: Cause, launch: Launch, part: str, message: Message
) -> str:
    """Plan a message under the headline. Returns the delivery's id."""
    return await plan_post(
        session,
        _about(cause, launch),
        launch.source_channel_id,
        part,
        message,
        under=launch.headline_id,
    )


async def _render(
    session: AsyncSession, audience: Asker, launch_id: str
) -> tuple[LaunchDetail, Message]:
    detail = await get_launch(session, audience, launch_id)
    ids = list(detail.theme_ids)
    themes = await find_themes(session, audience, ids=ids) if ids else []
    return detail, render_headline(detail, [theme.name for theme in themes])


def _about(cause: Cause, launch: Launch) -> Cause:
    return cause.about(f"launch #{launch.number}", launch.owner_id)
