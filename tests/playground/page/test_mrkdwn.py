"""Slack's mrkdwn as HTML: what it means, and that nothing in it can become markup."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.page.mrkdwn import render_mrkdwn
from playground.page.reader import Reader
from playground.page.render import render_blocks

TAGS = {
    *("strong", "em", "del", "code", "pre", "blockquote", "a", "span", "time", "br", "img"),
    *("div", "p", "h3", "form", "b-text"),
}


class Seen(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* and _it_ and ~no~", "<strong>bold</strong> and <em>it</em> and <del>no</del>"),
        ("*bold with _both_*", "<strong>bold with <em>both</em></strong>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("* not bold *", "* not bold *"),
        ("`a *b*`", "<code>a *b*</code>"),
        ("&gt; quoted\nnot", "<blockquote>quoted</blockquote>not"),
        ("```a *b*\nc```", "<pre>a *b*\nc</pre>"),
        ("a\nb", "a<br>\nb"),
        ("1 &lt; 2 &amp; 3", "1 &lt; 2 &amp; 3"),
        ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"),
        (":not_an_emoji:", ":not_an_emoji:"),
        ("<!here> now", '<span class="mention">@here</span> now'),
        ("<@U1>", '<span class="mention mention-me">@Maya Lind</span>'),
        ("<#C1>", '<a class="mention" href="/p/U1/c/C1">#product</a>'),
        ("<#C9>", '<span class="mention">#private-channel</span>'),
    ],
)
def test_mrkdwn_means_what_slack_means(text: str, html: str, reader: Reader) -> None:
    assert str(render_mrkdwn(text, reader)) == html


def test_a_link_opens_elsewhere_and_shows_its_label(reader: Reader) -> None:
    html = str(render_mrkdwn("<https://a.example/x_y_z?a=1&amp;b=2|the *plan*>", reader))
    assert 'href="https://a.example/x_y_z?a=1&amp;b=2"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert "the <strong>plan</strong></a>" in html


def test_a_permalink_of_this_workspace_leads_to_the_page(reader: Reader) -> None:
    link = "<https://play.slack.com/archives/C1/p1777600000000100?thread_ts=1777600000.000050|it>"
    html = str(render_mrkdwn(link, reader))
    place = "/p/U1/c/C1?at=1777600000.000100&amp;thread=1777600000.000050#m-1777600000.000100"
    assert html == f'<a href="{place}">it</a>'


@pytest.mark.parametrize("host", ["127.0.0.1:41117", "localhost:8420", "[::1]:8420"])
def test_a_permalink_of_another_port_of_this_machine_leads_to_the_page(
    host: str, reader: Reader
) -> None:
    html = str(render_mrkdwn(f"<http://{host}/archives/C1/p1777600000000100|it>", reader))
    assert html == '<a href="/p/U1/c/C1?at=1777600000.000100#m-1777600000.000100">it</a>'


def test_a_date_stands_on_the_readers_wall_clock(reader: Reader) -> None:
    html = str(render_mrkdwn("<!date^1779098400^{date_short_pretty} at {time}|then>", reader))
    assert html == "<time>today at 12:00</time>"


def test_a_broken_date_shows_its_fallback(reader: Reader) -> None:
    assert str(render_mrkdwn("<!date^soon^{time}|then>", reader)) == "then"


def test_emoji_are_drawn_by_name_and_by_character(reader: Reader) -> None:
    drawn = '<img class="emoji" src="/page/emoji/memo.svg" alt=":memo:" title=":memo:">'
    assert str(render_mrkdwn(":memo:", reader)) == drawn
    assert str(render_mrkdwn("📝", reader)) == drawn


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<javascript:alert(1)|click>",
        "<data:text/html,hello|click>",
        '<https://x.example/" onmouseover="alert(1)|x>',
        "<https://x.example|<b onclick=x>>",
        "*<svg/onload=alert(1)>*",
        "`</code><script>1</script>`",
        "```</pre><script>1</script>```",
        "<@U2> <#C1|<script>> <!subteam^S1|<b>>",
        "<!date^1^{time}^javascript:alert(1)|x>",
        ':"><script>: <https://a.example|:memo:"onload=x>',
    ],
)
def test_hostile_text_stays_text(text: str, reader: Reader) -> None:
    check_safe(str(render_mrkdwn(text, reader)))


WORDS = ("script", "&lt;", "&gt;", "&amp;", "http://a", "javascript:", "@U2", "onload=", "```", "x")
PIECES = st.sampled_from([*"<>*_~`\"'&|:@#!^ \n", *WORDS, ":memo:", "!date^1^"])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_mixture_of_marks_becomes_markup(text: str) -> None:
    reader = READER
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    check_safe(str(render_mrkdwn(text, reader)))
    check_safe(str(render_blocks(blocks, reader)))


def check_safe(html: str) -> None:
    seen = Seen(html)
    assert set(seen.tags) <= TAGS
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    links = [value for name, value in seen.attributes if name in ("href", "src")]
    assert all(
        link.startswith(("http://", "https://", "mailto:", "/p/", "/page/")) for link in links
    )
    assert "<script" not in html.lower()


def make_reader() -> Reader:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    now = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
    return Reader("U1", ZoneInfo("Europe/Berlin"), now, {"U2": "Ben <b>"}, {"C1": "product"})


READER = make_reader()
