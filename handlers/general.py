"""Help, search, the unknown word, and the App Home."""

from typing import Any

from bot.deps import Deps
from bot.errors import BadInput
from bot.feedback.queries import find_feedback
from bot.feedback.views import render_found
from bot.general.rules import nearest_word
from bot.general.views import render_help, render_nothing_found
from bot.slack.blocks import Message, home
from bot.slack.text import escape
from handlers.answers import Answer, Private
from handlers.boundary import Route
from handlers.payloads import Request


async def show_help(_request: Request, deps: Deps) -> Answer:
    """``/daybook help``."""
    return Private(render_help(sorted(deps.settings.emoji)))


async def answer_unknown(request: Request, deps: Deps) -> Answer:
    """An unknown word gets the nearest known one, and the help."""
    near = nearest_word(request.name)
    guess = f" Did you mean `/daybook {near}`?" if near else ""
    lead = f"I do not know “{escape(request.name, limit=40)}”.{guess}"
    return Private(render_help(sorted(deps.settings.emoji), lead=lead))


async def search(request: Request, deps: Deps) -> Answer:
    """``/daybook search words``: what the asker may see, newest first."""
    words = request.text.split()
    if not words:
        raise BadInput(
            field="words", problem="Search for what?", fix="For example: /daybook search csv import"
        )
    async with deps.db.read() as session:
        items = await find_feedback(session, request.asker, words=words, limit=10)
    blocks = render_found(request.text, items)
    if not blocks:
        return Private(render_nothing_found(request.text))
    return Private(Message(f"Found for {escape(request.text)}", blocks))


async def render_home(request: Request, deps: Deps) -> dict[str, Any]:
    """The App Home of the one who opened it."""
    return home(render_help(sorted(deps.settings.emoji)).blocks)


COMMANDS = {
    "help": Route(show_help, guests=True),
    "unknown": Route(answer_unknown, guests=True),
    "search": Route(search, guests=True),
}
