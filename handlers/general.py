"""Help, search and the unknown word."""

from bot.deps import Deps
from bot.errors import BadInput
from bot.general.rules import nearest_word
from bot.general.search import search_everything
from bot.general.views import render_help
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
    """``/daybook search words``: what the asker may see."""
    if not request.text.strip():
        raise BadInput(
            field="words", problem="Search for what?", fix="For example: /daybook search csv import"
        )
    async with deps.db.read() as session:
        return Private(await search_everything(session, request.asker, request.text, deps.feedback))


COMMANDS = {
    "help": Route(show_help, guests=True),
    "unknown": Route(answer_unknown, guests=True),
    "search": Route(search, guests=True),
}
