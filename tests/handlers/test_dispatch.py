"""What people do in Slack, through Bolt's own dispatch."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from sqlalchemy import func, select

from bot.bootstrap import build_app
from bot.errors import BadInput
from bot.feedback.tables import Feedback
from bot.slack.blocks import Message, field_input, modal, section, text_input
from handlers.answers import Answer, Done, OpenModal, Private
from handlers.boundary import Route
from handlers.listeners import Listeners
from handlers.payloads import Request
from handlers.routes import build_routes, collect
from playground.server.payloads import render_command, render_common
from tests.conftest import Stage


async def _count(stage: Stage) -> int:
    async with stage.deps.db.read() as session:
        return await session.scalar(select(func.count()).select_from(Feedback)) or 0


async def _told(stage: Stage, user: str = "", channel: str = "") -> str:
    who, where = user or stage.who.ana, channel or stage.rooms.voice
    return (await stage.whispers(who, where))[-1]


@pytest.fixture
def with_routes(stage: Stage) -> Any:
    """Puts routes of the test's own into the running Bolt app."""

    def put(**tables: dict[str, Route]) -> None:
        base = build_routes()
        merged = {
            name: {**getattr(base, name), **tables.get(name, {})}
            for name in ("commands", "actions", "forms", "shortcuts")
        }
        app: AsyncApp = stage.daybook.app
        app._async_listeners.clear()
        Listeners(stage.deps, replace(base, **merged), stage.deps.watch).register(app)

    return put


async def test_an_unknown_word_gets_the_nearest_known_one_and_the_help(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook lunch")
    message = (await stage.people.ephemerals(stage.who.ana, stage.rooms.voice))[-1]
    told = json.dumps(message.blocks, ensure_ascii=False)
    assert "Did you mean `/daybook launch`?" in told
    assert "/daybook search" in told or "search" in told


async def test_a_hostile_word_is_shown_harmless(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook <!channel>")
    message = (await stage.people.ephemerals(stage.who.ana, stage.rooms.voice))[-1]
    assert "<!channel>" not in json.dumps(message.blocks)


@pytest.mark.parametrize("line", ["/daybook", "/daybook help", "/daybook   HELP  "])
async def test_without_a_word_the_help_is_shown(stage: Stage, line: str) -> None:
    answer = await stage.people.command(stage.who.ana, stage.rooms.voice, line)
    assert answer.ok
    assert len(await stage.whispers(stage.who.ana, stage.rooms.voice)) == 1


async def _crash(_request: Request, _deps: Any) -> Answer:
    raise ZeroDivisionError("secret detail")


async def _refuse(_request: Request, _deps: Any) -> Answer:
    raise BadInput(field="name", problem="That name is taken.", fix="Pick another.")


async def _form(_request: Request, _deps: Any) -> Answer:
    field = field_input("name", "Name", text_input("name"))
    return OpenModal(modal("test.form", "Test", [field], submit="Go"))


async def test_a_crash_is_one_private_sentence_with_a_number_and_no_traceback(
    stage: Stage, with_routes: Any
) -> None:
    with_routes(commands={"help": Route(_crash)})
    answer = await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook help")
    told = await _told(stage)
    assert answer.ok
    assert told.startswith("Something went wrong on my side; nothing was changed.")
    assert "secret" not in told
    assert "ZeroDivision" not in told
    assert stage.posts(stage.rooms.voice) == []


async def test_a_form_that_crashes_stays_below_what_is_said(stage: Stage, with_routes: Any) -> None:
    with_routes(commands={"help": Route(_form)}, forms={"test.form": Route(_crash)})
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook help")
    [view] = stage.world.views.stack(stage.who.ana)
    answer = await stage.people.submit(stage.who.ana, view.id, {"name": "x"})
    assert answer.result == "pushed"
    assert answer.view is not None
    assert "Something went wrong" in json.dumps(answer.view.body)
    assert len(stage.world.views.stack(stage.who.ana)) == 2


async def test_a_problem_stands_under_its_field(stage: Stage, with_routes: Any) -> None:
    with_routes(commands={"help": Route(_form)}, forms={"test.form": Route(_refuse)})
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook help")
    [view] = stage.world.views.stack(stage.who.ana)
    answer = await stage.people.submit(stage.who.ana, view.id, {"name": "x"})
    assert answer.errors == {"name": "That name is taken. Pick another."}


async def test_a_message_too_long_for_slack_is_cut_and_not_lost(
    stage: Stage, with_routes: Any
) -> None:
    async def long(_request: Request, _deps: Any) -> Answer:
        return Private(Message("Long", [section("x" * 3_000)] * 60))

    with_routes(commands={"help": Route(long)})
    answer = await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook help")
    assert answer.ok
    assert await _told(stage) == "Long"


@pytest.mark.parametrize("what", ["feedback", "settings"])
async def test_a_guest_is_told_that_a_member_may(stage: Stage, what: str) -> None:
    await stage.people.command(stage.who.gil, stage.rooms.voice, f"/daybook {what}")
    told = await _told(stage, stage.who.gil)
    assert told == "Guests can search and read here; please ask a member to do this."


async def test_a_person_of_another_organisation_is_refused(stage: Stage) -> None:
    user = stage.world.users.get(stage.who.olga)
    assert user is not None
    room = stage.world.channels.get(stage.rooms.acme)
    payload = _command(stage, user, room, "search export")
    await stage.people.workspace.outbox.ask("slash_commands", payload)
    answer = await stage.people.workspace.outbox.ask("slash_commands", payload)
    assert answer["text"].startswith("Only members of this workspace")


def _command(stage: Stage, user: Any, room: Any, text: str) -> dict[str, Any]:
    return render_command(stage.people.workspace, user, room, "/daybook", text)


async def test_a_submission_that_slack_delivers_twice_is_done_once(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook feedback")
    [view] = stage.world.views.stack(stage.who.ana)
    sent: list[dict[str, Any]] = []
    outbox = stage.people.workspace.outbox
    ask = outbox.ask

    async def twice(kind: Any, payload: dict[str, Any]) -> dict[str, Any]:
        sent.append(payload)
        await ask(kind, payload)
        return await ask(kind, payload)

    outbox.ask = twice  # type: ignore[method-assign]
    await stage.people.submit(stage.who.ana, view.id, {"text": "Exports fail"})
    assert len(sent) == 1
    assert await _count(stage) == 1


async def test_slack_being_away_is_a_sentence_and_not_a_crash(stage: Stage) -> None:
    stage.people.faults.add("server_error", method="views.open")
    answer = await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook feedback")
    assert answer.ok
    assert "Slack had an internal error" in await _told(stage)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("expired_trigger_id", "Please try once more"),
        ("unknown_method", "did not let me open the form (unknown_method)"),
    ],
)
async def test_a_form_that_slack_does_not_open_is_told_in_plain_words(
    stage: Stage, code: str, said: str
) -> None:
    stage.people.faults.add("error", method="views.open", error=code)
    answer = await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook feedback")
    assert answer.ok
    assert said in await _told(stage)


async def test_a_click_of_somebody_who_cannot_be_looked_up_is_answered_too(
    stage: Stage, with_routes: Any
) -> None:
    async def ok(_request: Request, _deps: Any) -> Answer:
        return Done()

    with_routes(shortcuts={"launch.new": Route(ok)})
    stage.people.faults.add("server_error", method="users.info", remaining=None)
    zoe = await stage.people.add_user("zoe", "Zoe Zett")
    answer = await stage.people.shortcut(zoe, "launch.new")
    assert answer.ok
    assert [m.text for m in stage.dms(zoe)] == ["Slack had an internal error (users.info)."]


async def test_a_command_alias_with_its_words_reaches_the_same_route(
    stage: Stage, with_routes: Any
) -> None:
    seen: list[tuple[str, str]] = []

    async def note(request: Request, _deps: Any) -> Answer:
        seen.append((request.name, request.text))
        return Done()

    with_routes(commands={"launch": Route(note)})
    for line in (
        "/launch New importer",
        "/daybook launch New importer",
        "/daybook LAUNCH  New importer",
    ):
        await stage.people.command(stage.who.ana, stage.rooms.voice, line)
    assert seen == [("launch", "New importer")] * 3


async def test_an_id_of_no_route_is_acknowledged_and_does_nothing(stage: Stage) -> None:
    payload = render_common(
        stage.people.workspace, "block_actions", stage.world.users.get(stage.who.ana)
    )
    payload |= {"actions": [{"type": "button", "action_id": "nobody.knows.this"}]}
    assert await stage.people.workspace.outbox.ask("interactive", payload) == {}


async def test_bolt_has_seven_listeners_whatever_the_rituals_do(stage: Stage) -> None:
    app = build_app(stage.deps)
    assert len(app._async_listeners) == 7


def test_a_word_or_id_claimed_by_two_rituals_is_an_error() -> None:
    table = {"help": Route(_crash)}
    with pytest.raises(ValueError, match="help is claimed twice"):
        collect("COMMANDS", [SimpleNamespace(COMMANDS=table), SimpleNamespace(COMMANDS=table)])


async def test_the_home_is_drawn_for_members_and_not_for_outsiders(stage: Stage) -> None:
    await stage.people.open_home(stage.who.ana)
    await stage.settle()
    assert stage.world.views.home(stage.who.ana) is not None
    assert stage.world.views.home(stage.who.olga) is None


async def test_a_home_that_cannot_be_drawn_leaves_the_last_one(stage: Stage) -> None:
    await stage.people.open_home(stage.who.ana)
    await stage.settle()
    before = stage.world.views.home(stage.who.ana)
    stage.people.faults.add("server_error", method="views.publish", remaining=None)
    await stage.people.open_home(stage.who.ana)
    await stage.settle()
    assert stage.world.views.home(stage.who.ana) == before
    events = stage.people.workspace.outbox.events()
    assert {event["state"] for event in events} == {"acked"}
