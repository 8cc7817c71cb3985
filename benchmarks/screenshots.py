"""Take the pictures of README and docs from the sample: `make screenshots`.

The day of the visit is fixed, so that they change only when the words or the page do.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playground.sample.team import CUSTOMER_VOICE, JONAS, NOOR, PRODUCT
from tests.browser.town import (
    CHROMIUM_FLAGS,
    Tab,
    Town,
    find_chromium,
    living_town,
    write_story_once,
)

IMAGES = Path(__file__).parent.parent / "docs" / "images"
# Sharp on screens with twice the pixels.
SCALE = 2
DESK = {"width": 1280, "height": 860}
TALL = {"width": 1280, "height": 1500}
PHONE = {"width": 360, "height": 760}
# The middle of a desk's screen, below its bar.
HOME = {"x": 256, "y": 60, "width": 712, "height": 1180}


async def shoot_verdict(open_tab: Callable[..., Awaitable[Tab]]) -> None:
    """The launch's thread with the verdict's two answers."""
    jonas = await open_tab(JONAS, PRODUCT, DESK)
    await jonas.press_next_due()
    await jonas.open("messages")
    question = jonas.message("What is your verdict")
    await jonas.action("launch.verdict.give:hit", question).wait_for()
    await save(jonas, question, "verdict")


async def shoot_digest(open_tab: Callable[..., Awaitable[Tab]]) -> None:
    """The morning's numbers."""
    jonas = await open_tab(JONAS, PRODUCT, TALL)
    digest = jonas.message("Product numbers · Thu 15 Oct")
    await digest.locator("img.b-picture").wait_for()
    await save(jonas, digest, "digest")


async def shoot_why(open_tab: Callable[..., Awaitable[Tab]]) -> None:
    """The whole story of the importer."""
    noor = await open_tab(NOOR, PRODUCT, TALL)
    await noor.say("/why importer")
    await noor.message("Why #10").wait_for()
    await noor.page.locator("[data-jump]").evaluate("button => { button.hidden = true; }")
    await save(noor, noor.message("Why #10"), "why")


async def shoot_home(open_tab: Callable[..., Awaitable[Tab]]) -> None:
    """What waits for one person."""
    jonas = await open_tab(JONAS, "home", TALL)
    await jonas.sees("Needs you", '[data-testid="home"]')
    await jonas.page.screenshot(path=IMAGES / "home.png", clip=HOME)


async def shoot_playground(open_tab: Callable[..., Awaitable[Tab]]) -> None:
    """The first screen."""
    noor = await open_tab(NOOR, CUSTOMER_VOICE, DESK)
    message = noor.message("warn me when brake pads run low")
    await noor.react(message, "memo")
    await noor.sees("Harrow & Pike Cycles, like theme")
    await message.get_by_test_id("reaction-white_check_mark").wait_for()
    await noor.ticked(1)
    await noor.page.mouse.move(0, 0)
    await noor.page.screenshot(path=IMAGES / "playground.png")


async def shoot_phone(open_tab: Callable[..., Awaitable[Tab]]) -> None:
    """The morning's numbers on 360 pixels."""
    jonas = await open_tab(JONAS, PRODUCT, PHONE)
    digest = jonas.message("Product numbers · Thu 15 Oct")
    await digest.locator("img.b-picture").wait_for()
    await digest.scroll_into_view_if_needed()
    await digest.evaluate("message => message.scrollIntoView({ block: 'start' })")
    await jonas.page.screenshot(path=IMAGES / "phone.png")


async def save(tab: Tab, message: Any, name: str) -> None:
    """Take one message, without what hovers over it."""
    await tab.page.mouse.move(0, 0)
    await tab.page.locator("#toast").evaluate("toast => { toast.hidden = true; }")
    await message.screenshot(path=IMAGES / f"{name}.png")


# In the order of the day: the playground comes before anything has happened.
SHOTS = (shoot_playground, shoot_verdict, shoot_digest, shoot_phone, shoot_home, shoot_why)


async def shoot(town: Town) -> None:
    """Take all pictures of a running playground."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=find_chromium(), args=list(CHROMIUM_FLAGS), headless=True
        )

        async def open_tab(who: str, place: str, size: dict[str, int]) -> Tab:
            context = await browser.new_context(viewport=size, device_scale_factor=SCALE)
            tab = Tab(await context.new_page(), town, who)
            await tab.open(place)
            return tab

        for take in SHOTS:
            await take(open_tab)
        await browser.close()


async def play(story: Path, folder: Path) -> None:
    """Run the playground and take its pictures."""
    async with living_town(story, folder) as town:
        await shoot(town)


def main() -> int:
    """Returns the exit code."""
    if find_chromium() is None:
        print("No Chromium found. Install it, e.g. with `apt-get install chromium`.")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        story = write_story_once(Path(scratch) / "written")
        folder = Path(scratch) / "played"
        folder.mkdir()
        asyncio.run(play(story, folder))
    print(f"Written: {', '.join(sorted(path.name for path in IMAGES.glob('*.png')))}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
