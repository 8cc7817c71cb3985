"""Block Kit limits: what Slack refuses, refused here with a pointer."""

import copy
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from playground.server.block_checks import check_blocks, check_view


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(**fields: Any) -> dict[str, Any]:
    return {"type": "section", **fields}


def button(text: str = "Go", **fields: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": "go", **fields}


def option(value: str = "a", text: str = "A") -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def select(count: int, **fields: Any) -> dict[str, Any]:
    options = [option(str(n)) for n in range(count)]
    return {"type": "static_select", "action_id": "pick", "options": options, **fields}


def field_block(**fields: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "words"}
    return {"type": "input", "label": plain("Words"), "element": element, **fields}


GOOD: list[list[dict[str, Any]]] = [
    [section(text=mrkdwn("x" * 3000))],
    [section(fields=[mrkdwn("x" * 2000)] * 10)],
    [section(text=mrkdwn("x"), accessory=select(100))],
    [{"type": "header", "text": plain("x" * 150)}],
    [{"type": "divider"}] * 50,
    [{"type": "context", "elements": [mrkdwn("x")] * 10}],
    [{"type": "actions", "elements": [button(action_id=f"a{n}") for n in range(25)]}],
    [{"type": "markdown", "text": "x" * 12_000}],
    [{"type": "image", "image_url": "https://x.test/a.png", "alt_text": "A chart"}],
    [field_block()],
]

BAD: list[tuple[str, list[dict[str, Any]], str]] = [
    ("51 blocks", [{"type": "divider"}] * 51, "/blocks"),
    ("empty text", [section(text=mrkdwn(""))], "/blocks/0/text/text"),
    ("blank text", [section(text=mrkdwn("  "))], "/blocks/0/text/text"),
    ("long section", [section(text=mrkdwn("x" * 3001))], "/blocks/0/text/text"),
    ("11 fields", [section(fields=[mrkdwn("x")] * 11)], "/blocks/0/fields"),
    ("long field", [section(fields=[mrkdwn("x" * 2001)])], "/blocks/0/fields/0/text"),
    ("section of nothing", [section()], "/blocks/0"),
    ("long header", [{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    ("mrkdwn header", [{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
    ("11 in context", [{"type": "context", "elements": [mrkdwn("x")] * 11}], "/blocks/0/elements"),
    ("no context", [{"type": "context", "elements": []}], "/blocks/0/elements"),
    (
        "26 actions",
        [{"type": "actions", "elements": [button(action_id=f"a{n}") for n in range(26)]}],
        "/blocks/0/elements",
    ),
    (
        "long button",
        [{"type": "actions", "elements": [button("x" * 76)]}],
        "/blocks/0/elements/0/text/text",
    ),
    (
        "long value",
        [{"type": "actions", "elements": [button(value="x" * 2001)]}],
        "/blocks/0/elements/0/value",
    ),
    (
        "green button",
        [{"type": "actions", "elements": [button(style="green")]}],
        "/blocks/0/elements/0/style",
    ),
    (
        "101 options",
        [section(text=mrkdwn("x"), accessory=select(101))],
        "/blocks/0/accessory/options",
    ),
    (
        "long option",
        [section(text=mrkdwn("x"), accessory={**select(0), "options": [option(text="x" * 76)]})],
        "/blocks/0/accessory/options/0/text/text",
    ),
    (
        "long option value",
        [section(text=mrkdwn("x"), accessory={**select(0), "options": [option("x" * 151)]})],
        "/blocks/0/accessory/options/0/value",
    ),
    (
        "initial option of another list",
        [section(text=mrkdwn("x"), accessory=select(2, initial_option=option("z")))],
        "/blocks/0/element",
    ),
    (
        "same block id twice",
        [section(text=mrkdwn("x"), block_id="b"), section(text=mrkdwn("y"), block_id="b")],
        "/blocks/1/block_id",
    ),
    ("long block id", [section(text=mrkdwn("x"), block_id="b" * 256)], "/blocks/0/block_id"),
    ("same action twice", [{"type": "actions", "elements": [button(), button()]}], "/blocks/0"),
    (
        "text input among actions",
        [{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "a"}]}],
        "/blocks/0/elements/0/type",
    ),
    ("too much markdown", [{"type": "markdown", "text": "x" * 6001}] * 2, "/blocks"),
    ("long label", [field_block(label=plain("x" * 2001))], "/blocks/0/label/text"),
    ("unknown block", [{"type": "marquee"}], "/blocks/0/type"),
    ("no type", [{"text": plain("x")}], "/blocks/0"),
    ("unknown property", [{"type": "divider", "colour": "red"}], "/blocks/0"),
    ("alert in a message", [{"type": "alert"}], "/blocks/0/type"),
    ("picture without words", [{"type": "image", "image_url": "https://x.test/a"}], "/blocks/0"),
    ("picture of nothing", [{"type": "image", "alt_text": "x"}], "/blocks/0"),
]


@pytest.mark.parametrize("blocks", GOOD)
def test_blocks_at_their_limit_pass(blocks: list[dict[str, Any]]) -> None:
    assert check_blocks(blocks, "message") == []


@pytest.mark.parametrize(("blocks", "pointer"), [case[1:] for case in BAD], ids=[c[0] for c in BAD])
def test_blocks_past_a_limit_are_named_by_a_pointer(
    blocks: list[dict[str, Any]], pointer: str
) -> None:
    assert pointer in [problem.pointer for problem in check_blocks(blocks, "message")]


def test_a_block_type_that_the_workspace_does_not_know_yet_is_refused() -> None:
    blocks = [{"type": "data_table", "rows": []}]
    assert check_blocks(blocks, "message") == []
    assert check_blocks(blocks, "message", refused=("data_table",)) != []


def view(**fields: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Launch"), "blocks": [{"type": "divider"}], **fields}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (view(title=plain("x" * 25)), "/view/title/text"),
        (view(blocks=[{"type": "divider"}] * 101), "/view/blocks"),
        (view(private_metadata="x" * 3001), "/view/private_metadata"),
        (view(callback_id="x" * 256), "/view/callback_id"),
        (view(submit=plain("x" * 25)), "/view/submit/text"),
        (view(blocks=[field_block()]), "/view"),
        (view(blocks=[{"type": "markdown", "text": "x"}]), "/view/blocks/0/type"),
        (view(type="home"), "/view/type"),
        ({"type": "modal", "blocks": []}, "/view"),
    ],
)
def test_a_view_past_a_limit_is_named_by_a_pointer(body: dict[str, Any], pointer: str) -> None:
    assert pointer in [problem.pointer for problem in check_view(body, kind="modal")]


def test_a_modal_of_100_blocks_passes() -> None:
    body = view(blocks=[{"type": "divider"}] * 99 + [field_block()], submit=plain("Send"))
    assert check_view(body, kind="modal") == []


async def test_invalid_blocks_come_back_with_slacks_words(play: Any) -> None:
    blocks = [section(text=mrkdwn("x" * 3001))]
    with pytest.raises(SlackApiError) as caught:
        await play.client.chat_postMessage(channel=play.product, text="x", blocks=blocks)
    answer = caught.value.response.data
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_blocks_too_long_in_sum_are_refused(play: Any) -> None:
    blocks = [section(text=mrkdwn("x" * 2900))] * 5
    with pytest.raises(SlackApiError) as caught:
        await play.client.chat_postMessage(channel=play.product, text="x", blocks=blocks)
    assert caught.value.response["error"] == "msg_blocks_too_long"


async def test_blocks_validate_says_what_is_wrong_without_posting(play: Any) -> None:
    assert (await play.client.api_call("blocks.validate", json={"blocks": GOOD[0]}))["ok"]
    with pytest.raises(SlackApiError) as caught:
        await play.client.api_call("blocks.validate", json={"view": view(title=plain("x" * 25))})
    answer = caught.value.response.data
    assert answer["error"] == "invalid_view"
    assert answer["errors"][0]["pointer"] == "/view/title/text"
    assert play.world.messages.history(play.product) == []


async def test_missing_block_and_action_ids_are_filled_in(play: Any) -> None:
    blocks: list[Any] = [{"type": "actions", "elements": [{"type": "button", "text": plain("Go")}]}]
    sent = copy.deepcopy(blocks)
    answer = await play.client.chat_postMessage(channel=play.product, text="x", blocks=sent)
    block = answer["message"]["blocks"][0]
    assert block["block_id"]
    assert block["elements"][0]["action_id"]
