"""The log's lines about feedback and its themes, each for those who may read its source."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.log import Line, append
from bot.feedback.tables import Feedback, Theme


async def log_feedback(
    session: AsyncSession,
    feedback: Feedback,
    kind: str,
    actor: str,
    at: datetime,
    *,
    prose: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Add a line about feedback to the log, for those who may read it."""
    about = {
        "number": feedback.number,
        "kind": feedback.kind,
        "theme": feedback.theme_id,
        "customer": feedback.customer_id,
        "permalink": feedback.permalink,
    }
    line = Line(
        kind=kind,
        subject_kind="feedback",
        subject_id=feedback.id,
        actor=actor,
        source_channel_id=feedback.source_channel_id,
        facts=about | (facts or {}),
        prose=prose,
    )
    await append(session, feedback.workspace_id, line, at=at)


def the_other(theme: Theme) -> dict[str, Any]:
    """Return the facts of a line that speaks of a second theme."""
    return {"other": theme.id, "other_number": theme.number}


async def log_theme(
    session: AsyncSession,
    theme: Theme,
    kind: str,
    actor: str,
    at: datetime,
    *,
    prose: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Add a line about a theme to the log, for those who may read it."""
    line = Line(
        kind=kind,
        subject_kind="theme",
        subject_id=theme.id,
        actor=actor,
        source_channel_id=theme.source_channel_id,
        facts={"number": theme.number} | (facts or {}),
        prose=prose,
    )
    await append(session, theme.workspace_id, line, at=at)
