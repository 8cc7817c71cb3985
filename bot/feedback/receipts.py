"""Where feedback stays, and whether a receipt may show there. Pure."""

from bot.workspaces.tables import Channel

# Says "it is logged" on the message itself; a calm sign that teams seldom use for votes.
RECEIPT_EMOJI = "white_check_mark"


def scope_of(channel: Channel) -> str:
    """Return the scope of themes: a private channel's feedback is grouped by itself."""
    return channel.id if channel.is_private else ""


def shows_receipt(channel: Channel) -> bool:
    """Tell whether the receipt emoji may show: where customers read, only if an admin said so."""
    return bool(channel.shows_receipt) if channel.is_shared else channel.shows_receipt is not False
