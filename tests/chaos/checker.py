"""Compare Slack's append-only ledger with what had to be posted. Pure; knows nothing of the bot.

Every due slot is posted once, none is lost, none early, and in a channel what was due earlier
stands earlier. Where nobody can know whether a post arrived, its owner must have been told.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Due:
    """One slot that has to be posted; an optional one may be (its digest was removed then)."""

    name: str
    slot: date
    at: datetime
    is_optional: bool = False


@dataclass(frozen=True)
class Post:
    """One message of the ledger: which slot it is, and when and where Slack accepted it."""

    name: str
    slot: date
    at: datetime
    channel: str
    number: int  # in the ledger's order


@dataclass
class Verdict:
    """What came of one trial; each fault is a line fit for a person."""

    slots: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    uncertain: int = 0
    untold: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be."""
        named = {
            "lost": self.lost,
            "doubled": self.doubled,
            "early": self.early,
            "out of order": self.disordered,
            "untold": self.untold,
        }
        return [f"{name}: {line}" for name, lines in named.items() for line in lines]

    def line(self) -> str:
        """The one line that is looked at."""
        return (
            f"{self.slots} slots, {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.early)} early, {self.uncertain} uncertain"
        )


def check(
    due: Sequence[Due],
    posts: Sequence[Post],
    told: Iterable[str] = (),
    *,
    ahead: timedelta = timedelta(),
) -> Verdict:
    """Judge a trial. ``told`` names, once for each note, whose post its owner knows as uncertain.

    ``ahead`` is by how much some machine's clock was ever fast: so much earlier it may post.
    """
    verdict = Verdict(slots=sum(not one.is_optional for one in due))
    notes = Counter(told)
    verdict.uncertain = notes.total()
    made = defaultdict(list)
    for post in posts:
        made[post.name, post.slot].append(post)
    for one in due:
        found = made.pop((one.name, one.slot), [])
        what = f"{one.name} {one.slot} (due {one.at:%Y-%m-%d %H:%M:%S})"
        if not found and not one.is_optional:
            if notes[one.name]:
                notes[one.name] -= 1
            else:
                verdict.lost.append(what)
        verdict.doubled += [f"{what}, again {post.at:%H:%M:%S}" for post in found[1:]]
        verdict.early += [f"{what}, at {p.at:%H:%M:%S.%f}" for p in found if p.at < one.at - ahead]
    for (name, slot), rest in made.items():
        # Posted, and never due: a date of its own, or one too many.
        verdict.doubled += [f"{name} {slot} was never due ({post.at})" for post in rest]
    verdict.disordered = _disorder(due, posts)
    return verdict


def check_events(wanted: Iterable[str], answered: Iterable[str], verdict: Verdict) -> None:
    """Add what became of events: each that Slack was told we have is answered once."""
    times = Counter(answered)
    verdict.lost += [f"event {one}" for one in wanted if not times[one]]
    verdict.doubled += [f"event {one}, {n} times" for one, n in times.items() if n > 1]


def _disorder(due: Sequence[Due], posts: Sequence[Post]) -> list[str]:
    at = {(one.name, one.slot): one.at for one in due}
    latest: dict[str, tuple[datetime, str]] = {}
    found = []
    for post in sorted(posts, key=lambda one: one.number):
        due_at = at.get((post.name, post.slot))
        if due_at is None:
            continue
        before = latest.get(post.channel)
        if before is not None and due_at < before[0] - timedelta(0):
            found.append(f"{post.name} {post.slot} after {before[1]}")
            continue
        latest[post.channel] = (due_at, f"{post.name} {post.slot}")
    return found


def total(verdicts: Iterable[Verdict]) -> Verdict:
    """Add verdicts up."""
    whole = Verdict()
    for one in verdicts:
        whole.slots += one.slots
        whole.uncertain += one.uncertain
        for name in ("lost", "doubled", "early", "disordered", "untold"):
            getattr(whole, name).extend(getattr(one, name))
    return whole
