"""The command line: ``daybook run``, ``migrate`` and the rest. Nothing but parsing."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot.errors import DaybookError

app = typer.Typer(
    name="daybook",
    help="Runs your product team's rituals in Slack, and one log of what came of them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
metrics = typer.Typer(help="The metrics that the metrics file declares.", no_args_is_help=True)
imports = typer.Typer(help="Bring data in.", no_args_is_help=True)
app.add_typer(metrics, name="metrics")
app.add_typer(imports, name="import")


@app.command()
def run() -> None:
    """Run the bot: Socket Mode when SLACK_APP_TOKEN is set, otherwise signed HTTP."""
    from bot.db.sole import sole_process
    from bot.settings import check_can_reach_slack, check_workers, load_settings
    from bot.web.serve import serve

    settings = load_settings()
    check_can_reach_slack(settings)
    check_workers(settings, is_worker=False)

    async def main_() -> None:
        await _migrate(settings.database_url, "head")
        await serve(settings)

    with sole_process(settings.database_url):
        _set_up_logging(settings.log_level)
        _run(main_())


@app.command()
def worker() -> None:
    """Do the work of others' ``daybook run``: digests, checks, messages. Postgres only."""
    from bot.settings import check_can_reach_slack, check_workers, load_settings
    from bot.web.serve import serve_worker

    settings = load_settings()
    check_workers(settings, is_worker=True)
    check_can_reach_slack(settings)
    _set_up_logging(settings.log_level)

    async def main_() -> None:
        await _migrate(settings.database_url, "head")
        await serve_worker(settings)

    _run(main_())


@app.command()
def migrate(
    revision: Annotated[str, typer.Argument(help="how far; the newest by default")] = "head",
) -> None:
    """Bring the database to the newest schema (``run`` does so by itself)."""
    from bot.db.sole import sole_process
    from bot.settings import load_settings

    url = load_settings().database_url
    with sole_process(url):
        _run(_migrate(url, revision))
    typer.echo("The database is up to date.")


@app.command()
def manifest(
    url: Annotated[str, typer.Option(help="your public https address: HTTP, no Socket Mode")] = "",
    prefix: Annotated[str, typer.Option(help="before the short commands, for example pd-")] = "",
    *,
    single: Annotated[bool, typer.Option("--single", help="only /daybook")] = False,
) -> None:
    """Print the Slack app manifest for your installation (app.yaml is the Socket Mode one)."""
    import yaml

    from bot.manifest import render_manifest

    rendered = render_manifest(url=url, prefix=prefix, single=single)
    typer.echo(yaml.safe_dump(rendered, sort_keys=False, allow_unicode=True), nl=False)


@metrics.command("check")
def metrics_check() -> None:
    """Read every declared metric once: its newest value, or the problem and the fix."""
    import time

    from bot.clock import SystemClock
    from bot.db.session import Database
    from bot.metrics.check import Checked, check_metrics, render_checked, set_up_in_slack
    from bot.settings import load_settings, read_metrics_file, source_environment

    settings = load_settings()
    text, env = read_metrics_file(settings), source_environment()

    async def main_() -> list[Checked]:
        db = Database(settings.database_url)
        try:
            more = await set_up_in_slack(db)
        finally:
            await db.close()
        at = SystemClock().now()
        return await check_metrics(text, env, at=at, tick=time.monotonic, more=more)

    checked = asyncio.run(main_())
    typer.echo(render_checked(checked))
    if not checked or not all(one.is_good for one in checked):
        raise typer.Exit(1)


@metrics.command("backfill")
def metrics_backfill(
    names: Annotated[list[str] | None, typer.Argument(help="metrics; all unless named")] = None,
    days: Annotated[int, typer.Option(help="how far back", min=1, max=3650)] = 730,
) -> None:
    """Read the past of metrics anew; what comes out differently is noted with its old value."""
    from bot.clock import SystemClock
    from bot.db.readiness import opened
    from bot.metrics.backfill import Backfilled, backfill_metrics, render_backfilled
    from bot.metrics.backfill_bar import shown_progress
    from bot.metrics.declaration import load
    from bot.settings import load_settings, read_metrics_file, source_environment

    settings = load_settings()
    declaration = load(read_metrics_file(settings), source_environment())

    async def main_() -> list[Backfilled]:
        async with opened(settings.database_url) as db:
            with shown_progress() as progress:
                return await backfill_metrics(
                    db, declaration, names=names or [], days=days,
                    at=SystemClock().now(), progress=progress,
                )  # fmt: skip

    found = asyncio.run(main_())
    typer.echo(render_backfilled(found))
    if any(one.problem for one in found):
        raise typer.Exit(1)


@imports.command("customers")
def import_customers_file(file: Annotated[Path, typer.Argument(help="a CSV file")]) -> None:
    """Bring your customers in: name, domains, channel, owner, tier, status, monthly_revenue."""
    from bot.clock import SystemClock
    from bot.db.readiness import opened
    from bot.settings import load_settings, read_text_file
    from bot.workspaces.customer_file import read_customers
    from bot.workspaces.intake import import_customers

    found = read_customers(read_text_file(file))

    async def main_() -> int:
        async with opened(load_settings().database_url) as db:
            return await import_customers(db, found.rows, at=SystemClock().now())

    count = asyncio.run(main_())
    typer.echo("\n".join([f"{count} customer{'' if count == 1 else 's'} imported.", *found.notes]))


@app.command()
def export(
    file: Annotated[str, typer.Argument(help="a new file; - or nothing prints it")] = "-",
    form: Annotated[str, typer.Option("--format", help="csv or jsonl; else by the file")] = "",
    *,
    private: Annotated[bool, typer.Option(help="private channels' feedback, too")] = False,
) -> None:
    """Take the feedback out: what every member may see, or all of it. The log says that you did."""
    from bot.clock import SystemClock
    from bot.db.readiness import opened
    from bot.intake.exports import Export
    from bot.intake.operator_export import export_feedback, form_of, write_new_file
    from bot.settings import load_settings

    shape = form_of(file, form)

    async def main_() -> Export:
        async with opened(load_settings().database_url) as db:
            at = SystemClock().now()
            return await export_feedback(db, shape, with_private=private, at=at)

    made = asyncio.run(main_())
    if file == "-":
        typer.echo(made.content, nl=False)
    else:
        write_new_file(Path(file), made.content)
    typer.echo(f"{made.rows:,} line{'' if made.rows == 1 else 's'} of feedback.", err=True)


@app.command()
def status(
    zone: Annotated[str, typer.Option(help="a city or zone for the times")] = "",
) -> None:
    """Every schedule with its last result and next run, and what did not arrive (exit 1)."""
    from bot.cities import find_zone
    from bot.clock import SystemClock
    from bot.db.readiness import opened
    from bot.general.report import has_failures, read_report
    from bot.settings import load_settings

    settings = load_settings()

    async def main_() -> str:
        where = find_zone(zone or settings.default_timezone)
        async with opened(settings.database_url) as db:
            return await read_report(db, where, at=SystemClock().now())

    report = asyncio.run(main_())
    typer.echo(report)
    if has_failures(report):
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Check settings, database, Slack and metrics; name what is missing and how to mend it."""
    from bot.doctor import examine, render_findings
    from bot.settings import inspect_settings

    findings = asyncio.run(examine(*inspect_settings()))
    typer.echo(render_findings(findings))
    if any(finding.is_broken for finding in findings):
        raise typer.Exit(1)


async def _migrate(url: str, revision: str) -> None:
    from bot.db.migrate import migrate
    from bot.db.session import Database
    from bot.errors import BadSetting, DatabaseBusy

    db = Database(url)
    try:
        await migrate(db, revision)
    except DatabaseBusy as error:
        raise BadSetting(
            field="DATABASE_URL",
            problem=str(error),
            fix="If it goes on, check DATABASE_URL, that its server runs, and who else uses it.",
        ) from error
    finally:
        await db.close()


def _run(coroutine: object) -> None:
    import uvloop

    uvloop.run(coroutine)  # type: ignore[arg-type]


def _set_up_logging(level: str) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # Plain tracebacks: the pretty ones print local variables, and so tokens and words.
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            getattr(logging, level.upper(), logging.INFO)
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> None:
    """Run the command line; what goes wrong on purpose is one clear message, no traceback."""
    try:
        app()
    except DaybookError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from error
