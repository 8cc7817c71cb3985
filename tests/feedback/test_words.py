"""Which of a message's words are the customer's, and what an edit or a deletion does to them."""

import pytest
from sqlalchemy import select

from bot.feedback.rules import message_words, whole_text
from bot.feedback.several import split_asks
from bot.slack.gateway import SlackMessage, read_message
from bot.workspaces.customer_file import read_customers
from bot.workspaces.customers import put_customers
from bot.workspaces.tables import Customer
from tests.conftest import Stage
from tests.feedback.desk import items, react, said, top_view, whisper

ASKED = "> Do you need the export?\nYes, every Friday, for our accountant"


def message(text: str = "", **more: object) -> SlackMessage:
    return read_message("C1", {"ts": "1.0", "user": "U1", "text": text, **more})


def test_what_a_customer_quotes_is_ours_and_stays_with_their_answer() -> None:
    assert message_words(message(ASKED), is_customers=True) == ASKED
    assert message_words(message(ASKED)) == "Do you need the export?"


def test_a_pasted_list_keeps_its_lines_so_that_its_asks_can_be_split() -> None:
    pasted = "Acme wrote:\n&gt; - let us export to CSV\n&gt; - the import loses umlauts"
    words = message_words(message(pasted))
    assert words == "- let us export to CSV\n- the import loses umlauts"
    assert split_asks(words) == ["let us export to CSV", "the import loses umlauts"]


def test_a_forwarded_message_is_logged_by_its_own_words() -> None:
    card = {"is_share": True, "text": "Exports stop at 1,000 &amp; rows, ann@acme.example"}
    shared = message("fyi, from Acme", attachments=[card])
    assert message_words(shared) == "Exports stop at 1,000 & rows, ann@acme.example"
    assert "from Acme" in whole_text(shared)
    assert "ann@acme.example" in whole_text(shared)
    assert message_words(message("", attachments=[card])).startswith("Exports stop")


def test_the_preview_of_a_link_is_not_what_somebody_wrote() -> None:
    preview = {"title": "Our blog", "text": "Ten tips", "from_url": "https://blog.example"}
    assert message_words(message("We need dark mode", attachments=[preview])) == "We need dark mode"


def test_what_a_support_desk_posts_can_be_logged_by_a_person() -> None:
    posted = message("", subtype="bot_message", attachments=[{"fallback": "Ticket 4: it crashes"}])
    assert message_words(posted) == "Ticket 4: it crashes"


@pytest.mark.parametrize("call", ["<@UBOT> feedback ", "<@UBOT|daybook> Feedback\n", "<@UBOT> "])
def test_calling_daybook_is_not_part_of_the_words(call: str) -> None:
    assert message_words(message(f"{call}Acme cannot log in"), bot_user="UBOT") == (
        "Acme cannot log in"
    )
    assert message_words(message("<@U2> feedback"), bot_user="UBOT") == "@U2 feedback"


async def test_a_mention_that_is_edited_keeps_its_words_alone_and_never_loses_them(
    stage: Stage,
) -> None:
    ts = await said(stage, "@daybook feedback Acme cannot log in")
    await stage.settle()
    sent = stage.world.messages.get(stage.rooms.voice, ts)
    assert sent is not None
    for text in (f"{sent.text} since Monday", "\u200b"):
        await stage.people.edit(stage.who.ben, stage.rooms.voice, ts, text)
        await stage.settle()
        assert [item.text for item in await items(stage)] == ["Acme cannot log in since Monday"]


async def test_a_message_deleted_with_replies_takes_its_feedback_with_it(stage: Stage) -> None:
    ts = await said(stage, "The import is broken")
    await react(stage, ts)
    await said(stage, "I'll have a look", thread_ts=ts)
    await stage.people.delete(stage.who.ben, stage.rooms.voice, ts)
    await stage.settle()
    assert await items(stage) == []


async def test_what_is_chosen_in_the_shortcuts_form_corrects_what_stands_logged(
    stage: Stage,
) -> None:
    rows = read_customers("name,domains\nAcme,acme.example\nBolt,bolt.example\n").rows
    async with stage.deps.db.write() as session:
        await put_customers(session, stage.workspace_id, rows, at=stage.clock.at, by=stage.who.ana)
    async with stage.deps.db.read() as session:
        ids = dict((await session.execute(select(Customer.name, Customer.id))).tuples().all())
    ts = await said(stage, "Ann of Acme: please add dark mode")
    await react(stage, ts)
    for form in ({"customer": ids["Bolt"], "kind": "bug"}, {"customer": ids["Acme"]}):
        await stage.people.shortcut(stage.who.ben, "feedback.message.log", stage.rooms.voice, ts)
        view = top_view(stage, stage.who.ben)
        await stage.people.submit(stage.who.ben, view.id, {"text": "Please add dark mode", **form})
        # The second time Acme is only what the form guessed.
        [item] = await items(stage)
        assert (item.customer_id, item.kind) == (ids["Bolt"], "bug")


async def test_a_number_that_cannot_be_seen_is_told_and_not_logged_as_words(stage: Stage) -> None:
    await stage.people.command(stage.who.ben, stage.rooms.voice, "/daybook feedback #412")
    assert stage.world.views.stack(stage.who.ben) == []
    told = (await whisper(stage, stage.who.ben)).text
    assert told == "There is no feedback of that number that you can see."
