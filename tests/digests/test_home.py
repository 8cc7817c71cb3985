"""What App Home shows of digests: mine with the next post, and what is broken."""

import json
from datetime import timedelta

from bot.digests.cards import render_home_broken, render_home_mine
from bot.digests.queries import home_broken_digests, home_broken_metrics, home_mine
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.digests.conftest import declare_all, resync, subscribe
from tests.metrics.product import Product


def _ana(stage: Stage) -> Asker:
    return Asker(stage.workspace_id, stage.who.ana, sees_public=True)


async def test_my_digests_stand_there_with_their_next_post_and_zone(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product)
    await subscribe(stage, stage.rooms.product, owner=stage.who.ben, name="Of somebody else")
    async with stage.deps.db.read() as session:
        mine = await home_mine(session, _ana(stage))
    words = json.dumps(render_home_mine(mine))
    assert "next Mon 18 May 09:00 (Europe/Berlin)" in words
    assert "Of somebody else" not in words


async def test_a_post_that_did_not_arrive_stands_there_with_a_resend_button(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product)
    stage.world.channels.remove_member(stage.rooms.product, stage.world.bot.id)
    await stage.after(hours=1, minutes=5)
    async with stage.deps.db.read() as session:
        broken = await home_broken_digests(session, _ana(stage))
    assert [one.digest.name for one in broken] == ["Product numbers"]
    assert "Send it again" in json.dumps(render_home_broken(broken, []))


async def test_a_metric_of_mine_that_cannot_be_read_stands_there_with_its_fix(
    stage: Stage, product: Product
) -> None:
    product.owner = stage.who.ana
    declare_all(product, stage)
    await resync(stage, product)
    await stage.deps.metrics.refresh(stage.workspace_id, at=stage.daybook.clock.now())
    async with stage.deps.db.read() as session:
        broken = await home_broken_metrics(session, _ana(stage))
        others = Asker(stage.workspace_id, stage.who.ben, sees_public=True)
        assert await home_broken_metrics(session, others) == []
    [metric] = broken
    assert (metric.label, metric.problem) == ("Uptime", "The database file does not exist.")
    assert metric.failed_at == stage.daybook.clock.now() - timedelta(0)
