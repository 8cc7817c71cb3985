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


def nearest_word(word: str) -> str:
    """Return the known word that ``word`` was probably meant to be, or an empty string."""
    near = get_close_matches(word.lower(), WORDS, n=1, cutoff=0.6)
    return near[0] if near else ""
