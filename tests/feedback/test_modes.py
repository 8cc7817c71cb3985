"""How feedback is captured in a channel, and corrected once it is."""

from sqlalchemy import select

from bot.entries.log import check_chain
from bot.entries.tables import Entry
from bot.feedback.tables import Report
from bot.slack.ids import Action
from bot.workspaces.tables import Channel
from tests.conftest import Stage
from tests.feedback.desk import emoji_on, items, react, reporters, said, top_view, whisper


async def _set_modes(stage: Stage, modes: list[str], channel: str = "", user: str = "") -> str:
    who, where = user or stage.who.ana, channel or stage.rooms.voice
    await stage.people.command(who, where, "/daybook settings")
    answer = await stage.people.submit(who, top_view(stage, who).id, {"modes": modes})
    return answer.result


async def test_a_feedback_channel_logs_every_new_message_without_asking(stage: Stage) -> None:
    assert await _set_modes(stage, ["all"]) == "updated"
    ts = await said(stage, "The import is broken")
    await said(stage, "I'll have a look", thread_ts=ts)
    await stage.settle()
    assert [item.text for item in await items(stage)] == ["The import is broken"]
    assert await reporters(stage) == {stage.who.ben}
    assert "white_check_mark" in emoji_on(stage, ts)


async def test_what_a_guest_writes_in_a_feedback_channel_is_logged_and_nobody_reported_it(
    stage: Stage,
) -> None:
    await _set_modes(stage, ["all"])
    await said(stage, "The import is broken", user=stage.who.gil)
    await stage.settle()
    [item] = await items(stage)
    assert (item.author_id, item.reporter_id) == (stage.who.gil, "")
    assert await reporters(stage) == set()


async def test_an_emoji_that_is_switched_off_logs_nothing(stage: Stage) -> None:
    await _set_modes(stage, [])
    await react(stage, await said(stage, "The import is broken"))
    assert await items(stage) == []


async def test_a_mention_in_a_thread_logs_what_the_thread_hangs_on(stage: Stage) -> None:
    ts = await said(stage, "The import is broken", user=stage.who.gil)
    await said(stage, "@daybook feedback", thread_ts=ts)
    await stage.settle()
    [item] = await items(stage)
    assert (item.text, item.author_id, item.reporter_id) == (
        "The import is broken", stage.who.gil, stage.who.ben,
    )  # fmt: skip


async def test_a_mention_with_words_logs_the_words(stage: Stage) -> None:
    await said(stage, "@daybook feedback Acme cannot log in")
    await stage.settle()
    assert [item.text for item in await items(stage)] == ["Acme cannot log in"]


async def test_a_mention_that_is_switched_off_is_told(stage: Stage) -> None:
    await _set_modes(stage, ["emoji"])
    await said(stage, "@daybook feedback Acme cannot log in")
    await stage.settle()
    assert await items(stage) == []
    assert "off in this channel" in (await whisper(stage, stage.who.ben)).text


async def test_how_a_channel_is_captured_is_logged_and_survives_a_restart(stage: Stage) -> None:
    await _set_modes(stage, ["emoji", "all"])
    async with stage.deps.db.read() as session:
        channel = await session.get_one(Channel, (stage.workspace_id, stage.rooms.voice))
        line = (await session.scalars(select(Entry).where(Entry.kind == "channel.capture"))).one()
    assert (channel.captures_emoji, channel.captures_all, channel.captures_mention) == (
        True, True, False,
    )  # fmt: skip
    assert line.facts == {"modes": ["all", "emoji"]}


async def test_only_an_admin_turns_on_what_customers_see(stage: Stage) -> None:
    await stage.people.invite(stage.who.ana, stage.rooms.acme, stage.who.ben)
    await _set_modes(stage, ["emoji", "receipt"], stage.rooms.acme, stage.who.ben)
    ts = await said(stage, "Exports fail", stage.rooms.acme, user=stage.who.olga)
    await react(stage, ts, stage.rooms.acme)
    assert emoji_on(stage, ts, stage.rooms.acme) == {"memo"}

    await _set_modes(stage, ["emoji", "receipt"], stage.rooms.acme)
    ts = await said(stage, "Imports fail too", stage.rooms.acme, user=stage.who.olga)
    await react(stage, ts, stage.rooms.acme)
    assert emoji_on(stage, ts, stage.rooms.acme) == {"memo", "white_check_mark"}
    # What an admin turned on does not keep a member from changing the rest.
    await _set_modes(stage, ["mention", "receipt"], stage.rooms.acme, stage.who.ben)
    async with stage.deps.db.read() as session:
        channel = await session.get_one(Channel, (stage.workspace_id, stage.rooms.acme))
    assert (channel.captures_emoji, channel.shows_receipt) == (False, True)


async def test_the_settings_of_a_direct_message_say_where_a_channel_is_set_up(stage: Stage) -> None:
    room = await stage.people.open_direct(stage.who.ana, stage.world.bot.id)
    await stage.people.command(stage.who.ana, room, "/daybook settings")
    [menu] = stage.world.views.stack(stage.who.ana)
    assert "type `/daybook settings` in that channel" in str(menu.body)


async def test_the_kind_is_corrected_by_one_tap_and_the_receipt_follows(stage: Stage) -> None:
    await react(stage, await said(stage, "Please add dark mode"))
    [item] = await items(stage)
    receipt = await whisper(stage)
    answer = await stage.people.click(
        stage.who.ana,
        f"{Action.FEEDBACK_KIND}:{item.id}",
        channel=receipt.channel,
        ts=receipt.ts,
        value="bug",
    )
    assert answer.ok
    [item] = await items(stage)
    assert (item.kind, item.kind_chosen_by) == ("bug", stage.who.ana)
    assert (await whisper(stage)).text == f"Logged as #{item.number}: bug, customer unknown."


async def test_the_undo_button_takes_the_log_and_the_receipt_back(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    [item] = await items(stage)
    receipt = await whisper(stage)
    await stage.after(minutes=30)
    await stage.people.click(
        stage.who.ana, Action.FEEDBACK_UNDO, channel=receipt.channel, ts=receipt.ts
    )
    await stage.settle()
    assert await items(stage) == []
    assert emoji_on(stage, ts) == {"memo"}
    assert (await whisper(stage)).text == f"Undone: #{item.number} is no longer logged."


async def test_the_edit_button_corrects_kind_and_area(stage: Stage) -> None:
    await react(stage, await said(stage, "Please add dark mode"))
    receipt = await whisper(stage)
    await stage.people.click(
        stage.who.ana, Action.FEEDBACK_EDIT, channel=receipt.channel, ts=receipt.ts
    )
    answer = await stage.people.submit(
        stage.who.ana, top_view(stage).id, {"kind": "praise", "area": "Design"}
    )
    assert answer.result == "updated"
    [item] = await items(stage)
    assert (item.kind, item.area) == ("praise", "Design")


async def test_a_receipts_buttons_work_in_a_direct_message_too(stage: Stage) -> None:
    ts = await said(stage, "Exports fail", stage.rooms.acme, user=stage.who.olga)
    await react(stage, ts, stage.rooms.acme)
    [receipt] = stage.dms(stage.who.ana)
    await stage.people.click(
        stage.who.ana, Action.FEEDBACK_UNDO, channel=receipt.channel, ts=receipt.ts
    )
    await stage.settle()
    assert await items(stage) == []
    assert [m.text.split(":")[0] for m in stage.dms(stage.who.ana)] == ["Undone"]


async def test_two_emoji_of_one_person_are_one_report_until_both_are_gone(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    for emoji in ("memo", "memo::skin-tone-4"):
        await react(stage, ts, emoji=emoji)
    assert len(await items(stage)) == 1
    assert await reporters(stage) == {stage.who.ana}


async def test_the_form_logs_what_was_typed_without_a_message(stage: Stage) -> None:
    await stage.people.command(
        stage.who.ana, stage.rooms.voice, "/daybook feedback Ann called: *exports* <@U1> fail"
    )
    view = top_view(stage)
    shown = view.body["blocks"][0]["element"]["initial_value"]
    await stage.people.submit(stage.who.ana, view.id, {"text": shown, "area": "Export"})
    [item] = await items(stage)
    assert (item.text, item.area, item.message_ts) == (shown, "Export", None)
    assert "*exports*" in item.text


async def test_the_same_words_typed_twice_are_one_line_with_two_reporters(stage: Stage) -> None:
    for person in (stage.who.ana, stage.who.ben):
        await stage.people.command(person, stage.rooms.voice, "/daybook feedback")
        view = stage.world.views.stack(person)[-1]
        answer = await stage.people.submit(person, view.id, {"text": "Exports fail on Mondays"})
    [item] = await items(stage)
    assert f"logged already as #{item.number}" in str(answer)
    async with stage.deps.db.read() as session:
        reporters = set(await session.scalars(select(Report.user_id)))
    assert reporters == {stage.who.ana, stage.who.ben}


async def test_all_that_happens_to_feedback_is_one_chain_of_lines(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    await react(stage, ts, user=stage.who.ben)
    await stage.people.edit(stage.who.ben, stage.rooms.voice, ts, "Please add a dark mode")
    await stage.settle()
    async with stage.deps.db.read() as session:
        mine = select(Entry.kind).where(Entry.subject_kind == "feedback").order_by(Entry.seq)
        kinds = list(await session.scalars(mine))
        assert await check_chain(session, stage.workspace_id) is None
    assert kinds == ["feedback.logged", "feedback.reported", "feedback.edited"]


async def test_the_settings_lead_to_customers_imports_and_exports(stage: Stage) -> None:
    ben = stage.who.ben
    for action, title in (
        (Action.CUSTOMER_OPEN, "Customers"),
        (Action.IMPORT_OPEN, "Import"),
        (Action.EXPORT_OPEN, "Export"),
    ):
        await stage.people.command(ben, stage.rooms.voice, "/daybook settings")
        below = top_view(stage, ben)
        await stage.people.click(ben, action.value, view_id=below.id)
        assert top_view(stage, ben).body["title"]["text"] == title
        assert top_view(stage, ben).previous_view_id == below.id
