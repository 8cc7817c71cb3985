"""In which order themes stand, and what for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.feedback.ranking import (
    CUSTOMERS,
    OVERALL,
    RECENCY,
    REVENUE,
    TIER,
    TREND,
    WEIGHTS,
    Tally,
    Voice,
    parts_of,
    rank,
    scale_of,
    score_of,
    tally,
    tier_places,
)

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)


def voice(who: str = "acme", *, days: float = 1, **more: Any) -> Voice:
    values: dict[str, Any] = {"tier": "", "revenue": None, "currency": "", "area": ""} | more
    kind = values.pop("kind", "request")
    return Voice("t", who, is_customer=True, kind=kind, said_at=AT - timedelta(days=days), **values)


def pays(who: str, major: int, currency: str = "EUR", **more: Any) -> Voice:
    return voice(who, revenue=major * 100, currency=currency, **more)


def order(sort: str, **themes: list[Voice]) -> list[str]:
    tallies = {name: tally(voices, AT) for name, voices in themes.items()}
    places = tier_places([one for voices in themes.values() for one in voices])
    scale = scale_of(list(tallies.values()), places, AT)
    return rank(list(themes), sort, lambda name: tallies[name], scale)


def test_the_weights_come_to_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100


def test_a_customer_counts_once_however_often_they_said_it() -> None:
    assert tally([voice("acme"), voice("acme"), voice("bolt")], AT).customers == 2


def test_revenue_is_the_newest_known_of_each_customer() -> None:
    one = tally([pays("acme", 100, days=30), pays("acme", 300, days=2), pays("bolt", 50)], AT)
    assert one.revenue == {"EUR": 35_000}


def test_currencies_are_never_added_up_and_only_the_usual_one_is_compared() -> None:
    themes = {
        "euros": [pays("a", 10)],
        "more_euros": [pays("b", 20)],
        "yen": [pays("c", 1_000_000, "JPY")],
    }
    assert order(REVENUE, **themes) == ["more_euros", "euros", "yen"]
    assert tally([pays("a", 10), pays("c", 5, "JPY")], AT).revenue == {"EUR": 1000, "JPY": 500}


def test_weeks_are_counted_back_from_now_and_older_ones_left_out() -> None:
    one = tally([voice(days=0), voice(days=6.9), voice(days=7), voice(days=100)], AT)
    assert one.weeks[-2:] == (1, 2)
    assert sum(one.weeks) == 3
    assert one.items == 4


@pytest.mark.parametrize(
    ("sort", "first"),
    [(CUSTOMERS, "many"), (REVENUE, "rich"), (RECENCY, "new"), (TREND, "grows")],
)
def test_each_order_puts_first_what_it_names(sort: str, first: str) -> None:
    themes = {
        "many": [voice(who, days=40) for who in "abcd"],
        "rich": [pays("e", 900, days=40)],
        "new": [voice("f", days=0)],
        "grows": [voice(who, days=9) for who in "ghi"],
    }
    assert order(sort, **themes)[0] == first


def test_tiers_stand_as_their_customers_pay_on_average() -> None:
    places = tier_places([
        pays("a", 900, tier="enterprise"),
        pays("b", 100, tier="enterprise"),
        pays("c", 300, tier="team"),
        voice("d", tier="free"),
    ])  # fmt: skip
    assert places["enterprise"] > places["team"] > places["free"] > 0
    themes = {
        "free": [voice("d", tier="free")],
        "large": [pays("a", 900, tier="enterprise")],
        "team": [pays("c", 300, tier="team")],
        "unknown": [voice("x")],
    }
    assert order(TIER, **themes) == ["large", "team", "free", "unknown"]


def test_a_shrinking_theme_stands_behind_a_steady_one() -> None:
    shrinks = [voice(who, days=35) for who in "abc"]
    steady = [voice("d", days=5), voice("e", days=35)]
    assert order(TREND, shrinks=shrinks, steady=steady) == ["steady", "shrinks"]


def test_no_part_leaves_zero_to_one_and_the_best_at_all_scores_a_hundred() -> None:
    best = tally([pays("a", 10, tier="top", days=0)], AT)
    scale = scale_of([best, Tally(items=0, customers=0)], {"top": 1.0}, AT)
    assert score_of(best, scale) == pytest.approx(100)
    assert all(part == 0 for part in parts_of(Tally(items=0, customers=0), scale).values())


def test_best_first_weighs_all_of_them() -> None:
    themes = {"few": [voice("a", days=90)], "many": [voice(who, days=3) for who in "bcd"]}
    assert order(OVERALL, **themes) == ["many", "few"]
