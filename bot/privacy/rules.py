"""Who may have what removed, and how long words are kept. Pure."""

import re
from datetime import datetime

from bot.errors import BadInput

# Months that words may be kept for; 0: for as long as the workspace wants them.
MONTHS = (0, 3, 6, 12, 18, 24, 36)
ADDRESS = re.compile(r"[^@\s<>,;]+@[\w-]+(?:\.[\w-]+)+")


def read_address(typed: str) -> str:
    """Return an e-mail address in lower case; raises ``BadInput`` for what is none."""
    address = typed.strip().strip("<>").removeprefix("mailto:").partition("|")[0].lower()
    if not ADDRESS.fullmatch(address):
        raise BadInput(
            field="address",
            problem=f"“{typed.strip()[:60]}” is not an e-mail address.",
            fix="Use one such as ann@acme.example.",
        )
    return address


def months_before(at: datetime, months: int) -> datetime:
    """Return the instant so many calendar months earlier; a day that is not there is the last."""
    count = at.year * 12 + at.month - 1 - months
    year, month = divmod(count, 12)
    for day in range(at.day, at.day - 4, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError("no month has fewer than 28 days")


def read_months(typed: str) -> int:
    """Return how many months are kept; 0 for all."""
    if not typed.isdigit() or int(typed) not in MONTHS:
        raise BadInput(field="months", problem="That is none of the choices.")
    return int(typed)
