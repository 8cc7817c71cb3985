"""The kinds of thing that people do in the sample's history.

Pure data: another module plays them through the playground and the bot, in the order of `at`.
Every reference is a key of an earlier act, a member's or channel's id from `team.py`, a
customer's key from `customers.py`, a theme's key from `story/themes.py`, or a metric's name from
`metrics.yaml`. Percentages are numbers from 0 to 100.
"""

from dataclasses import dataclass
from typing import Literal

from playground.sample.timeline import Day, Moment

Kind = Literal["bug", "request", "praise", "question", "competitor"]
Stage = Literal["planned", "beta", "rolling_out", "live", "rolled_back", "retired"]
Importance = Literal["nice to have", "important", "blocking"]


@dataclass(frozen=True, slots=True)
class Say:
    """A message in Slack's mrkdwn; `thread` is the key of the message it replies to.

    `text` may hold the `{names}` of `facts.Facts`; `history.write_history` fills them in.
    """

    at: Moment
    who: str
    channel: str
    text: str
    key: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class React:
    """An ordinary emoji on a message, for warmth; it logs nothing."""

    at: Moment
    who: str
    message: str
    emoji: str


@dataclass(frozen=True, slots=True)
class MarkFeedback:
    """Somebody reacts with `team.FEEDBACK_EMOJI`; the rest is what a person would answer.

    `key` is the message's key. `customer` is None where nobody knows who said it,
    `theme` None where it stands alone.
    """

    at: Moment
    who: str
    message: str
    kind: Kind
    theme: str | None
    customer: str | None
    importance: Importance = "important"


@dataclass(frozen=True, slots=True)
class Tripwire:
    """Reopens a decision when a metric stays beyond a bound for some days running."""

    metric: str
    side: Literal["above", "below"]
    bound: float
    days: int


@dataclass(frozen=True, slots=True)
class LogDecision:
    """`thread` is the message whose thread it was decided in; `supersedes` another's key."""

    at: Moment
    key: str
    who: str
    channel: str
    title: str
    context: str
    options: tuple[str, ...]
    choice: str
    rationale: str
    owner: str
    participants: tuple[str, ...]
    confidence: int
    is_reversible: bool
    revisit: Day
    thread: str | None = None
    tripwire: Tripwire | None = None
    supersedes: str | None = None
    themes: tuple[str, ...] = ()
    bet: "JudgedByHand | None" = None


@dataclass(frozen=True, slots=True)
class Guardrail:
    """`worst_change` is the relative change, in percent, that must not be exceeded."""

    metric: str
    worst_change: float


@dataclass(frozen=True, slots=True)
class MoveMetric:
    """A bet that a metric moves; numbers are filled in from the product's own data."""

    metric: str
    check: Day
    confidence: int
    baseline: float | None = None
    target: float | None = None
    guardrails: tuple[Guardrail, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedByHand:
    """A bet that a person judges, in words that can be checked."""

    expectation: str
    check: Day
    confidence: int


@dataclass(frozen=True, slots=True)
class Launch:
    """Logged in its first stage; `asked_by` are themes, `decision` a decision's key."""

    at: Moment
    key: str
    who: str
    channel: str
    title: str
    summary: str
    owner: str
    area: str
    stage: Stage
    bet: MoveMetric | JudgedByHand | None = None
    asked_by: tuple[str, ...] = ()
    decision: str | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeStage:
    """A launch moves to another stage; `note` says why in the mover's words."""

    at: Moment
    launch: str
    who: str
    stage: Stage
    note: str


@dataclass(frozen=True, slots=True)
class GiveVerdict:
    """The owner's word on a launch's check date, with a lesson and what happens next."""

    at: Moment
    launch: str
    who: str
    verdict: Literal["hit", "missed", "inconclusive", "invalid", "too_early"]
    lesson: str
    next_step: Literal["keep", "fix", "remove"]


@dataclass(frozen=True, slots=True)
class TellAsker:
    """A person told the customer behind a feedback message what came of it."""

    at: Moment
    launch: str
    message: str
    who: str
    event: Literal["shipped", "verdict", "declined"]
    text: str


@dataclass(frozen=True, slots=True)
class DeclineTheme:
    """An honest no, with the condition that would change it."""

    at: Moment
    theme: str
    who: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class SubscribeDigest:
    """`weekdays` count from Monday as 0; `clock` is wall time in `zone`."""

    at: Moment
    key: str
    who: str
    title: str
    channel: str
    metrics: tuple[str, ...]
    clock: str
    zone: str
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class OpenRetro:
    """A run of a retro series; `launch` is the one whose verdict called for it."""

    at: Moment
    key: str
    who: str
    channel: str
    series: str
    title: str
    questions: tuple[str, ...]
    participants: tuple[str, ...]
    launch: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerRetro:
    """One answer for each of the retro's questions, in their order."""

    at: Moment
    retro: str
    who: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RetroAction:
    """A promise with an owner; `check` says how anybody can tell that it worked."""

    owner: str
    text: str
    due: Day
    expected_effect: str
    check: str


@dataclass(frozen=True, slots=True)
class CloseRetro:
    """The end of a run: at most three actions."""

    at: Moment
    retro: str
    who: str
    summary: str
    actions: tuple[RetroAction, ...]


Act = (
    Say
    | React
    | MarkFeedback
    | LogDecision
    | Launch
    | ChangeStage
    | GiveVerdict
    | TellAsker
    | DeclineTheme
    | SubscribeDigest
    | OpenRetro
    | AnswerRetro
    | CloseRetro
)
