"""``daybook export``: feedback for whoever runs Daybook, as the export in Slack writes it."""

import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bot.db.session import Database
from bot.errors import BadInput
from bot.intake.exports import (
    CSV,
    FORMS,
    Export,
    feedback_rows,
    log_export,
    write_csv,
    write_jsonl,
)
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Channel, Workspace


def form_of(file_name: str, told: str = "") -> str:
    """Return what was told, else what a file's name ends with, else CSV."""
    form = told or file_name.rpartition(".")[2].lower()
    if form in FORMS:
        return form
    if told:
        fix = f"Use one of: {', '.join(FORMS)}."
        raise BadInput(field="format", problem=f"I do not write “{told}”.", fix=fix)
    return CSV


async def export_feedback(db: Database, form: str, *, with_private: bool, at: datetime) -> Export:
    """Return the feedback that every member may see, or all of it; a line of the log says so."""
    async with db.write() as session:
        ids = list(await session.scalars(select(Workspace.id)))
        if len(ids) != 1:
            raise BadInput(
                field="workspace",
                problem="Daybook does not know your workspace yet.",
                fix="Start it once with `daybook run`, then export.",
            )
        channels = select(Channel.id).where(Channel.workspace_id == ids[0])
        rooms = await session.scalars(channels) if with_private else ()
        operator = Asker(ids[0], sees_public=True, channel_ids=frozenset(rooms))
        rows = await feedback_rows(session, operator)
        records = [{"record": "feedback", **row} for row in rows]
        content = write_csv(rows) if form == CSV else write_jsonl(records)
        made = Export(f"daybook-feedback-{at:%Y-%m-%d}.{form}", content, len(rows))
        await log_export(session, operator, [made], at=at)
    return made


def write_new_file(path: Path, content: bytes) -> None:
    """Write a file that only this user may read; raises ``BadInput`` where one is already."""
    try:
        # Customers' words: not for everybody on that machine.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise BadInput(
            field="file", problem=f"{path} is there already.", fix="Give another name."
        ) from error
    except OSError as error:
        raise BadInput(
            field="file",
            problem=f"{path} cannot be written ({type(error).__name__}).",
            fix="Check that its folder is there and that this user may write to it.",
        ) from error
