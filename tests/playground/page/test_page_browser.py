"""The page in a real browser, with the real server and a real bolt app on Socket Mode."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser
PATIENCE_MS = 30_000  # an upper bound for the browser to show what it was told, never a wait


class Visit:
    """One person's browser tab."""

    def __init__(self, page: Any, cafe: Any) -> None:
        self.page = page
        self.cafe = cafe
        self.problems: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: line.type == "error" and self.problems.append(line.text))

    async def open(self, who: str, place: str) -> None:
        await self.page.goto(self.cafe.at(who, place))
        await self.page.wait_for_selector("body[data-ready]")

    def part(self, name: str) -> Any:
        return self.page.get_by_test_id(name)

    async def say(self, text: str, composer: str = "composer") -> None:
        await self.part(composer).fill(text)
        await self.part(composer).press("Enter")

    async def sees(self, text: str, where: str = "body") -> None:
        await self.page.locator(where).get_by_text(text).first.wait_for(state="visible")


@contextlib.asynccontextmanager
async def visiting(browser: Any, cafe: Any, **options: Any) -> AsyncIterator[Visit]:
    context = await browser.new_context(**options)
    visit = Visit(await context.new_page(), cafe)
    try:
        yield visit
    finally:
        await context.close()
    assert visit.problems == []


async def test_two_people_talk_and_neither_loses_what_they_type(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana, visiting(browser, cafe) as ben:
        await ana.open("ana", "product")
        await ben.open("ben", "product")
        await ben.part("composer").fill("half a sentence")
        await ana.say("Shall we ship, @ben?")
        await ben.sees("Shall we ship", "#messages")
        await ben.sees("@Ben Okafor", "#messages")
        assert await ben.part("composer").input_value() == "half a sentence"
        assert await ana.part("composer").input_value() == ""


async def test_a_reaction_reaches_the_bot_and_its_receipt_comes_back(
    browser: Any, cafe: Any
) -> None:
    ts = cafe.play.world.messages.history(cafe.play.product)[0].ts
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        message = ana.part(f"message-{ts}")
        await message.hover()
        await message.get_by_test_id("react").click()
        await ana.part("pick-memo").click()
        await message.get_by_test_id("reaction-memo").wait_for()
        await message.get_by_test_id("reaction-white_check_mark").wait_for()
        done = ana.page.locator('[data-testid="guide-step-1"][data-done="yes"]')
        await done.wait_for()
        await message.get_by_test_id("reaction-memo").click()
        await message.get_by_test_id("reaction-memo").wait_for(state="detached")


async def test_a_reaction_can_be_typed_by_name(browser: Any, cafe: Any) -> None:
    ts = cafe.play.world.messages.history(cafe.play.product)[0].ts
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        message = ana.part(f"message-{ts}")
        await message.hover()
        await message.get_by_test_id("react").click()
        await ana.part("pick-name").fill(":seedling:")
        await ana.part("pick-name").press("Enter")
        await message.get_by_test_id("reaction-seedling").wait_for()


async def test_a_modal_is_filled_in_corrected_and_sent(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        await ana.say("/launch bad")
        await ana.part("modal").wait_for()
        title = ana.part("action-title.value")
        assert await title.input_value() == "bad"
        await ana.part("action-owner.value").select_option(label="Ben Okafor")
        await ana.part("action-metric.value").fill("sign")
        await ana.page.get_by_test_id("option").click()
        await ana.part("action-target.value").fill("many")
        await ana.part("action-check.value").fill("2026-06-01")
        await ana.part("action-hour.value").fill("09:00")
        await ana.page.get_by_label("Beta").check()
        await ana.part("multi-areas.value").locator("summary").click()
        await ana.page.get_by_label("Imports", exact=True).check()
        await ana.part("modal-submit").click()
        assert "valid number" in await ana.part("error-target").inner_text()
        await ana.part("action-target.value").fill("75")
        await ana.part("modal-submit").click()
        assert "Say <b>what</b> it is." in await ana.part("error-title").inner_text()
        assert await ana.part("action-check.value").input_value() == "2026-06-01"
        await title.fill("New importer")
        await title.press("Enter")
        await ana.part("modal").wait_for(state="detached")
        await ana.sees("Stage beta, areas imports", "#messages")


async def test_modals_stack_and_escape_closes_the_one_on_top(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        await ana.say("/launch New importer")
        await ana.part("action-title.value").fill("Kept while I look below")
        await ana.part("action-bet.open").click()
        await ana.part("field-baseline").wait_for()
        await ana.page.keyboard.press("Escape")
        await ana.part("field-title").wait_for()
        await ana.page.keyboard.press("Escape")
        await ana.part("modal").wait_for(state="detached")


async def test_buttons_menus_and_confirmations_reach_the_bot(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        await ana.say("/launch New importer")
        await ana.part("modal-submit").click()
        await ana.part("action-launch.stage").select_option("live")
        await ana.part("thread-open").click()
        await ana.sees("Stage: Live", "#side")
        back = ana.page.locator("#main").get_by_test_id("action-launch.back")
        await back.click()
        await ana.sees("Customers", "#confirm")
        await ana.part("confirm").click()
        await ana.sees("Rolled back", "#messages")


async def test_a_thread_is_opened_answered_and_counted(browser: Any, cafe: Any) -> None:
    ts = cafe.play.world.messages.history(cafe.play.product)[0].ts
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        message = ana.part(f"message-{ts}")
        await message.hover()
        await message.get_by_test_id("reply").click()
        await ana.say("in the thread", "thread-composer")
        await ana.sees("in the thread", '[data-testid="thread"]')
        await message.get_by_text("1 reply").wait_for()
        await ana.page.keyboard.press("Escape")
        await ana.part("thread").wait_for(state="detached")


async def test_an_ephemeral_answer_is_marked_as_private(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        await ana.say("/why importer")
        await ana.sees("Only visible to you", "#messages")
        await ana.sees("Three customers asked.", "#messages")


async def test_the_composer_completes_commands_and_people(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        await ana.part("composer").press_sequentially("/la")
        await ana.part("composer").press("Tab")
        assert await ana.part("composer").input_value() == "/launch "
        await ana.part("composer").fill("")
        await ana.part("composer").press_sequentially("hello @oka")
        await ana.part("completion").click()
        assert await ana.part("composer").input_value() == "hello @ben "


async def test_ones_own_message_is_edited_and_deleted(browser: Any, cafe: Any) -> None:
    ts = cafe.play.world.messages.history(cafe.play.product)[1].ts
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        message = ana.part(f"message-{ts}")
        await message.hover()
        await message.get_by_test_id("more").click()
        await message.get_by_test_id("edit").click()
        assert await ana.part("composer").input_value() == "Two things left: `retry` and the docs."
        await ana.say("One thing left")
        await message.get_by_text("(edited)").wait_for()
        await message.hover()
        await message.get_by_test_id("more").click()
        await message.get_by_test_id("delete").click()
        await ana.part("confirm").click()
        await message.wait_for(state="detached")


async def test_a_message_shortcut_opens_its_modal(browser: Any, cafe: Any) -> None:
    ts = cafe.play.world.messages.history(cafe.play.product)[0].ts
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        message = ana.part(f"message-{ts}")
        await message.hover()
        await message.get_by_test_id("more").click()
        await message.get_by_test_id("shortcut-feedback.log").click()
        await ana.sees("Great news", "dialog")


async def test_the_home_shows_what_the_bot_published(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        await ana.part("home-tab").click()
        await ana.sees("1 verdict due", '[data-testid="home"]')
        await ana.part("app-messages").click()
        await ana.part("composer").wait_for()


async def test_switching_to_another_person_shows_their_workspace(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        await ana.part("person-switch").select_option(cafe.play.outsider)
        await ana.page.wait_for_url(f"**/{cafe.play.outsider}/c/{cafe.play.acme}")
        await ana.sees("times out every Monday", "#messages")
        assert await ana.part("channel-product").count() == 0


async def test_the_clock_moves_and_says_where_it_stands(browser: Any, cafe: Any) -> None:
    async with visiting(browser, cafe) as ana:
        await ana.open("ana", "product")
        assert await ana.part("story-time").inner_text() == "06:00"  # Sao Paulo
        await ana.part("next-due").click()
        await ana.sees("It is now Monday 08:00 in Sao Paulo.")
        assert await ana.part("story-time").inner_text() == "08:00"


async def test_nothing_is_wider_than_a_small_phone(browser: Any, cafe: Any) -> None:
    phone = {"viewport": {"width": 360, "height": 720}, "has_touch": True}
    async with visiting(browser, cafe, **phone) as ana:
        await ana.open("ana", "product")
        await ana.say("/launch A launch with quite a long name for so small a screen")
        await ana.part("modal-submit").click()
        await ana.part("thread-open").or_(ana.part("action-verdict.open")).first.wait_for()
        assert await ana.page.evaluate("document.documentElement.scrollWidth") == 360
        assert await ana.page.evaluate("document.querySelector('#messages').scrollWidth") == 360
        await ana.part("rail-toggle").click()
        await ana.part("channel-random").click()
        await ana.page.wait_for_url(f"**/c/{cafe.play.random}")
        await ana.part("guide-toggle").click()
        await ana.part("guide-step-6").wait_for(state="visible")
