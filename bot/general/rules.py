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
# What may be said to the bot in a thread, where commands do not work.
MENTIONS = ("feedback", "launch", "decision", "why", "search", "help", "retro", "digest")
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


def unknown_mention(word: str) -> str:
    """Return what to type instead of ``@Daybook word``, as a sentence; empty when nothing is near.

    The word itself may be a command that needs no thread, and is none to be said.
    """
    near = nearest_word(word)
    if not near:
        return ""
    if near == word:
        return f"It is a command: type `/daybook {near}` in the message field."
    return f"Did you mean `{'@Daybook' if near in MENTIONS else '/daybook'} {near}`?"
