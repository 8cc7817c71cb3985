"""docs/settings.md tells every setting, and no other."""

import re
from pathlib import Path

from bot.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_lists_exactly_the_settings_that_the_code_reads() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE.read_text(), re.MULTILINE))
    assert told == {name.upper() for name in Settings.model_fields}
