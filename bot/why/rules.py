"""Which story a question is about, which quotes tell it, and what is missing in it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.ai.fulltext import FullText
from bot.ai.lexical import stems
from bot.ai.search import parse_question
from bot.bets.records import BetView, Judged
from bot.decisions.records import DecisionView
from bot.decisions.rules import CURRENT, PROPOSED
from bot.entries.links import Node
from bot.feedback.queries import FeedbackView
from bot.why.records import Candidate, LaunchStory, Story

NUMBER = re.compile(
    r"^\s*(?:(?:launch|bet|decision|theme|feedback)\s+)?#?\s*(-?\d{1,9})\s*[?.!]?\s*$",
    re.IGNORECASE,
)
LONGEST_NUMBER = 40
QUOTES = 3
DECISIONS = 3
LAUNCHES = 3
# Further matches offered beside the best one.
ALSO = 4
# What is asked about is rather the thing launched, then what decided it, then what was said.
KIND_ORDER = {"launch": 0, "decision": 1, "theme": 2}
# Words that frame a question and rarely are what it is about.
FRAME_STEMS = frozenset(
    stems("build built launch launched ship shipped decide decided choose chose")
)
# A title counts thrice: it says what something is about, the words under it much else too.
TITLE_WEIGHT = 3


def asked_number(question: str) -> int | None:
    """Return the number of "#12", or None for words."""
    found = NUMBER.match(question) if len(question) <= LONGEST_NUMBER else None
    return int(found[1]) if found else None


def asked_stems(question: str) -> list[str]:
    """Return the telling words of a question, without its frame and without endings."""
    found = list(dict.fromkeys(stems(parse_question(question).words)))
    return [stem for stem in found if stem not in FRAME_STEMS] or found


def rank(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return what the question may be about, best first; nothing when no word fits.

    At least half of the telling words must stand in title or words; the share of them in the
    title decides first, then the kind, then how rare the words are (BM25).
    """
    asked = asked_stems(question)
    if not asked:
        return []
    by_key = {f"{c.node.kind}:{c.node.id}": c for c in candidates}
    index = FullText()
    for key, candidate in by_key.items():
        index.add(key, f"{(candidate.title + ' . ') * TITLE_WEIGHT}{candidate.body}")
    found = index.search(" ".join(asked), k=len(by_key))
    scored = [(*_score(asked, by_key[key]), place, by_key[key]) for place, key in enumerate(found)]
    fits = [one for one in scored if one[1] >= len(asked) / 2]
    if not fits and len(asked) == 1:
        # One word that nobody wrote: its nearest spelling, as the index read it.
        fits = scored
    fits.sort(key=lambda one: (-one[0], KIND_ORDER[one[3].node.kind], one[2]))
    return [candidate for _, _, _, candidate in fits]


def _score(asked: Sequence[str], candidate: Candidate) -> tuple[float, int]:
    title = set(stems(candidate.title))
    words = title | set(stems(candidate.body))
    in_title = sum(stem in title for stem in asked) / len(asked)
    return in_title, sum(stem in words for stem in asked)


@dataclass(frozen=True)
class Edge:
    """One link of the graph."""

    first: Node
    then: Node


def chain_of(start: Node, edges: Sequence[Edge], seen: set[Node]) -> list[Node]:
    """Return what led to ``start`` and what came of it, nearest first, over ``seen`` nodes only.

    What else came of the same cause is another story. Of several decisions where one took the
    other's place, all belong to it.
    """
    before: dict[Node, list[Node]] = {}
    after: dict[Node, list[Node]] = {}
    for edge in edges:
        if edge.first in seen and edge.then in seen:
            after.setdefault(edge.first, []).append(edge.then)
            before.setdefault(edge.then, []).append(edge.first)
    found = [start, *_walk(start, before), *_walk(start, after)]
    return list(dict.fromkeys(found))


def _walk(start: Node, following: Mapping[Node, Sequence[Node]]) -> list[Node]:
    found: list[Node] = []
    edge = [start]
    while edge:
        nearer = [node for at in edge for node in following.get(at, ())]
        edge = [node for node in dict.fromkeys(nearer) if node not in found and node != start]
        found += edge
    return found


def pick_quotes(items: Sequence[FeedbackView], limit: int = QUOTES) -> tuple[FeedbackView, ...]:
    """Return the most important words of as many different customers as possible, newest first.

    Praise came of it rather than led to it: it stands last.
    """
    ordered = sorted(items, key=lambda i: (i.kind == "praise", -i.importance, -i.number))
    firsts: dict[str, FeedbackView] = {}
    for item in ordered:
        firsts.setdefault(customer_key(item), item)
    chosen = list(firsts.values())[:limit]
    chosen += [item for item in ordered if item not in chosen][: limit - len(chosen)]
    return tuple(chosen)


def customer_key(item: FeedbackView) -> str:
    """Return whose words these are: the customer, or else the author."""
    return item.customer_id or item.author_id or item.id


def order_decisions(decisions: Sequence[DecisionView]) -> list[DecisionView]:
    """Return what stands first, then what was superseded or retired, newest first."""
    return sorted(decisions, key=lambda view: (view.status not in CURRENT, -view.number))


def seen_bet(one: Judged) -> BetView | None:
    """Return the bet, unless its metric is not for this asker: then there is none."""
    return one.bet if one.bet and not one.bet.is_hidden else None


def without_hidden(story: LaunchStory) -> LaunchStory:
    """Return a launch without a bet that is not for this asker, and all that came of it."""
    if seen_bet(story.launch) is story.launch.bet:
        return story
    bare = replace(story.launch, bet=None, evidence=None, verdict=None)
    return replace(story, launch=bare, evidence_link="")


@dataclass(frozen=True)
class Gap:
    """Something missing: a word for it, of which launch, and a date where one is known."""

    kind: str
    number: int = 0
    on: date | None = None


def find_gaps(story: Story, today: date) -> list[Gap]:
    """Return what is missing in a story, in the order of the loop."""
    gaps = []
    if not story.quotes:
        gaps.append(Gap("no_quotes"))
    if not story.decisions:
        gaps.append(Gap("no_decision"))
    elif all(view.status == PROPOSED for view in story.decisions):
        gaps.append(Gap("only_proposed", story.decisions[0].number))
    for view in story.decisions:
        gaps += _bet_gaps(view, today)
    if not story.launches:
        gaps.append(Gap("no_launch"))
    for one in story.launches:
        gaps += _launch_gaps(one, today)
    return gaps


def _bet_gaps(one: Judged, today: date) -> list[Gap]:
    bet = seen_bet(one)
    if bet is None:
        return []
    if bet.state == "open" and bet.first_day:
        kind = "verdict_due" if bet.check_date >= today else "verdict_late"
        return [Gap(kind, one.number, bet.check_date)]
    if bet.state == "open" and one.kind == "launch":
        return [Gap("not_live", one.number)]
    return [Gap("no_verdict", one.number)] if bet.state in {"measured", "unjudged"} else []


def _launch_gaps(story: LaunchStory, today: date) -> list[Gap]:
    launch = story.launch
    gaps = []
    if seen_bet(launch) is None:
        gaps.append(Gap("no_bet", launch.number))
    gaps += _bet_gaps(launch, today)
    is_out = launch.live_at is not None
    if is_out and not any(item.told_at for item in story.told):
        gaps.append(Gap("nobody_told", launch.number))
    return gaps
