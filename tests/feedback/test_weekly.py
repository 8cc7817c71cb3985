"""The weekly feedback digest: what a week comes to, and what may leave its channel."""

from datetime import timedelta
from typing import Any

import pytest

from bot.db.session import Database
from bot.feedback.tables import FollowUp
from bot.feedback.weekly import Weekly, read_weekly, without_names
from bot.feedback.weekly_views import Issue, render_weekly
from bot.workspaces.asker import Asker
from playground.server.rows import View
from tests.conftest import Stage
from tests.feedback.desk import top_view
from tests.feedback.seeds import ANA, AT, PUBLIC, SECRET, TEAM, Seeds
from tests.feedback.telling import EXPORT, buttons_of, log_words, words_of

EVERYBODY = Asker(TEAM, channel_id="C9", sees_public=True)


@pytest.fixture
async def seeds(db: Database) -> Seeds:
    found = Seeds(db)
    await found.begin()
    for name in ("Acme", "Bolt", "Cato"):
        await found.customer(name)
    return found


async def _week(seeds: Seeds, audience: Asker = EVERYBODY) -> Weekly:
    async with seeds.db.read() as session:
        return await read_weekly(session, audience, target="C9", at=AT)


def _read(week: Weekly, **more: Any) -> str:
    return words_of(render_weekly(Issue(7, "Customer feedback", AT.date(), week, **more)).blocks)


async def _by_all(seeds: Seeds, theme: str, text: str, **more: Any) -> None:
    for who in ("Acme", "Bolt", "Cato"):
        await seeds.said(theme, who=who, text=text, **more)


async def test_new_growing_and_steady_themes_are_told_apart(seeds: Seeds) -> None:
    for name, days in (("new", (1, 2)), ("grows", (1, 2, 9)), ("steady", (1, 9)), ("old", (30,))):
        theme = await seeds.theme(name)
        for ago in days:
            await seeds.said(theme, days_ago=ago)
    week = await _week(seeds)
    assert [one.theme.name for one in week.new] == ["new"]
    assert [one.theme.name for one in week.growing] == ["grows"]
    assert (week.items, week.items_before) == (5, 2)


async def test_a_quote_leaves_its_channel_only_with_three_customers_behind_it(
    seeds: Seeds,
) -> None:
    theme = await seeds.theme("csv")
    for who in ("Acme", "Bolt"):
        await seeds.said(theme, who=who, text="two cannot be told from one another")
    await seeds.said(theme, author_id="U5", text="a member is no customer")
    assert [one.quote for one in (await _week(seeds)).new] == [""]
    await seeds.said(theme, who="Cato", text="Cato here, joe@cato.test: we want CSV")
    [told] = (await _week(seeds)).new
    assert told.quote == "… here, …: we want CSV"


async def test_what_a_private_channel_said_is_neither_counted_nor_quoted(seeds: Seeds) -> None:
    theme = await seeds.theme("csv")
    await _by_all(seeds, theme, "secret words", room=SECRET, reporter_id="U7")
    await _by_all(seeds, await seeds.theme("s", room=SECRET), "secret", room=SECRET)
    week = await _week(seeds)
    assert week.items == 0
    assert "secret" not in _read(week)
    guests = Asker(TEAM, channel_id=PUBLIC, channel_ids=frozenset({PUBLIC}))
    await _by_all(seeds, theme, "public words")
    assert (await _week(seeds, guests)).items == 3


async def test_neither_names_nor_money_stand_in_it(seeds: Seeds) -> None:
    theme = await seeds.theme("csv")
    await _by_all(
        seeds, theme, "Acme wants it", customer_revenue=99_900, customer_currency="EUR",
        customer_tier="enterprise",
    )  # fmt: skip
    read = _read(await _week(seeds))
    assert "… wants it" in read
    for word in ("Acme", "Bolt", "EUR", "enterprise"):
        assert word not in read


async def test_a_theme_that_is_named_after_a_customer_is_told_without_the_name(
    seeds: Seeds,
) -> None:
    theme = await seeds.theme("Acme export fails")
    for days in (1, 2):
        await seeds.said(theme, who="Acme", days_ago=days)
    read = _read(await _week(seeds))
    assert "… export fails" in read
    assert "Acme" not in read


async def test_removed_words_are_not_the_quote_of_the_week(seeds: Seeds) -> None:
    theme = await seeds.theme("csv")
    await _by_all(seeds, theme, "we want CSV")
    await seeds.said(theme, who="Acme", text="", redacted_at=AT)
    assert [one.quote for one in (await _week(seeds)).new] == ["we want CSV"]


async def test_competitors_have_a_line_of_their_own(seeds: Seeds) -> None:
    theme = await seeds.theme("rival")
    await _by_all(seeds, theme, "they have it", kind="competitor")
    read = _read(await _week(seeds))
    assert "*Competitors* came up 3 times" in read


async def test_the_five_most_wanted_without_a_decision_are_listed_in_order(seeds: Seeds) -> None:
    for n in range(7):
        theme = await seeds.theme(f"t{n}")
        for k in range(n + 1):
            await seeds.said(theme, author_id=f"U{k}")
    await seeds.decision("d", "t6")
    week = await _week(seeds)
    assert [one.theme.name for one in week.undecided] == ["t5", "t4", "t3", "t2", "t1"]
    assert "1. #" in _read(week)


async def test_who_waits_longest_is_listed_without_a_name_and_the_rest_counted(
    seeds: Seeds,
) -> None:
    theme = await seeds.theme("csv")
    found = [await seeds.said(theme, who="Acme", days_ago=days) for days in (40, 20, 10)]
    async with seeds.db.write() as session:
        from bot.feedback.tables import Refusal

        for name, state in (("r", "standing"), ("gone", "rearmed")):
            session.add(
                Refusal(
                    workspace_id=TEAM, id=name, theme_id=theme, reason="no", owner_id=ANA,
                    declined_at=AT, timezone="UTC", state=state,
                )
            )  # fmt: skip
        session.add(
            FollowUp(
                workspace_id=TEAM, asker_key="gone", feedback_id=found[1], owner_id=ANA,
                subject_kind="refusal", subject_id="gone", event="declined",
                source_channel_id=PUBLIC, created_at=AT - timedelta(days=40),
            )
        )  # fmt: skip
        for n, (item, state) in enumerate(zip(found, ("drafted", "told", "drafted"), strict=True)):
            session.add(
                FollowUp(
                    workspace_id=TEAM, asker_key=str(n), customer_id="Acme", feedback_id=item,
                    owner_id=ANA, subject_kind="refusal", subject_id="r", event="declined",
                    state=state, source_channel_id=PUBLIC, created_at=AT.replace(hour=1),
                    told_at=AT if state == "told" else None,
                )
            )  # fmt: skip
        session.add(
            FollowUp(
                workspace_id=TEAM, asker_key="again", feedback_id=found[0], owner_id=ANA,
                subject_kind="refusal", subject_id="r", event="verdict",
                source_channel_id=PUBLIC, created_at=AT,
            )
        )  # fmt: skip
    week = await _week(seeds)
    assert [one.number for one in week.oldest] == [2, 4]
    read = _read(week)
    assert "1 of 3 in the last 28 days; half of them within 20 days of asking." in read
    assert "Acme" not in read


def test_names_are_taken_out_as_whole_words_in_any_case() -> None:
    text = "ACME and Acmeville wrote to ann@acme.test and @joe: acme pays"
    assert without_names(text, ["Acme", ""]) == "… and Acmeville wrote to … and …: … pays"


async def _press(stage: Stage, view: View, label: str) -> None:
    [found] = buttons_of(view.body["blocks"])[label]
    await stage.people.click(stage.who.ana, found, view_id=view.id)
    await stage.settle()


async def test_it_is_set_up_tested_and_comes_on_monday(stage: Stage) -> None:
    await log_words(stage, EXPORT)
    room = stage.rooms.product
    await stage.people.command(stage.who.ana, room, "/daybook digest feedback")
    form = top_view(stage)
    read = words_of(form.body["blocks"])
    assert "*The week in feedback*" in read
    assert "Mon 18 May" in read or "Mon 25 May" in read
    answer = await stage.people.submit(stage.who.ana, form.id, {"where": room})
    assert not answer.errors
    card = top_view(stage)
    assert "The week in feedback" in words_of(card.body["blocks"])
    await _press(stage, card, "Test to me")
    [test] = stage.dms(stage.who.ana)
    assert "A test: only you see it." in words_of(test.blocks)
    assert stage.posts(room) == []

    await stage.after(days=7, hours=3)
    posts = [post for post in stage.posts(room) if "Customer feedback" in post.text]
    assert posts
    assert "Useful" in buttons_of(posts[0].blocks)
    assert "All themes" in buttons_of(posts[0].blocks)
