"""A theme's page: how it stands, who asked, their words, what came of it. Pure."""

from collections.abc import Sequence

from bot.decisions.words import ending_phrase, title_of
from bot.feedback.refusal_records import QuestionView
from bot.feedback.refusal_views import refusal_lines
from bot.feedback.theme_page import CUSTOMERS, Account, ThemePage
from bot.feedback.theme_words import (
    STATUS_WORDS,
    count,
    kinds_of,
    money,
    money_of,
    name_of,
    said_by,
    trend_of,
)
from bot.feedback.told_records import ASKED, DRAFTED, NOT_NEEDED, TO_TELL, TOLD
from bot.feedback.told_views import render_ledger
from bot.feedback.views import render_feedback_line
from bot.launches.stages import WORDS
from bot.slack.blocks import (
    Block,
    View,
    actions,
    button,
    context,
    field_input,
    modal,
    section,
    text_input,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape, link, quote, shorten, when

DAY = "{date_short_pretty}"
QUOTE_LIMIT = 280
LEDGER_LINES = 5
QUESTIONS = 3
# A theme's name fits on a button with its number.
NAME_CHARACTERS = 60


def render_page(page: ThemePage, *, note: str = "") -> View:
    """The page as a modal. ``note`` says what was just done."""
    theme = page.theme
    blocks = [section(f"*{escape(note)}*")] if note else []
    blocks += [section(_head(page)), *_buttons(page)]
    if page.refusal:
        blocks.append(section("\n".join(refusal_lines(page.refusal, page.metric))))
    blocks += _accounts(page)
    blocks += _quotes(page)
    blocks += _outcome(page)
    return modal(Form.THEME_PAGE, f"Theme #{theme.number}", blocks, state={"theme": theme.id})


def _head(page: ThemePage) -> str:
    theme, tally = page.theme, page.theme.tally
    pinned = " · pinned" if theme.is_pinned else ""
    said = said_by(tally)
    return "\n".join(
        [
            f"*{name_of(theme.number, theme.name)}* · {STATUS_WORDS[theme.status]}{pinned}",
            f"{said[:1].upper()}{said[1:]}: {kinds_of(tally)}.",
            f"{trend_of(tally)}.",
        ]
    )


def _accounts(page: ThemePage) -> list[Block]:
    if not page.accounts:
        return []
    revenue = page.theme.tally.revenue
    total = f", together {money_of(revenue)} a month" if revenue else ""
    head = f"*Customers who asked*{total}, as they were when they last did"
    lines = [f"• {_account(one)}" for one in page.accounts[:CUSTOMERS]]
    more = len(page.accounts) - CUSTOMERS
    lines += [f"and {count(more, 'more customer')}"] if more > 0 else []
    return [section("\n".join([head, *lines]))]


def _account(one: Account) -> str:
    facts = [escape(one.name, limit=80)]
    facts += [escape(one.tier, limit=40)] if one.tier else []
    facts += [f"{money(one.revenue, one.currency)} a month"] if one.revenue else []
    times = "once" if one.times == 1 else f"{one.times} times"
    return f"{', '.join(facts)}; {times}, last {when(one.newest_at, DAY)}"


def _quotes(page: ThemePage) -> list[Block]:
    lines = [render_feedback_line(item, limit=QUOTE_LIMIT) for item in page.quotes]
    blocks = [section("*Their words*, newest first"), *(section(line) for line in lines)]
    if page.older_than is not None:
        value = f"{page.theme.id}/{page.older_than}"
        blocks.append(actions(button("Older words", Action.THEME_OLDER, value)))
    return blocks


def _outcome(page: ThemePage) -> list[Block]:
    lines = [
        f"*Decision* {link(view.link, shorten(title_of(view), 120))} · {ending_phrase(view)}"
        for view in page.decisions
    ]
    lines += [
        f"*Launch* {link(one.permalink, shorten(f'#{one.number} {one.title}', 120))} · "
        f"{WORDS[one.stage]}"
        for one in page.launches
    ]
    if not lines:
        lines = ["Nothing is decided or launched yet, as far as you can see."]
    return [section("\n".join(["*What came of it*", *lines])), *_told(page), *_questions(page)]


def _questions(page: ThemePage) -> list[Block]:
    """The newest questions to those who asked, each with how far it got."""
    return [_question(page, one) for one in page.questions[-QUESTIONS:]]


def _question(page: ThemePage, one: QuestionView) -> Block:
    mine = [item for item in page.told if item.subject_id == one.id]
    asked = sum(item.state == TOLD for item in mine)
    so_far = f", {asked} of {len(mine)} so far" if mine else ""
    text = f"*Asked them* {when(one.asked_at, DAY)}{so_far}:\n"
    text += quote(one.text, limit=QUOTE_LIMIT)
    is_open = any(item.state in {TO_TELL, DRAFTED} for item in mine)
    back = button("Take it back", f"{Action.THEME_UNASK}:{one.id}", one.id)
    return section(text, accessory=back if is_open and page.may_act else None)


def _told(page: ThemePage) -> list[Block]:
    due = [i for i in page.told if i.state != NOT_NEEDED and i.event != ASKED]
    if not due:
        return []
    told = sum(item.told_at is not None for item in due)
    ledger = render_ledger(due)
    lines = [f"*Told*, {told} of {len(due)}", *(f"• {line}" for line in ledger[:LEDGER_LINES])]
    more = len(ledger) - LEDGER_LINES
    return [section("\n".join(lines + ([f"and {more} more"] if more > 0 else [])))]


def _buttons(page: ThemePage) -> list[Block]:
    theme = page.theme
    if not page.may_act:
        return []
    pin = ("Unpin", "0") if theme.is_pinned else ("Pin", "1")
    no = (
        button("Open it again", Action.THEME_REOPEN, theme.id)
        if page.refusal
        else button("Decline", Action.THEME_DECLINE, theme.id)
    )
    row = [
        button("Rename", Action.THEME_RENAME, theme.id),
        button(pin[0], Action.THEME_SET_PIN, f"{theme.id}/{pin[1]}"),
        button("Ask them", Action.THEME_ASK, theme.id),
        no,
    ]
    return [actions(*row)]


def render_name_form(theme_id: str, name: str, *, page_id: str) -> View:
    """The form for a theme's name; ``page_id`` is the view that it stands on."""
    field = text_input("name", initial=name, limit=NAME_CHARACTERS)
    return modal(
        Form.THEME_NAME,
        "Rename theme",
        [
            field_input("name", "Name", field),
            context("It keeps this name; its number never changes."),
        ],
        submit="Rename",
        state={"theme": theme_id, "page": page_id},
    )


def render_theme_buttons(themes: Sequence[tuple[str, int, str]]) -> list[Block]:
    """One button a theme (id, number, name), to open its page."""
    row = [
        button(shorten(f"#{number} {name}", 70), f"{Action.THEME_OPEN}:{number}", theme_id)
        for theme_id, number, name in themes
    ]
    return [actions(*row)] if row else []
