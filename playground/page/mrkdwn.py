"""Slack's mrkdwn to safe HTML: whatever is not a known mark is text, and text is escaped."""

import re
from collections.abc import Callable

from markupsafe import Markup

from playground.page.emoji import is_known, render_emoji, render_plain
from playground.page.moments import slack_date
from playground.page.reader import Reader

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_QUOTE = re.compile(r"^(?:&gt;|>) ?")
_QUOTE_REST = re.compile(r"^(?:&gt;|>){3} ?", re.MULTILINE)
_BODY = r"(?:<[^<>\n]*>|`[^`\n]*`|[^\n<{0}])"  # an atom (mark or code) or one other character
_INLINE = re.compile(
    r"<(?P<mark>[^<>\n]+)>"
    r"|`(?P<code>[^`\n]+)`"
    + "".join(
        rf"|(?<![\w{sign}]){sign}(?=\S)(?P<{name}>{_BODY.format(sign)}+?)(?<=\S){sign}(?![\w{sign}])"
        for name, sign in (("bold", r"\*"), ("italic", "_"), ("strike", "~"))
    )
    + r"|:(?P<emoji>[a-z0-9_+'-]+(?:::skin-tone-[2-6])?):"
    r"|(?<![\w/])(?P<url>https?://[^\s<>|]*[^\s<>|.,;:!?)\]'\"*_~])"
)
_TAGS = {"bold": "strong", "italic": "em", "strike": "del"}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_MENTION = Markup('<span class="mention{}">{}{}</span>')
_LINK = Markup('<a href="{}"{}>{}</a>')
_ELSEWHERE = Markup(' target="_blank" rel="noopener noreferrer nofollow"')


def render_mrkdwn(text: str, reader: Reader) -> Markup:
    """A whole mrkdwn text: fenced code, quotes, and the inline marks of each line."""
    parts, end = [], 0
    for found in _FENCE.finditer(text):
        parts.append(_paragraphs(text[end : found.start()].removesuffix("\n"), reader))
        code = _unformatted(found.group(1).strip("\n"), reader)
        parts.append(Markup("<pre>{}</pre>").format(code))
        end = found.end()
    parts.append(_paragraphs(text[end:].removeprefix("\n") if end else text, reader))
    return Markup("").join(parts)


def render_inline(text: str, reader: Reader) -> Markup:
    """Bold, italic, strike, code, marks, emoji and bare links within one line."""
    parts, end = [], 0
    for found in _INLINE.finditer(text):
        parts.append(render_plain(plain(text[end : found.start()])))
        parts.append(_styled(found, reader))
        end = found.end()
    parts.append(render_plain(plain(text[end:])))
    return Markup("").join(parts)


def plain(text: str) -> str:
    """Takes back the three entities that Slack's text uses."""
    for coded, sign in _ENTITIES:
        text = text.replace(coded, sign)
    return text


def render_link(url: str, label: Markup | str, reader: Reader) -> Markup:
    """A link when its scheme is safe, else its label and address as text."""
    href = reader.href(url)
    if href is None:
        return Markup('<span class="unsafe-link">{} ({})</span>').format(label, url)
    outside = Markup("") if href.startswith("/") else _ELSEWHERE
    return _LINK.format(href, outside, label)


def render_person(user_id: str, reader: Reader) -> Markup:
    """@Name; marked when it is the reader."""
    mine = " mention-me" if user_id == reader.user_id else ""
    return _MENTION.format(mine, "@", reader.users.get(user_id, user_id))


def render_channel(channel_id: str, reader: Reader, label: str = "") -> Markup:
    """#name, as a link when the reader can go there."""
    known = reader.channels.get(channel_id)
    if known is None:
        return _MENTION.format("", "#", label or "private-channel")
    link = Markup('<a class="mention" href="/p/{}/c/{}">#{}</a>')
    return link.format(reader.user_id, channel_id, known)


def _paragraphs(text: str, reader: Reader) -> Markup:
    rest = _QUOTE_REST.search(text)
    if rest:
        before, quoted = text[: rest.start()], text[rest.end() :]
        return _paragraphs(before.removesuffix("\n"), reader) + _quote(quoted.split("\n"), reader)
    parts: list[Markup] = []
    for is_quote, lines in _runs(text.split("\n")):
        if is_quote:
            parts.append(_quote([_QUOTE.sub("", line) for line in lines], reader))
        else:
            parts.append(_lines(lines, reader))
    return Markup("").join(parts)


def _runs(lines: list[str]) -> list[tuple[bool, list[str]]]:
    runs: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_quote = _QUOTE.match(line) is not None
        if not runs or runs[-1][0] != is_quote:
            runs.append((is_quote, []))
        runs[-1][1].append(line)
    return runs


def _lines(lines: list[str], reader: Reader) -> Markup:
    return Markup("<br>\n").join(render_inline(line, reader) for line in lines)


def _quote(lines: list[str], reader: Reader) -> Markup:
    return Markup("<blockquote>{}</blockquote>").format(_lines(lines, reader))


def _styled(found: re.Match[str], reader: Reader) -> Markup:
    kind, body = str(found.lastgroup), found.group(str(found.lastgroup))
    if kind in _TAGS:
        tag = Markup(_TAGS[kind])  # noqa: S704 -- one of three fixed tag names
        return Markup("<{}>{}</{}>").format(tag, render_inline(body, reader), tag)
    if kind == "mark":
        return _mark(body, reader)
    if kind == "code":
        return Markup("<code>{}</code>").format(_unformatted(body, reader))
    if kind == "url":
        return render_link(plain(body), plain(body), reader)
    return render_emoji(body) if is_known(body) else render_plain(f":{body}:")


def _unformatted(text: str, reader: Reader) -> Markup:
    parts, end = [], 0
    for found in re.finditer(r"<([^<>\n]+)>", text):
        parts += [Markup.escape(plain(text[end : found.start()])), _mark(found.group(1), reader)]
        end = found.end()
    return Markup("").join([*parts, Markup.escape(plain(text[end:]))])


def _mark(body: str, reader: Reader) -> Markup:
    target, _, label = body.partition("|")
    for prefix, render in _MARKS:
        if target.startswith(prefix):
            return render(target.removeprefix(prefix), plain(label), reader)
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", target) is None:
        return render_plain(plain(f"<{body}>"))
    words = render_inline(label, reader) if label else plain(target.removeprefix("mailto:"))
    return render_link(plain(target), words, reader)


def _date(target: str, label: str, reader: Reader) -> Markup:
    seconds, template, *link = target.split("^", 2) + [""] * (1 - target.count("^"))
    if not re.fullmatch(r"\d{1,11}", seconds) or not template:
        return render_plain(label)
    words = slack_date(plain(template), int(seconds), reader)
    shown = Markup("<time>{}</time>").format(words)
    return render_link(plain(link[0]), shown, reader) if link and link[0] else shown


def _special(target: str, label: str, reader: Reader) -> Markup:
    del reader
    name = label or target.partition("^")[0]
    return _MENTION.format("", "" if name.startswith("@") else "@", name)


_MARKS: tuple[tuple[str, Callable[[str, str, Reader], Markup]], ...] = (
    ("@", lambda target, label, reader: render_person(target, reader)),
    ("#", lambda target, label, reader: render_channel(target, reader, label)),
    ("!date^", _date),
    ("!", _special),
)
