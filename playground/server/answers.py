"""What comes back to a person who did something in the playground."""

from dataclasses import dataclass, field
from typing import Literal

from playground.server.rows import View

OPERATION_TIMEOUT = "operation_timeout"  # the app did not acknowledge within 3 seconds
DISPATCH_FAILED = "dispatch_failed"  # the app could not be reached, or answered with an error


class PersonRefusedError(Exception):
    """Slack does not let this person do that. `code` is for programs, `words` for the person."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command, click or shortcut went. On failure `error` is Slack's code and `words` is
    what the person reads (commands also leave it as an ephemeral message of Slackbot)."""

    ok: bool
    error: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """How sending a modal went.

    closed: this view is gone; `view` is the one below it, now on top, if any.
    cleared: the whole stack is gone. updated, pushed: `view` is on top now.
    errors: the app or Slack refuse some fields; `errors` maps block_id to words.
    failed: no answer from the app; the modal stays open and shows `words`.
    """

    result: Literal["closed", "cleared", "updated", "pushed", "errors", "failed"]
    view: View | None = None
    errors: dict[str, str] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice offered by an external select. `group` is the label of its option group."""

    text: str
    value: str
    group: str | None = None
