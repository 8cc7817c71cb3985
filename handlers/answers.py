"""What a handler may answer; the boundary says it in the right place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.slack.blocks import Message, View


@dataclass(frozen=True)
class Done:
    """Nothing to say: what happened is seen elsewhere (or ``note``, privately)."""


@dataclass(frozen=True)
class Private:
    """Said to the person who asked only. ``replaces`` puts it in place of the private message
    that was clicked.
    """

    message: Message
    replaces: bool = False


@dataclass(frozen=True)
class OpenModal:
    """A form opens (or goes on top, when the act came from a modal). Comes before any write."""

    view: View


@dataclass(frozen=True)
class ShowModal:
    """The open form is replaced by this one."""

    view: View


@dataclass(frozen=True)
class FieldErrors:
    """The form stays open, each problem under its field (by block id)."""

    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RefreshHome:
    """The person's App Home is drawn again; ``state`` is what it shows from now on (None: as
    before).
    """

    state: Mapping[str, Any] | None = None


Answer = Done | Private | OpenModal | ShowModal | FieldErrors | RefreshHome
