"""The story is lived once for all workers; each test plays on its own copy."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.browser.town import (
    CHROMIUM_FLAGS,
    Opener,
    Tab,
    Town,
    find_chromium,
    living_town,
    write_story_once,
)


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks of history, as a first start of the playground writes them."""
    base = tmp_path_factory.getbasetemp()
    # Workers have folders of their own inside the run's.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return write_story_once(shared / "browser-story")


@pytest.fixture
async def town(story: Path, tmp_path: Path) -> AsyncIterator[Town]:
    """The playground with the bot as a program of its own, as `make play` runs it."""
    async with living_town(story, tmp_path) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    """Headless Chromium of the system."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium: install the Debian package chromium")
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        found = await driver.chromium.launch(
            executable_path=chromium, args=list(CHROMIUM_FLAGS), headless=True
        )
        yield found
        await found.close()


@pytest.fixture
async def visit(browser: Any, town: Town) -> AsyncIterator[Opener]:
    """Open a tab as somebody, in a browser window of their own; no script may fail in it."""
    tabs: list[Tab] = []
    async with AsyncExitStack() as stack:

        async def open_tab(who: str, place: str, **options: Any) -> Tab:
            context = await browser.new_context(**options)
            stack.push_async_callback(context.close)
            tab = Tab(await context.new_page(), town, who)
            tabs.append(tab)
            await tab.open(place)
            return tab

        yield open_tab
    assert [problem for tab in tabs for problem in tab.problems] == []
