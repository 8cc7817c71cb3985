"""Erase a person: a customer's by e-mail, or a member. What happened stays, without their words.

Slack ids stay in the log as who did what: they say nothing once Slack has forgotten the person.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.tables import PersonCalendar
from bot.decisions.tables import Decision
from bot.engine.deliveries import Cause
from bot.engine.scrubbing import Words, scrub
from bot.entries.log import Line, append, erase_prose
from bot.entries.tables import Entry, EntryProse
from bot.feedback.queries import WORDS_REMOVED
from bot.feedback.redaction import CHUNK, ERASED, Removed, redact
from bot.feedback.tables import Feedback
from bot.privacy.addresses import count_mentions, remove_mentions
from bot.retros.tables import RetroAnswer
from bot.workspaces.tables import Member


@dataclass(frozen=True)
class Person:
    """Who is to be erased: Slack ids (several people may share an address) and the address."""

    address: str = ""
    user_ids: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return it for a job."""
        return {"address": self.address, "user_ids": list(self.user_ids)}


@dataclass(frozen=True)
class Found:
    """How much of a person there is, by what it is."""

    feedback: int = 0
    lines: int = 0
    answers: int = 0
    snapshots: int = 0
    profiles: int = 0
    mentions: int = 0  # what others wrote with their address in it

    @property
    def is_nothing(self) -> bool:
        """Whether nothing of theirs is here."""
        return not any(astuple(self))


async def person_of_address(session: AsyncSession, workspace_id: str, address: str) -> Person:
    """Return who has this address, in Slack too if they were met there."""
    query = select(Member.id).where(
        Member.workspace_id == workspace_id, func.lower(Member.email) == address
    )
    return Person(address, tuple(sorted(await session.scalars(query))))


async def person_of_member(session: AsyncSession, workspace_id: str, user_id: str) -> Person:
    """Return a member with the address that Slack gave."""
    member = await session.get(Member, (workspace_id, user_id))
    return Person((member.email if member else "").lower(), (user_id,))


async def find_person(session: AsyncSession, workspace_id: str, person: Person) -> Found:
    """Count what would go."""
    return Found(
        feedback=await _count(session, Feedback, _theirs(workspace_id, person)),
        lines=await _count(session, EntryProse, _lines(workspace_id, person)),
        answers=await _count(session, RetroAnswer, _answers(workspace_id, person)),
        snapshots=await _count(session, Decision, _snapshots(workspace_id, person)),
        profiles=await _count(session, Member, _profiles(workspace_id, person)),
        mentions=await count_mentions(session, workspace_id, person.address)
        if person.address
        else 0,
    )


async def redact_some(session: AsyncSession, cause: Cause, person: Person, *, by: str) -> Removed:
    """Remove the words of some of their feedback; to be called until none is left."""
    query = (
        select(Feedback.id).where(*_theirs(cause.workspace_id, person)).order_by(Feedback.number)
    )
    ids = list(await session.scalars(query.limit(CHUNK)))
    if not ids:
        return Removed()
    removed = await redact(session, cause, ids, by=by, why=ERASED)
    await session.execute(
        update(Feedback)
        .where(Feedback.workspace_id == cause.workspace_id, Feedback.id.in_(ids))
        .values(person="", author_id="")
    )
    # What was redacted before has no words left to find, but still said whose they were.
    return removed if removed.items else replace(removed, items=len(ids))


async def erase_rest(session: AsyncSession, cause: Cause, person: Person, *, by: str) -> Found:
    """Erase all but their feedback, and log that it was done. Returns what went."""
    workspace_id = cause.workspace_id
    found = await find_person(session, workspace_id, person)
    lines = select(EntryProse.entry_id).where(*_lines(workspace_id, person))
    for ids in _chunks(list(await session.scalars(lines))):
        await erase_prose(session, workspace_id, ids, at=cause.at)
    await session.execute(
        update(RetroAnswer).where(*_answers(workspace_id, person)).values(text=WORDS_REMOVED)
    )
    await session.execute(
        update(Decision)
        .where(*_snapshots(workspace_id, person))
        .values(snapshot="", snapshot_by="")
    )
    if person.address:
        await scrub(session, cause, [Words(person.address, person.address)])
        await remove_mentions(session, workspace_id, person.address)
    ids = list(person.user_ids)
    await session.execute(
        delete(PersonCalendar).where(
            PersonCalendar.workspace_id == workspace_id, PersonCalendar.id.in_(ids)
        )
    )
    await session.execute(delete(Member).where(*_profiles(workspace_id, person)))
    facts = {"lines": found.lines, "answers": found.answers, "snapshots": found.snapshots}
    facts["mentions"] = found.mentions
    line = Line("person.erased", "workspace", workspace_id, by, facts=facts)
    await append(session, workspace_id, line, at=cause.at)
    return found


def _chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


async def _count(
    session: AsyncSession, table: type[object], where: Sequence[ColumnElement[bool]]
) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def _theirs(workspace_id: str, person: Person) -> list[ColumnElement[bool]]:
    ways: list[ColumnElement[bool]] = [Feedback.author_id.in_(person.user_ids)]
    if person.address:
        ways.append(Feedback.person == person.address)
        ways.append(Feedback.text.icontains(person.address, autoescape=True))
    return [Feedback.workspace_id == workspace_id, or_(*ways)]


def _lines(workspace_id: str, person: Person) -> list[ColumnElement[bool]]:
    """Lines of the log that hold their address, or what they said in feedback and in answers."""
    said = select(Entry.id).where(
        Entry.workspace_id == workspace_id,
        Entry.actor.in_(person.user_ids),
        Entry.kind.in_(("feedback.edited", "followup.edited", "followup.told")),
    )
    ways: list[ColumnElement[bool]] = [EntryProse.entry_id.in_(said)]
    if person.address:
        ways.append(EntryProse.text.icontains(person.address, autoescape=True))
    return [
        EntryProse.workspace_id == workspace_id,
        EntryProse.erased_at.is_(None),
        or_(*ways),
    ]


def _answers(workspace_id: str, person: Person) -> list[ColumnElement[bool]]:
    return [
        RetroAnswer.workspace_id == workspace_id,
        RetroAnswer.author_id.in_(person.user_ids),
        RetroAnswer.text != WORDS_REMOVED,
    ]


def _snapshots(workspace_id: str, person: Person) -> list[ColumnElement[bool]]:
    return [
        Decision.workspace_id == workspace_id,
        Decision.snapshot_by.in_(person.user_ids),
        Decision.snapshot_by != "",
    ]


def _profiles(workspace_id: str, person: Person) -> list[ColumnElement[bool]]:
    return [Member.workspace_id == workspace_id, Member.id.in_(person.user_ids)]
