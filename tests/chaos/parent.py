"""What every process of a trial has: it ends when the trial ends, however that ends."""

import ctypes
import os
import signal
import sys
import threading
import time

# prctl's: "send me this signal when my parent ends" (linux/prctl.h). It ends a stopped one too.
PR_SET_PDEATHSIG = 1


def follow_parent() -> None:
    """Let nothing stay behind on the machine."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
