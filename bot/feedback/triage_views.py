"""The inbox in the App Home: each item with one row of answers, each one click. Pure."""

from typing import Any

from bot.feedback.triage import NEW_THEME, Was
from bot.feedback.triage_queries import Inbox, InboxItem, ThemeLabel
from bot.feedback.views import KIND_OPTIONS, render_feedback_line
from bot.slack.blocks import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    home,
    section,
    select,
)
from bot.slack.ids import Action
from bot.slack.text import shorten

QUOTE_LIMIT = 320
THEME_CHARACTERS = 70
DONE_WORDS = {
    "keep": "kept",
    "kind": "kept, as another kind",
    "theme": "kept, under the theme you chose",
    "later": "put off for a week",
    "dismiss": "is no feedback, so it counts nowhere",
}
# Of the App Home's state: where the page begins (0: at the newest), and what can be taken back.
BELOW, UNDO = "inbox", "undo"


def render_home_inbox(waiting: int) -> list[Block]:
    """The line of the App Home that leads to the inbox; nothing when it is empty."""
    if not waiting:
        return []
    noun = "item" if waiting == 1 else "items"
    text = f"*To sort:* {waiting:,} {noun} of feedback that nobody has looked at."
    return [section(text, accessory=button("Sort them", Action.TRIAGE_OPEN))]


def render_inbox(inbox: Inbox, *, below: int, undo: Was | None) -> View:
    """The inbox in place of the App Home."""
    blocks: list[Block] = [actions(*_ways(inbox, below))]
    blocks.append(section(_head(inbox, below)))
    if undo:
        text = f"#{undo.number}: {DONE_WORDS.get(undo.act, 'sorted')}."
        blocks.append(section(text, accessory=button("Undo", Action.TRIAGE_UNDO, undo.to_text())))
    for one in inbox.items:
        blocks += [divider(), *_item(one)]
    if inbox.older_than is not None:
        blocks += [divider(), actions(_go("Older", inbox.older_than))]
    blocks.append(
        context(
            "Keep: it is right as it stands. Choosing another kind or theme keeps it, too, and "
            "teaches. Later: back in a week. Every choice can be undone at once, and is logged."
        )
    )
    state: dict[str, Any] = {BELOW: below} | ({UNDO: undo.to_text()} if undo else {})
    return home(blocks, state=state)


def _ways(inbox: Inbox, below: int) -> list[Block]:
    row = [button("Back to Home", Action.TRIAGE_CLOSE)]
    if below:
        row.append(_go("To the newest", 0))
    return row


def _go(label: str, below: int) -> Block:
    return button(label, f"{Action.TRIAGE_GO}:{below}", str(below))


def _head(inbox: Inbox, below: int) -> str:
    if not inbox.open:
        return "*Everything is sorted.*"
    if not inbox.items:
        return f"*Nothing older is left.* {inbox.open:,} newer to sort."
    newer = f", {inbox.newer:,} of them newer than these" if below and inbox.newer else ""
    return f"*{inbox.open:,} to sort*, newest first{newer}"


def _item(one: InboxItem) -> list[Block]:
    item = one.item
    row = [
        button("Keep", f"{Action.TRIAGE_KEEP}:{item.id}", item.id, style="primary"),
        button("Later", f"{Action.TRIAGE_LATER}:{item.id}", item.id),
        button("Not feedback", f"{Action.TRIAGE_DISMISS}:{item.id}", item.id),
        select(
            f"{Action.TRIAGE_KIND}:{item.id}",
            [(text, f"{item.id}/{kind}") for text, kind in KIND_OPTIONS],
            chosen=f"{item.id}/{item.kind}",
        ),
        _themes(one),
    ]
    return [section(render_feedback_line(item, limit=QUOTE_LIMIT)), actions(*row)]


def _themes(one: InboxItem) -> Block:
    options = [(_theme(theme), f"{one.item.id}/{theme.id}") for theme in one.themes]
    options.append(("A theme of its own", f"{one.item.id}/{NEW_THEME}"))
    chosen = f"{one.item.id}/{one.item.theme_id}"
    return select(
        f"{Action.TRIAGE_THEME}:{one.item.id}", options, chosen=chosen, placeholder="Theme"
    )


def _theme(theme: ThemeLabel) -> str:
    return shorten(f"#{theme.number} {theme.name}", THEME_CHARACTERS)
