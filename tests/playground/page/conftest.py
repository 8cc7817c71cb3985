"""A small café team, its real playground server with the page, and a small real bot on bolt."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_bolt.async_app import AsyncApp

from playground.page.reader import Reader
from playground.page.routes import routes
from playground.server.app import build_app, serving
from playground.server.world import World

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
CHROMIUM_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
STAGES = ("Beta", "Live")


@pytest.fixture
def reader() -> Reader:
    """Maya in Berlin on a Monday morning."""
    return Reader(
        user_id="U1",
        zone=ZoneInfo("Europe/Berlin"),
        now=datetime(2026, 5, 18, 9, 0, tzinfo=UTC),
        users={"U1": "Maya Lind", "U2": "Ben <b>Okafor</b>"},
        channels={"C1": "product"},
        hosts=frozenset({"play.slack.com"}),
    )


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def field(block_id: str, label: str, kind: str, **element: Any) -> dict[str, Any]:
    outer = {k: element.pop(k) for k in ("optional", "hint", "dispatch_action") if k in element}
    inner = {"type": kind, "action_id": f"{block_id}.value", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": inner, **outer}


def option(text: str, value: str | None = None, about: str | None = None) -> dict[str, Any]:
    made = {"text": plain(text), "value": value or text.lower()}
    return {**made, "description": plain(about)} if about else made


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def render_launch_form(title: str = "") -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "launch.form",
        "title": plain("New launch"),
        "submit": plain("Launch it"),
        "close": plain("Not now"),
        "blocks": [
            field("title", "What is it called?", "plain_text_input", initial_value=title),
            field("owner", "Who owns it?", "users_select", optional=True),
            field(
                *("metric", "Which metric should move?", "external_select"),
                optional=True,
                min_query_length=0,
                placeholder=plain("Type to search"),
            ),
            field("target", "Target", "number_input", is_decimal_allowed=False, optional=True),
            field("check", "When do we look?", "datepicker", optional=True),
            field("hour", "At what time?", "timepicker", optional=True),
            field(
                *("stage", "Stage", "radio_buttons"),
                options=[option(s) for s in STAGES],
                initial_option=option("Live"),
            ),
            field(
                *("checks", "Checklist", "checkboxes"),
                options=[
                    option("Docs are written", "docs", "In the help centre"),
                    option("Support knows", "support"),
                ],
                optional=True,
            ),
            field(
                *("areas", "Areas", "multi_static_select"),
                options=[option("Imports"), option("Counting"), option("Billing")],
                optional=True,
            ),
            field(
                *("notes", "Anything else?", "plain_text_input"),
                multiline=True,
                optional=True,
                hint=plain("Links are welcome."),
            ),
            {"type": "actions", "block_id": "more", "elements": [button("Add a bet", "bet.open")]},
        ],
    }


def render_bet_form() -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "bet.form",
        "title": plain("The bet"),
        "submit": plain("Add"),
        "blocks": [field("baseline", "From", "number_input", is_decimal_allowed=True)],
    }


def render_headline(title: str, note: str = "") -> list[dict[str, Any]]:
    danger = {
        "title": plain("Roll it back?"),
        "text": mrkdwn("The thread stays. *Customers* see the old version."),
        "confirm": plain("Roll back"),
        "deny": plain("Keep it"),
        "style": "danger",
    }
    return [
        {"type": "header", "text": plain(f":rocket: {title}")},
        {
            "type": "section",
            "fields": [
                mrkdwn("*Owner*\nTomás Arrudela"),
                mrkdwn("*Stage*\nlive since 9:00"),
                mrkdwn("*Bet*\nimports finished 62 % → 75 %"),
                mrkdwn("*Look again*\n<!date^1780300800^{date_long}|soon>"),
            ],
            "accessory": {
                "type": "overflow",
                "action_id": "launch.more",
                "options": [option("Edit", "edit"), option("Hand over", "hand")],
            },
        },
        {
            "type": "context",
            "elements": [mrkdwn(note or "Asked for by *3 customers*. Day 1 of 14")],
        },
        {
            "type": "actions",
            "block_id": "acts",
            "elements": [
                button("Give the verdict", "verdict.open", style="primary"),
                button("Roll back", "launch.back", style="danger", confirm=danger),
                {
                    "type": "static_select",
                    "action_id": "launch.stage",
                    "placeholder": plain("Stage"),
                    "options": [option(stage) for stage in STAGES],
                },
            ],
        },
    ]


def attach_bot(app: AsyncApp, product: str) -> None:
    """Enough of a bot to use every part of the page."""
    _attach_launches(app, product)
    _attach_headline(app, product)
    _attach_rest(app)


def _attach_launches(app: AsyncApp, product: str) -> None:
    @app.command("/launch")  # type: ignore[untyped-decorator]
    async def launch(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(
            trigger_id=body["trigger_id"], view=render_launch_form(body["text"])
        )

    @app.options("metric.value")  # type: ignore[untyped-decorator]
    async def metrics(ack: Any, body: Any) -> None:
        found = [m for m in ("Imports finished", "Sign-ups") if body["value"].lower() in m.lower()]
        await ack(options=[option(m) for m in found])

    @app.action("bet.open")  # type: ignore[untyped-decorator]
    async def bet(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=render_bet_form())

    @app.view("bet.form")  # type: ignore[untyped-decorator]
    async def add_bet(ack: Any) -> None:
        await ack()

    @app.view("launch.form")  # type: ignore[untyped-decorator]
    async def launched(ack: Any, view: Any, client: Any) -> None:
        state = view["state"]["values"]
        title = state["title"]["title.value"]["value"]
        if title == "bad":
            await ack(response_action="errors", errors={"title": "Say <b>what</b> it is."})
            return
        await ack()
        chosen = [o["value"] for o in state["areas"]["areas.value"]["selected_options"]]
        stage = state["stage"]["stage.value"]["selected_option"]["value"]
        note = f"Stage {stage}, areas {', '.join(chosen)}"
        await client.chat_postMessage(
            channel=product, text=f"launch: {title}", blocks=render_headline(title, note)
        )


def _attach_headline(app: AsyncApp, product: str) -> None:
    @app.action("launch.stage")  # type: ignore[untyped-decorator]
    async def stage(ack: Any, body: Any, client: Any) -> None:
        await ack()
        words = body["actions"][0]["selected_option"]["text"]["text"]
        root = body["message"]["ts"]
        await client.chat_postMessage(channel=product, thread_ts=root, text=f"Stage: *{words}*")

    @app.action("launch.back")  # type: ignore[untyped-decorator]
    async def back(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.chat_update(
            channel=product, ts=body["message"]["ts"], text="Rolled back", blocks=[]
        )


def _attach_rest(app: AsyncApp) -> None:
    @app.command("/why")  # type: ignore[untyped-decorator]
    async def why(ack: Any, respond: Any, body: Any) -> None:
        await ack()
        await respond(f"*Why {body['text']}?* Three customers asked.")

    @app.event("reaction_added")  # type: ignore[untyped-decorator]
    async def reaction(event: Any, client: Any) -> None:
        place = event["item"]
        if event["reaction"] == "memo":
            await client.reactions_add(
                channel=place["channel"], timestamp=place["ts"], name="white_check_mark"
            )

    @app.event("message")  # type: ignore[untyped-decorator]
    async def message() -> None: ...

    @app.shortcut("feedback.log")  # type: ignore[untyped-decorator]
    async def feedback(ack: Any, body: Any, client: Any) -> None:
        await ack()
        quote = {"type": "section", "text": mrkdwn(f"> {body['message']['text']}")}
        view = {**render_launch_form(), "title": plain("Log as feedback"), "blocks": [quote]}
        view.pop("submit")
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.event("app_home_opened")  # type: ignore[untyped-decorator]
    async def home(event: Any, client: Any) -> None:
        blocks = [
            {"type": "header", "text": plain("Good morning")},
            {"type": "section", "text": mrkdwn("*Mine:* 1 launch, 1 verdict due")},
        ]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})


class Hourglass:
    """A Clockwork that moves the world's clock and remembers that it was asked to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.moves: list[datetime] = []

    async def next_due(self) -> datetime | None:
        at = self.world.now() + timedelta(hours=2)
        await self.run_until(at)
        return at

    async def run_until(self, at: datetime) -> None:
        self.moves.append(at)
        self.world.set_offset(at - self.world.real_now())


@dataclass
class Cafe:
    """What a test holds: the served playground, and the address of its page."""

    play: Any
    hourglass: Hourglass
    bot: AsyncApp | None = None

    @property
    def url(self) -> str:
        return str(self.play.settings.base_url)

    def at(self, who: str, place: str) -> str:
        """The address of a channel as a person sees it."""
        return f"{self.url}/p/{self.play.ids[who]}/c/{self.play.ids[place]}"


def furnish(play: Any) -> None:
    """A little history in #product and #acme."""
    ids, add = play.ids, play.world.messages.add
    start = play.clock() - timedelta(days=1, hours=3)
    talk = [
        ("product", "ana", "Morning! The *new importer* is nearly there."),
        ("product", "ana", "Two things left: `retry` and the docs."),
        ("product", "ben", "Great news :tada: <https://example.com/plan|the plan> still holds?"),
        ("acme", "outsider", "The export times out every Monday, it is costing us an hour."),
    ]
    for minute, (room, who, text) in enumerate(talk):
        add(ids[room], ids[who], text, at=start + timedelta(minutes=minute))


@asynccontextmanager
async def opened(hands: Any, manifest: dict[str, Any], clock: Any = None) -> AsyncIterator[Cafe]:
    """The server with the page while the block lasts; no bot yet."""
    play = hands.make_playground(manifest, clock)
    furnish(play)
    hourglass = Hourglass(play.world)
    page = routes(play.world, play.people, hourglass)
    app = build_app(play.world, play.people, manifest, play.settings, extra_routes=page)
    async with serving(app, play.settings):
        yield Cafe(play, hourglass)
    play.world.close()


@pytest.fixture
async def cafe(hands: Any, manifest: dict[str, Any]) -> AsyncIterator[Cafe]:
    """The café with its bot connected in Socket Mode."""
    async with opened(hands, manifest) as made:
        app = made.play.bolt()
        attach_bot(app, made.play.ids["product"])
        async with hands.linked(made.play, app):
            made.bot = app
            yield made


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    """Headless Chromium of the system."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("no Chromium: install the Debian package chromium")
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        found = await driver.chromium.launch(
            executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS), headless=True
        )
        yield found
        await found.close()
