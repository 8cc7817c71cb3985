"""People using the app: commands, buttons and selects, shortcuts, external choices."""

from collections.abc import Callable, Mapping
from typing import Any

from playground.server.acting import Acting
from playground.server.answers import (
    DISPATCH_FAILED,
    OPERATION_TIMEOUT,
    Answer,
    Option,
    PersonRefusedError,
)
from playground.server.block_checks import elements_of
from playground.server.element_values import entry_of, is_stateful, options_of, typed_state
from playground.server.payloads import (
    render_command,
    render_common,
    render_message_action,
    render_place,
    render_shortcut,
)
from playground.server.refusals import RefusedError
from playground.server.replies import answer
from playground.server.rows import Json, Message, View
from playground.server.transport import Kind, UnansweredError
from playground.server.webapi.call import Call

_TROUBLE = "We had some trouble connecting. Try again?"


class Interactions(Acting):
    """The part of People that makes the app do something."""

    def commands(self) -> list[dict[str, str]]:
        """The app's slash commands: command, description, usage_hint."""
        return self.workspace.manifest.commands()

    def shortcuts(self, kind: str) -> list[dict[str, str]]:
        """The app's shortcuts of kind "global" or "message": name, callback_id, description."""
        return self.workspace.manifest.shortcuts(kind)

    async def command(
        self, user: str, channel: str, line: str, thread_ts: str | None = None
    ) -> Answer:
        """Types a slash command, "/launch New importer". Inside a thread Slack refuses it."""
        person, room = self.person(user), self.room_of(user, channel)
        word, _, text = line.strip().partition(" ")
        is_known = self.workspace.manifest.command(word) is not None
        if not is_known or person.team_id != self.world.team.id:
            return self._failed(user, channel, "invalid_command", f"{word} is not a valid command.")
        if thread_ts is not None:
            words = f"{word} is not supported in threads. Sorry!"
            return self._failed(user, channel, "not_supported_in_threads", words)
        payload = render_command(self.workspace, person, room, word, text.strip())
        try:
            body = await self.workspace.outbox.ask("slash_commands", payload)
        except UnansweredError as error:
            code = error_code(error)
            words = f"{word} failed with the error “{code}”."
            return self._failed(user, channel, code, words)
        return self._show_answer(user, channel, body)

    async def click(
        self,
        user: str,
        action_id: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        block_id: str | None = None,
        value: Any = None,
        state: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Uses an interactive element of a message (channel, ts; ephemerals too) or of a view.

        A button needs no value. Otherwise `value` is: a select's option value (or user, channel,
        conversation id), a list of them for multi selects and checkboxes, "2026-05-17" for a
        date, "14:30" for a time, epoch seconds for a date and time, text for an input that
        dispatches. `state` is what stands in the other fields, as for `submit`.
        With several elements of one action_id, `block_id` says which."""
        person, place = self.person(user), self._place(user, channel, ts, view_id)
        block, element = find_element(blocks_of(place), action_id, block_id)
        action = self._action(block, element, value)
        stands = {**(state or {})}
        if is_stateful(element):
            stands[action_id] = value
        place, values = self._fill(place, stands)
        if block.get("type") == "input" and not block.get("dispatch_action"):
            return Answer(ok=True)
        payload = render_common(self.workspace, "block_actions", person)
        payload |= render_place(self.workspace, person, place)
        payload |= {"actions": [action], "state": {"values": values}}
        return await self._ask("interactive", payload)

    async def shortcut(
        self, user: str, callback_id: str, channel: str | None = None, ts: str | None = None
    ) -> Answer:
        """Runs a global shortcut, or with (channel, ts) a message shortcut."""
        person = self.person(user)
        kind = "global" if channel is None or ts is None else "message"
        known = [one["callback_id"] for one in self.shortcuts(kind)]
        if callback_id not in known or person.team_id != self.world.team.id:
            raise PersonRefusedError("unknown_shortcut", "There is no such shortcut.")
        if channel is None or ts is None:
            payload = render_shortcut(self.workspace, person, callback_id)
        else:
            message = self.seen_message(user, channel, ts)
            if message.ephemeral_to is not None:
                raise PersonRefusedError("message_not_found", "Not on a message only you see.")
            payload = render_message_action(self.workspace, person, callback_id, message)
        return await self._ask("interactive", payload)

    async def suggest(
        self,
        user: str,
        action_id: str,
        query: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        block_id: str | None = None,
    ) -> list[Option]:
        """What an external select offers for what was typed; empty when the app fails."""
        person, place = self.person(user), self._place(user, channel, ts, view_id)
        block, _ = find_element(blocks_of(place), action_id, block_id)
        payload = render_common(self.workspace, "block_suggestion", person)
        payload |= render_place(self.workspace, person, place)
        for absent in ("trigger_id", "response_url"):
            payload.pop(absent, None)
        payload |= {"action_id": action_id, "block_id": block["block_id"], "value": query}
        try:
            body = await self.workspace.outbox.ask("options", payload)
        except UnansweredError:
            return []
        return self._offer(body)

    def _place(
        self, user: str, channel: str | None, ts: str | None, view_id: str | None
    ) -> Message | View:
        if view_id is not None:
            return self.own_view(user, view_id)
        return self.seen_message(user, channel or "", ts or "")

    def own_view(self, user: str, view_id: str) -> View:
        """An open modal or the Home of this person."""
        view = self.world.views.get(view_id)
        if view is None or view.user != user:
            raise PersonRefusedError("view_not_found", "This view is closed.")
        return view

    def _action(self, block: Json, element: Json, value: Any) -> Json:
        action: Json = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self.world.messages.new_ts(),
        }
        if is_stateful(element):
            entry = _checked(lambda: entry_of(element, value, self.offered))
            return {**entry, **action}
        if element["type"] == "overflow":
            chosen = next((one for one in options_of(element) if one["value"] == value), None)
            if chosen is None:
                raise PersonRefusedError("invalid_option", "That is not one of the choices.")
            return {**action, "selected_option": chosen}
        kept = ("text", "value", "style", "url", "confirm")
        return action | {name: element[name] for name in kept if name in element}

    def _fill(
        self, place: Message | View, stands: Mapping[str, Any]
    ) -> tuple[Message | View, Json]:
        """What stands in all fields now; a view remembers it."""
        blocks = blocks_of(place)
        before = place.state if isinstance(place, View) else {}
        values = _checked(lambda: typed_state(blocks, before, stands, self.offered))
        if isinstance(place, View):
            place = self.world.views.change(place.id, state=values)
        return place, values

    async def _ask(self, kind: Kind, payload: Json) -> Answer:
        try:
            await self.workspace.outbox.ask(kind, payload)
        except UnansweredError as error:
            return Answer(ok=False, error=error_code(error), words=_TROUBLE)
        return Answer(ok=True)

    def _failed(self, user: str, channel: str, code: str, words: str) -> Answer:
        self.workspace.tell(user, channel, words)
        return Answer(ok=False, error=code, words=words)

    def _show_answer(self, user: str, channel: str, body: Json) -> Answer:
        """An acknowledgement may carry the command's reply; the ledger knows it as method "ack"."""
        if not body.get("text") and not body.get("blocks"):
            return Answer(ok=True)
        call = Call(self.workspace, "ack", body)
        try:
            answer(call, user, channel)
        except RefusedError as refused:
            words = f"The command's answer could not be shown: {refused.code}."
            return self._failed(user, channel, refused.code, words)
        self.world.record("ack", body, channel, call.ts)
        return Answer(ok=True)

    def _offer(self, body: Json) -> list[Option]:
        found: list[Option] = []
        for option in body.get("options") or []:
            found.append(self._option(option, None))
        for group in body.get("option_groups") or []:
            label = group["label"]["text"]
            found += [self._option(option, label) for option in group.get("options") or []]
        return found

    def _option(self, option: Json, group: str | None) -> Option:
        self.offered[option["value"]] = option
        return Option(option["text"]["text"], option["value"], group)


def error_code(error: UnansweredError) -> str:
    """What Slack calls it towards a person."""
    return OPERATION_TIMEOUT if error.reason == "timeout" else DISPATCH_FAILED


def blocks_of(place: Message | View) -> list[Json]:
    """The blocks of a message or of a view."""
    if isinstance(place, View):
        return place.body.get("blocks") or []
    return place.blocks or []


def find_element(
    blocks: list[Json], action_id: str, block_id: str | None = None
) -> tuple[Json, Json]:
    """The block and the element with this action_id."""
    for block in blocks:
        if block_id is not None and block.get("block_id") != block_id:
            continue
        for element in elements_of(block):
            if element.get("action_id") == action_id:
                return block, element
    raise PersonRefusedError("element_not_found", "That is not here any more.")


def _checked(read: Callable[[], Json]) -> Json:
    try:
        return read()
    except ValueError as error:
        raise PersonRefusedError("invalid_value", str(error)) from None
