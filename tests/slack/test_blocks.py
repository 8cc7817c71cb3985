"""Builders stay within Slack's limits whatever they are given: checked as Slack checks."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack import limits
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    date_picker,
    divider,
    field_input,
    fields,
    header,
    home,
    modal,
    option,
    overflow,
    section,
    select,
    text_input,
    users_select,
)
from playground.server import blockkit
from playground.server.block_checks import characters_in, check_blocks, check_view

# Sizes around and far beyond every limit of Slack's.
SIZES = st.sampled_from([0, 1, 23, 25, 74, 76, 150, 151, 1_999, 2_001, 2_999, 3_001, 40_000])
TEXTS = st.builds(lambda sign, size: sign * size, st.sampled_from(["x", "é", "*", " "]), SIZES)
MANY = st.integers(1, 150)


@st.composite
def one_block(draw: st.DrawFn) -> Block:
    text, more = draw(TEXTS), draw(MANY)
    buttons = [button(text, f"a.{n}", text, confirm=text) for n in range(more)]
    made: list[Block] = [
        header(text),
        section(text, accessory=button(text, "a.b", text, style="danger")),
        fields([text] * more),
        context(*[text or "small"] * more),
        divider(),
        actions(*buttons),
        actions(select("a.s", [(text, f"{n}{text}") for n in range(more)], placeholder=text)),
        actions(overflow("a.o", [(text, str(n)) for n in range(more)])),
    ]
    return draw(st.sampled_from(made))


@settings(max_examples=60)
@given(st.lists(one_block(), max_size=12), st.integers(1, 12), TEXTS)
def test_a_message_is_split_into_parts_that_slack_takes(
    some: list[Block], times: int, text: str
) -> None:
    parts = Message(text, some * times).parts()
    for part in parts:
        assert check_blocks(part.blocks, "message") == []
        assert characters_in(part.blocks) <= blockkit.MESSAGE_CHARACTERS or len(part.blocks) == 1
        assert 0 < len(part.text.strip()) <= limits.MESSAGE_TEXT
    assert [b for part in parts for b in part.blocks] == some * times


@settings(max_examples=60)
@given(TEXTS, MANY, st.booleans())
def test_a_form_of_any_size_is_one_that_slack_takes(text: str, more: int, chosen: bool) -> None:
    options = [(f"{n} {text}", f"v{n}") for n in range(more)]
    inputs: list[Block] = [
        field_input("text", text, text_input("t", initial=text, placeholder=text), hint=text),
        field_input("one", text, select("s", options, chosen="v0" if chosen else "")),
        field_input("many", text, select("m", options, chosen="v0,v1", multiple=True)),
        field_input("who", text, users_select("u", chosen="U1"), dispatch=True),
        field_input("when", text, date_picker("d", chosen="2026-05-18"), optional=True),
    ]
    view = modal("form", text, [*inputs, *[section(text)] * more], submit=text or "Save")
    assert check_view(view, kind="modal") == []
    assert len(json.dumps(view)) < blockkit.VIEW_BYTES


@pytest.mark.parametrize("size", [0, 1, 100, 150])
def test_a_home_of_any_size_is_one_that_slack_takes(size: int) -> None:
    view = home([section("y" * 5_000)] * size)
    assert check_view(view, kind="home") == []
    assert len(json.dumps(view)) < blockkit.VIEW_BYTES


def test_forty_thousand_characters_go_out_as_one_text() -> None:
    [part] = Message("z" * 50_000).parts()
    assert len(part.text) == 40_000
    assert part.text.endswith("…")


def test_an_empty_text_is_still_something_that_slack_takes() -> None:
    assert Message("").parts()[0].text == "(no text)"


def test_the_state_of_a_modal_is_refused_when_it_is_content() -> None:
    with pytest.raises(ValueError, match="not content"):
        modal("form", "Title", [section("x")], state={"text": "x" * 3_000})


def test_mrkdwn_is_verbatim_so_that_slack_makes_no_links_of_its_own() -> None:
    texts: list[dict[str, Any]] = [section("a")["text"], *context("b")["elements"]]
    assert all(text["verbatim"] for text in texts)


def test_an_option_without_a_name_can_still_be_chosen() -> None:
    assert option("", "v")["text"]["text"] == "(no name)"
