"""The list of themes: in which order, which of them, and what the order means. Pure."""

from collections.abc import Iterable

from bot.feedback.ranking import (
    CUSTOMERS,
    MEANINGS,
    OVERALL,
    RECENCY,
    REVENUE,
    TIER,
    TREND,
    WEIGHTS,
)
from bot.feedback.rules import KINDS
from bot.feedback.theme_queries import (
    ALL,
    DECLINED,
    OPEN,
    SHIPPED,
    UNDECIDED,
    Ranking,
    Standing,
    Wanted,
)
from bot.feedback.theme_words import STATUS_WORDS, money_of, name_of, said_by, trend_of
from bot.slack.blocks import Block, View, actions, button, context, modal, section, select
from bot.slack.ids import Action, Form
from bot.slack.text import when

# Two blocks each, of the 100 that a view takes; who looks further narrows it down.
LISTED = 20
SORTS = {
    OVERALL: "Best first",
    CUSTOMERS: "Most customers",
    REVENUE: "Most revenue",
    TIER: "Highest tier",
    RECENCY: "Newest",
    TREND: "Growing most",
}
SHOWS = {
    OPEN: "Open themes",
    UNDECIDED: "Without a decision",
    SHIPPED: "Live",
    DECLINED: "Declined",
    ALL: "All themes",
}
# Values of one row's menus come together: each says whose it is.
SORT, SHOW, KIND, AREA, TIER_ = "sort", "show", "kind", "area", "tier"
ANY = "any"


def render_list(ranking: Ranking, wanted: Wanted, *, sees_money: bool) -> View:
    """Themes in order with what stands for each, and how the order comes about."""
    blocks: list[Block] = [*_menus(ranking, wanted)]
    if wanted.sort == OVERALL:
        blocks.append(context(_weights()))
    for one in ranking.themes[:LISTED]:
        blocks.append(_theme(one, sees_money=sees_money))
    if not ranking.themes:
        blocks.append(section("*No theme fits.* Choose something else above."))
    if len(ranking.themes) > LISTED:
        more = len(ranking.themes) - LISTED
        blocks.append(context(f"{more} more; choose a kind or an area to see them."))
    blocks += _order(ranking, wanted, sees_money=sees_money)
    return modal(Form.THEME_LIST, "Themes", blocks)


def read_wanted(values: dict[str, str]) -> Wanted:
    """Read what was chosen; ``values`` are the view's, by block id."""
    chosen = dict(
        value.split(":", 1) for text in values.values() for value in text.split(",") if ":" in value
    )
    kept = {name: "" if value == ANY else value for name, value in chosen.items()}
    return Wanted(
        sort=kept.get(SORT, "") if kept.get(SORT) in SORTS else OVERALL,
        show=kept.get(SHOW, "") if kept.get(SHOW) in SHOWS else OPEN,
        kind=kept.get(KIND, ""),
        area=kept.get(AREA, ""),
        tier=kept.get(TIER_, ""),
    )


def _menus(ranking: Ranking, wanted: Wanted) -> list[Block]:
    rows = [
        actions(
            _menu(SORT, SORTS.items(), wanted.sort),
            _menu(SHOW, SHOWS.items(), wanted.show),
            block_id="theme.order",
        )
    ]
    kinds = [(ANY, "Every kind"), *((kind, kind.capitalize()) for kind in KINDS)]
    filters = [_menu(KIND, kinds, wanted.kind or ANY)]
    # A comma parts the values of a row: an area that has one cannot be chosen, and is still shown.
    areas = [area for area in ranking.areas if "," not in area]
    if areas:
        menu = [(ANY, "Every area"), *((area, area) for area in areas)]
        filters.append(_menu(AREA, menu, wanted.area or ANY))
    tiers = [tier for tier in ranking.tiers if "," not in tier]
    if tiers:
        menu = [(ANY, "Every tier"), *((tier, tier) for tier in tiers)]
        filters.append(_menu(TIER_, menu, wanted.tier or ANY))
    return [*rows, actions(*filters, block_id="theme.filters")]


def _menu(name: str, options: Iterable[tuple[str, str]], chosen: str) -> Block:
    pairs = [(text, f"{name}:{value}") for value, text in options]
    return select(f"{Action.THEME_FILTER}:{name}", pairs, chosen=f"{name}:{chosen}")


def _weights() -> str:
    parts = ", ".join(f"{name} {weight}" for name, weight in WEIGHTS.items())
    return f"Weighed of 100: {parts}. What each means stands at the end."


def _order(ranking: Ranking, wanted: Wanted, *, sees_money: bool) -> list[Block]:
    if wanted.sort != OVERALL:
        meaning = MEANINGS[wanted.sort]
        return [context(f"{SORTS[wanted.sort]}: {meaning}.{_currency(ranking, wanted.sort)}")]
    lines = [
        f"{name.capitalize()} {weight} of 100: {MEANINGS[name]}" for name, weight in WEIGHTS.items()
    ]
    return [context("\n".join(lines) + _currency(ranking, REVENUE if sees_money else ""))]


def _currency(ranking: Ranking, sort: str) -> str:
    code = ranking.scale.currency
    return f"\nOnly {code} is compared; nothing is converted." if sort == REVENUE and code else ""


def _theme(one: Standing, *, sees_money: bool) -> Block:
    tally = one.tally
    head = f"*{name_of(one.number, one.name)}* · {STATUS_WORDS[one.status]}"
    facts = said_by(tally)
    if sees_money and tally.revenue:
        facts += f", {money_of(tally.revenue)} a month"
    newest = f", last {when(tally.newest_at, '{date_short_pretty}')}" if tally.newest_at else ""
    text = f"{head}\n{facts}{newest}\n{trend_of(tally)}"
    opens = button("Open", f"{Action.THEME_OPEN}:{one.number}", one.id)
    return section(text, accessory=opens)
