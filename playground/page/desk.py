"""What the page remembers while it runs: read marks, refused fields, a clock on its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.page.guide import ALL_STEPS, ticks
from playground.server.world import World

_MEMO = "memo"


@dataclass(slots=True)
class Marks:
    """How far each person has read each channel; `start` is as far as everybody has read when
    the page starts."""

    start: str
    _read: dict[tuple[str, str], str] = field(default_factory=dict)
    _shown: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, user: str, channel: str) -> str:
        """The ts up to which this person has read."""
        return self._read.get((user, channel), self.start)

    def enter(self, user: str, channel: str) -> None:
        """The person opens the channel: the "new" line stands where they had read to."""
        self._shown[user, channel] = self.of(user, channel)

    def line(self, user: str, channel: str) -> str:
        """Where the "new" line stands for as long as the channel stays open."""
        return self._shown.get((user, channel), self.of(user, channel))

    def read(self, user: str, channel: str, ts: str) -> None:
        """The person has seen everything up to `ts`."""
        self._read[user, channel] = max(ts, self.of(user, channel))


class Desk:
    """One per server. `errors` and `words` are by view id: what was wrong with the last try to
    send that modal. `is_moving`: the clock is on its way."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.marks = Marks(world.messages.new_ts())
        self.errors: dict[str, dict[str, str]] = {}
        self.words: dict[str, str] = {}
        self.is_moving = False

    def refuse(self, view_id: str, errors: Mapping[str, str], words: str) -> None:
        """Keeps what was wrong with a modal, to be shown in it."""
        self.errors[view_id], self.words[view_id] = dict(errors), words

    def forgive(self, view_id: str) -> None:
        """Forgets it: the modal was sent or closed."""
        self.errors.pop(view_id, None)
        self.words.pop(view_id, None)

    def guide(self) -> tuple[bool, ...]:
        """Which steps of the guide were taken; a tick stays."""
        state: dict[str, Any] = self._world.store.setting("guide") or self._begin_guide()
        done: list[bool] = state["done"]
        if all(done):
            return tuple(done)
        rows = self._world.ledger.rows(since=state["seq"])
        fresh = ticks(rows, has_new_memo=bool(self._memos() - set(state["memos"])))
        merged = [was or now for was, now in zip(done, fresh, strict=True)]
        if merged != done:
            self._world.store.set_setting("guide", {**state, "done": merged})
        return tuple(merged)

    def _begin_guide(self) -> dict[str, Any]:
        row = self._world.store.one("SELECT MAX(seq) AS seq FROM ledger")
        seq = (row["seq"] if row is not None else None) or 0
        state: dict[str, Any] = {
            "seq": seq,
            "memos": sorted(self._memos()),
            "done": [False] * ALL_STEPS,
        }
        self._world.store.set_setting("guide", state)
        return state

    def _memos(self) -> set[str]:
        """Every :memo: that a person put on somebody else's message."""
        rows = self._world.store.all(
            "SELECT r.channel, r.ts, r.user FROM reaction r JOIN message m"
            " ON m.channel = r.channel AND m.ts = r.ts WHERE r.name = ? AND m.user <> r.user",
            _MEMO,
        )
        bot = self._world.bot.id
        return {f"{r['channel']}/{r['ts']}/{r['user']}" for r in rows if r["user"] != bot}
