"""Bolt's side: seven catch-all listeners, and our table behind them.

Bolt walks through its listeners one by one for each request, so their number is kept down and
constant; routes.py is a dictionary.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.engine.inbox import Intake
from bot.errors import NotFound
from bot.workspaces.watch import Watch
from handlers.boundary import Ack, Boundary, Route
from handlers.events import Event, match_all, mention_of, read_event
from handlers.payloads import read_click, read_command, read_shortcut, read_submission, split_word
from handlers.routes import Routes

EVERYTHING = re.compile(".*", re.DOTALL)


class Listeners:
    """The seven listeners."""

    def __init__(self, deps: Deps, routes: Routes, watch: Watch) -> None:
        self._deps, self._routes, self._watch = deps, routes, watch
        self._intake = Intake(deps.db)
        self._boundary = Boundary(deps, routes.render_home)

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt about them."""
        app.command(EVERYTHING)(self.on_command)
        app.shortcut(EVERYTHING)(self.on_shortcut)
        app.action(EVERYTHING)(self.on_action)
        app.view_submission(EVERYTHING)(self.on_submission)
        app.view_closed(EVERYTHING)(self.on_closed)
        app.event(EVERYTHING)(self.on_event)
        app.options(EVERYTHING)(self.on_options)

    async def on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        """A slash command: ours with a word, or a word's own alias."""
        parts = read_command(body)
        word = parts["name"].removeprefix(self._deps.settings.command_prefix)
        if word == "daybook":
            word, parts["text"] = split_word(parts["text"])
        parts["name"] = word or "help"
        route = self._routes.commands.get(parts["name"]) or self._routes.commands["unknown"]
        await self._boundary.run("command", route, body, parts, ack)

    async def on_shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        """A message or global shortcut."""
        await self._run("shortcut", self._routes.shortcuts, body, read_shortcut(body), ack)

    async def on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        """A click or a choice. Ids may end in ``:something`` to be unique within a message."""
        await self._run("action", self._routes.actions, body, read_click(body), ack)

    async def on_submission(self, ack: Ack, body: dict[str, Any]) -> None:
        """A submitted modal."""
        await self._run("submission", self._routes.forms, body, read_submission(body), ack)

    async def on_closed(self, ack: Ack) -> None:
        """A closed modal; what was typed is the person's."""
        await ack()

    async def on_options(self, ack: Ack) -> None:
        """A menu that asks for options; none of ours does."""
        await ack(options=[])

    async def _run(
        self,
        kind: str,
        table: Mapping[str, Route],
        body: dict[str, Any],
        parts: dict[str, Any],
        ack: Ack,
    ) -> None:
        route = table.get(parts["name"].split(":")[0])
        await self._boundary.run(kind, route, body, parts, ack)

    async def on_event(self, body: dict[str, Any]) -> None:
        """Match in memory; store what matches; only then let Bolt acknowledge."""
        event = read_event(body)
        self._expect_feedback(event)
        if event.kind == "app_home_opened":
            await self._open_home(event)
            return
        if event.kind != "app_mention":
            await self._take(event)
        if mention := mention_of(event, self._watch):
            await self._take(mention)

    async def _take(self, event: Event) -> None:
        arrivals = match_all(event, self._watch, self._routes.matchers)
        if not arrivals:
            return
        try:
            place = self._deps.places.of_team(event.team_id, event.enterprise_id)
        except NotFound:
            return
        at = self._deps.clock.now()
        await self._intake.take(place.workspace_id, event.id, arrivals, at=at)

    def _expect_feedback(self, event: Event) -> None:
        """Where people are awake, feedback follows; its receipt is due within a second."""
        if self._deps.settings.workers == "inside":
            with suppress(NotFound):
                place = self._deps.places.of_team(event.team_id, event.enterprise_id)
                self._deps.feedback.begin(place.workspace_id)

    async def _open_home(self, event: Event) -> None:
        if event.raw.get("tab") not in {"home", None}:
            return
        await self._boundary.open_home(event.team_id, event.enterprise_id, event.user)
