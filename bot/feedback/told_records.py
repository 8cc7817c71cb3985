"""What is read of follow-ups: plain values, as one asker may see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.feedback.queries import FeedbackView
from bot.feedback.refusal_records import QuestionView, RefusalView
from bot.launches.records import LaunchView

SHIPPED, VERDICT, DECLINED, ASKED = "shipped", "verdict", "declined", "asked"
# What came of a bet that is worth telling; "too early" and "invalid" say nothing to a customer.
TOLD_VERDICTS = ("hit", "missed", "inconclusive")
# What the App Home was told to show as done just now: the id of a follow-up.
JUST_DONE = "told"
TO_TELL, DRAFTED, TOLD, NOT_NEEDED = "to_tell", "drafted", "told", "not_needed"


# What follow-ups are about.
Subject = LaunchView | RefusalView | QuestionView


@dataclass(frozen=True)
class FollowUpView:
    """One asker and one event. ``text`` is empty where the quote was taken back since."""

    id: str
    subject_kind: str
    subject_id: str
    event: str
    state: str
    customer_id: str | None
    customer_name: str
    author_id: str
    owner_id: str
    feedback_id: str
    feedback_number: int
    text: str
    permalink: str
    said_at: datetime
    draft: str
    created_at: datetime
    told_at: datetime | None
    told_by: str
    message_id: str | None


@dataclass(frozen=True)
class Telling:
    """What one owner is to tell of one event: a message of theirs.

    ``thanked_for`` is what this person logged themselves, to be thanked for in the same message.
    """

    subject: Subject
    event: str
    items: tuple[FollowUpView, ...]
    thanked_for: tuple[FeedbackView, ...] = ()


@dataclass(frozen=True)
class ToldRate:
    """How many of those to be told were; ``wait`` is the median from asked to told."""

    told: int
    to_tell: int
    wait: timedelta | None

    @property
    def share(self) -> float | None:
        """Return the part that was told, or None where nobody was to be."""
        return self.told / self.to_tell if self.to_tell else None
