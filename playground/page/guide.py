"""The six steps of a first visit, and which of them have been taken.

Pure: what is asked comes in as facts. A step's traces are looked for in the calls that the bot
made after the guide began, so that the sample's history ticks nothing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from playground.server.rows import LedgerRow

ALL_STEPS = 6


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and one sentence on what it shows."""

    title: str
    words: str


STEPS = (
    Step(
        "Log what a customer said",
        "Find a customer's message, for example in #customer-voice, and react with :memo:.",
    ),
    Step("Launch something", "Type /launch in a channel. A title and an owner are enough."),
    Step("Let the morning come", "Click “next due” above: a digest posts, and a verdict is due."),
    Step("Give the verdict", "Answer the question under the launch whose check date has come."),
    Step("Ask why", "Type /why and the name of a feature: the whole story on one screen."),
    Step("Tell the customer", "Open the draft for the customer's owner, and mark it told."),
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A call of one of these methods whose arguments hold one of these words."""

    methods: tuple[str, ...]
    words: tuple[str, ...]


_POSTS = ("chat.postMessage", "chat.update", "response_url", "chat.postEphemeral")
_VIEWS = ("views.open", "views.push", "views.update")

# For each step after the first: all of its traces, in this order.
_TRACES: dict[int, tuple[Trace, ...]] = {
    2: (Trace(_VIEWS, ("launch",)), Trace(("chat.postMessage",), ("launch", ":rocket:", "🚀"))),
    3: (Trace(("chat.postMessage",), ("digest",)),),
    4: (Trace(_VIEWS, ("verdict",)), Trace(_POSTS, ("verdict",))),
    5: (Trace((*_POSTS, *_VIEWS), ("why.", "/why", "why:", "why ", '"why"')),),
    6: (Trace((*_POSTS, *_VIEWS), ("told", "tell.")),),
}


def ticks(rows: Sequence[LedgerRow], *, has_new_memo: bool) -> tuple[bool, ...]:
    """For each step whether it was taken. `rows` are the bot's calls since the guide began;
    `has_new_memo`: a person has put :memo: on somebody else's message since then."""
    return (has_new_memo, *(_is_traced(rows, _TRACES[n]) for n in range(2, ALL_STEPS + 1)))


def _is_traced(rows: Iterable[LedgerRow], traces: Sequence[Trace]) -> bool:
    waiting = list(traces)
    for row in rows:
        if waiting and _leaves(row, waiting[0]):
            waiting.pop(0)
    return not waiting


def _leaves(row: LedgerRow, trace: Trace) -> bool:
    if row.method not in trace.methods:
        return False
    text = json.dumps(row.args, ensure_ascii=False).casefold()
    return any(word in text for word in trace.words)
