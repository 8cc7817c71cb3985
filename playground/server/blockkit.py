"""Block Kit's limits in one table: which fields each block and element has, how long they may
be, and where they may stand. Source: Slack's Block Kit reference (blocks, block elements,
composition objects) as of 2026. `block_checks` walks it."""

from playground.server.shape_rules import (
    Rule,
    Shape,
    anything,
    boolean,
    choice,
    kinds,
    matching,
    number,
    several,
    string,
)

BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
MARKDOWN_CHARACTERS = 12_000  # in sum over a message
MESSAGE_CHARACTERS = 13_200  # of text in all blocks of a message; undocumented, observed
VIEW_BYTES = 250_000
ID_CHARACTERS = 255

ID = string(ID_CHARACTERS)
URL = string(3_000)
DATE = matching(r"\d{4}-\d{2}-\d{2}", "must be a date in YYYY-MM-DD format")
TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "must be a time in HH:mm format")


def _text_shapes(most: int) -> dict[str, Shape]:
    words = string(most)
    return {
        "plain_text": Shape({"text": words}, {"emoji": boolean}),
        "mrkdwn": Shape({"text": words}, {"verbatim": boolean}),
    }


def plain(most: int) -> Rule:
    """A plain_text object."""
    return kinds(_text_shapes(most), "plain_text")


def rich(most: int) -> Rule:
    """A plain_text or mrkdwn object."""
    return kinds(_text_shapes(most), "plain_text", "mrkdwn")


CONFIRM = Shape(
    {"title": plain(100), "text": rich(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)
OPTION = Shape({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": URL})
RICH_OPTION = Shape({"text": rich(75), "value": string(150)}, {"description": rich(75)})
OPTION_GROUP = Shape({"label": plain(75), "options": several(OPTION, 100)})
SLACK_FILE = Shape({}, {"id": string(100), "url": URL}, either=("id", "url"))
PICTURE: dict[str, Rule] = {"image_url": URL, "slack_file": SLACK_FILE}
FILTER = Shape(
    {},
    {
        "include": several(choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)

_ACTION: dict[str, Rule] = {"action_id": ID, "confirm": CONFIRM}
_FOCUSED: dict[str, Rule] = {"action_id": ID, "focus_on_load": boolean}
_SELECT: dict[str, Rule] = {**_ACTION, "focus_on_load": boolean, "placeholder": plain(150)}
_MULTI: dict[str, Rule] = {**_SELECT, "max_selected_items": number(1, 100)}
_OPTIONS: dict[str, Rule] = {
    "options": several(OPTION, 100),
    "option_groups": several(OPTION_GROUP, 100),
}
_WRITTEN: dict[str, Rule] = {
    **_FOCUSED,
    "placeholder": plain(150),
    "dispatch_action_config": Shape(
        {},
        {"trigger_actions_on": several(choice("on_enter_pressed", "on_character_entered"), most=2)},
    ),
}
_CONVERSATION: dict[str, Rule] = {
    "default_to_current_conversation": boolean,
    "filter": FILTER,
}
_FEW = several(RICH_OPTION, 10)

ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        {"text": plain(75)},
        {
            **_ACTION,
            "url": URL,
            "value": string(2_000, least=0),
            "style": choice("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "checkboxes": Shape(
        {"options": _FEW}, {**_ACTION, "focus_on_load": boolean, "initial_options": _FEW}
    ),
    "radio_buttons": Shape(
        {"options": _FEW}, {**_ACTION, "focus_on_load": boolean, "initial_option": RICH_OPTION}
    ),
    "overflow": Shape({"options": several(OPTION, 5)}, _ACTION),
    "datepicker": Shape({}, {**_SELECT, "initial_date": DATE}),
    "timepicker": Shape({}, {**_SELECT, "initial_time": TIME, "timezone": string(100)}),
    "datetimepicker": Shape(
        {},
        {
            **_ACTION,
            "focus_on_load": boolean,
            "initial_date_time": number(1_000_000_000, 9_999_999_999),
        },
    ),
    "static_select": Shape(
        {}, {**_SELECT, **_OPTIONS, "initial_option": OPTION}, either=("options", "option_groups")
    ),
    "external_select": Shape(
        {}, {**_SELECT, "initial_option": OPTION, "min_query_length": number(0, 1_000)}
    ),
    "users_select": Shape({}, {**_SELECT, "initial_user": ID}),
    "channels_select": Shape(
        {}, {**_SELECT, "initial_channel": ID, "response_url_enabled": boolean}
    ),
    "conversations_select": Shape(
        {},
        {**_SELECT, **_CONVERSATION, "initial_conversation": ID, "response_url_enabled": boolean},
    ),
    "multi_static_select": Shape(
        {},
        {**_MULTI, **_OPTIONS, "initial_options": several(OPTION, 100)},
        either=("options", "option_groups"),
    ),
    "multi_external_select": Shape(
        {},
        {**_MULTI, "initial_options": several(OPTION, 100), "min_query_length": number(0, 1_000)},
    ),
    "multi_users_select": Shape({}, {**_MULTI, "initial_users": several(ID, 100)}),
    "multi_channels_select": Shape({}, {**_MULTI, "initial_channels": several(ID, 100)}),
    "multi_conversations_select": Shape(
        {}, {**_MULTI, **_CONVERSATION, "initial_conversations": several(ID, 100)}
    ),
    "plain_text_input": Shape(
        {},
        {
            **_WRITTEN,
            "initial_value": string(3_000, least=0),
            "multiline": boolean,
            "min_length": number(0, 3_000),
            "max_length": number(1, 3_000),
        },
    ),
    "number_input": Shape(
        {"is_decimal_allowed": boolean},
        {
            **_WRITTEN,
            "initial_value": string(100),
            "min_value": string(100),
            "max_value": string(100),
        },
    ),
    "email_text_input": Shape({}, {**_WRITTEN, "initial_value": string(3_000)}),
    "url_text_input": Shape({}, {**_WRITTEN, "initial_value": string(3_000)}),
    "rich_text_input": Shape({}, {**_WRITTEN, "initial_value": anything}),
    "file_input": Shape(
        {},
        {"action_id": ID, "filetypes": several(string(20), 100), "max_files": number(1, 10)},
        surfaces=("modal",),
    ),
    "image": Shape(
        {"alt_text": string(2_000)},
        {**PICTURE, "image_width": anything, "image_height": anything, "image_bytes": anything},
        either=("image_url", "slack_file"),
    ),
    "workflow_button": Shape(is_open=True),
    "feedback_buttons": Shape(is_open=True),
    "icon_button": Shape(is_open=True),
}
SELECTS = (
    "static_select",
    "external_select",
    "users_select",
    "channels_select",
    "conversations_select",
)
MULTI_SELECTS = tuple(f"multi_{kind}" for kind in SELECTS)
PICKED = ("checkboxes", "radio_buttons", "datepicker", "timepicker", *SELECTS)
WRITTEN = ("plain_text_input", "number_input", "email_text_input", "url_text_input")
ACCESSORIES = ("button", "image", "overflow", "workflow_button", *PICKED, *MULTI_SELECTS)
ACTIONS = ("button", "overflow", "workflow_button", "datetimepicker", *PICKED)
INPUTS = ("datetimepicker", "rich_text_input", "file_input", *PICKED, *MULTI_SELECTS, *WRITTEN)
_IN_CONTEXT = {**_text_shapes(3_000), "image": ELEMENTS["image"]}

BLOCKS: dict[str, Shape] = {
    "section": Shape(
        {},
        {
            "text": rich(3_000),
            "fields": several(rich(2_000), 10),
            "accessory": kinds(ELEMENTS, *ACCESSORIES),
            "expand": boolean,
        },
        either=("text", "fields"),
    ),
    "header": Shape({"text": plain(150)}, {"level": number(1, 6)}),
    "divider": Shape(),
    "image": Shape(
        {"alt_text": string(2_000)},
        {**PICTURE, "title": plain(2_000)},
        either=("image_url", "slack_file"),
    ),
    "context": Shape({"elements": several(kinds(_IN_CONTEXT, *_IN_CONTEXT), 10)}),
    "actions": Shape({"elements": several(kinds(ELEMENTS, *ACTIONS), 25)}),
    "input": Shape(
        {"label": plain(2_000), "element": kinds(ELEMENTS, *INPUTS)},
        {"hint": plain(2_000), "optional": boolean, "dispatch_action": boolean},
    ),
    "markdown": Shape({"text": string(MARKDOWN_CHARACTERS)}, surfaces=("message",)),
    "rich_text": Shape({"elements": several(anything, 1_000)}),
    "video": Shape(is_open=True),
    "file": Shape(is_open=True, surfaces=("message",)),
    "table": Shape(
        {"rows": several(several(anything, 20), 100)},
        {"column_settings": several(anything, 20)},
        surfaces=("message",),
    ),
    "data_table": Shape(is_open=True, surfaces=("message",)),
    "data_visualization": Shape(is_open=True, surfaces=("message",)),
    "context_actions": Shape(
        {"elements": several(kinds(ELEMENTS, "feedback_buttons", "icon_button"), 5)},
        surfaces=("message",),
    ),
    "alert": Shape(is_open=True, surfaces=("modal",)),
    "card": Shape(is_open=True),
    "carousel": Shape(is_open=True),
    "container": Shape(is_open=True),
    "task_card": Shape(is_open=True, surfaces=("message",)),
    "plan": Shape(is_open=True, surfaces=("message",)),
}

_VIEW: dict[str, Rule] = {
    "private_metadata": string(3_000, least=0),
    "callback_id": string(ID_CHARACTERS, least=0),
    "external_id": string(ID_CHARACTERS, least=0),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
}
VIEWS: dict[str, Shape] = {
    "modal": Shape(
        {"title": plain(24), "blocks": anything},
        {**_VIEW, "submit": plain(24), "close": plain(24), "submit_disabled": boolean},
    ),
    "home": Shape({"blocks": anything}, _VIEW),
}
