"""What somebody typed is inert once it is escaped: shown to the playground's own renderer."""

import re
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.kinds import is_channel, is_person
from bot.slack.text import (
    channel,
    emoji_name,
    escape,
    link,
    person,
    plain,
    quote,
    refusal,
    storable,
)
from playground.page.mrkdwn import render_mrkdwn
from playground.page.reader import Reader

READER = Reader("U1", ZoneInfo("UTC"), datetime(2026, 5, 18, tzinfo=UTC))
# Hostile pieces, so that random text is often Slack's own markup.
PIECES = st.sampled_from([
    "<@U0ANA>", "<#C1|general>", "<!channel>", "<!here>", "<!subteam^S1>", "<!date^1^x|y>",
    "<https://evil.example|click>", "https://evil.example", "mailto:a@b.test", "*", "_", "~", "`",
    "```", "\n> ", "&gt;", "&amp;lt;", ">>> ", "\n", "a", "b c", "@here", "@channel", "#general",
    ":skull:", ":+1::skin-tone-2:", "\u202e", "\u200b", "\u2066", "\u061c", "\ufeff", "\x00",
    "\ud800", "é", "<", ">", "&", "|", "\u200d",
])  # fmt: skip
HOSTILE = st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join)
# With pictures, which the renderer shows as images, and joiners between and beside them.
PICTURED = st.lists(
    PIECES | st.sampled_from(["👩", "💻", "\u200d", "👩\u200d💻"]), max_size=25
).map("".join)
# What escape itself puts in, so that a sign is no longer a sign.
OURS = "\u200b"


def tags(text: str) -> list[str]:
    """The tags that a renderer makes of mrkdwn; the image of an emoji's sign is no markup."""
    html = re.sub(r'<img class="[^"]*emoji[^"]*"[^>]*>', "", str(render_mrkdwn(text, READER)))
    return re.findall(r"</?[a-z0-9]+", html)


@given(HOSTILE)
def test_nothing_of_what_was_typed_is_markup_to_a_renderer(text: str) -> None:
    assert {tag.strip("</") for tag in tags(escape(text))} <= {"p", "br"}


@given(HOSTILE)
def test_no_entity_bracket_or_mention_survives(text: str) -> None:
    inert = escape(text)
    assert "<" not in inert
    assert ">" not in inert
    assert re.findall(r"&(?!(?:amp|lt|gt);)", inert) == []
    assert re.findall(r"(?<![A-Za-z0-9])@\w", inert) == []


@given(HOSTILE | PICTURED)
def test_direction_marks_and_invisible_signs_are_gone(text: str) -> None:
    inert = re.sub("(?<=[👩💻])\u200d(?=[👩💻])", "", escape(text)).replace(OURS, "")
    left = {c for c in inert if c != "\n"}
    assert {c for c in left if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}} == set()


@given(HOSTILE, st.integers(3, 400))
def test_what_is_returned_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(escape(text * 30, limit=limit)) <= limit


@given(st.text(alphabet=st.characters(categories=["L", "N"]), max_size=60))
def test_plain_words_stay_as_they_are(text: str) -> None:
    words = unicodedata.normalize("NFC", text)
    assert escape(words).replace(OURS, "") == plain(words)


@given(HOSTILE)
def test_every_line_of_a_quote_is_quoted(text: str) -> None:
    assert all(line.startswith("> ") for line in quote(text).split("\n"))


@given(HOSTILE)
def test_a_database_takes_what_is_storable(text: str) -> None:
    assert "\x00" not in storable(text)
    storable(text).encode()


@given(HOSTILE)
def test_a_label_cannot_leave_its_link(label: str) -> None:
    built = link("https://northstar.test/a?b=1&c=<|>", label)
    assert re.fullmatch(r"<https://northstar\.test/a\?b=1&amp;c=%3C%7C%3E\|[^<>|\n]*>", built)


@pytest.mark.parametrize("written", ["snake_case_name", "10:30", "a.b@acme.test"])
def test_signs_inside_words_stay(written: str) -> None:
    assert escape(written) == written


@given(HOSTILE)
@example("0*https://evil.example")
@example("2*3*4")
def test_our_own_bold_around_what_was_typed_is_neither_ended_nor_broken(text: str) -> None:
    words = " ".join(escape(text).split()) or "x"
    bold = [tag for tag in tags(f"*{words}*") if "strong" in tag or "em" in tag or "del" in tag]
    assert bold == ["<strong", "</strong"]


@given(HOSTILE, HOSTILE)
def test_a_refusal_keeps_the_command_it_names_and_nothing_else(before: str, after: str) -> None:
    told = refusal(f"{before} `/retro list` {after}")
    assert "`/retro list`" in told
    assert {tag.strip("</") for tag in tags(told)} <= {"p", "br", "code"}
    assert re.findall(r"(?<![A-Za-z0-9])@\w", told) == []


def test_formatting_signs_look_nearly_as_they_were_typed() -> None:
    assert escape("a *x* _c_ ~d~ `e`") == "a ∗x∗ ˍcˍ ∼d∼ ˋeˋ"


@pytest.mark.parametrize("emoji", ["👩‍💻", "👨‍👩‍👧", "❤️‍🔥", "🏳️‍🌈", "👩🏽‍🚒"])
def test_an_emoji_of_several_signs_stays_one(emoji: str) -> None:
    assert escape(f"a {emoji} b") == plain(f"a {emoji} b") == f"a {emoji} b"


def test_a_joiner_beside_anything_else_is_gone() -> None:
    assert escape("\u200da\u200db 👩\u200d 👩\u200dx \u200d👩\u200d") == "ab 👩 👩x 👩"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U1> and <#C1|general>", "@U1 and #general"),
        ("<https://x.test|the page>, <mailto:a@b.test|a@b.test>", "the page, a@b.test"),
        ("<!here> &lt;b&gt; &amp;amp;", "@here <b> &amp;"),
        ("  a\u202eb\u200bc  ", "abc"),
        ("a < b & c > d <b>bold</b>", "a < b & c > d <b>bold</b>"),
        ("p95 <200 ms, errors >1 %", "p95 <200 ms, errors >1 %"),
    ],
)
def test_a_message_is_read_as_people_read_it(written: str, read: str) -> None:
    assert plain(written) == read


def test_only_ids_that_slack_gave_become_mentions() -> None:
    assert (person("U0ABC"), channel("C0ABC")) == ("<@U0ABC>", "<#C0ABC>")
    assert (person("U1> <!here"), channel("")) == ("somebody", "a channel")
    # Other servers' ids are not of capitals alone.
    assert (person("U_ana"), channel("C_my-room")) == ("<@U_ana>", "<#C_my-room>")


def test_a_skin_tone_is_no_part_of_an_emojis_name() -> None:
    assert emoji_name(":memo::skin-tone-2:") == emoji_name("memo::skin-tone-5") == "memo"


def test_an_id_tells_whether_several_people_read_what_is_sent_there() -> None:
    assert [is_channel(one) for one in ("C1", "G1", "general", "D1", "U1", "W1", "")] == [
        *(True, True, True),
        *(False, False, False, False),
    ]
    assert [is_person(one) for one in ("U_ana", "W1", "C1", "")] == [True, True, False, False]
