"""What people see of themes that may be one. Pure."""

from collections.abc import Sequence

from bot.feedback.proposal_queries import Answered, Proposal
from bot.feedback.queries import FeedbackView, ThemeView
from bot.slack.blocks import Block, actions, button, context, section
from bot.slack.ids import Action
from bot.slack.text import escape, quote, when

QUOTE_LIMIT = 160
NAME_LIMIT = 80
# A pair's two theme ids, as a button carries them.
BETWEEN = "/"


def render_home_proposals(
    proposals: Sequence[Proposal], answered: Sequence[Answered]
) -> list[Block]:
    """Each pair with its evidence and two answers, then what was answered and can be undone."""
    blocks: list[Block] = []
    for one in proposals:
        blocks += _proposal(one)
    blocks += [_answered(one) for one in answered]
    return blocks


def _proposal(one: Proposal) -> list[Block]:
    larger, smaller = one.larger, one.smaller
    ids = f"{smaller.id}{BETWEEN}{larger.id}"
    said = "\n".join(quote(item.text, limit=QUOTE_LIMIT) for item in _side_by_side(one))
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


def _side_by_side(one: Proposal) -> list[FeedbackView]:
    return [*one.smaller_quotes, *one.larger_quotes]


def _theme(theme: ThemeView) -> str:
    count = f"{theme.items} said it" if theme.items != 1 else "said once"
    return f"*#{theme.number} “{escape(theme.name, limit=NAME_LIMIT)}”* ({count})"


def _answered(one: Answered) -> Block:
    day = when(one.at, "{date_short_pretty}")
    said = "joined" if one.answer == "same" else "is another thing than"
    return section(
        f"{day}: theme #{one.gone_number} {said} #{one.into_number}",
        accessory=button("Undo", f"{Action.THEME_UNDO}:{one.id}", one.id),
    )
