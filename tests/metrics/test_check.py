"""``daybook metrics check``: every metric read once, with its value or what to mend."""

from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

from bot.metrics.check import Checked, check_metrics, render_checked
from tests.metrics.product import BROKEN, FILE, Product

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
SUNDAY = date(2026, 5, 17)


async def _check(product: Product, text: str) -> list[Checked]:
    ticks = count()
    return await check_metrics(text, product.env, at=AT, tick=lambda: float(next(ticks)))


async def test_a_metric_that_works_shows_value_day_rows_and_time(tmp_path: Path) -> None:
    product = Product(tmp_path, "U0OWNER00")
    product.fill("sign_ups", SUNDAY)
    [found] = await _check(product, product.text())
    assert found.is_good
    assert (found.day, found.value, found.rows, found.seconds) == (SUNDAY, "55 teams", 30, 1.0)


async def test_a_broken_source_is_told_with_its_fix_and_stops_no_other(tmp_path: Path) -> None:
    product = Product(tmp_path, "U0OWNER00")
    product.fill("sign_ups", SUNDAY)
    good, broken = await _check(product, product.text(FILE, BROKEN))
    assert good.is_good
    assert broken.problem == "The database file does not exist."
    assert broken.fix


async def test_a_last_day_that_is_not_there_names_ready_after(tmp_path: Path) -> None:
    product = Product(tmp_path, "U0OWNER00")
    product.fill("sign_ups", date(2026, 5, 16))
    [found] = await _check(product, product.text())
    assert "There is nothing for 2026-05-17" in found.problem
    assert "ready_after" in found.fix


async def test_a_query_without_rows_points_at_its_dates(tmp_path: Path) -> None:
    product = Product(tmp_path, "U0OWNER00")
    [found] = await _check(product, product.text())
    assert "no row in the 30 days" in found.problem
    assert found.value == ""


def test_a_file_that_declares_nothing_is_said_to() -> None:
    assert "declares no metric" in render_checked([])
