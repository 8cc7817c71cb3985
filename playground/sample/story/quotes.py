"""How a customer's words come into Slack: pasted by a colleague, then marked as feedback."""

from datetime import datetime, timedelta

from playground.sample.acts import Act, Importance, Kind, MarkFeedback, Say
from playground.sample.team import CUSTOMER_VOICE
from playground.sample.timeline import Moment


def quote(key: str, at: Moment, who: str, heading: str, words: str) -> Say:
    """A colleague pastes what a customer wrote or said; `heading` names company and sender."""
    return Say(at, who, CUSTOMER_VOICE, f"{heading}\n> {words}", key)


def later(at: Moment, minutes: int) -> Moment:
    """The same day; the clock must not pass midnight."""
    clock = datetime.strptime(at.clock, "%H:%M") + timedelta(minutes=minutes)  # noqa: DTZ007
    return Moment(at.back, clock.strftime("%H:%M"))


def heard(
    said: Say,
    marked_by: str,
    kind: Kind,
    theme: str | None,
    customer: str | None,
    importance: Importance = "important",
    minutes: int = 6,
) -> tuple[Act, ...]:
    """A message, and the emoji that somebody put on it some minutes later."""
    mark = MarkFeedback(
        later(said.at, minutes), marked_by, said.key, kind, theme, customer, importance
    )
    return (said, mark)
