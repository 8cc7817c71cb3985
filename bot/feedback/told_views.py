"""What an owner sees of those to be told, and the team of those who were. Pure."""

from collections.abc import Sequence

from bot.bets.rules import VERDICTS
from bot.feedback.queries import FeedbackView
from bot.feedback.refusal_records import STANDING, QuestionView, RefusalView
from bot.feedback.theme_words import name_of
from bot.feedback.told_drafts import DRAFT_LIMIT
from bot.feedback.told_records import (
    ASKED,
    DECLINED,
    DRAFTED,
    NOT_NEEDED,
    SHIPPED,
    TO_TELL,
    TOLD,
    FollowUpView,
    Subject,
    Telling,
)
from bot.launches.records import LaunchView
from bot.launches.stages import ROLLED_BACK
from bot.slack.blocks import (
    Block,
    Message,
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
from bot.slack.text import escape, link, person, quote, shorten, when

# What one message shows; the next ones take their place in it as these are done.
SHOWN_OPEN = 5
SHOWN_DONE = 6
# What the App Home shows of one event.
SHOWN_AT_HOME = 2
NAMED_AT_HOME = 3
QUOTE_LIMIT = 240
# By so many letters a quote is recognised in a draft.
WORDS_KNOWN_BY = 30
LEDGER_WORDS = {
    SHIPPED: ("told", "that it is live"),
    DECLINED: ("told", "that it was declined"),
    ASKED: ("asked", "your question"),
}


def render_telling(telling: Telling) -> Message:
    """The owner's message of one event: each asker with the quote and a draft, done in one tap."""
    head = headline(telling)
    blocks = [section(head)]
    is_recalled = _is_recalled(telling)
    open_ = [] if is_recalled else [item for item in telling.items if item.state == DRAFTED]
    for item in open_[:SHOWN_OPEN]:
        blocks += _open_blocks(item)
    if len(open_) > SHOWN_OPEN:
        blocks.append(context(f"{len(open_) - SHOWN_OPEN} more come up here as these are done."))
    # What was taken back by itself is nobody's "not needed".
    over = {TOLD} if is_recalled else {TOLD, NOT_NEEDED}
    done = [item for item in telling.items if item.state in over]
    blocks += [_done_block(item, can_undo=not is_recalled) for item in done[-SHOWN_DONE:]]
    if open_:
        blocks.append(context("You send it, in your own way; I post nothing to customers."))
    if telling.thanked_for:
        blocks.append(context(thanks_line(telling.thanked_for)))
    return Message(head, blocks)


def headline(telling: Telling) -> str:
    """Return what happened and how many are to be told."""
    open_ = sum(item.state == DRAFTED for item in telling.items)
    if _is_recalled(telling):
        late = " Who was told already may want to know." if _has_told(telling) else ""
        return f"{_recalled(telling.subject)}{late}"
    happened = _happened(telling)
    if telling.event == ASKED:
        return _question_headline(happened, open_)
    if not open_:
        return f"{happened} Nobody is left to be told by you."
    if open_ == 1:
        return f"{happened} One who asked for it is yours to tell; here is a draft."
    return f"{happened} {open_} who asked for it are yours to tell; here are drafts."


def _happened(telling: Telling) -> str:
    subject = telling.subject
    if isinstance(subject, RefusalView):
        name = name_of(subject.theme_number, subject.theme_name)
        reason = quote(subject.reason, limit=QUOTE_LIMIT)
        return f"*{name}* was declined:\n{reason}\n"
    if isinstance(subject, QuestionView):
        name = name_of(subject.theme_number, subject.theme_name)
        asked = quote(subject.text, limit=QUOTE_LIMIT)
        return (
            f"{person(subject.asked_by)} wants to know of those who asked for *{name}*:\n{asked}\n"
        )
    if telling.event == SHIPPED:
        return f"{launch_name(subject)} is live."
    verdict = f": {VERDICTS[subject.verdict.verdict]}" if subject.verdict else ""
    return f"{launch_name(subject)} has its verdict{verdict}."


def _question_headline(happened: str, open_: int) -> str:
    if not open_:
        return f"{happened}Nobody is left to be asked by you."
    if open_ == 1:
        return f"{happened}One of them is yours to ask; here is a draft."
    return f"{happened}{open_} of them are yours to ask; here are drafts."


def _recalled(subject: Subject) -> str:
    if isinstance(subject, RefusalView):
        name = name_of(subject.theme_number, subject.theme_name)
        return f"*{name}* is open again. Please tell nobody that it was declined."
    if isinstance(subject, QuestionView):
        name = name_of(subject.theme_number, subject.theme_name)
        return f"The question to those who asked for *{name}* was taken back. Please ask nobody."
    return f"{launch_name(subject)} was rolled back. Please tell nobody that it is live."


def _is_recalled(telling: Telling) -> bool:
    subject = telling.subject
    if isinstance(subject, RefusalView):
        return subject.state != STANDING
    if isinstance(subject, QuestionView):
        return False
    return telling.event == SHIPPED and subject.stage == ROLLED_BACK


def _has_told(telling: Telling) -> bool:
    return any(item.state == TOLD for item in telling.items)


def launch_name(launch: LaunchView) -> str:
    """Return ``*#412 CSV export*``, linked where it was posted."""
    title = shorten(launch.title, 100)
    name = link(launch.permalink, title) if launch.permalink else escape(title)
    return f"*#{launch.number} {name}*"


def who_asked(item: FollowUpView) -> str:
    """Return whose words they are, as far as anybody knows."""
    if item.customer_name:
        return f"*{escape(item.customer_name, limit=80)}*"
    if item.author_id and item.author_id != item.owner_id:
        return person(item.author_id)
    return "Somebody whose words you logged"


def _open_blocks(item: FollowUpView) -> list[Block]:
    if not item.text:
        text = f"{who_asked(item)}: what they wrote was taken back since."
        return [section(text), actions(_button("Not needed", Action.TOLD_NOT_NEEDED, item))]
    where = f" ({link(item.permalink, 'see the message')})" if item.permalink else ""
    asked = f"{who_asked(item)} wrote {when(item.said_at, '{date_short_pretty}')}{where}"
    draft = f"Draft:\n{escape(item.draft, limit=DRAFT_LIMIT)}"
    # A draft that quotes them says it all; the same words twice are too much for a phone.
    if _has_words(item):
        return [section(f"{asked}. {draft}"), _buttons(item)]
    said = section(f"{asked}:\n{quote(item.text, limit=QUOTE_LIMIT)}")
    return [said, section(draft), _buttons(item)]


def _has_words(item: FollowUpView) -> bool:
    start = " ".join(item.text.split())[:WORDS_KNOWN_BY]
    return start in " ".join(item.draft.split())


def _buttons(item: FollowUpView) -> Block:
    return actions(
        _button("Asked" if item.event == ASKED else "Told", Action.TOLD_TOLD, item)
        | {"style": "primary"},
        _button("Edit", Action.TOLD_EDIT, item),
        _button("Not needed", Action.TOLD_NOT_NEEDED, item),
    )


def _button(label: str, action: Action, item: FollowUpView) -> Block:
    return button(label, f"{action}:{item.id}", item.id)


def _done_block(item: FollowUpView, *, can_undo: bool) -> Block:
    if item.state == TOLD and item.told_at:
        done = "asked" if item.event == ASKED else "told"
        text = f"{who_asked(item)}: {done} {when(item.told_at)}."
    else:
        text = f"{who_asked(item)}: not needed."
    undo = _button("Undo", Action.TOLD_UNDO, item) if can_undo else None
    return section(text, accessory=undo)


def thanks_line(items: Sequence[FeedbackView]) -> str:
    """Thank the one who logged what led to it."""
    numbers = ", ".join(f"#{item.number}" for item in sorted(items, key=lambda i: i.number))
    return f"Thank you: {numbers}, which you logged, helped it on its way."


def render_draft_form(item: FollowUpView, *, is_home: bool) -> View:
    """The form for the draft, with what they asked above it."""
    field = text_input("draft", initial=item.draft, multiline=True, limit=DRAFT_LIMIT)
    return modal(
        Form.TOLD_DRAFT,
        "Edit the draft",
        [
            section(f"{who_asked(item)} wrote:\n{quote(item.text)}"),
            field_input("draft", "What you will tell them", field),
        ],
        submit="Save",
        state={"follow_up": item.id, "home": is_home},
    )


def render_home_due(tellings: Sequence[Telling], *, shown: int) -> list[Block]:
    """Drafts that wait for this person, in the App Home; the last of many events by name alone."""
    blocks: list[Block] = []
    for telling in tellings[:shown]:
        blocks.append(section(headline(telling)))
        for item in telling.items[:SHOWN_AT_HOME]:
            blocks += _open_blocks(item)
        if len(telling.items) > SHOWN_AT_HOME:
            blocks.append(context(f"{len(telling.items) - SHOWN_AT_HOME} more after these."))
    if waiting := tellings[shown:]:
        blocks.append(context(_waiting(waiting)))
    return blocks


def _waiting(tellings: Sequence[Telling]) -> str:
    """Name what comes up as the drafts above are done."""
    names = [_subject_name(one.subject) for one in tellings[:NAMED_AT_HOME]]
    left = len(tellings) - len(names)
    more = [f"{left} more"] if left > 0 else []
    return f"Drafts wait about {', '.join([*names, *more])}, too. They come up as these are done."


def _subject_name(subject: Subject) -> str:
    if isinstance(subject, LaunchView):
        return launch_name(subject)
    return f"*{name_of(subject.theme_number, subject.theme_name)}*"


def render_home_done(items: Sequence[FollowUpView]) -> list[Block]:
    """What this person just did in the App Home, with its Undo."""
    done = [item for item in items if item.state in {TOLD, NOT_NEEDED}]
    return [_done_block(item, can_undo=True) for item in done]


def render_ledger(items: Sequence[FollowUpView]) -> list[str]:
    """Who was told what, when, one line each, the told first; never by person."""
    order = (TOLD, DRAFTED, TO_TELL, NOT_NEEDED)
    return [_ledger_line(item) for item in sorted(items, key=lambda i: order.index(i.state))]


def _ledger_line(item: FollowUpView) -> str:
    who = f"*{escape(item.customer_name, limit=80)}*" if item.customer_name else "An asker"
    verb, what = LEDGER_WORDS.get(item.event, ("told", "what came of it"))
    where = f" ({link(item.permalink, 'their words')})" if item.permalink else ""
    if item.state == TOLD and item.told_at:
        return f"{who}{where} was {verb} {what}, {when(item.told_at, '{date_short_pretty}')}"
    if item.state == NOT_NEEDED:
        return f"{who}{where} need not be {verb} {what}"
    return f"{who}{where} is not {verb} yet {what}"
