"""What people see of themes that may be one. Pure."""

from collections.abc import Sequence
from hashlib import sha256

from bot.feedback.memory import SplitIdea
from bot.feedback.proposal_queries import Answered, Proposal, SplitProposal
from bot.feedback.queries import FeedbackView, ThemeView
from bot.slack.blocks import Block, actions, button, context, section
from bot.slack.ids import Action
from bot.slack.text import escape, quote, when

QUOTE_LIMIT = 160
NAME_LIMIT = 80
# A pair's two theme ids, as a button carries them.
BETWEEN = "/"


ANSWER_WORDS = {
    "same": "#{gone} joined #{into}",
    "different": "#{gone} is another thing than #{into}",
    "split": "#{gone} was split off #{into}",
    "whole": "#{into} is one thing",
}


def render_home_proposals(
    proposals: Sequence[Proposal],
    answered: Sequence[Answered],
    splits: Sequence[SplitProposal] = (),
) -> list[Block]:
    """Each pair with its evidence and two answers, then what was answered and can be undone."""
    blocks: list[Block] = []
    for one in proposals:
        blocks += _proposal(one)
    for split in splits:
        blocks += _split(split)
    blocks += [_answered(one) for one in answered]
    return blocks


def _proposal(one: Proposal) -> list[Block]:
    larger, smaller = one.larger, one.smaller
    ids = f"{smaller.id}{BETWEEN}{larger.id}"
    said = "\n".join([*_words(smaller, one.smaller_quotes), *_words(larger, one.larger_quotes)])
    suffix = f":{smaller.id}"
    return [
        section(f"{_theme(smaller)} and {_theme(larger)}: the same thing?\n{said}"),
        actions(
            button("Same", f"{Action.THEME_SAME}{suffix}", ids),
            button("Different", f"{Action.THEME_DIFFERENT}{suffix}", ids),
            button(f"Pin #{larger.number}", f"{Action.THEME_PIN}{suffix}", larger.id),
        ),
        context(
            f"If they are, #{smaller.number} joins #{larger.number}; both keep their numbers. "
            f"Likeness {one.link:.2f} of 1. A pinned theme is not asked about."
        ),
    ]


def _split(one: SplitProposal) -> list[Block]:
    theme, idea = one.theme, one.idea
    going, staying = len(idea.smaller_ids), len(idea.larger_ids)
    value = f"{theme.id}{BETWEEN}{mark_of(idea)}"
    text = "\n".join(
        [
            f"{_theme(theme)}: two things?",
            f"*{staying} like*",
            *(quote(item.text, limit=QUOTE_LIMIT) for item in one.larger_quotes),
            f"*{going} like*",
            *(quote(item.text, limit=QUOTE_LIMIT) for item in one.smaller_quotes),
        ]
    )
    return [
        section(text),
        actions(
            button("Two things", f"{Action.THEME_SPLIT}:{theme.id}", value),
            button("One thing", f"{Action.THEME_WHOLE}:{theme.id}", value),
        ),
        context(
            f"If they are two, the {going} get a number of their own, “{escape(idea.name)}”; "
            f"#{theme.number} keeps the rest. Likeness of the two {idea.between:.2f} of 1, inside "
            f"each at least {idea.within:.2f}."
        ),
    ]


def mark_of(idea: SplitIdea) -> str:
    """Return a short sign of which feedback would go: it changes when that does."""
    return sha256(",".join(sorted(idea.smaller_ids)).encode()).hexdigest()[:16]


def _words(theme: ThemeView, quotes: Sequence[FeedbackView]) -> list[str]:
    """Words of one theme under its number: whose they are decides whether the two are one."""
    if not quotes:
        return []
    return [f"*#{theme.number}*", *(quote(item.text, limit=QUOTE_LIMIT) for item in quotes)]


def _theme(theme: ThemeView) -> str:
    count = f"{theme.items} said it" if theme.items != 1 else "said once"
    return f"*#{theme.number} “{escape(theme.name, limit=NAME_LIMIT)}”* ({count})"


def _answered(one: Answered) -> Block:
    day = when(one.at, "{date_short_pretty}")
    words = ANSWER_WORDS.get(one.answer, ANSWER_WORDS["different"])
    said = words.format(gone=one.gone_number, into=one.into_number)
    return section(
        f"{day}: theme {said}",
        accessory=button("Undo", f"{Action.THEME_UNDO}:{one.id}", one.id),
    )
