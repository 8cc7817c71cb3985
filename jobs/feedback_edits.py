"""What feedback does when its message is edited or deleted: it follows."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.queue import EventWork
from bot.errors import BadInput, NotFound
from bot.feedback import pieces, rules, service
from bot.feedback.edits import follow_deletion, follow_edit, read_edit
from bot.feedback.several import split_asks
from bot.feedback.tables import Feedback
from bot.slack.gateway import SlackMessage
from bot.workspaces.places import Place
from bot.workspaces.tables import Member

EventJob = Callable[[EventWork, Deps], Awaitable[str]]


async def on_changed(work: EventWork, deps: Deps) -> str:
    """A message was edited: what was logged from it follows."""
    place = deps.places.of(work.workspace_id)
    ids = work.payload
    async with deps.db.read() as session:
        known = await service.find_by_message(session, work.workspace_id, ids["channel"], ids["ts"])
    if known is None or known.withdrawn_at or known.redacted_at:
        return "ignored: not logged"
    message = await place.gateway.message(ids["channel"], ids["ts"])
    if message is None:
        return "ignored: the message is gone"
    author = await find_author(place, message, work)
    bot_user, is_theirs = place.identity.user_id, is_customers(author)
    try:
        words = rules.message_words(message, bot_user=bot_user, is_customers=is_theirs)
    except BadInput:
        return "ignored: no words are left, so the earlier ones stay"
    async with deps.db.read() as session:
        texts = await _texts_of(session, known, words)
    edits = [await read_edit(deps.feedback, *one) for one in texts]
    async with deps.db.write() as session:
        for edit in edits:
            row = await service.get_feedback(session, work.workspace_id, edit.feedback_id)
            await follow_edit(session, row, edit, by=message.user, at=work.at)
    return f"#{known.number} {'follows the edit' if edits else 'stays as it is'}"


async def _texts_of(
    session: AsyncSession, row: Feedback, words: str
) -> list[tuple[Feedback, str, str]]:
    """Return what is to be read anew: feedback, its new words, and the scope of its theme.

    Nothing where the edited message does not fall into the same pieces any more.
    """
    split_off = await pieces.find_pieces(session, row)
    rows = [row, *split_off]
    texts = split_asks(words) if split_off else [words]
    if len(texts) != len(rows):
        return []
    theme = await service.get_theme(session, row.workspace_id, row.theme_id or "")
    pairs = zip(rows, texts, strict=True)
    return [(one, text, theme.scope) for one, text in pairs if text != one.text]


async def on_deleted(work: EventWork, deps: Deps) -> str:
    """A message was deleted by its author: what was logged from it is withdrawn."""
    ids = work.payload
    async with deps.db.write() as session:
        known = await service.find_by_message(session, work.workspace_id, ids["channel"], ids["ts"])
        if known is None or not await follow_deletion(session, known, at=work.at):
            return "ignored: not logged"
    return f"#{known.number} is withdrawn with its message"


def is_customers(author: Member | None) -> bool:
    """Tell whether somebody from outside wrote it, or a guest."""
    return author is not None and (author.is_outsider or author.is_guest)


async def find_author(place: Place, message: SlackMessage, work: EventWork) -> Member | None:
    """Return who wrote a message; None where nobody of the workspace did."""
    if not message.user:
        return None
    try:
        return await place.directory.member(message.user, at=work.at)
    except NotFound:
        return None


EVENTS: dict[str, EventJob] = {"feedback.changed": on_changed, "feedback.deleted": on_deleted}
