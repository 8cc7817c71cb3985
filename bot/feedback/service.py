"""Use cases of feedback, each inside the caller's unit of work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.ai.themes import name_theme
from bot.db.types import new_id
from bot.db.upsert import insert_or_update, insert_unless_there
from bot.errors import NotFound
from bot.feedback import rules
from bot.feedback.grouping import Reading
from bot.feedback.lines import log_feedback, log_theme
from bot.feedback.tables import Feedback, Mark, Report, TextVector, Theme, ThemeRejection
from bot.workspaces.numbers import take_number, take_turn
from bot.workspaces.tables import Customer


@dataclass(frozen=True)
class Said:
    """What a customer said, where, and who brought it."""

    id: str  # the id it will be stored under
    text: str
    source_channel_id: str | None
    message_ts: str | None
    permalink: str
    author_id: str
    reporter_id: str
    means: str  # emoji, message, mention, form, hook, import
    said_at: datetime
    customer_id: str | None = None
    kind: str = ""  # chosen by a person; empty: suggested
    scope: str = ""  # the private channel it stays in, or empty
    area: str = ""  # told; empty: suggested
    importance: int = 0  # told; 0: suggested
    person: str = ""  # the address of who said it
    origin: str = ""  # where it comes from if not from Slack
    import_id: str | None = None
    split_of: str | None = None


@dataclass(frozen=True)
class Captured:
    """What came of a capture."""

    feedback_id: str
    is_new: bool
    is_first_report: bool


async def capture(
    session: AsyncSession, workspace_id: str, said: Said, reading: Reading, *, at: datetime
) -> Captured:
    """Log feedback once; a second reporter of the same message is counted, not logged again."""
    await take_turn(session, workspace_id)
    if said.origin and (known := await find_by_origin(session, workspace_id, said.origin)):
        return Captured(known.id, is_new=False, is_first_report=False)
    existing = await find_by_message(session, workspace_id, said.source_channel_id, said.message_ts)
    if existing is None and said.means == "form" and not said.message_ts:
        existing = await find_typed_alike(session, workspace_id, said)
    if existing and existing.withdrawn_at is None:
        is_first = await _report(session, workspace_id, existing.id, said, at)
        if is_first:
            await log_feedback(session, existing, "feedback.reported", said.reporter_id, at)
        return Captured(existing.id, is_new=False, is_first_report=is_first)
    theme = await find_or_open_theme(session, workspace_id, said.scope, reading, at)
    feedback = existing or Feedback(workspace_id=workspace_id, id=said.id)
    if existing is None:
        feedback.number = await take_number(session, workspace_id, "number")
        session.add(feedback)
    _fill(feedback, said, reading, at)
    feedback.theme_id = theme.id
    if not feedback.redacted_at:
        await store_vector(session, workspace_id, feedback.id, reading.model_id, reading.vector)
    await _take_customer(session, feedback, said.customer_id)
    await session.flush()
    await _report(session, workspace_id, feedback.id, said, at)
    words = feedback.text
    await log_feedback(session, feedback, "feedback.logged", said.reporter_id, at, prose=words)
    return Captured(feedback.id, is_new=True, is_first_report=True)


def _fill(feedback: Feedback, said: Said, reading: Reading, at: datetime) -> None:
    # Words that were removed stay so, though the message is logged again.
    feedback.text = "" if feedback.redacted_at else said.text
    feedback.permalink = said.permalink
    feedback.source_channel_id, feedback.message_ts = said.source_channel_id, said.message_ts
    feedback.author_id, feedback.reporter_id = said.author_id, said.reporter_id
    feedback.kind = said.kind or reading.kind
    feedback.kind_chosen_by = said.reporter_id if said.kind else ""
    feedback.area = said.area or reading.area
    feedback.area_chosen_by = said.reporter_id if said.area else ""
    feedback.importance = said.importance or reading.importance
    feedback.sentiment = reading.sentiment
    feedback.person, feedback.origin = said.person, said.origin or None
    feedback.import_id, feedback.split_of = said.import_id, said.split_of
    feedback.said_at, feedback.logged_at, feedback.withdrawn_at = said.said_at, at, None
    feedback.triage, feedback.later_until = "open", None


async def find_by_message(
    session: AsyncSession, workspace_id: str, channel_id: str | None, ts: str | None
) -> Feedback | None:
    """Return what was logged from a message, withdrawn or not. The bot's own look-up."""
    if not ts:
        return None
    return await session.scalar(
        select(Feedback).where(
            Feedback.workspace_id == workspace_id,
            Feedback.source_channel_id == channel_id,
            Feedback.message_ts == ts,
        )
    )


async def find_typed_alike(session: AsyncSession, workspace_id: str, said: Said) -> Feedback | None:
    """Return what stands logged in the same words of the same customer (or of an unknown one),
    from no channel: what every member may see.
    """
    alike = select(Feedback).where(
        Feedback.workspace_id == workspace_id,
        Feedback.source_channel_id.is_(None),
        Feedback.withdrawn_at.is_(None),
        Feedback.text == said.text,
        Feedback.customer_id == said.customer_id
        if said.customer_id
        else Feedback.customer_id.is_(None),
    )
    return await session.scalar(alike.order_by(Feedback.number).limit(1))


async def find_by_origin(session: AsyncSession, workspace_id: str, origin: str) -> Feedback | None:
    """Return what came in from there, withdrawn or not. The bot's own look-up."""
    return await session.scalar(
        select(Feedback).where(Feedback.workspace_id == workspace_id, Feedback.origin == origin)
    )


async def withdraw(
    session: AsyncSession, workspace_id: str, feedback_id: str, user_id: str, *, at: datetime
) -> bool:
    """Take one person's report back. True when nobody's report is left and the log was undone."""
    feedback = await get_feedback(session, workspace_id, feedback_id)
    mine = await session.get(Report, (workspace_id, feedback_id, user_id))
    if feedback.withdrawn_at or mine is None or mine.withdrawn_at:
        return False
    mine.withdrawn_at = at
    await session.flush()
    left = await session.scalar(
        select(func.count())
        .select_from(Report)
        .where(
            Report.workspace_id == workspace_id,
            Report.feedback_id == feedback_id,
            Report.withdrawn_at.is_(None),
        )
    )
    if left:
        return False
    feedback.withdrawn_at = at
    await log_feedback(session, feedback, "feedback.withdrawn", user_id, at)
    # What was split off is of the same message, and was logged by the same act.
    split_off = select(Feedback).where(
        Feedback.workspace_id == workspace_id,
        Feedback.split_of == feedback_id,
        Feedback.withdrawn_at.is_(None),
    )
    for piece in list(await session.scalars(split_off)):
        await withdraw_all(session, piece, at=at)
    return True


async def withdraw_all(session: AsyncSession, feedback: Feedback, *, at: datetime) -> None:
    """Take feedback back whoever reported it: its message is gone."""
    feedback.withdrawn_at = at
    await session.execute(
        update(Report)
        .where(
            Report.workspace_id == feedback.workspace_id,
            Report.feedback_id == feedback.id,
            Report.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at)
    )
    await log_feedback(session, feedback, "feedback.withdrawn", "", at)


async def note_mark(
    session: AsyncSession, workspace_id: str, mark: Mark, *, is_on: bool, event_ts: str
) -> bool:
    """Store the newest state of a reaction. False when a later event was seen before."""
    key = {
        "workspace_id": workspace_id,
        "channel_id": mark.channel_id,
        "message_ts": mark.message_ts,
        "user_id": mark.user_id,
        "emoji": mark.emoji,
    }
    # The one place where two events of one reaction, worked on at once, wait for each other.
    is_first = await insert_unless_there(session, Mark, **key, is_on=is_on, event_ts=event_ts)
    if is_first:
        return True
    known = await session.get_one(
        Mark, tuple(key.values()), with_for_update=True, populate_existing=True
    )
    if not rules.is_news(known.event_ts, event_ts, is_change=known.is_on != is_on):
        return False
    known.is_on, known.event_ts = is_on, event_ts
    return True


async def has_other_mark(session: AsyncSession, workspace_id: str, mark: Mark) -> bool:
    """Tell whether another capture emoji of the same person still stands on the message."""
    other = select(Mark.emoji).where(
        Mark.workspace_id == workspace_id,
        Mark.channel_id == mark.channel_id,
        Mark.message_ts == mark.message_ts,
        Mark.user_id == mark.user_id,
        Mark.emoji != mark.emoji,
        Mark.is_on.is_(True),
    )
    return await session.scalar(other.limit(1)) is not None


async def reported_at(session: AsyncSession, feedback: Feedback, user_id: str) -> datetime | None:
    """Return when this person reported it, or None when they did not (any more)."""
    report = await session.get(Report, (feedback.workspace_id, feedback.id, user_id))
    return None if report is None or report.withdrawn_at else report.at


async def correct(
    session: AsyncSession,
    workspace_id: str,
    feedback_id: str,
    *,
    by: str,
    at: datetime,
    kind: str = "",
    customer_id: str | None = None,
    area: str | None = None,
    importance: int = 0,
    mood: str = "",
) -> None:
    """Change what the bot suggested; each change is a line of the log."""
    feedback = await get_feedback(session, workspace_id, feedback_id)
    changes: dict[str, str] = {}
    if kind and rules.check_kind(kind) != feedback.kind:
        feedback.kind, feedback.kind_chosen_by = kind, by
        changes["kind"] = kind
    if customer_id is not None and (customer_id or None) != feedback.customer_id:
        await _take_customer(session, feedback, customer_id or None)
        changes["customer"] = customer_id
    if area is not None and area != feedback.area:
        feedback.area, feedback.area_chosen_by = area, by
        changes["area"] = area
    if importance in {1, 2, 3} and importance != feedback.importance:
        feedback.importance = importance
        changes["importance"] = str(importance)
    if mood in rules.MOODS and mood != feedback.sentiment:
        feedback.sentiment = mood
        changes["mood"] = mood
    if changes:
        feedback.triage = "kept"  # whoever corrected it has looked at it
        await log_feedback(session, feedback, "feedback.corrected", by, at, facts=changes)


async def move_to_theme(
    session: AsyncSession,
    workspace_id: str,
    feedback_id: str,
    theme_id: str,
    *,
    by: str,
    at: datetime,
) -> None:
    """A person says which theme this is about; the grouping learns from it."""
    feedback = await get_feedback(session, workspace_id, feedback_id)
    theme = await get_theme(session, workspace_id, theme_id)
    if feedback.theme_id == theme.id:
        return
    if theme.source_channel_id not in {None, feedback.source_channel_id}:
        raise NotFound("That theme belongs to another private channel.")
    if feedback.theme_id:
        await reject_theme(session, feedback, feedback.theme_id, by=by, at=at)
    await session.execute(
        delete(ThemeRejection).where(
            ThemeRejection.workspace_id == workspace_id,
            ThemeRejection.feedback_id == feedback.id,
            ThemeRejection.theme_id == theme.id,
        )
    )
    feedback.theme_id = theme.id
    await log_feedback(session, feedback, "feedback.moved", by, at, facts={"theme": theme.id})


async def leave_theme(
    session: AsyncSession,
    workspace_id: str,
    feedback_id: str,
    theme_id: str,
    next_group: int | None,
    *,
    by: str,
    at: datetime,
) -> None:
    """A person says that feedback is not about a theme: it goes to the next best, or a new one."""
    feedback = await get_feedback(session, workspace_id, feedback_id)
    left = await get_theme(session, workspace_id, theme_id)
    await take_turn(session, workspace_id)
    await reject_theme(session, feedback, left.id, by=by, at=at)
    query = select(Theme).where(
        Theme.workspace_id == workspace_id,
        Theme.scope == left.scope,
        Theme.group_id == next_group,
    )
    theme = await session.scalar(query) if next_group is not None else None
    if theme is None:
        name = name_theme([feedback.text], [left.name])
        theme = await new_theme(session, workspace_id, left.scope, name, at)
    feedback.theme_id = theme.id
    facts = {"theme": theme.id, "left": left.id}
    await log_feedback(session, feedback, "feedback.moved", by, at, facts=facts)


async def reject_theme(
    session: AsyncSession, feedback: Feedback, theme_id: str, *, by: str, at: datetime
) -> None:
    """Remember that a person said this feedback is not about that theme."""
    await insert_unless_there(
        session,
        ThemeRejection,
        workspace_id=feedback.workspace_id,
        feedback_id=feedback.id,
        theme_id=theme_id,
        said_by=by,
        said_at=at,
    )


async def rename_theme(
    session: AsyncSession, workspace_id: str, theme_id: str, name: str, *, by: str, at: datetime
) -> None:
    """A person names a theme; from then on it keeps that name."""
    theme = await get_theme(session, workspace_id, theme_id)
    theme.name, theme.is_named = name, True
    await log_theme(session, theme, "theme.named", by, at, prose=name)


async def get_theme(session: AsyncSession, workspace_id: str, theme_id: str) -> Theme:
    """Return the row to change; raises ``NotFound``."""
    theme = await session.get(Theme, (workspace_id, theme_id))
    if theme is None:
        raise NotFound("There is no such theme (any more).")
    return theme


async def set_text(
    session: AsyncSession, feedback: Feedback, text: str, *, by: str, at: datetime
) -> None:
    """Follow an edit of the message; the earlier words stay in the log."""
    if feedback.redacted_at or text == feedback.text:
        return
    feedback.text = text
    await log_feedback(session, feedback, "feedback.edited", by, at, prose=text)


async def get_feedback(session: AsyncSession, workspace_id: str, feedback_id: str) -> Feedback:
    """Return the row to change; raises ``NotFound``."""
    feedback = await session.get(Feedback, (workspace_id, feedback_id))
    if feedback is None:
        raise NotFound("There is no such feedback (any more).")
    return feedback


async def find_or_open_theme(
    session: AsyncSession, workspace_id: str, scope: str, reading: Reading, at: datetime
) -> Theme:
    """Return the theme that a reading joins, as it is by now, or a new one; inside a turn."""
    theme = await _joined(session, workspace_id, scope, reading)
    if theme is None:
        return await new_theme(session, workspace_id, scope, reading.theme_name, at)
    if not theme.is_named and not theme.is_pinned and theme.name != reading.theme_name:
        theme.name = reading.theme_name
    return theme


async def _joined(
    session: AsyncSession, workspace_id: str, scope: str, reading: Reading
) -> Theme | None:
    """Return the theme that a reading joins, as it is by now; None: a new one."""
    if reading.group_id is None and not reading.beside:
        return None
    query = select(Theme).where(Theme.workspace_id == workspace_id, Theme.scope == scope)
    if reading.group_id is not None:
        theme = await session.scalar(query.where(Theme.group_id == reading.group_id))
    else:
        opened = select(Feedback.theme_id).where(
            Feedback.workspace_id == workspace_id, Feedback.id == reading.beside
        )
        theme = await session.scalar(query.where(Theme.id.in_(opened)))
    if theme is None or theme.merged_into is None:
        return theme
    return await get_theme(session, workspace_id, theme.merged_into)


async def new_theme(
    session: AsyncSession, workspace_id: str, scope: str, name: str, at: datetime
) -> Theme:
    """Open a theme under the next number; inside a turn of the workspace's."""
    highest = await session.scalar(
        select(func.max(Theme.group_id)).where(
            Theme.workspace_id == workspace_id, Theme.scope == scope
        )
    )
    theme = Theme(
        workspace_id=workspace_id,
        id=new_id(),
        number=await take_number(session, workspace_id, "number"),
        name=name,
        scope=scope,
        source_channel_id=scope or None,
        group_id=(highest or 0) + 1,
        created_at=at,
    )
    session.add(theme)
    await session.flush()
    return theme


async def store_vector(
    session: AsyncSession, workspace_id: str, feedback_id: str, model_id: str, vector: bytes
) -> None:
    """Keep the vector of a text; nothing where no model made one."""
    if not vector:
        return
    await insert_or_update(
        session,
        TextVector,
        ("workspace_id", "subject_kind", "subject_id"),
        workspace_id=workspace_id,
        subject_kind="feedback",
        subject_id=feedback_id,
        model_id=model_id,
        vector=vector,
    )


async def _take_customer(
    session: AsyncSession, feedback: Feedback, customer_id: str | None
) -> None:
    customer = (
        await session.get(Customer, (feedback.workspace_id, customer_id)) if customer_id else None
    )
    feedback.customer_id = customer.id if customer else None
    feedback.customer_tier = customer.tier if customer else ""
    feedback.customer_status = customer.status if customer else ""
    feedback.customer_revenue = customer.monthly_revenue if customer else None
    feedback.customer_currency = customer.currency if customer else ""


async def _report(
    session: AsyncSession, workspace_id: str, feedback_id: str, said: Said, at: datetime
) -> bool:
    if not said.reporter_id:
        return False
    key = {"workspace_id": workspace_id, "feedback_id": feedback_id, "user_id": said.reporter_id}
    if await insert_unless_there(session, Report, **key, means=said.means, at=at):
        return True
    again = await session.execute(
        update(Report)
        .where(
            Report.workspace_id == workspace_id,
            Report.feedback_id == feedback_id,
            Report.user_id == said.reporter_id,
            Report.withdrawn_at.is_not(None),
        )
        .values(withdrawn_at=None, at=at, means=said.means)
        .returning(Report.user_id)
    )
    return again.first() is not None
