"""What a visitor can do in the playground, one thing a test."""

import re

import pytest

from playground.sample.team import CUSTOMER_VOICE, ENG, JONAS, LENA, NOOR, PRODUCT, TOMAS
from tests.browser.town import Opener

pytestmark = pytest.mark.browser

MODAL = '[data-testid="modal"]'
THREAD = '[data-testid="thread"]'


async def test_an_emoji_logs_feedback_that_search_finds_and_taking_it_off_undoes_it(
    visit: Opener,
) -> None:
    noor = await visit(NOOR, CUSTOMER_VOICE)
    name = await noor.message("warn me when brake pads run low").get_attribute("data-testid")
    message = noor.part(str(name))
    await noor.react(message, "memo")
    await message.get_by_test_id("reaction-white_check_mark").wait_for()
    await noor.say("/daybook search brake pads")
    found = noor.message("about “brake pads”")
    await found.get_by_text("Harrow & Pike Cycles").first.wait_for()
    await message.get_by_test_id("reaction-memo").click()
    await message.get_by_test_id("reaction-white_check_mark").wait_for(state="detached")


async def test_a_digest_tells_when_it_posts_and_is_tried_out_by_one_person(visit: Opener) -> None:
    lena = await visit(LENA, PRODUCT)
    await lena.say("/digest list")
    cards = lena.message("Product numbers")
    await cards.get_by_text("Next posts: Thu 15 Oct 09:00, Fri 16 Oct 09:00").wait_for()
    assert "(Europe/Berlin)" in await cards.inner_text()
    await lena.action("digest.card.test", cards).first.click()
    await lena.open("messages")
    test = lena.message("A test: only you see it. It would go to #product.")
    await test.get_by_text("Sign-ups").first.wait_for()


async def test_a_digests_form_previews_its_schedule_in_words(visit: Opener) -> None:
    jonas = await visit(JONAS, PRODUCT)
    await jonas.say("/digest")
    schedule = jonas.action("digest.form.schedule")
    await schedule.fill("mondays at 8:15 Lisbon")
    await schedule.press("Enter")
    await jonas.sees("Mon 19 Oct 08:15, Mon 26 Oct 08:15", MODAL)
    await jonas.sees("(Europe/Lisbon)", MODAL)


async def test_tomorrow_runs_what_is_due_in_between(visit: Opener) -> None:
    jonas = await visit(JONAS, PRODUCT)
    assert (await jonas.press_tomorrow()).startswith("It is now Thursday 09:0")
    digest = jonas.message("Product numbers · Thu 15 Oct")
    await digest.get_by_text("09:00", exact=True).wait_for()


async def test_a_bet_that_cannot_be_is_refused_under_its_field(visit: Opener) -> None:
    jonas = await visit(JONAS, PRODUCT)
    await jonas.say("/launch Undo for a finished count")
    await jonas.action("launch.bet.fold").click()
    menu = jonas.action("launch.bet.metric")
    sign_ups = await menu.locator("option", has_text="Sign-ups").get_attribute("value")
    await menu.select_option(sign_ups)
    await jonas.sees("Sign-ups:", MODAL)
    await jonas.action("launch.bet.target").fill("12")
    await jonas.submit()
    assert "on the other side of today's level" in await jonas.error_of("target")
    await jonas.action("launch.bet.target").fill("200")
    await jonas.action("launch.bet.date").fill("2026-10-01")
    await jonas.submit()
    assert "1 Oct is not in the future." in await jonas.error_of("check_date")


async def test_a_message_like_a_launch_is_offered_to_its_author_alone(visit: Opener) -> None:
    tomas, noor = await visit(TOMAS, PRODUCT), await visit(NOOR, PRODUCT)
    await tomas.say(":rocket: shipped the label printer that remembers its paper")
    offer = tomas.message("This reads like a launch")
    await offer.get_by_text("Only visible to you").wait_for()
    await noor.sees("shipped the label printer")
    assert await noor.message("This reads like a launch").count() == 0
    await tomas.action("launch.offer.take", offer).click()
    await tomas.submit()
    await tomas.form_is_gone()
    await noor.page.locator("#messages .message", has_text="Post an update").last.wait_for()


async def test_a_decision_is_logged_in_a_thread_by_a_mention_and_by_a_shortcut(
    visit: Opener,
) -> None:
    tomas = await visit(TOMAS, ENG)
    await tomas.say("Which library for the labels?")
    question = tomas.message("Which library for the labels?")
    await tomas.open_thread(question)
    await tomas.say("@daybook decision Draw labels ourselves", "thread-composer")
    offer = tomas.page.locator('[data-testid="thread"] .message', has_text="Only visible to you")
    await tomas.action("decision.form.open", offer).click()
    assert await tomas.part("action-decision.form.title").input_value() == "Draw labels ourselves"
    await tomas.page.keyboard.press("Escape")
    await tomas.form_is_gone()
    await tomas.use_shortcut(question, "decision.message.log")
    await tomas.part("action-decision.form.title").fill("Draw labels ourselves")
    await tomas.part("action-choice").fill("Plain SVG")
    await tomas.submit()
    await tomas.sees("It stands as proposed.", MODAL)
    await tomas.page.keyboard.press("Escape")
    await tomas.form_is_gone()
    await tomas.sees("Draw labels ourselves", THREAD)


async def test_a_retro_opens_with_what_happened_and_ends_in_a_promise(visit: Opener) -> None:
    lena = await visit(LENA, PRODUCT)
    await lena.say("/retro")
    await lena.submit()
    await lena.part("modal-submit").wait_for(state="detached")
    await lena.part("modal-close").click()
    await lena.form_is_gone()
    noor = await visit(NOOR, PRODUCT)
    await noor.action("retro.run.answer").last.click()
    await noor.part("action-q0").fill("Real files from real customers.")
    await noor.submit()
    await noor.sees("Thank you, it is kept.", MODAL)
    name = await lena.message("Answers show when it closes").get_attribute("data-testid")
    retro = lena.part(str(name))
    await lena.action("retro.run.close", retro).click()
    await lena.part("confirm").click()
    await retro.get_by_test_id("thread-open").click()
    await lena.sees("Real files from real customers.", THREAD)
    await lena.action("retro.actions.add", lena.part("thread")).last.click()
    await lena.part("action-text0").fill("Ask for five files first")
    await lena.part("action-owner0").select_option(TOMAS)
    await lena.part("action-due0").fill("2026-10-28")
    await lena.submit()
    await lena.sees("Ask for five files first", THREAD)


async def test_the_home_shows_what_needs_its_reader(visit: Opener) -> None:
    jonas = await visit(JONAS, "home")
    for heading in ("Needs you", "Live bets", "Yours", "Latest"):
        await jonas.sees(heading, '[data-testid="home"]')
    await jonas.sees(re.compile("First-count checklist"), '[data-testid="home"]')


async def test_links_into_the_past_lead_to_the_message(visit: Opener) -> None:
    noor = await visit(NOOR, "messages")
    drafts = noor.message("Guided CSV importer has its verdict: hit")
    await drafts.get_by_text("see the message").first.click()
    await noor.ready()
    await noor.page.locator(".message.found").wait_for()
