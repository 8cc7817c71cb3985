"""The page's addresses, to be mounted beside the playground server's own."""

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from playground.page.acts import Acts, Handler, guarded
from playground.page.clock import Clockwork
from playground.page.desk import Desk
from playground.page.pages import Pages
from playground.server.people import People
from playground.server.world import World


def routes(world: World, people: People, clockwork: Clockwork) -> list[BaseRoute]:
    """Everything a person's browser asks for: give it to `build_app(extra_routes=...)`."""
    pages = Pages(world, people, Desk(world))
    acts = Acts(pages, clockwork)
    static = StaticFiles(directory=Path(__file__).with_name("static"))
    return [
        Route("/", pages.index),
        Route("/archives/{channel}/{message}", pages.archive),
        Route("/page/emoji/{name}.svg", pages.emoji),
        Mount("/page/static", static),
        Route("/p/{user}/", pages.index),
        Route("/p/{user}/home", pages.home),
        Route("/p/{user}/messages", pages.messages),
        Route("/p/{user}/dm/{other}", pages.direct),
        Route("/p/{user}/changes", pages.changes),
        Route("/p/{user}/files/{file}", pages.file),
        Route("/p/{user}/c/{channel}", pages.channel),
        *(_post(path, handler) for path, handler in _acts(acts).items()),
    ]


def _acts(acts: Acts) -> dict[str, Handler]:
    return {
        "/p/{user}/c/{channel}/send": acts.send,
        "/p/{user}/c/{channel}/join": acts.join,
        "/p/{user}/c/{channel}/{ts}/react": acts.react,
        "/p/{user}/c/{channel}/{ts}/edit": acts.edit,
        "/p/{user}/c/{channel}/{ts}/delete": acts.delete,
        "/p/{user}/shortcut": acts.shortcut,
        "/p/{user}/click": acts.click,
        "/p/{user}/suggest": acts.suggest,
        "/p/{user}/view/{view}/submit": acts.submit,
        "/p/{user}/view/{view}/close": acts.close,
        "/clock/next-due": acts.next_due,
        "/clock/tomorrow": acts.tomorrow,
    }


def _post(path: str, handler: Handler) -> Route:
    return Route(path, guarded(handler), methods=["POST"])
