"""The real command line on a machine whose clock is set by the trial (CHAOS_CLOCK names the file).

Nothing else is replaced: what runs is ``daybook run`` or ``daybook worker`` as people start it.
"""

import os
import signal
import threading
import time
from pathlib import Path

from bot.cli import main
from bot.clock import SystemClock
from tests.chaos.clockfile import ClockFile


def follow_parent() -> None:
    """End when the trial ends, however it ends: nothing stays behind on the machine."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    follow_parent()
    clock = ClockFile(Path(os.environ["CHAOS_CLOCK"]))
    SystemClock.now = lambda _self: clock.now()  # type: ignore[method-assign]
    main()
