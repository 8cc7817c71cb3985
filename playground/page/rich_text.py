"""rich_text blocks to safe HTML."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from playground.page.emoji import render_emoji, render_plain
from playground.page.moments import slack_date
from playground.page.mrkdwn import render_channel, render_link, render_person
from playground.page.reader import Reader

Json = dict[str, Any]
_STYLES = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "del"))
_INDENT_LIMIT = 8  # Slack's own deepest list


def render_rich_text(block: Json, reader: Reader) -> Markup:
    """All parts of one block; unknown parts are skipped."""
    return Markup("").join(_part(part, reader) for part in block.get("elements", []))


def _part(part: Json, reader: Reader) -> Markup:
    kind = part.get("type")
    if kind == "rich_text_list":
        return _list(part, reader)
    inner = _inline(part.get("elements", []), reader)
    shells = {
        "rich_text_section": Markup('<div class="rich">{}</div>'),
        "rich_text_quote": Markup("<blockquote>{}</blockquote>"),
        "rich_text_preformatted": Markup("<pre>{}</pre>"),
    }
    return shells.get(str(kind), Markup("")).format(inner)


def _list(part: Json, reader: Reader) -> Markup:
    tag = Markup("ol") if part.get("style") == "ordered" else Markup("ul")
    items = Markup("").join(
        Markup("<li>{}</li>").format(_inline(item.get("elements", []), reader))
        for item in part.get("elements", [])
    )
    depth = max(0, min(int(part.get("indent") or 0), _INDENT_LIMIT))
    return Markup('<{} class="indent-{}">{}</{}>').format(tag, depth, items, tag)


def _inline(elements: list[Json], reader: Reader) -> Markup:
    return Markup("").join(_styled(element, reader) for element in elements)


def _styled(element: Json, reader: Reader) -> Markup:
    render = _ELEMENTS.get(str(element.get("type")))
    shown = render(element, reader) if render else Markup("")
    style = element.get("style")
    for name, tag in _STYLES:
        if isinstance(style, dict) and style.get(name):
            shown = Markup("<{}>{}</{}>").format(Markup(tag), shown, Markup(tag))  # noqa: S704
    return shown


def _link(element: Json, reader: Reader) -> Markup:
    url = str(element.get("url") or "")
    return render_link(url, render_plain(str(element.get("text") or url)), reader)


def _date(element: Json, reader: Reader) -> Markup:
    seconds, template = element.get("timestamp"), str(element.get("format") or "")
    if not isinstance(seconds, int):
        return render_plain(str(element.get("fallback") or ""))
    return Markup("<time>{}</time>").format(slack_date(template, seconds, reader))


def _broadcast(element: Json, reader: Reader) -> Markup:
    del reader
    return Markup('<span class="mention">@{}</span>').format(element.get("range", ""))


_ELEMENTS: dict[str, Callable[[Json, Reader], Markup]] = {
    "text": lambda element, reader: render_plain(str(element.get("text") or "")),
    "link": _link,
    "user": lambda element, reader: render_person(str(element.get("user_id")), reader),
    "channel": lambda element, reader: render_channel(str(element.get("channel_id")), reader),
    "emoji": lambda element, reader: render_emoji(str(element.get("name"))),
    "broadcast": _broadcast,
    "usergroup": lambda element, reader: render_plain(f"@{element.get('usergroup_id', '')}"),
    "color": lambda element, reader: render_plain(str(element.get("value") or "")),
    "date": _date,
}
