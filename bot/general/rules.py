"""Pure: which word somebody meant."""

from difflib import get_close_matches

WORDS = (
    "launch",
    "feedback",
    "themes",
    "decision",
    "retro",
    "digest",
    "metrics",
    "alerts",
    "why",
    "search",
    "status",
    "settings",
    "customers",
    "import",
    "export",
    "redact",
    "erase",
    "help",
)
# Doors that stand in the settings, and are looked for as words of their own.
SETTINGS = ("areas", "webhooks", "privacy")
# Fewer letters begin too many words.
LEAST_TYPED = 3


def nearest_word(word: str) -> str:
    """Return the known word that ``word`` was probably meant to be, or an empty string."""
    typed = word.lower()
    doors = [door for door in SETTINGS if typed in {door, door.removesuffix("s")}]
    if doors:
        return f"settings {doors[0]}"
    longer = [known for known in WORDS if typed.startswith(known) or known.startswith(typed)]
    if longer and len(typed) >= LEAST_TYPED:
        return longer[0]
    near = get_close_matches(typed, WORDS, n=1, cutoff=0.6)
    return near[0] if near else ""
