"""The memory of a process that has started and now serves."""

import gc

# Collect young objects by the thousands instead of by 700: each unit of work makes some hundreds.
YOUNG = 10_000


def settle_heap() -> None:
    """Take what was built at the start out of the garbage collector's sight.

    It stays for the life of the process, and it is most of what there is: looking through it again
    and again stopped the process for about 40 ms each time, whoever was waiting for an answer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
