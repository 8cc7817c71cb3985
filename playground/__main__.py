"""What ``make play`` runs: a Slack on your own machine, its page, and the real bot."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from playground.play import PlayError, play
from playground.sample.setting import ensure_story

# Not where a real workspace's database is by default: this one is thrown away and laid out anew.
FOLDER = Path(".daybook") / "playground"
PORTS = range(1, 65536)


def main() -> int:
    """Serve until Ctrl-C. Returns the exit code."""
    try:
        port = int(os.environ.get("PORT") or 8420)
    except ValueError:
        port = 0
    if port not in PORTS:
        said = f"PORT must be a number from 1 to 65535, not {os.environ['PORT']!r}."
        print(said, file=sys.stderr)
        return 2
    if sys.argv[1:] == ["prepare"]:
        asyncio.run(ensure_story(FOLDER, datetime.now(UTC)))
        return 0
    is_fresh = os.environ.get("FRESH") not in {None, "", "0"}
    try:
        asyncio.run(play(FOLDER, port, is_fresh=is_fresh))
    except PlayError as error:
        print(str(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
