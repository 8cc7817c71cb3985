"""/why and search, through the bot: the whole story on one screen, and nothing more than is seen."""

from sqlalchemy import select

from bot.decisions.tables import Decision
from bot.engine.tables import Inbox
from bot.launches.service import NewLaunch, create_launch
from tests.conftest import Stage
from tests.decisions.conftest import click, decide, mention
from tests.feedback.telling import log_words
from tests.launches.conftest import Numbers, launch, thread, words
from tests.why.conftest import IMPORT, ask, lived, said


async def test_the_whole_loop_stands_on_one_screen_in_its_order(
    stage: Stage, product: Numbers
) -> None:
    loop = await lived(stage, product)
    shown = await ask(stage, "/why importer")
    parts = [
        "*What customers said*, 2 times, 2 customers",
        IMPORT[1][:30],
        "*Decision*",
        "At once, with a way back",
        "*Launch*",
        "|Metric>* Sign-ups",
        "*Target reached?* Yes.",
        "*More than usual noise?* Yes.",
        "|Verdict>* hit",
        "Fewer steps beat more hints",
        "*Told*, 1 of",
    ]
    places = [shown.find(part) for part in parts]
    assert -1 not in places, [p for p in parts if p not in shown]
    assert places == sorted(places)
    for link in (loop.items[0].permalink, loop.items[1].permalink):
        assert link in shown
    assert shown.count("/archives/") >= 5
    assert "Missing" not in shown
    for line in ("Check of #", "Verdict on #"):
        told = next(m for m in thread(stage) if m.text.startswith(line))
        assert "Asked for in: " in words(told)
        assert "(2 customers)" in words(told)
    # Telling the first customer brought the headline up to date.
    async with stage.deps.db.read() as session:
        done = select(Inbox.state).where(Inbox.kind == "launch.refresh")
        assert set(await session.scalars(done)) == {"done"}


async def test_the_same_story_is_told_by_number_by_question_and_by_mention(
    stage: Stage, product: Numbers
) -> None:
    loop = await lived(stage, product)
    told = await ask(stage, "/why did importer sign-ups drop on Tuesday?")
    assert "Sign-ups on Tue 26 May: " in told
    for line in (
        f"/why #{loop.launch.number}",
        f"/why {loop.decision.number}",
        "/why did we build the importer?",
        "/daybook why guided importer",
    ):
        shown = await ask(stage, line)
        assert "At once, with a way back" in shown
        assert "|Verdict>* hit" in shown
    root = await stage.people.post(stage.who.ben, stage.rooms.product, "Hm, importer?")
    await mention(stage, "why did we build the importer?", thread=root)
    newest = (await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1]
    assert "|Verdict>* hit" in str(newest.blocks)
    assert stage.dms(stage.who.olga) == []


async def test_what_is_missing_is_named(stage: Stage) -> None:
    row = await launch(stage, "Dark mode")
    shown = await ask(stage, "/why dark mode")
    assert "No customer's words are linked." in shown
    assert "No decision is linked." in shown
    assert f"No bet on #{row.number}" in shown
    assert f"Nobody has been told about #{row.number}." in shown


async def test_a_decision_without_a_launch_says_so(stage: Stage) -> None:
    await decide(stage, "Where uploads live")
    shown = await ask(stage, "/why uploads")
    assert "Nothing is launched yet." in shown
    assert "is still a proposal" in shown


async def test_nothing_found_is_said_with_a_hint(stage: Stage) -> None:
    assert "Nothing found for “quarterly taxes”" in await ask(stage, "/why quarterly taxes")


async def test_why_alone_says_how_to_ask(stage: Stage) -> None:
    assert "Why what?" in await ask(stage, "/why")


async def test_hostile_words_do_nothing(stage: Stage) -> None:
    evil = "uploads <!channel> <https://evil.example|x>"
    await decide(stage, evil, evil)
    for line in ("/why uploads", f"/why {evil} nobody wrote such", f"/daybook search {evil}"):
        shown = await ask(stage, line)
        assert "<!channel" not in shown
        assert "<https://evil" not in shown


async def test_forty_thousand_characters_are_answered(stage: Stage) -> None:
    assert "Nothing found" in await ask(stage, "/why " + "very long " * 3_900)


async def test_several_matches_give_the_best_and_buttons_for_the_others(stage: Stage) -> None:
    await decide(stage, "Where uploads live", "S3")
    await decide(stage, "How large uploads may be", "Ten megabytes")
    shown = await ask(stage, "/why uploads")
    assert "Or did you mean" in shown
    note = (await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1]
    has_first = "S3" in shown
    await click(stage, note, "why.story.show")
    newest = (await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1]
    assert ("Ten megabytes" if has_first else "S3") in str(newest.blocks)


async def _private_decision(stage: Stage) -> Decision:
    """A public theme and launch, joined only by a decision of the leads' private channel."""
    items = await said(stage)
    decision = await decide(
        stage, "Importer budget", "Two people for a month", channel=stage.rooms.leads,
        themes=[str(items[0].theme_id)], status="accepted",
    )  # fmt: skip
    new = NewLaunch(
        title="Guided importer", owner_id=stage.who.ana, channel_id=stage.rooms.product,
        created_by=stage.who.ana, decision_id=decision.id,
    )  # fmt: skip
    await stage.deps.places.all()[0].directory.channel(stage.rooms.product, at=stage.clock.at)
    async with stage.deps.db.write() as session:
        await create_launch(session, stage.workspace_id, new, at=stage.clock())
    await stage.settle()
    return decision


async def test_a_private_channels_decision_is_told_to_its_members_only(stage: Stage) -> None:
    decision = await _private_decision(stage)
    seen = await ask(stage, "/why importer")
    assert "Two people for a month" in seen
    hidden = await ask(stage, "/why importer", user=stage.who.ben)
    assert "Guided importer" in hidden
    for leak in ("budget", "Two people", f"#{decision.number} ", stage.rooms.leads):
        assert leak not in hidden
    assert "No decision is linked." in hidden


async def test_nothing_is_joined_through_what_the_asker_cannot_see(stage: Stage) -> None:
    await _private_decision(stage)
    assert IMPORT[0][:30] in await ask(stage, "/why guided importer")
    hidden = await ask(stage, "/why guided importer", user=stage.who.ben)
    assert IMPORT[0][:30] not in hidden
    assert "No customer's words are linked." in hidden


async def test_asking_by_the_number_of_something_hidden_finds_nothing(stage: Stage) -> None:
    decision = await _private_decision(stage)
    hidden = await ask(stage, f"/why #{decision.number}", user=stage.who.ben)
    absent = await ask(stage, "/why #4711", user=stage.who.ben)
    assert hidden.replace(str(decision.number), "4711") == absent


async def test_a_private_channels_words_are_quoted_to_its_members_only(stage: Stage) -> None:
    await log_words(stage, "The tax export is wrong for us", channel=stage.rooms.leads)
    assert "tax export is wrong" in await ask(stage, "/why tax export")
    hidden = await ask(stage, "/why tax export", user=stage.who.ben)
    assert "Nothing found" in hidden


async def test_a_guest_is_told_what_their_channels_said_and_no_more(
    stage: Stage, product: Numbers
) -> None:
    await lived(stage, product)
    shown = await ask(stage, "/why importer", user=stage.who.gil, channel=stage.rooms.voice)
    for leak in ("At once", "Guided", "sign-ups", "Sign-ups", "Verdict>"):
        assert leak not in shown


async def test_where_customers_read_the_answer_comes_directly(stage: Stage) -> None:
    await decide(stage, "Where uploads live")
    shown = await ask(stage, "/why uploads", channel=stage.rooms.acme)
    assert "uploads" not in shown
    assert "Where uploads live" in stage.dms(stage.who.ana)[-1].text
    await mention(stage, "why uploads", channel=stage.rooms.acme)
    assert stage.posts(stage.rooms.acme) == []
    assert len(stage.dms(stage.who.ana)) == 2


async def test_an_outsider_is_told_nothing(stage: Stage) -> None:
    await decide(stage, "Where uploads live", channel=stage.rooms.acme)
    await mention(stage, "why uploads", user=stage.who.olga, channel=stage.rooms.acme)
    assert await stage.whispers(stage.who.olga, stage.rooms.acme) == []
    assert stage.dms(stage.who.olga) == []


async def test_search_finds_feedback_decisions_and_launches(stage: Stage, product: Numbers) -> None:
    await lived(stage, product)
    await log_words(stage, "The importer forgets my mapping")
    shown = await ask(stage, "/daybook search importer")
    for head in ("*Decisions*", "*Launches*", "*Feedback*"):
        assert head in shown
    assert "Nothing found" in await ask(stage, "/daybook search unicorns")


async def test_search_shows_a_private_channels_decision_to_its_members_only(stage: Stage) -> None:
    await _private_decision(stage)
    assert "Importer budget" in await ask(stage, "/daybook search budget")
    assert "Nothing found" in await ask(stage, "/daybook search budget", user=stage.who.ben)
