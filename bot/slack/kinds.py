"""What an id of Slack's is of: a person, a channel or a conversation of two.

Slack's begin with U or W, C or G, and D. Of other servers' ids those of channels may be any word.
"""


def is_person(id_: str) -> bool:
    """Tell whether it is a person's, whom a direct message reaches."""
    return id_.startswith(("U", "W"))


def is_channel(id_: str) -> bool:
    """Tell whether it is a channel's, which several people read."""
    return bool(id_) and not id_.startswith(("U", "W", "D"))
