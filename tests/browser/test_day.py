"""A day of two people in the playground, with the real bot: the moments that decide."""

from typing import Any

import pytest

from playground.sample.team import CUSTOMER_VOICE, JONAS, LENA, NOOR, PRODUCT
from tests.browser.town import Opener, Tab, Town

pytestmark = pytest.mark.browser

LAUNCH = "Undo for a finished count"
CHECKLIST = "First-count checklist"
GUIDE_WORDS = "warn me when brake pads run low"


async def test_two_people_live_a_day_and_why_tells_the_whole_story(
    visit: Opener, town: Town
) -> None:
    noor = await visit(NOOR, CUSTOMER_VOICE)
    await meet_the_team(noor)
    await log_what_a_customer_said(noor)
    jonas = await visit(JONAS, PRODUCT)
    await launch_with_a_bet(jonas)
    await let_the_morning_come(jonas)
    await give_the_verdict(jonas)
    await tell_the_customer(noor)
    await lose_the_channel_and_come_back(visit, town)
    await ask_why(noor)
    for step in range(1, 7):
        await noor.ticked(step)


async def meet_the_team(noor: Tab) -> None:
    """Three weeks of history, and six steps to take."""
    assert await noor.page.locator("#messages .message").count() > 20
    for step in range(1, 7):
        assert await noor.part(f"guide-step-{step}").get_attribute("data-done") == "no"


async def log_what_a_customer_said(noor: Tab) -> None:
    """A receipt on the message, and one private line that asks nothing."""
    message = noor.message(GUIDE_WORDS)
    await noor.react(message, "memo")
    await message.get_by_test_id("reaction-white_check_mark").wait_for()
    line = noor.message("Logged as #")
    await line.get_by_text("Only visible to you").wait_for()
    said = await line.inner_text()
    assert "Harrow & Pike Cycles" in said
    assert "like theme #" in said
    await noor.ticked(1)


async def launch_with_a_bet(jonas: Tab) -> None:
    """Before it is sent, the form says what can be seen at all."""
    await jonas.say(f"/launch {LAUNCH}")
    assert await jonas.part("action-launch.form.title").input_value() == LAUNCH
    await jonas.action("launch.bet.fold").click()
    await choose_metric(jonas, "Sign-ups")
    await jonas.sees("this metric can show a change of", '[data-testid="modal"]')
    await jonas.action("launch.bet.target").fill("200")
    await jonas.submit()
    await jonas.form_is_gone()
    headline = await jonas.message(LAUNCH).inner_text()
    assert "Bet: Sign-ups from" in headline
    assert "to 200 teams a day" in headline
    await jonas.ticked(2)


async def choose_metric(tab: Tab, label: str) -> None:
    menu = tab.action("launch.bet.metric")
    value = await menu.locator("option", has_text=label).get_attribute("value")
    await menu.select_option(value)


async def let_the_morning_come(jonas: Tab) -> None:
    """One click: a digest that stands alone in a line, and a verdict that is due."""
    assert (await jonas.press_next_due()).startswith("It is now Thursday 09:3")
    digest = jonas.message("Product numbers")
    await digest.get_by_text("Thu 15 Oct").wait_for()
    assert "all 5 metrics stayed in their usual range" in await digest.inner_text()
    await digest.locator("img.b-picture").wait_for()
    await jonas.ticked(3)


async def give_the_verdict(jonas: Tab) -> None:
    """Two sentences and one button; nothing is called significant."""
    await jonas.open("messages")
    question = jonas.message(f"What is your verdict on #45 {CHECKLIST}?")
    said = await question.inner_text()
    assert "Target reached? No." in said
    assert "More than usual noise? No." in said
    assert "What would decide it:" in said
    assert "significant" not in said
    await jonas.action("launch.verdict.give:inconclusive", question).click()
    await jonas.action("lesson").fill("Look at the settings page first.")
    await jonas.submit()
    await jonas.form_is_gone()
    await jonas.sees(f"Verdict on #45 {CHECKLIST}: inconclusive. Thank you.")
    await jonas.open(PRODUCT)
    headline = jonas.message("Five steps from an empty screen")
    await headline.get_by_text("Verdict: inconclusive").wait_for()
    await jonas.ticked(4)


async def tell_the_customer(noor: Tab) -> None:
    """One tap under a draft that somebody would sign."""
    await noor.open("messages")
    drafts = noor.message("Guided CSV importer has its verdict: hit")
    await drafts.get_by_text("Does it do the job for you?").first.wait_for()
    before = await noor.action("told.item.told", drafts).count()
    await noor.action("told.item.told", drafts).first.click()
    await noor.action("told.item.undo", drafts).first.wait_for()
    assert await noor.action("told.item.told", drafts).count() == before - 1
    await noor.ticked(6)


async def lose_the_channel_and_come_back(visit: Opener, town: Town) -> None:
    """The owner hears what failed, why and what to do, and sends it again with a button."""
    lena = await visit(LENA, "messages")
    bot = await town.bot()
    await town.act("kick", user=LENA, channel=PRODUCT, kicked=bot)
    await lena.message("is closed to me since I was removed").wait_for()
    assert (await lena.press_next_due()).startswith("It is now Friday 09:3")
    failure = lena.message("did not reach #product")
    assert "/invite" in await failure.inner_text()
    await town.act("invite", user=LENA, channel=PRODUCT, invited=bot)
    await lena.action("engine.delivery.resend", failure).click()
    await lena.open(PRODUCT)
    await lena.message("Product numbers · Fri 16 Oct").wait_for()


async def ask_why(noor: Tab) -> None:
    """One screen: quotes, decision, launch, metric, verdict and who was told, each a link."""
    await noor.say("/why importer")
    answer: Any = noor.message("Why #10 Guided CSV importer")
    await answer.get_by_text("Only visible to you").wait_for()
    said = await answer.inner_text()
    for part in ("What customers said", "Decision", "Launch", "Metric", "Verdict", "Told"):
        assert part in said
    assert "Target reached? Yes." in said
    links = answer.locator("a[href*='/c/']")
    assert await links.count() >= 6
    await noor.ticked(5)
    await links.first.click()
    await noor.ready()
    await noor.page.locator(".message.found").wait_for()
