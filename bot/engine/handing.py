"""What this unit of work makes due for others: noted in it, handed out when it commits.

With one process nobody listens, and the engine finds it in the tables by itself.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

_NOTED = "made_due"


class MadeDue(NamedTuple):
    """An occurrence that may run from ``at`` on, or at once."""

    workspace_id: str
    id: str
    at: datetime | None


def note_due(
    session: AsyncSession, workspace_id: str, occurrence_id: str, at: datetime | None = None
) -> None:
    """Note an occurrence that this unit makes due, at once or (a retry) ``at`` an instant."""
    session.info.setdefault(_NOTED, []).append(MadeDue(workspace_id, occurrence_id, at))


def note_all_due(session: AsyncSession, keys: Iterable[tuple[str, str]]) -> None:
    """Note occurrences that this unit makes due at once, by workspace and id."""
    made = [MadeDue(workspace_id, occurrence_id, None) for workspace_id, occurrence_id in keys]
    session.info.setdefault(_NOTED, []).extend(made)


def take_noted(session: AsyncSession) -> list[MadeDue]:
    """Return what was noted in this unit, once."""
    noted: list[MadeDue] = session.info.pop(_NOTED, [])
    return noted
