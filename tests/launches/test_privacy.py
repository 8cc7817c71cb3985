"""What comes from a private channel, or from a private metric, stays with its readers."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.errors import NotFound
from bot.launches.queries import (
    find_launches,
    get_launch,
    launches_between,
    live_bets,
    similar_launches,
)
from bot.launches.tables import Launch
from bot.metrics.tables import Metric
from bot.workspaces.asker import Asker
from handlers.launches import open_edit_form
from handlers.payloads import Request
from tests.conftest import START, Stage
from tests.launches.conftest import (
    CHECK_AT,
    Numbers,
    bet_on,
    declare_all,
    launch,
    open_form,
    rows,
    submit,
    thread,
    words,
)


def _asker(stage: Stage, user: str, *rooms: str) -> Asker:
    return Asker(stage.workspace_id, user, sees_public=True, channel_ids=frozenset(rooms))


async def _private(stage: Stage) -> None:
    await open_form(stage, "/launch Secret pricing", channel=stage.rooms.leads)
    await submit(stage, {})


async def test_a_launch_in_a_private_channel_is_seen_by_its_members_only(stage: Stage) -> None:
    await _private(stage)
    outside, inside = _asker(stage, stage.who.ben), _asker(stage, "U0LEAD", stage.rooms.leads)
    until = START + timedelta(days=1)
    async with stage.deps.db.read() as session:
        [seen] = await find_launches(session, inside)
        assert await find_launches(session, outside) == []
        assert await launches_between(session, outside, START, until) == []
        assert await similar_launches(session, outside, "Secret pricing") == []
        assert await live_bets(session, outside, at=until) == []
        for wanted in (seen.id, f"#{seen.number}"):
            with pytest.raises(NotFound):
                await get_launch(session, outside, wanted)


async def test_a_list_does_not_name_private_launches_to_others(stage: Stage) -> None:
    await _private(stage)
    await stage.people.command(stage.who.ben, stage.rooms.product, "/daybook launch list")
    said = words((await stage.people.ephemerals(stage.who.ben, stage.rooms.product))[-1])
    assert "Secret" not in said


async def test_a_click_with_a_private_launchs_id_is_refused(stage: Stage) -> None:
    public = await launch(stage)
    await _private(stage)
    secret = (await rows(stage, Launch))[-1]
    assert secret.id != public.id
    place = stage.deps.places.all()[0]
    request = Request(
        place=place, asker=_asker(stage, stage.who.ben), at=START, name="x", value=secret.id
    )
    with pytest.raises(NotFound):
        await open_edit_form(request, stage.deps)


async def test_a_metric_that_became_private_is_blanked_in_queries_and_in_the_thread(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    row = await bet_on(stage)
    async with stage.deps.db.write() as session:
        await session.execute(update(Metric).values(source_channel_id=stage.rooms.leads))
    async with stage.deps.db.read() as session:
        detail = await get_launch(session, _asker(stage, stage.who.ben), row.id)
    assert detail.launch.bet.is_hidden
    assert (detail.launch.bet.metric_label, detail.launch.bet.target) == ("", None)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    said = words(thread(stage)[-1])
    assert "Sign-ups" not in said
    assert "Not measured" in said
