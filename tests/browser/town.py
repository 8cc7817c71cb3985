"""The sample's town as a visitor meets it: the real playground, the real bot, a real browser."""

import asyncio
import fcntl
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from playground.play import free_port, playing
from playground.sample.setting import DATABASES, DONE, write_story
from playground.server.world import utc_now

# Wednesday, 15:00 in Berlin: the next digest and the next verdict come tomorrow at nine.
VISIT = datetime(2026, 10, 14, 13, 0, tzinfo=UTC)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
# An upper bound for a page to show what it was told, never a wait.
PATIENCE_MS = 30_000


def find_chromium() -> str | None:
    """Return the system's Chromium."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time in."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_story_once(folder: Path) -> Path:
    """Live the story into ``folder``, once for all processes that ask; returns where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"):
        story = folder / "story"
        if not (story / DONE).exists():
            shutil.rmtree(story, ignore_errors=True)
            story.mkdir()
            asyncio.run(write_story(story, VISIT))
    return story


@dataclass
class Town:
    """A running playground."""

    url: str
    folder: Path

    async def act(self, name: str, **arguments: Any) -> Any:
        """Let a person do what the page has no button for."""
        return (await self._ask("POST", f"/control/act/{name}", arguments))["result"]

    async def calls(self, method: str, channel: str = "") -> list[dict[str, Any]]:
        """Return the bot's accepted calls of one method, oldest first."""
        answer = await self._ask("GET", f"/control/ledger?method={method}&channel={channel}")
        rows: list[dict[str, Any]] = answer["rows"]
        return rows

    async def bot(self) -> str:
        """Return the bot's user id."""
        return str((await self._ask("GET", "/control/world"))["app"]["bot_user_id"])

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, json=body) as answer,
        ):
            said = await answer.json()
        assert answer.status < 400, said
        return said


@asynccontextmanager
async def living_town(story: Path, folder: Path) -> AsyncIterator[Town]:
    """Run the playground on a copy of the story, on the day of the visit."""
    for name in DATABASES:
        shutil.copy(story / name, folder / name)
    (folder / DONE).touch()
    ahead = utc_now() - VISIT
    async with playing(folder, free_port(), real_now=lambda: utc_now() - ahead) as url:
        yield Town(url, folder)


class Tab:
    """One person's browser tab."""

    def __init__(self, page: Any, town: Town, who: str) -> None:
        self.page, self.town, self.who = page, town, who
        self.problems: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: line.type == "error" and self.problems.append(line.text))

    async def open(self, place: str) -> None:
        """Go to a channel by id, ``home`` or ``messages``."""
        path = place if place in {"home", "messages"} else f"c/{place}"
        await self.page.goto(f"{self.town.url}/p/{self.who}/{path}")
        await self.ready()

    async def ready(self) -> None:
        """Wait for the page to be alive."""
        await self.page.wait_for_selector("body[data-ready]")

    def part(self, name: str) -> Any:
        """Return an element by its test id."""
        return self.page.get_by_test_id(name)

    def action(self, action: str, within: Any = None) -> Any:
        """Return the elements whose action id starts so."""
        return (within or self.page).locator(f'[data-testid^="action-{action}"]')

    def message(self, text: str) -> Any:
        """Return the newest message in the channel that holds the text."""
        return self.page.locator("#messages .message", has_text=text).last

    async def sees(self, text: str | re.Pattern[str], where: str = "#messages") -> Any:
        """Wait until the text can be read, and return what holds it."""
        found = self.page.locator(where).get_by_text(text).last
        await found.wait_for(state="visible")
        return found

    async def say(self, text: str, composer: str = "composer") -> None:
        """Type and send."""
        await self.part(composer).fill(text)
        await self.part(composer).press("Enter")

    async def react(self, message: Any, emoji: str) -> None:
        """Put an emoji on a message."""
        await message.hover()
        await message.get_by_test_id("react").click()
        await self.part(f"pick-{emoji}").click()

    async def open_thread(self, message: Any) -> None:
        """Open the thread under a message."""
        await message.hover()
        await message.get_by_test_id("reply").click()
        await self.part("thread").wait_for()

    async def use_shortcut(self, message: Any, callback_id: str) -> None:
        """Choose something in a message's menu."""
        await message.hover()
        await message.get_by_test_id("more").click()
        await message.get_by_test_id(f"shortcut-{callback_id}").click()

    async def submit(self) -> None:
        """Send the form in front."""
        await self.part("modal-submit").click()

    async def form_is_gone(self) -> None:
        """Wait until no form is open."""
        await self.part("modal").wait_for(state="detached")

    async def error_of(self, field: str) -> str:
        """Wait for what is said under a field of the form."""
        return str(await self.part(f"error-{field}").inner_text())

    async def ticked(self, step: int) -> None:
        """Wait until the guide has ticked a step."""
        await self.page.locator(f'[data-testid="guide-step-{step}"][data-done="yes"]').wait_for()

    async def press_next_due(self) -> str:
        """Let the clock go on; returns what it then shows."""
        return await self._move("next-due")

    async def press_tomorrow(self) -> str:
        """Go to tomorrow, nine o'clock."""
        return await self._move("tomorrow")

    async def _move(self, button: str) -> str:
        toast = self.page.locator("#toast")
        await toast.evaluate("toast => { toast.textContent = ''; }")
        await self.part(button).click()
        await self.page.locator("#toast:not(:empty)").wait_for()
        return str(await toast.inner_text())


Opener = Callable[..., Awaitable[Tab]]
