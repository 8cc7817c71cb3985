"""All that is wrong with a form, field by field, so that one submit tells everything.

A save stops at the first wrong field. Then, and only then, each field is read once more by itself.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable

from bot.errors import BadInput, DaybookError

Check = Callable[[], object] | Callable[[], Awaitable[object]]


async def gather_faults(checks: Iterable[Check]) -> list[BadInput]:
    """Run each check, which only reads, and return what they refused.

    What fails in another way than by its field is left to the save, which says it.
    """
    found = []
    for check in checks:
        try:
            answer = check()
            if inspect.isawaitable(answer):
                await answer
        except BadInput as error:
            found.append(error)
        except DaybookError:
            continue
    return found
