"""What a person may take out, as they may see it: rows of plain cells, as CSV or JSON lines.

No names of members: nothing here can be added up by person.
"""

import csv
import io
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.queries import find_decisions
from bot.entries.log import Line, append
from bot.feedback.queries import WORDS_REMOVED, find_feedback
from bot.feedback.told_queries import find_follow_ups
from bot.figures import minor_digits
from bot.intake.feedback_file import protected
from bot.launches.queries import find_launches
from bot.workspaces.asker import Asker
from bot.workspaces.customer_queries import list_customers

CSV, JSONL = "csv", "jsonl"
FORMS = (CSV, JSONL)
# More than any team wrote; a bound for memory.
FEEDBACK_ROWS, OTHER_ROWS = 100_000, 5_000
Cell = str | int | None
Row = dict[str, Cell]


@dataclass(frozen=True)
class Export:
    """One file: its name, its bytes, and how many rows it holds."""

    name: str
    content: bytes
    rows: int


async def feedback_rows(session: AsyncSession, asker: Asker) -> list[Row]:
    """Return feedback as cells, newest first, without what was removed."""
    found = await find_feedback(session, asker, limit=FEEDBACK_ROWS)
    return [
        {
            "number": one.number,
            "text": one.text,
            "customer": one.customer_name,
            "email": one.person,
            "kind": one.kind,
            "area": one.area,
            "importance": one.importance,
            "sentiment": one.sentiment,
            "theme": one.theme_name,
            "said_at": _iso(one.said_at),
            "logged_at": _iso(one.logged_at),
            "permalink": one.permalink,
        }
        for one in found
        if one.text != WORDS_REMOVED
    ]


async def _customers(session: AsyncSession, asker: Asker) -> list[Row]:
    rows: list[Row] = []
    for one in await list_customers(session, asker):
        decimals = minor_digits(one.currency)
        amount = one.monthly_revenue
        rows.append(
            {
                "name": one.name,
                "domains": " ".join(one.domains),
                "channel": one.channel_id,
                "owner": one.owner_id,
                "tier": one.tier,
                "status": one.status,
                "monthly_revenue": ""
                if amount is None
                else f"{Decimal(amount).scaleb(-decimals):.{decimals}f}",
                "currency": one.currency,
            }
        )
    return rows


async def _decisions(session: AsyncSession, asker: Asker) -> list[Row]:
    return [
        {
            "number": one.number,
            "title": one.title,
            "status": one.status,
            "context": one.context,
            "options": "\n".join(one.options),
            "choice": one.choice,
            "rationale": one.rationale,
            "confidence": one.confidence,
            "area": one.area,
            "revisit_on": one.revisit_on.isoformat() if one.revisit_on else "",
            "created_at": _iso(one.created_at),
            "accepted_at": _iso(one.accepted_at),
            "permalink": one.post_permalink or one.permalink,
        }
        for one in await find_decisions(session, asker, limit=OTHER_ROWS)
    ]


async def _launches(session: AsyncSession, asker: Asker) -> list[Row]:
    return [
        {
            "number": one.number,
            "title": one.title,
            "summary": one.summary,
            "area": one.area,
            "stage": one.stage,
            "created_at": _iso(one.created_at),
            "live_at": _iso(one.live_at),
            "ended_at": _iso(one.ended_at),
            "permalink": one.permalink,
        }
        for one in await find_launches(session, asker, limit=OTHER_ROWS)
    ]


async def _verdicts(session: AsyncSession, asker: Asker) -> list[Row]:
    launches = await find_launches(session, asker, limit=OTHER_ROWS)
    decisions = await find_decisions(session, asker, limit=OTHER_ROWS)
    judged = [("launch", one) for one in launches] + [("decision", one) for one in decisions]
    return [
        {
            "of": kind,
            "number": one.number,
            "title": one.title,
            "verdict": one.verdict.verdict,
            "lesson": one.verdict.lesson,
            "next_step": one.verdict.next_step,
            "at": _iso(one.verdict.at),
        }
        for kind, one in judged
        if one.verdict
    ]


async def _told(session: AsyncSession, asker: Asker) -> list[Row]:
    launches = {one.id: one for one in await find_launches(session, asker, limit=OTHER_ROWS)}
    return [
        {
            "launch": launches[one.subject_id].number,
            "title": launches[one.subject_id].title,
            "event": one.event,
            "customer": one.customer_name,
            "feedback": one.feedback_number,
            "state": one.state,
            "since": _iso(one.created_at),
            "told_at": _iso(one.told_at),
        }
        for one in await find_follow_ups(session, asker)
        if one.subject_id in launches
    ]


Reader = Callable[[AsyncSession, Asker], Awaitable[list[Row]]]
READERS: dict[str, Reader] = {
    "feedback": feedback_rows,
    "customers": _customers,
    "decisions": _decisions,
    "launches": _launches,
    "verdicts": _verdicts,
    "told": _told,
}


async def make_exports(
    session: AsyncSession, asker: Asker, kinds: Sequence[str], form: str, *, at: datetime
) -> list[Export]:
    """Make the files: one for each kind as CSV, one for all as JSON lines. Members only."""
    if not asker.is_member:
        return []
    rows = {kind: await READERS[kind](session, asker) for kind in READERS if kind in kinds}
    if form == JSONL:
        every = [{"record": kind, **row} for kind, found in rows.items() for row in found]
        return [Export(f"daybook-{at:%Y-%m-%d}.jsonl", write_jsonl(every), len(every))]
    return [
        Export(f"daybook-{kind}-{at:%Y-%m-%d}.csv", write_csv(found), len(found))
        for kind, found in rows.items()
    ]


def write_csv(rows: Sequence[Row]) -> bytes:
    """Return CSV that no spreadsheet runs: cells that look like a formula are marked as text."""
    if not rows:
        return b"\xef\xbb\xbf(nothing)\r\n"
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(protected("" if cell is None else str(cell)) for cell in row.values())
    # With the mark by which spreadsheets know UTF-8.
    return sheet.getvalue().encode("utf-8-sig")


def write_jsonl(rows: Sequence[Row]) -> bytes:
    """Return one JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


async def log_export(
    session: AsyncSession, asker: Asker, exports: Sequence[Export], *, at: datetime
) -> None:
    """Note that somebody took something out, and how much."""
    facts = {"files": [one.name for one in exports], "rows": sum(one.rows for one in exports)}
    line = Line("export.made", "workspace", asker.workspace_id, asker.user_id, facts=facts)
    await append(session, asker.workspace_id, line, at=at)


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
