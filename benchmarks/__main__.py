"""``make bench``: each benchmark beside its bare counterpart, and a table at the end.

``ONLY=fanout`` runs one (or several, with commas), ``QUICK=1`` runs a small form of each,
without targets.
"""

import importlib
import os
import sys
import time

from benchmarks.table import Row, render_table

BENCHMARKS = (
    "fanout", "posts", "commands", "routes", "inbox", "intake", "digests", "triage", "footprint",
    "sample_verdicts",
)  # fmt: skip


def main() -> int:
    """Run what was asked for; 1 when a target was missed."""
    only = [name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip()]
    unknown = sorted(set(only) - set(BENCHMARKS))
    if unknown:
        print(f"No benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
        return 2
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    rows: list[Row] = []
    for name in only or BENCHMARKS:
        began = time.perf_counter()
        print(f"{name} ...", flush=True)
        found = importlib.import_module(f"benchmarks.{name}").run(quick=quick)
        print(render_table(found), f"\n({time.perf_counter() - began:.0f} s)\n", flush=True)
        rows += found
    print(render_table(rows))
    return int(any(row.is_met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
