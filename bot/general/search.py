"""Search over all that the rituals keep, as its asker may see it."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.ai.search import parse_question
from bot.decisions.queries import find_decisions
from bot.decisions.views import render_found_decisions
from bot.feedback.grouping import Reader
from bot.feedback.search import search_feedback
from bot.feedback.views import render_found
from bot.general.views import render_nothing_found
from bot.launches.queries import find_launches
from bot.slack.blocks import Message
from bot.slack.text import escape
from bot.why.views import launch_lines
from bot.workspaces.asker import Asker

# Of each kind; a search that finds more asks for another word.
FEEDBACK, OTHERS = 8, 5
# More words than this are somebody's pasted text.
WORDS = 12
# Characters of a question; the rest is pasted, too.
QUESTION = 500


def search_words(text: str) -> list[str]:
    """Return the words to look for, without the frame of a question and without quotes."""
    words = parse_question(text[:QUESTION]).words.replace('"', " ").split()
    return words[:WORDS]


async def search_everything(
    session: AsyncSession, asker: Asker, text: str, reader: Reader
) -> Message:
    """Find decisions and launches that hold all words, newest first, and feedback by meaning."""
    words = search_words(text)
    if not words:
        return render_nothing_found(text)
    shown = " ".join(words)
    decisions = await find_decisions(session, asker, words=words, limit=OTHERS)
    launches = await find_launches(session, asker, words=words, limit=OTHERS)
    items = await search_feedback(session, asker, reader, text[:QUESTION], limit=FEEDBACK)
    blocks = [
        *render_found_decisions(shown, decisions),
        *launch_lines(launches, shown),
        *render_found(shown, items),
    ]
    if not blocks:
        return render_nothing_found(text)
    return Message(f"Found for {escape(text, limit=100)}", blocks)
