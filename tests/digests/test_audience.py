"""A metric that is kept to a channel is told of by no door to anybody else."""

import json
from datetime import UTC, date, datetime, timedelta

from tests.conftest import Stage
from tests.digests.conftest import declare_all, resync, subscribe
from tests.metrics.product import Product

NINE = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)  # Monday, 9:00 in Berlin
SUNDAY = date(2026, 5, 17)
DOORS = (
    "/daybook metrics",
    "/daybook metrics revenue",
    "/daybook alerts",
    "/daybook status",
    "/daybook search revenue",
    "/digest list",
    "/why revenue",
    "/why did revenue drop on Sunday?",
    "/daybook brief",
    "/daybook gaps",
)


async def _told(stage: Stage, user: str) -> str:
    """All that a person is told by every door that leads to numbers."""
    room, heard = stage.rooms.product, []
    for line in DOORS:
        await stage.people.command(user, room, line)
        await stage.settle()
    heard += [m.text + json.dumps(m.blocks) for m in await stage.people.ephemerals(user, room)]
    heard += [m.text + json.dumps(m.blocks) for m in stage.dms(user)]
    await stage.people.open_home(user)
    await stage.settle()
    home = stage.world.views.home(user)
    heard.append(json.dumps(home.body["blocks"]) if home else "")
    return "\n".join(heard)


async def test_who_may_not_see_a_metric_hears_of_it_by_no_door(
    stage: Stage, product: Product
) -> None:
    product.owner = stage.who.ana
    product.put("revenue", SUNDAY, 17.0)  # a day far out, and a past one corrected later
    declare_all(product, stage)
    text = product.file.read_text()
    alert = f"    alert: {{channel: {stage.rooms.product}}}\n    audience: {stage.rooms.leads}"
    product.file.write_text(text.replace(f"    audience: {stage.rooms.leads}", alert))
    await resync(stage, product)
    await subscribe(stage, stage.rooms.leads, "sign_ups", "revenue", name="Money")
    await subscribe(stage, stage.rooms.product, "sign_ups", "revenue", name="Product")
    await stage.run_until(NINE + timedelta(hours=5))
    product.put("revenue", SUNDAY, 18.0)
    await stage.run_until(NINE + timedelta(days=1, hours=5))

    assert "Revenue stood out on Sun 17 May" in await _told(stage, stage.who.ana)
    everywhere = await _told(stage, stage.who.ben) + "".join(
        m.text + json.dumps(m.blocks) for m in stage.posts(stage.rooms.product)
    )
    for secret in ("Revenue", "Money"):
        assert secret not in everywhere
