"""The doors of themes: the list in its order, a theme's page, its name and pin."""

import re

from bot.deps import Deps
from bot.errors import BadInput, NotFound
from bot.feedback import merging, service
from bot.feedback.proposal_views import BETWEEN
from bot.feedback.queries import find_themes
from bot.feedback.theme_list_views import read_wanted, render_list
from bot.feedback.theme_page import read_page, read_theme
from bot.feedback.theme_page_views import NAME_CHARACTERS, render_name_form, render_page
from bot.feedback.theme_queries import Wanted, read_ranking, theme_numbered
from bot.slack.blocks import View
from bot.slack.ids import Action, Form
from handlers.answers import Answer, Done, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request

NUMBER = re.compile(r"#?(\d{1,9})")


async def open_named(request: Request, deps: Deps) -> Answer:
    """``/daybook theme #7``, ``/daybook theme csv export``; without a word the list."""
    text = request.text.strip()
    if not text:
        return await open_list(request, deps)
    return OpenModal(await draw_page(request, deps, await _named(request, deps, text)))


async def _named(request: Request, deps: Deps, text: str) -> str:
    number = NUMBER.fullmatch(text)
    async with deps.db.read() as session:
        if number:
            found = await theme_numbered(session, request.asker, int(number[1]))
        else:
            words = text.split()[:12]
            themes = await find_themes(session, request.asker, words=words, limit=1)
            found = themes[0].id if themes else None
    if found is None:
        raise BadInput(
            field="theme",
            problem="There is no such theme that you can see.",
            fix="All of them: /daybook themes",
        )
    return found


async def open_list(request: Request, deps: Deps) -> Answer:
    """``/daybook themes``."""
    return OpenModal(await _list(request, deps, Wanted()))


async def choose(request: Request, deps: Deps) -> Answer:
    """Another order, or other themes."""
    return ShowModal(await _list(request, deps, read_wanted(dict(request.values))))


async def _list(request: Request, deps: Deps, wanted: Wanted) -> View:
    async with deps.db.read() as session:
        ranking = await read_ranking(session, request.asker, wanted, at=request.at)
    return render_list(ranking, wanted, sees_money=request.asker.is_member)


async def open_page(request: Request, deps: Deps) -> Answer:
    """A button with a theme."""
    return OpenModal(await draw_page(request, deps, request.value))


async def show_older(request: Request, deps: Deps) -> Answer:
    """Older words."""
    theme_id, _, number = request.value.partition(BETWEEN)
    return ShowModal(await draw_page(request, deps, theme_id, below=int(number)))


async def draw_page(
    request: Request, deps: Deps, theme_id: str, *, below: int | None = None, note: str = ""
) -> View:
    """Return the page as the asker may see it; raises ``NotFound``."""
    async with deps.db.read() as session:
        page = await read_page(session, request.asker, theme_id, at=request.at, below=below)
    return render_page(page, note=note)


async def set_pin(request: Request, deps: Deps) -> Answer:
    """Pin, or Unpin."""
    theme_id, _, pinned = request.value.partition(BETWEEN)
    is_pinned = pinned == "1"
    await check_may_change(request, deps, theme_id)
    async with deps.act(request) as session:
        await merging.pin_theme(
            session,
            request.workspace_id,
            theme_id,
            is_pinned=is_pinned,
            by=request.user_id,
            at=request.at,
        )
    note = "Pinned: it keeps its name, and no merge is proposed." if is_pinned else "Not pinned."
    return ShowModal(await draw_page(request, deps, theme_id, note=note))


async def open_name_form(request: Request, deps: Deps) -> Answer:
    """The button Rename."""
    async with deps.db.read() as session:
        theme = await read_theme(session, request.asker, request.value, request.at)
    return OpenModal(render_name_form(theme.id, theme.name, page_id=request.view_id))


async def save_name(request: Request, deps: Deps) -> Answer:
    """The form of the name."""
    name = " ".join(request.typed("name", label="Name", limit=NAME_CHARACTERS).split())
    theme_id = str(request.state.get("theme") or "")
    await check_may_change(request, deps, theme_id)
    async with deps.act(request) as session:
        await service.rename_theme(
            session, request.workspace_id, theme_id, name, by=request.user_id, at=request.at
        )
    await redraw_below(request, deps, theme_id, "Renamed.")
    return Done()


async def redraw_below(request: Request, deps: Deps, theme_id: str, note: str) -> None:
    """Draw the page anew on which the form stood that was sent."""
    if page_id := str(request.state.get("page") or ""):
        page = await draw_page(request, deps, theme_id, note=note)
        await request.place.gateway.update_view(page_id, page)


async def check_may_change(request: Request, deps: Deps, theme_id: str) -> None:
    """Raise ``NotFound`` unless the asker may know the theme's name: what changes it shows it."""
    async with deps.db.read() as session:
        theme = await read_theme(session, request.asker, theme_id, request.at)
    if theme.name == f"#{theme.number}":
        raise NotFound("This theme belongs to a private channel that you are not in.")


COMMANDS = {
    "theme": Route(open_named, guests=True),
    "themes": Route(open_named, guests=True),
}
ACTIONS = {
    Action.THEME_LIST.value: Route(open_list, guests=True),
    Action.THEME_FILTER.value: Route(choose, guests=True),
    Action.THEME_OPEN.value: Route(open_page, guests=True),
    Action.THEME_OLDER.value: Route(show_older, guests=True),
    Action.THEME_SET_PIN.value: Route(set_pin),
    Action.THEME_RENAME.value: Route(open_name_form),
}
FORMS = {Form.THEME_NAME.value: Route(save_name)}
