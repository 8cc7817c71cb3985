"""The words of the first message. Pure."""

from collections.abc import Sequence

from bot.slack.blocks import Message, actions, button, context, section
from bot.slack.ids import Action
from bot.slack.text import channel

SHOWN_CHANNELS = 20


def render_welcome(channels: Sequence[str], *, emoji: Sequence[str]) -> Message:
    """What Daybook does, where it listens, how to invite it, and that it stays quiet."""
    text = (
        "Hello, I am Daybook. I keep what your team decides, what it expects and what came of it."
    )
    signs = " or ".join(f":{name}:" for name in emoji)
    return Message(
        text,
        [
            section(text),
            section(
                "Log a launch, and I come back on its check date with what happened. Log what a "
                "customer says, and I remind you to tell them when it is there. A digest brings a "
                "channel its numbers every morning; a retro begins with what really came out."
            ),
            section(_where(channels)),
            section(
                "*Nothing is posted unasked.* No digest, no retro and no question goes to a "
                "channel before one of you sets it up; a test goes to you alone."
            ),
            actions(
                button("New launch", Action.LAUNCH_OPEN, style="primary"),
                button("Log feedback", Action.HOME_FEEDBACK),
                button("Set up a digest", Action.DIGEST_NEW),
            ),
            context(
                f"React with {signs} to a customer's message to log it. `/daybook help` lists the "
                "rest. You get this message once."
            ),
        ],
    )


def _where(channels: Sequence[str]) -> str:
    invite = "Type `/invite @Daybook` in a channel where customers are quoted or launches are told."
    if not channels:
        return f"*I am in no channel yet*, so I hear nothing. {invite}"
    listed = ", ".join(channel(one) for one in channels[:SHOWN_CHANNELS])
    more = f" and {len(channels) - SHOWN_CHANNELS} more" if len(channels) > SHOWN_CHANNELS else ""
    return f"*I listen in* {listed}{more}, and nowhere else. {invite}"
