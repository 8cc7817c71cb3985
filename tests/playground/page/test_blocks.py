"""Block Kit as HTML: every block and element that Daybook uses."""

from typing import Any

import pytest

from playground.page.elements import read_fields
from playground.page.markdown import render_markdown
from playground.page.reader import Reader
from playground.page.render import render_blocks
from playground.page.rich_text import render_rich_text

EVIL = "\"><script>alert('x')</script>"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(text: str) -> dict[str, Any]:
    return {"text": plain(text), "value": text}


def within(element: dict[str, Any], **outer: Any) -> list[dict[str, Any]]:
    label = plain("Label")
    return [{"type": "input", "block_id": "b", "label": label, "element": element, **outer}]


def element(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": "a", **more}


def html_of(reader: Reader, *blocks: dict[str, Any], **more: Any) -> str:
    return str(render_blocks(blocks, reader, **more))


@pytest.mark.parametrize(
    ("made", "parts"),
    [
        (element("plain_text_input", max_length=9), ['type="text"', 'maxlength="9"']),
        (element("plain_text_input", multiline=True, initial_value="hi"), ["<textarea", "hi</t"]),
        (element("number_input", is_decimal_allowed=False), ['inputmode="numeric"']),
        (element("datepicker", initial_date="2026-05-18"), ['type="date"', 'value="2026-05-18"']),
        (element("timepicker", initial_time="09:00"), ['type="time"', 'value="09:00"']),
        (element("datetimepicker", initial_date_time=1779098400), ['value="2026-05-18T12:00"']),
        (
            element("users_select", initial_user="U1"),
            ['value="U1" selected', ">Maya Lind</option>"],
        ),
        (
            element("file_input", filetypes=["csv", "json"], max_files=1),
            ['type="file"', 'accept=".csv,.json"'],
        ),
        (element("channels_select"), [">#product</option>"]),
        (element("conversations_select"), [">#product</option>"]),
        (element("multi_users_select", initial_users=["U1"]), ["data-multi", ">Maya Lind</span>"]),
        (element("external_select", min_query_length=2), ['data-min="2"', 'role="combobox"']),
        (
            element("static_select", options=[option("one"), option("two")]),
            ["<select", ">one</option>", ">two</option>"],
        ),
        (
            element(
                "static_select", option_groups=[{"label": plain("G"), "options": [option("x")]}]
            ),
            ['<optgroup label="G">', ">x</option>"],
        ),
        (
            element("multi_static_select", options=[option("x")], max_selected_items=1),
            ['data-max="1"', 'type="checkbox"'],
        ),
        (
            element("radio_buttons", options=[option("x")], initial_option=option("x")),
            ['type="radio"', "checked"],
        ),
        (
            element("checkboxes", options=[{**option("x"), "description": plain("more")}]),
            ['type="checkbox"', "<small>more</small>"],
        ),
    ],
)
def test_every_input_is_a_labelled_field(
    made: dict[str, Any], parts: list[str], reader: Reader
) -> None:
    html = html_of(reader, *within(made, hint=plain("A hint")))
    for part in ('data-testid="field-b"', "Label</label>", "A hint", *parts):
        assert part in html


def test_a_field_error_stands_under_its_field(reader: Reader) -> None:
    blocks = within(element("plain_text_input"))
    html = html_of(reader, *blocks, errors={"b": f"Wrong {EVIL}"})
    assert 'data-testid="error-b"' in html
    assert 'aria-invalid="true"' in html
    assert "<script" not in html


def test_a_button_carries_style_value_and_its_question(reader: Reader) -> None:
    confirm = {
        "title": plain("Sure?"),
        "text": plain("t"),
        "confirm": plain("y"),
        "deny": plain("n"),
    }
    button = element("button", text=plain("Go"), style="danger", value="7", confirm=confirm)
    html = html_of(reader, {"type": "actions", "block_id": "x", "elements": [button]})
    for part in ('data-testid="action-a"', 'data-value="7"', "btn danger", "Sure?", "data-confirm"):
        assert part in html


def test_an_overflow_menu_lists_its_options(reader: Reader) -> None:
    menu = element("overflow", options=[option("Edit"), option("Drop")])
    section = {"type": "section", "block_id": "s", "text": plain("t"), "accessory": menu}
    html = html_of(reader, section)
    assert html.count('data-acts="act"') == 2
    assert ">Edit</button>" in html


def test_sections_show_text_fields_and_contexts(reader: Reader) -> None:
    bold = {"type": "mrkdwn", "text": "*b*"}
    html = html_of(
        reader,
        {"type": "header", "text": plain("Title :rocket:")},
        {"type": "section", "text": bold, "fields": [bold, plain("*b*")]},
        {"type": "divider"},
        {"type": "context", "elements": [bold]},
        {"type": "markdown", "text": "**m**"},
    )
    assert html.count("<strong>b</strong>") == 3
    for part in ("<h3", 'alt=":rocket:"', ">*b*</div>", "<hr", "<strong>m</strong>"):
        assert part in html


def test_only_pictures_of_this_workspace_are_drawn(reader: Reader) -> None:
    ours = {"type": "image", "slack_file": {"id": "F0123456789"}, "alt_text": 'A "chart"'}
    theirs = {"type": "image", "image_url": "https://spy.example/p.png", "alt_text": "A spy"}
    html = html_of(reader, ours, theirs)
    assert 'src="/p/U1/files/F0123456789" alt="A &#34;chart&#34;"' in html
    assert "spy.example" not in html
    assert "A spy" in html


def test_an_unknown_block_says_so(reader: Reader) -> None:
    assert "does not draw “video” blocks" in html_of(reader, {"type": "video"})


def test_hostile_words_in_any_place_stay_text(reader: Reader) -> None:
    evil = plain(EVIL)
    options = [{"text": evil, "value": EVIL, "description": evil}]
    kinds = ("static_select", "multi_static_select", "checkboxes", "radio_buttons", "overflow")
    menus = [element(kind, options=options, placeholder=evil) for kind in kinds]
    texts = [
        element("plain_text_input", initial_value=EVIL, placeholder=evil),
        element("plain_text_input", initial_value="</textarea>" + EVIL, multiline=True),
        element("button", text=evil, value=EVIL, url="javascript:alert(1)", action_id=EVIL),
        element("external_select", initial_option=options[0], placeholder=evil),
        element("number_input", initial_value=EVIL),
    ]
    html = html_of(
        reader,
        {"type": "actions", "block_id": EVIL, "elements": [*menus, *texts]},
        {"type": "header", "text": evil},
        {"type": "image", "image_url": "x", "alt_text": EVIL, "title": evil},
        {"type": "markdown", "text": f"{EVIL} [x](javascript:alert(1)) ![i](http://spy.example/i)"},
    )
    assert "<script" not in html
    assert 'href="javascript:' not in html
    assert 'data-url="javascript:' not in html
    assert "<img src" not in html


def test_rich_text_shows_styles_lists_and_mentions(reader: Reader) -> None:
    words = {"type": "text", "text": "hi <b>", "style": {"bold": True, "italic": True}}
    item = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}
    parts = [
        {"type": "rich_text_section", "elements": [words]},
        {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [item]},
        {"type": "rich_text_quote", "elements": [{"type": "emoji", "name": "memo"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
    ]
    html = str(render_rich_text({"elements": parts}, reader))
    assert "<em><strong>hi &lt;b&gt;</strong></em>" in html
    assert '<ol class="indent-1"><li><span class="mention mention-me">@Maya Lind' in html
    assert "<blockquote><img" in html
    assert "<pre>x</pre>" in html


def test_markdown_blocks_show_tables_and_no_raw_html() -> None:
    html = str(render_markdown("| a | b |\n|---|---|\n| 1 | <b>2</b> |\n\n[x](https://a.example)"))
    assert "<table>" in html
    assert "<b>" not in html
    assert 'rel="noopener noreferrer nofollow"' in html


class Form(dict[str, list[str]]):
    def getlist(self, key: Any) -> list[Any]:
        return self.get(key, [])


def test_a_posted_form_becomes_values_by_block_and_action(reader: Reader) -> None:
    when = element("datetimepicker")
    blocks = [
        *within(element("plain_text_input")),
        {**within(element("checkboxes", options=[option("x")]))[0], "block_id": "c"},
        {**within(when)[0], "block_id": "d"},
        {**within(element("datepicker"))[0], "block_id": "e"},
        {"type": "actions", "block_id": "s", "elements": [element("static_select", action_id="m")]},
        {"type": "actions", "block_id": "t", "elements": [element("button", action_id="n")]},
    ]
    form = Form(
        {"f|b|a": ["a\r\nb"], "f|d|a": ["2026-05-18T12:00"], "f|s|m": ["two"], "f|e|a": [""]}
    )
    assert read_fields(blocks, form, reader) == {
        "b": "a\nb",
        "c": [],
        "d": 1779098400,
        "e": None,
        "m": "two",
    }
