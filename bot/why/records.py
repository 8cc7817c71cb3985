"""What is read for a story: plain values, as one asker may see them."""

from dataclasses import dataclass

from bot.decisions.records import DecisionView
from bot.entries.links import Node
from bot.feedback.queries import FeedbackView, ThemeView
from bot.feedback.told_records import FollowUpView
from bot.launches.records import LaunchView


@dataclass(frozen=True)
class Candidate:
    """Something a question may be about: a theme, a decision or a launch, with its words."""

    node: Node
    number: int
    title: str
    body: str = ""


@dataclass(frozen=True)
class LaunchStory:
    """A launch with who was told of it. ``evidence_link`` leads to what the check found,
    ``reactions`` are what customers said to it."""

    launch: LaunchView
    told: tuple[FollowUpView, ...] = ()
    evidence_link: str = ""
    reactions: tuple[FeedbackView, ...] = ()


@dataclass(frozen=True)
class Story:
    """All that led to something and came of it, in the order of the loop.

    ``quotes`` are the few to be shown, of ``said`` in all from ``customers`` different ones.
    """

    about: Candidate
    themes: tuple[ThemeView, ...] = ()
    quotes: tuple[FeedbackView, ...] = ()
    said: int = 0
    customers: int = 0
    decisions: tuple[DecisionView, ...] = ()
    launches: tuple[LaunchStory, ...] = ()
