"""Two people in one form: what the later one would overwrite without having seen it. Pure.

A form carries stamps of its fields as they stood when it opened. Each text below is a field as a
form shows it; several ids are joined by commas, in any order.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from bot.bets.forms import BetDraft, draft_of_bet
from bot.bets.records import BetView
from bot.errors import BadInput

Texts = Mapping[str, str]
BET_NAMES = tuple(BetDraft.__dataclass_fields__)
# Fields whose text people type, so that it can be said what stands there now.
TYPED = frozenset({"title", "summary", "area", "target", "expectation", "harm"})
SAID_LIMIT = 80


def stamps_of(texts: Texts) -> dict[str, str]:
    """Return a short stamp of each field, to be kept in a form's state."""
    return {name: _stamp(text) for name, text in texts.items()}


def stamp_of(texts: Texts) -> str:
    """Return one short stamp of all fields together."""
    return _stamp("\n".join(f"{name}={_stamp(text)}" for name, text in sorted(texts.items())))


def bet_texts(bet: BetView | None) -> dict[str, str]:
    """Return the fields of a bet as a form shows them; all empty without one."""
    if bet is None or bet.is_hidden:
        return dict.fromkeys(BET_NAMES, "")
    return vars(draft_of_bet(bet))


def is_touched(seen: Texts, typed: Texts, names: Iterable[str]) -> bool:
    """Tell whether the form's writer changed any of these fields since it opened."""
    return any(_stamp(typed.get(name, "")) != seen.get(name) for name in names)


def settle_fields(seen: Texts, now: Texts, typed: Texts, names: Iterable[str]) -> dict[str, str]:
    """Return what each field shall be: what its writer left alone stays as others made it.

    Raises ``BadInput`` under a field that both changed.
    """
    settled = {}
    for name in names:
        text = typed.get(name, now[name])  # a form of an earlier version may lack it
        if not _is_changed(seen, now, name):
            settled[name] = text
        elif not is_touched(seen, typed, [name]):
            settled[name] = now[name]
        elif _stamp(text) == _stamp(now[name]):
            settled[name] = text
        else:
            raise _overtaken(name, f"this{_said(name, now[name])}")
    return settled


def check_bet_unchanged(seen: Texts, now: Texts, typed: Texts) -> None:
    """Raise ``BadInput`` when somebody else changed the bet that is about to be overwritten.

    Its fields belong together: a target for another metric means nothing.
    """
    if not any(_is_changed(seen, now, name) for name in BET_NAMES):
        return
    differing = [n for n in BET_NAMES if _stamp(typed.get(n, "")) != _stamp(now[n])]
    if differing:
        shown = [name for name in differing if name in typed]
        name = shown[0] if shown else "kind"
        raise _overtaken(name, "the bet")


def _is_changed(seen: Texts, now: Texts, name: str) -> bool:
    return seen.get(name, _stamp("")) != _stamp(now[name])


def _said(name: str, now: str) -> str:
    if name not in TYPED:
        return ""
    return f" to “{now[:SAID_LIMIT]}”" if now else " to nothing"


def _overtaken(name: str, what: str) -> BadInput:
    return BadInput(
        field=name,
        problem=f"While your form was open somebody changed {what}.",
        fix="Nothing was overwritten. Copy your words, close this form and open it again.",
    )


def _stamp(text: str) -> str:
    tidy = ",".join(sorted(part.strip() for part in text.strip().split(",")))
    return blake2b(tidy.encode(), digest_size=5).hexdigest()
