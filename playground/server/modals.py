"""People sending and closing modals, and looking at the app's Home."""

import contextlib
from collections.abc import Mapping
from typing import Any

from playground.server.answers import PersonRefusedError, Submission
from playground.server.element_values import field_errors, typed_state
from playground.server.interactions import Interactions, blocks_of
from playground.server.payloads import render_closed, render_submission
from playground.server.refusals import RefusedError
from playground.server.rows import Json, View
from playground.server.shapes import render_view
from playground.server.transport import UnansweredError
from playground.server.views import STACK_LIMIT
from playground.server.webapi.views import new_hash, read_view, replace_view

_TROUBLE = "We had some trouble connecting. Try again?"


class Modals(Interactions):
    """The part of People that deals with views as a whole."""

    async def submit(
        self, user: str, view_id: str, values: Mapping[str, Any] | None = None
    ) -> Submission:
        """Sends a modal. `values` maps a block_id (or action_id) to the value of its input, in
        the forms of `click`; inputs not named keep what stands in them. What Slack itself
        refuses (missing, too long, no number) comes back as errors without asking the app."""
        person, view = self.person(user), self._top(user, view_id)
        blocks = blocks_of(view)
        try:
            state = typed_state(blocks, view.state, values or {}, self.offered)
        except ValueError as error:
            raise PersonRefusedError("invalid_value", str(error)) from None
        view = self.world.views.change(view.id, state=state)
        errors = field_errors(blocks, state)
        if errors:
            return Submission("errors", view, errors)
        payload = render_submission(self.workspace, person, view)
        try:
            body = await self.workspace.outbox.ask("interactive", payload)
        except UnansweredError:
            return Submission("failed", view, words=_TROUBLE)
        try:
            return self._follow(view, body)
        except RefusedError as refused:
            return Submission("failed", view, words=f"{_TROUBLE} ({refused.code})")
        finally:
            self.world.notify("view", user=user)

    async def close(self, user: str, view_id: str, *, whole_stack: bool = False) -> None:
        """Closes a modal with its Cancel button, or all of them with its X (view_closed)."""
        view = self._top(user, view_id)
        stack = self.world.views.stack(user)
        is_all = whole_stack or bool(view.body.get("clear_on_close"))
        closed = list(reversed(stack)) if is_all else [view]
        for one in closed:
            self.world.views.close(one.id)
        self.world.notify("view", user=user)
        for one in closed:
            if one.body.get("notify_on_close"):
                await self._tell_closed(one, is_cleared=is_all and len(stack) > 1)

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Looks at the app's Home ("messages" for its DM): app_home_opened."""
        self.person(user)
        channel = self.world.channels.direct(self.world.app.bot_user_id, user)
        home = self.world.views.home(user)
        shape = None if home is None else render_view(self.world, home)
        self.workspace.announce.home_opened(user, channel.id, tab, shape)

    def _top(self, user: str, view_id: str) -> View:
        stack = self.world.views.stack(user)
        if not stack or stack[-1].id != view_id:
            raise PersonRefusedError("view_not_found", "This view is closed.")
        return stack[-1]

    def _follow(self, view: View, body: Json) -> Submission:
        """Does what the app's answer says; nothing when the person has closed it meanwhile."""
        if self.world.views.get(view.id) is None:
            return self._pop(view)
        action = body.get("response_action")
        if action is None:
            return self._pop(view)
        if action == "clear":
            self.world.views.clear(view.user)
            return Submission("cleared")
        if action == "errors":
            return self._show_errors(view, body.get("errors") or {})
        if action not in ("update", "push"):
            raise RefusedError("invalid_response_action")
        return self._show_next(view, action, read_view(self.workspace, body.get("view"), "modal"))

    def _pop(self, view: View) -> Submission:
        self.world.views.close(view.id)
        stack = self.world.views.stack(view.user)
        return Submission("closed", stack[-1] if stack else None)

    def _show_errors(self, view: View, errors: Json) -> Submission:
        inputs = {one["block_id"] for one in blocks_of(view) if one.get("type") == "input"}
        if not errors or set(errors) - inputs:
            raise RefusedError("invalid_errors")
        words = {block_id: str(text) for block_id, text in errors.items()}
        return Submission("errors", self.world.views.get(view.id), words)

    def _show_next(self, view: View, action: str, body: Json) -> Submission:
        if action == "update":
            return Submission("updated", replace_view(self.workspace, view, body))
        if len(self.world.views.stack(view.user)) >= STACK_LIMIT:
            raise RefusedError("push_limit_reached")
        pushed = self.world.views.push(view, body, view_hash=new_hash(self.workspace))
        return Submission("pushed", pushed)

    async def _tell_closed(self, view: View, *, is_cleared: bool) -> None:
        person = self.person(view.user)
        payload = render_closed(self.workspace, person, view, is_cleared=is_cleared)
        with contextlib.suppress(UnansweredError):  # the person has left: nobody to tell
            await self.workspace.outbox.ask("interactive", payload)
