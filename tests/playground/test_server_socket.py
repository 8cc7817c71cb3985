"""Socket Mode with slack_bolt's own AsyncApp: events, commands, interactions, modals."""

import asyncio
import re
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from playground.server.answers import PersonRefusedError


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def modal(title: str = "Launch", **fields: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "launch.form",
        "title": plain(title),
        "submit": plain("Save"),
        "blocks": [
            {
                "type": "input",
                "block_id": "title",
                "label": plain("Title"),
                "element": {"type": "plain_text_input", "action_id": "title", "max_length": 40},
            },
            {
                "type": "input",
                "block_id": "stage",
                "optional": True,
                "label": plain("Stage"),
                "element": {
                    "type": "static_select",
                    "action_id": "stage",
                    "options": [
                        {"text": plain("Beta"), "value": "beta"},
                        {"text": plain("Live"), "value": "live"},
                    ],
                },
            },
        ],
        **fields,
    }


async def open_modal(play: Any, bolt: Any, **fields: Any) -> str:
    """Types /launch, which opens the modal; returns its view id."""

    @bolt.command("/launch")  # type: ignore[untyped-decorator]
    async def launch(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(**fields))

    answer = await play.people.command(play.ana, play.product, "/launch New importer")
    assert answer.ok
    (view,) = play.world.views.stack(play.ana)
    view_id: str = view.id
    return view_id


async def test_a_message_reaches_the_app_in_slacks_envelope(
    play: Any, bolt: Any, heard: Any
) -> None:
    ts = await play.people.post(play.ana, play.product, "Export & <import> time out")
    await play.people.settled()
    (body,) = heard.bodies
    assert body["team_id"] == play.world.team.id
    assert body["api_app_id"] == play.world.app.app_id
    assert body["authorizations"][0]["user_id"] == play.bot
    assert body["is_ext_shared_channel"] is False
    assert body["event"]["ts"] == ts
    assert body["event"]["text"] == "Export &amp; &lt;import&gt; time out"
    assert body["event"]["channel_type"] == "channel"
    assert body["event"]["blocks"][0]["type"] == "rich_text"


async def test_nothing_reaches_the_app_from_channels_it_is_not_in(
    play: Any, bolt: Any, heard: Any
) -> None:
    await play.people.post(play.ana, play.random, "Secret lunch plans")
    ts = await play.people.post(play.ana, play.board, "Secret numbers")
    await play.people.react(play.ben, play.board, ts, "eyes")
    await play.people.settled()
    assert heard.bodies == []


async def test_events_that_the_manifest_does_not_name_are_not_sent(
    manifest: Any, hands: Any
) -> None:
    manifest["settings"]["event_subscriptions"]["bot_events"] = ["reaction_added"]
    made = hands.make_playground(manifest)
    ts = await made.people.post(made.ana, made.product, "Hello")
    await made.people.react(made.ana, made.product, ts, "eyes")
    await made.people.settled()
    sent = [row["body"]["event"]["type"] for row in made.people.workspace.outbox.events()]
    assert sent == ["reaction_added"]


async def test_edits_and_deletions_come_with_both_versions(
    play: Any, bolt: Any, heard: Any
) -> None:
    ts = await play.people.post(play.ana, play.product, "One")
    await play.people.edit(play.ana, play.product, ts, "Two")
    await play.people.delete(play.ana, play.product, ts)
    await play.people.settled()
    _, changed, deleted = heard.as_happened("message")
    assert changed["subtype"] == "message_changed"
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("One", "Two")
    assert deleted["subtype"] == "message_deleted"
    assert deleted["deleted_ts"] == ts


async def test_reactions_carry_the_authors_id(play: Any, bolt: Any, heard: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "Idea")
    await play.people.react(play.ben, play.product, ts, "thumbsup::skin-tone-2")
    await play.people.react(play.ben, play.product, ts, "thumbsup::skin-tone-2")
    await play.people.unreact(play.ben, play.product, ts, "thumbsup::skin-tone-2")
    await play.people.settled()
    (added,) = heard.events("reaction_added")
    (removed,) = heard.events("reaction_removed")
    assert (added["item_user"], added["user"]) == (play.ana, play.ben)
    assert added["reaction"] == "thumbsup::skin-tone-2"
    assert removed["item"] == {"type": "message", "channel": play.product, "ts": ts}


async def test_naming_the_app_sends_a_mention_beside_the_message(
    play: Any, bolt: Any, heard: Any
) -> None:
    await play.people.post(play.ana, play.product, "@daybook why importer")
    await play.people.settled()
    assert {event["type"] for event in heard.events()} == {"message", "app_mention"}
    (mention,) = heard.events("app_mention")
    assert mention["text"] == f"<@{play.bot}> why importer"


async def test_an_outsiders_message_names_their_team(play: Any, bolt: Any, heard: Any) -> None:
    await play.people.post(play.outsider, play.acme, "It is slow for us")
    await play.people.settled()
    (body,) = heard.bodies
    assert body["is_ext_shared_channel"] is True
    assert body["event"]["team"] == body["event"]["user_team"] == "T0ACMECORP0"


async def test_the_bots_kick_and_a_rename_are_told(play: Any, bolt: Any, heard: Any) -> None:
    await play.people.rename(play.ana, play.product, "product-team")
    await play.people.kick(play.ana, play.product, play.bot)
    await play.people.post(play.ana, play.product, "It is gone")
    await play.people.settled()
    assert [event["type"] for event in heard.as_happened()] == ["channel_rename", "channel_left"]
    assert heard.events("channel_rename")[0]["channel"]["name"] == "product-team"


async def test_an_invited_bot_hears_that_it_joined(play: Any, bolt: Any, heard: Any) -> None:
    await play.people.invite(play.ana, play.random, play.bot)
    await play.people.settled()
    (joined,) = heard.events("member_joined_channel")
    assert (joined["user"], joined["inviter"]) == (play.bot, play.ana)
    assert heard.events("app_mention") == []


async def test_opening_the_home_and_a_changed_profile_are_told(
    play: Any, bolt: Any, heard: Any
) -> None:
    await play.people.open_home(play.ana)
    await play.people.change_user(play.ana, tz="Europe/Lisbon")
    await play.people.settled()
    (opened,) = heard.events("app_home_opened")
    (changed,) = heard.events("user_change")
    assert (opened["user"], opened["tab"]) == (play.ana, "home")
    assert changed["user"]["tz"] == "Europe/Lisbon"


async def test_history_written_with_its_own_time_tells_the_app_nothing(
    play: Any, bolt: Any, heard: Any
) -> None:
    at = play.clock.at.replace(month=4)
    ts = await play.people.post(play.ana, play.product, "Three weeks ago", at=at)
    await play.people.settled()
    assert heard.bodies == []
    assert play.world.messages.get(play.product, ts).shown_at == at
    assert float(ts) == at.timestamp()


async def test_an_unacknowledged_event_is_sent_again_with_the_same_id(
    play: Any, hands: Any
) -> None:
    tries: list[Any] = []
    app = play.bolt()

    @app.event("message")  # type: ignore[untyped-decorator]
    async def fails_twice(body: Any) -> None:
        tries.append(body["event_id"])
        if len(tries) < 3:
            raise RuntimeError("not yet")

    play.settings.ack_seconds = 0.3
    async with hands.linked(play, app):
        await play.people.post(play.ana, play.product, "Hello")
        await play.people.settled()
    (row,) = play.people.workspace.outbox.events()
    assert len(tries) == 3
    assert len(set(tries)) == 1
    assert (row["state"], row["attempts"]) == ("acked", 3)


async def test_an_event_is_given_up_after_three_retries(play: Any) -> None:
    await play.people.post(play.ana, play.product, "Nobody listens")
    await play.people.settled()
    (row,) = play.people.workspace.outbox.events()
    assert (row["state"], row["attempts"]) == ("failed", 4)


async def test_each_payload_goes_to_one_of_several_connections(
    play: Any, bolt: Any, heard: Any, hands: Any
) -> None:
    other = play.bolt()
    hands.listen_to_all(other, heard)
    async with hands.linked(play, other):
        assert play.people.workspace.hub.count == 2
        for number in range(10):
            await play.people.post(play.ana, play.product, f"m{number}")
        await play.people.settled()
    ids = [body["event_id"] for body in heard.bodies]
    assert len(ids) == len(set(ids)) == 10


async def test_more_connections_than_slack_allows_are_turned_away(play: Any, bolt: Any) -> None:
    play.settings.socket_connections = 1
    app_client = play.client_with(play.world.app.app_token)
    url = (await app_client.apps_connections_open(app_token=play.world.app.app_token))["url"]
    session = await app_client.api_call("api.test")  # the client works; the socket is refused
    assert session["ok"]
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        frame = await socket.receive_json()
    assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")


async def test_a_disconnected_app_comes_back_and_hears_again(
    play: Any, bolt: Any, heard: Any
) -> None:
    assert await play.people.workspace.hub.disconnect("refresh_requested") == 1
    async with asyncio.timeout(20):
        await play.people.workspace.hub.connected()
    await play.people.post(play.ana, play.product, "Still there?")
    await play.people.settled()
    assert len(heard.events("message")) == 1


async def test_whoever_was_removed_is_brought_back_by_slacks_own_command(
    play: Any, bolt: Any, heard: Any
) -> None:
    await play.people.kick(play.ana, play.product, play.bot)
    assert (await play.people.command(play.ana, play.product, "/invite @Daybook")).ok
    await play.people.settled()
    (joined,) = heard.events("member_joined_channel")
    assert joined["user"] == play.bot
    unknown = await play.people.command(play.ana, play.product, "/invite @nobody")
    assert (unknown.error, "nobody" in unknown.words) == ("user_not_found", True)


async def test_a_commands_acknowledgement_is_shown_to_its_person_alone(
    play: Any, bolt: Any
) -> None:
    seen: list[Any] = []

    @bolt.command("/why")  # type: ignore[untyped-decorator]
    async def why(ack: Any, command: Any) -> None:
        seen.append(command)
        await ack("Three people asked for it")

    answer = await play.people.command(play.ana, play.product, "/why importer v2")
    assert answer.ok
    assert (seen[0]["command"], seen[0]["text"]) == ("/why", "importer v2")
    assert (seen[0]["channel_id"], seen[0]["channel_name"]) == (play.product, "product")
    (shown,) = await play.people.ephemerals(play.ana, play.product)
    assert shown.text == "Three people asked for it"


async def test_a_command_in_a_thread_is_refused_as_slack_does(play: Any, bolt: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "Thread")
    answer = await play.people.command(play.ana, play.product, "/why x", thread_ts=ts)
    assert answer.error == "not_supported_in_threads"
    (shown,) = await play.people.ephemerals(play.ana, play.product)
    assert shown.text == "/why is not supported in threads. Sorry!"


async def test_unknown_commands_and_outsiders_commands_are_invalid(play: Any, bolt: Any) -> None:
    assert (await play.people.command(play.ana, play.product, "/fly")).error == "invalid_command"
    answer = await play.people.command(play.outsider, play.acme, "/why x")
    assert answer.error == "invalid_command"


async def test_a_command_nobody_acknowledges_times_out_for_the_person(play: Any, bolt: Any) -> None:
    play.settings.ack_seconds = 0.2

    @bolt.command("/why")  # type: ignore[untyped-decorator]
    async def hangs() -> None:
        return None

    answer = await play.people.command(play.ana, play.product, "/why x")
    assert answer.error == "operation_timeout"
    (shown,) = await play.people.ephemerals(play.ana, play.product)
    assert "operation_timeout" in shown.text


async def test_without_a_connection_a_command_fails_at_once(play: Any) -> None:
    answer = await play.people.command(play.ana, play.product, "/why x")
    assert answer.error == "dispatch_failed"


async def test_a_button_click_carries_message_state_and_response_url(play: Any, bolt: Any) -> None:
    seen: list[Any] = []

    @bolt.action("go")  # type: ignore[untyped-decorator]
    async def go(ack: Any, body: Any, respond: Any) -> None:
        seen.append(body)
        await ack()
        await respond(text="Done", replace_original=True)

    elements = [{"type": "button", "action_id": "go", "text": plain("Go"), "value": "42"}]
    sent = await play.client.chat_postMessage(
        channel=play.product, text="Ready?", blocks=[{"type": "actions", "elements": elements}]
    )
    answer = await play.people.click(play.ana, "go", channel=play.product, ts=sent["ts"])
    (body,) = seen
    assert answer.ok
    assert body["container"]["message_ts"] == body["message"]["ts"] == sent["ts"]
    assert (body["actions"][0]["value"], body["user"]["id"]) == ("42", play.ana)
    assert body["state"] == {"values": {}}
    assert play.world.messages.get(play.product, sent["ts"]).text == "Done"


async def test_a_select_in_a_message_gives_the_chosen_option(play: Any, bolt: Any) -> None:
    seen: list[Any] = []

    @bolt.action("pick")  # type: ignore[untyped-decorator]
    async def pick(ack: Any, body: Any) -> None:
        seen.append(body)
        await ack()

    options = [{"text": plain(word), "value": word} for word in ("bug", "request")]
    accessory = {"type": "static_select", "action_id": "pick", "options": options}
    text = {"type": "mrkdwn", "text": "Kind?"}
    blocks = [{"type": "section", "block_id": "b", "text": text, "accessory": accessory}]
    sent = await play.client.chat_postMessage(channel=play.product, text="x", blocks=blocks)
    place = {"channel": play.product, "ts": sent["ts"]}
    await play.people.click(play.ana, "pick", **place, value="bug")
    assert seen[0]["actions"][0]["selected_option"]["value"] == "bug"
    assert seen[0]["state"]["values"]["b"]["pick"]["selected_option"]["value"] == "bug"
    with pytest.raises(PersonRefusedError):
        await play.people.click(play.ana, "pick", **place, value="rant")


async def test_a_click_on_an_ephemeral_can_delete_it(play: Any, bolt: Any) -> None:
    bodies: list[Any] = []

    @bolt.action("go")  # type: ignore[untyped-decorator]
    async def go(ack: Any, body: Any, respond: Any) -> None:
        bodies.append(body)
        await ack()
        await respond(delete_original=True)

    elements = [{"type": "button", "action_id": "go", "text": plain("Go")}]
    sent = await play.client.chat_postEphemeral(
        channel=play.product,
        user=play.ana,
        text="Log it?",
        blocks=[{"type": "actions", "elements": elements}],
    )
    place = {"channel": play.product, "ts": sent["message_ts"]}
    with pytest.raises(PersonRefusedError):
        await play.people.click(play.ben, "go", **place)
    assert (await play.people.click(play.ana, "go", **place)).ok
    assert "message" not in bodies[0]
    assert bodies[0]["container"]["is_ephemeral"] is True
    assert await play.people.ephemerals(play.ana, play.product) == []


async def test_a_response_url_serves_five_times_and_for_half_an_hour(play: Any, bolt: Any) -> None:
    urls: list[str] = []

    @bolt.command("/why")  # type: ignore[untyped-decorator]
    async def why(ack: Any, command: Any) -> None:
        urls.append(command["response_url"])
        await ack()

    await play.people.command(play.ana, play.product, "/why x")
    await play.people.command(play.ana, play.product, "/why y")
    async with aiohttp.ClientSession() as http:
        said = {"text": "Hi", "response_type": "in_channel"}
        codes = [(await http.post(urls[0], json=said)).status for _ in range(6)]
        assert codes == [200] * 5 + [404]
        play.clock.pass_seconds(1801)
        late = await http.post(urls[1], json=said)
        assert (late.status, (await late.json())["error"]) == (404, "expired_url")
    assert len(play.world.messages.history(play.product)) == 5


async def test_shortcuts_carry_the_message_or_only_a_trigger(play: Any, bolt: Any) -> None:
    seen: list[Any] = []

    @bolt.shortcut(re.compile(".*"))  # type: ignore[untyped-decorator]
    async def any_shortcut(ack: Any, body: Any) -> None:
        seen.append(body)
        await ack()

    ts = await play.people.post(play.ana, play.product, "Too slow")
    place = {"channel": play.product, "ts": ts}
    assert (await play.people.shortcut(play.ben, "feedback.log", **place)).ok
    assert (await play.people.shortcut(play.ben, "launch.new")).ok
    assert (seen[0]["type"], seen[0]["message"]["text"]) == ("message_action", "Too slow")
    assert (seen[1]["type"], "message" in seen[1]) == ("shortcut", False)
    with pytest.raises(PersonRefusedError):
        await play.people.shortcut(play.outsider, "launch.new")


async def test_a_sent_modal_gives_its_values_and_closes(play: Any, bolt: Any) -> None:
    seen: list[Any] = []

    @bolt.view("launch.form")  # type: ignore[untyped-decorator]
    async def save(ack: Any, view: Any) -> None:
        seen.append(view["state"]["values"])
        await ack()

    view_id = await open_modal(play, bolt)
    result = await play.people.submit(play.ana, view_id, {"title": "Importer", "stage": "live"})
    assert result.result == "closed"
    assert seen[0]["title"]["title"]["value"] == "Importer"
    assert seen[0]["stage"]["stage"]["selected_option"]["value"] == "live"
    assert play.world.views.stack(play.ana) == []


async def test_slack_itself_refuses_missing_and_too_long_fields(play: Any, bolt: Any) -> None:
    view_id = await open_modal(play, bolt)
    missing = await play.people.submit(play.ana, view_id, {})
    too_long = await play.people.submit(play.ana, view_id, {"title": "x" * 41})
    assert (missing.result, list(missing.errors)) == ("errors", ["title"])
    assert (too_long.result, list(too_long.errors)) == ("errors", ["title"])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"response_action": "errors", "errors": {"title": "Taken"}}, "errors"),
        ({"response_action": "errors", "errors": {"nothing": "Taken"}}, "failed"),
        ({"response_action": "update", "view": modal("Second")}, "updated"),
        ({"response_action": "push", "view": modal("On top")}, "pushed"),
        ({"response_action": "update", "view": modal("x" * 25)}, "failed"),
        ({"response_action": "clear"}, "cleared"),
    ],
)
async def test_the_apps_answer_to_a_modal_is_followed(
    play: Any, bolt: Any, answer: Any, expected: str
) -> None:
    @bolt.view("launch.form")  # type: ignore[untyped-decorator]
    async def save(ack: Any) -> None:
        await ack(answer)

    view_id = await open_modal(play, bolt)
    result = await play.people.submit(play.ana, view_id, {"title": "Importer"})
    assert result.result == expected


async def test_a_closed_modal_is_told_when_it_asked_for_that(play: Any, bolt: Any) -> None:
    closed: list[Any] = []

    @bolt.view_closed("launch.form")  # type: ignore[untyped-decorator]
    async def on_close(ack: Any, body: Any) -> None:
        closed.append(body)
        await ack()

    view_id = await open_modal(play, bolt, notify_on_close=True)
    await play.people.close(play.ana, view_id)
    assert (closed[0]["type"], closed[0]["is_cleared"]) == ("view_closed", False)
    assert play.world.views.stack(play.ana) == []


async def test_an_external_select_offers_what_the_app_suggests(play: Any, bolt: Any) -> None:
    @bolt.options("customer")  # type: ignore[untyped-decorator]
    async def customers(ack: Any, payload: Any) -> None:
        found = [{"text": plain(f"{payload['value']} Corp"), "value": "c1"}]
        await ack(options=found)

    @bolt.action("customer")  # type: ignore[untyped-decorator]
    async def chosen(ack: Any) -> None:
        await ack()

    elements = [{"type": "external_select", "action_id": "customer"}]
    sent = await play.client.chat_postMessage(
        channel=play.product, text="Who?", blocks=[{"type": "actions", "elements": elements}]
    )
    place = {"channel": play.product, "ts": sent["ts"]}
    (option,) = await play.people.suggest(play.ana, "customer", "Acme", **place)
    assert (option.text, option.value) == ("Acme Corp", "c1")
    assert (await play.people.click(play.ana, "customer", **place, value="c1")).ok


async def test_a_direct_message_to_the_app_is_no_mention(play: Any, bolt: Any, heard: Any) -> None:
    channel = await play.people.open_direct(play.ana, play.bot)
    await play.people.post(play.ana, channel, "@daybook help")
    await play.people.settled()
    (event,) = heard.events()
    assert (event["type"], event["channel_type"]) == ("message", "im")


async def test_a_private_channels_events_name_it_a_group(play: Any, bolt: Any, heard: Any) -> None:
    await play.people.post(play.ana, play.leads, "Numbers")
    await play.people.settled()
    assert heard.events("message")[0]["channel_type"] == "group"


async def test_a_reply_sent_to_the_channel_too_is_a_broadcast(
    play: Any, bolt: Any, heard: Any
) -> None:
    ts = await play.people.post(play.ana, play.product, "Question")
    await play.people.post(play.ben, play.product, "Answer", thread_ts=ts, broadcast=True)
    await play.people.settled()
    (_, reply) = heard.as_happened("message")
    assert (reply["subtype"], reply["thread_ts"]) == ("thread_broadcast", ts)
    assert reply["parent_user_id"] == play.ana
    history = (await play.client.conversations_history(channel=play.product))["messages"]
    assert [message["text"] for message in history] == ["Answer", "Question"]


async def test_the_apps_own_messages_are_events_with_its_bot_id(play: Any) -> None:
    await play.client.chat_postMessage(channel=play.product, text="Mine")
    await play.people.settled()
    (row,) = play.people.workspace.outbox.events()
    event = row["body"]["event"]
    assert (event["bot_id"], event["user"]) == (play.world.app.bot_id, play.bot)


async def test_a_kicked_bot_can_neither_post_nor_read(play: Any) -> None:
    await play.people.kick(play.ana, play.product, play.bot)
    for call in (
        play.client.chat_postMessage(channel=play.product, text="x"),
        play.client.conversations_history(channel=play.product),
    ):
        with pytest.raises(SlackApiError, match="not_in_channel"):
            await call


async def test_a_click_in_a_modal_keeps_what_was_typed(play: Any, bolt: Any) -> None:
    seen: list[Any] = []

    @bolt.action("stage")  # type: ignore[untyped-decorator]
    async def stage(ack: Any, body: Any, client: Any) -> None:
        await ack()
        seen.append(body)
        view = body["view"]
        await client.views_update(
            view_id=view["id"], hash=view["hash"], view=dispatching("Changed")
        )

    def dispatching(title: str) -> dict[str, Any]:
        body = modal(title)
        body["blocks"][1]["dispatch_action"] = True
        return body

    view_id = await open_modal(play, bolt, blocks=dispatching("x")["blocks"])
    answer = await play.people.click(
        play.ana, "stage", view_id=view_id, value="beta", state={"title": "Importer"}
    )
    (view,) = play.world.views.stack(play.ana)
    assert answer.ok
    assert seen[0]["container"] == {"type": "view", "view_id": view_id}
    assert seen[0]["view"]["state"]["values"]["title"]["title"]["value"] == "Importer"
    assert view.body["title"]["text"] == "Changed"
    assert view.state["title"]["title"]["value"] == "Importer"


async def test_a_burst_of_events_waits_its_turn_instead_of_being_sent_twice(
    play: Any, bolt: Any, heard: Any
) -> None:
    for number in range(300):
        await play.people.post(play.ana, play.product, f"m{number}")
    await play.people.settled()
    assert {row["attempts"] for row in play.people.workspace.outbox.events()} == {1}
    assert len(heard.bodies) == 300
