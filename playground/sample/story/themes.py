"""What customers keep coming back to, named as the team would name it."""

from dataclasses import dataclass
from typing import Literal

IMPORT = "import-columns"
OFFLINE = "offline-counting"
SINGLE_SIGN_ON = "single-sign-on"
LOW_STOCK = "low-stock-alerts"
FIRST_STEPS = "first-steps"
SLOW_PAGE = "slow-stock-page"
ANNUAL = "annual-billing"
STOCKPINE = "compared-with-stockpine"


@dataclass(frozen=True, slots=True)
class Theme:
    """`status` is where the theme ends up by the end of the history."""

    key: str
    name: str
    area: str
    status: Literal["open", "planned", "shipped", "declined"]


THEMES: tuple[Theme, ...] = (
    Theme(IMPORT, "Import trips over columns and decimals", "Import", "shipped"),
    Theme(OFFLINE, "Counting without signal", "Counting", "planned"),
    Theme(SINGLE_SIGN_ON, "Single sign-on", "Accounts", "declined"),
    Theme(LOW_STOCK, "Warn me before stock runs out", "Reordering", "open"),
    Theme(FIRST_STEPS, "Where do I start?", "First week", "shipped"),
    Theme(SLOW_PAGE, "Stock page is slow with long lists", "Performance", "open"),
    Theme(ANNUAL, "Pay once a year", "Billing", "shipped"),
    Theme(STOCKPINE, "Compared with Stockpine", "Market", "open"),
)
