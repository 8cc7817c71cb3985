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
        "In #customer-voice, react with :memo: to the last message. A receipt appears on it.",
    ),
    Step("Launch something", "Type /launch in #product. A title and an owner are enough."),
    Step(
        "Let the morning come",
        "Click “next due” above: the digest posts in #product, and a verdict comes due.",
    ),
    Step(
        "Give the verdict",
        "Become Jonas (top right) and open Daybook on the left: it asks what came of his launch.",
    ),
    Step("Ask why", "Type /why importer in a channel: the whole story on one screen."),
    Step(
        "Tell the customer",
        "Become Noor and open Daybook: a draft for a customer waits. One tap marks it as told.",
    ),
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A call of one of these methods whose arguments, as JSON in lower case, hold these letters.
    `to_channel`: only where everybody of a channel reads it."""

    methods: tuple[str, ...]
    letters: str
    to_channel: bool = False


_POST = ("chat.postMessage",)
_ANSWERS = ("ack", "chat.postMessage", "chat.postEphemeral", "response_url")

# For each step after the first: all of its traces, in this order. Ids as in bot/slack/ids.py; what
# begins with a quotation mark is the beginning of a text.
_TRACES: dict[int, tuple[Trace, ...]] = {
    2: (Trace(_POST, "launch.stage.move"),),
    3: (Trace(_POST, "digest.metric.explain", to_channel=True),),
    4: (Trace(("views.open",), "launch.form.verdict"), Trace(_POST, '"verdict on #')),
    5: (Trace(_ANSWERS, '"why #'),),
    6: (Trace(("chat.update", "views.publish"), "told.item.undo"),),
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
    if trace.to_channel and not (row.channel or "").startswith(("C", "G")):
        return False
    return trace.letters in json.dumps(row.args, ensure_ascii=False).casefold()
