"""Forty hostile messages on every surface: no mention, no link of theirs, no formula, no breakage."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.feedback.proposal_queries import Proposal
from bot.feedback.proposal_views import render_home_proposals
from bot.feedback.queries import FeedbackView, ThemeView
from bot.feedback.ranking import Tally
from bot.feedback.refusal_records import RefusalView
from bot.feedback.refusal_views import render_rearmed
from bot.feedback.rules import message_words
from bot.feedback.theme_page import ThemePage
from bot.feedback.theme_page_views import render_page
from bot.feedback.theme_queries import Standing
from bot.feedback.told_drafts import draft_declined
from bot.feedback.told_records import FollowUpView, Telling, ToldRate
from bot.feedback.told_views import render_draft_form, render_home_due, render_telling
from bot.feedback.triage_queries import Inbox, InboxItem
from bot.feedback.triage_views import render_inbox
from bot.feedback.views import (
    render_feedback_line,
    render_form,
    render_found,
    render_home_logged,
    render_joined,
    render_logged,
    render_pieces,
    render_receipt,
)
from bot.feedback.weekly import Answer, Told, Untold, Weekly
from bot.feedback.weekly_views import Issue, render_weekly
from bot.intake.exports import write_csv
from bot.intake.feedback_file import FORMULA_SIGNS, read_feedback_file
from bot.intake.import_views import render_not_read, render_progress
from bot.intake.imports import ImportView
from bot.privacy.views import render_redact_form
from bot.slack.blocks import Message
from bot.slack.gateway import SlackMessage
from bot.slack.limits import BLOCKS_PER_VIEW, SECTION_TEXT, VIEW_CHARACTERS
from bot.workspaces.customer_queries import CustomerView
from bot.workspaces.customer_views import render_customer_form, render_customers
from tests.conftest import Stage
from tests.feedback.desk import items, react, said
from tests.feedback.hostile import HOSTILE

AT = datetime(2026, 5, 18, tzinfo=UTC)
OURS = "https://northstar.test/archives/C1/p1"
# What mrkdwn makes alive: an entity that is not a date or link of ours, and a bare address.
ENTITY = re.compile(r"<([^<>]*)>")
BARE = re.compile(r"(?:https?|ftp|mailto|tel|slack):", re.IGNORECASE)
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def item_of(text: str) -> FeedbackView:
    return FeedbackView(
        id="f1", number=412, text=text, permalink=OURS, source_channel_id="C1", message_ts="1.0",
        author_id="U1", reporter_id="U2", kind="bug", area=text[:60], importance=2, said_at=AT,
        logged_at=AT, customer_id="c1", customer_name=text[:200], theme_id="t1", theme_number=41,
        theme_name=text[:200],
    )  # fmt: skip


def surfaces(text: str) -> dict[str, Any]:
    """Everything that shows feedback, a customer or a file's name, as its builder makes it."""
    item, theme = item_of(text), ThemeView("t1", 41, text[:200], "open", 3, 2, AT)
    customer = CustomerView(
        "c1", text[:200], (text[:60],), "", "", text[:64], "", 1, "EUR", is_archived=False
    )
    done = ImportView("i1", "feedback", text[:200], 1, 1, 1, 0, (text[:300],), "done")
    line = render_feedback_line(item)
    return {
        "receipt": render_receipt(item, theme, reporters=1),
        "found": Message(line, render_found(text, [item])),
        "form": render_form([], text=text, area=text[:60], state={"feedback": "f1"}, is_edit=True),
        "inbox": render_inbox(Inbox((InboxItem(item, (theme,)),), 1, 0, None), below=0, undo=None),
        "theme page": render_page(_page(item)),
        "redaction": render_redact_form(item),
        "customers": render_customers([customer], words=text[:200]),
        "customer": render_customer_form(customer),
        "import": render_progress(done),
        "not read": render_not_read(text[:200], text[:300]),
        "telling": render_telling(_telling(text)),
        "draft form": render_draft_form(_telling(text).items[0], is_home=False),
        "home drafts": Message("", render_home_due([_telling(text)] * 3, shown=1)),
        "open again": render_rearmed(_refusal(text), "2 customers ask for it by now."),
        "weekly digest": render_weekly(Issue(7, text[:80], AT.date(), _week(item))),
        "proposal": Message("", render_home_proposals([_proposal(item, theme)], [])),
        "pieces": render_pieces([item, item]),
        "the same": render_joined(item, 41),
        "home logged": Message("", render_home_logged([item])),
        "logged": render_logged(412, render_receipt(item, theme, reporters=1).text),
    }


def _refusal(text: str) -> RefusalView:
    return RefusalView(
        id="r1", theme_id="t1", theme_number=41, theme_name=text[:200], reason=text[:600],
        owner_id="U1", declined_at=AT, condition="", metric_id=None, side="", bound=None, days=1,
        customers=None, on_date=None, timezone="UTC", state="standing", source_channel_id=None,
    )  # fmt: skip


def _telling(text: str) -> Telling:
    item = FollowUpView(
        id="u1", subject_kind="refusal", subject_id="r1", event="declined", state="drafted",
        customer_id="c1", customer_name=text[:200], author_id="U1", owner_id="U2",
        feedback_id="f1", feedback_number=412, text=text, permalink=OURS, said_at=AT,
        draft=draft_declined(_refusal(text), text, AT, AT), created_at=AT, told_at=None,
        told_by="", message_id=None,
    )  # fmt: skip
    return Telling(_refusal(text), "declined", (item,))


def _proposal(item: FeedbackView, theme: ThemeView) -> Proposal:
    return Proposal(theme, replace(theme, number=42), 0.5, (item,), (item,))


def _week(item: FeedbackView) -> Weekly:
    standing = _page(item).theme
    told = Told(standing, 3, 1, item.text, OURS)
    return Weekly(
        since=AT, until=AT, items=3, customers=3, items_before=1, new=(told,), growing=(told,),
        answered=(Answer(7, item.theme_name, "is live", OURS),), competitors=(told,),
        competitor_items=3, undecided=(told,), told=ToldRate(1, 2, None),
        oldest=(Untold(412, OURS, f"#7 {item.theme_name}", AT),),
    )  # fmt: skip


def _page(item: FeedbackView) -> ThemePage:
    tally = Tally(1, 1, weeks=(0,) * 8, newest_at=AT, kinds={"bug": 1})
    theme = Standing("t1", 41, item.theme_name, "open", is_pinned=False, tally=tally)
    return ThemePage(theme, (), (item,), None, (), (), (), None, may_act=True)


def texts_of(value: Any) -> list[str]:
    """Every mrkdwn text that Slack would read."""
    if isinstance(value, Message):
        return [value.text, *texts_of(value.blocks)]
    if isinstance(value, list):
        return [text for one in value for text in texts_of(one)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if value.get("type") == "mrkdwn" else []
    return own + [text for key, one in value.items() if key != "text" or own == []
                  for text in texts_of(one)]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(1, len(HOSTILE) + 1))
def test_a_hostile_message_is_inert_and_fits_on_every_surface(text: str) -> None:
    told_all = surfaces(text)
    assert sum(len(texts_of(shown)) for shown in told_all.values()) > len(told_all)
    for name, shown in told_all.items():
        for told in texts_of(shown):
            for entity in ENTITY.findall(told):
                assert entity.startswith((OURS, "!date^")), name
                assert "evil" not in entity.partition("|")[0], name
            assert not BARE.search(ENTITY.sub("", told)), name
            assert not CONTROL.search(told), name
            assert len(told) <= SECTION_TEXT, name
        blocks = shown.blocks if isinstance(shown, Message) else shown["blocks"]
        assert len(blocks) <= BLOCKS_PER_VIEW
        assert len(json.dumps(blocks)) <= VIEW_CHARACTERS


@pytest.mark.parametrize("text", HOSTILE, ids=range(1, len(HOSTILE) + 1))
def test_no_export_of_a_hostile_message_is_a_formula_and_it_comes_back_whole(text: str) -> None:
    words = message_words(SlackMessage("C1", "1.0", text=text))
    sheet = write_csv([{"text": words, "customer": words[:200]}]).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(sheet, newline="")):
        assert not any(cell.startswith(FORMULA_SIGNS) for cell in row)
    assert read_feedback_file("a.csv", sheet).rows[0].text == words


async def test_hostile_messages_are_logged_and_nobody_is_called_by_them(stage: Stage) -> None:
    some = [text for text in HOSTILE if len(text) < 500][:12]
    for text in some:
        await react(stage, await said(stage, text))
    assert len(await items(stage)) == len(some)
    for told in await stage.whispers(stage.who.ana, stage.rooms.voice):
        assert "<!" not in told
        assert "<@" not in told
        assert "evil.example" not in ENTITY.sub("", told) or not BARE.search(told)


def test_there_are_forty_of_them() -> None:
    assert len(set(HOSTILE)) == 40
