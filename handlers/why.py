"""The door of /why: a private answer to whoever asks."""

from bot.deps import Deps
from bot.digests.answers import answer_anywhere
from bot.digests.question_views import render_ask_in_thread
from bot.digests.questions import is_about_number
from bot.engine.deliveries import plan_post
from bot.entries.links import Node
from bot.errors import NotFound
from bot.feedback.search import themes_near
from bot.slack.blocks import Message
from bot.slack.ids import Action
from bot.why.answers import answer_about, answer_question
from bot.why.queries import KINDS
from bot.why.views import render_sent_directly
from handlers.answers import Answer, Private
from handlers.boundary import Route
from handlers.payloads import Request


async def answer(request: Request, deps: Deps) -> Answer:
    """``/why importer``, ``/why #12``, ``/why did we build the importer?``."""
    question = request.text
    if is_about_number(question):
        async with deps.db.read() as session:
            told = await answer_anywhere(session, question, asker=request.asker, at=request.at)
        return await _privately(request, deps, told or render_ask_in_thread(question))
    if request.text.lower().startswith(("did ", "do ", "was ", "were ", "have ", "are ", "is ")):
        question = f"why {request.text}"
    async with deps.db.read() as session:
        near = await themes_near(session, request.asker, deps.feedback, request.text)
    message = await answer_question(
        deps.db, request.asker, question, at=request.at, near_themes=near
    )
    return await _privately(request, deps, message)


async def show(request: Request, deps: Deps) -> Answer:
    """A button under "or did you mean"."""
    kind, _, id_ = request.value.partition(":")
    if kind not in KINDS or not id_:
        raise NotFound("There is nothing of that kind that you can see.")
    message = await answer_about(deps.db, request.asker, Node(kind, id_), at=request.at)
    return Private(message, replaces=True)


async def _privately(request: Request, deps: Deps, message: Message) -> Answer:
    """Answer where only the asker reads; nothing of it shows in a channel that customers read."""
    if not await _is_shared(request):
        return Private(message)
    async with deps.act(request) as session:
        await plan_post(session, request.cause, request.user_id, "why", message)
    return Private(render_sent_directly())


async def _is_shared(request: Request) -> bool:
    if not request.channel_id or request.channel_id.startswith("D"):
        return False
    try:
        channel = await request.place.directory.channel(request.channel_id, at=request.at)
    except NotFound:
        return False
    return channel.is_shared


COMMANDS = {"why": Route(answer, guests=True)}
ACTIONS = {Action.WHY_SHOW.value: Route(show, guests=True)}
