"""The progress of a backfill on a terminal: one bar a metric."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.metrics.backfill import Progress, Step


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Yield what shows each step; on no terminal (a log, say) nothing is drawn."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(
        *columns, TextColumn("days"), console=console, disable=not console.is_terminal
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: Step) -> None:
            if step.label not in tasks:
                # A label is shown as it is: what looks like markup is none.
                tasks[step.label] = bars.add_task(step.label.replace("[", "\\["), total=step.days)
            bars.update(tasks[step.label], completed=step.done)

        yield show
