"""One tree of errors. The class says who sees the message and whether trying again can help.

DaybookError
├── BadInput              the person, privately; names the field and the fix; no retry
│   └── BadSetting        the operator, at start; names the setting and the fix
├── NotAllowed            the person, privately; says who may; no retry
├── NotFound              the person, privately; never tells apart "absent" and "not yours to see"
├── Unavailable           somebody is told; may pass by itself, so the engine retries
│   ├── MetricUnreadable  the metric's owner and the digest's reader; names metric and fix
│   ├── ModelUnusable     the operator, in `doctor` and the log; rules and full text go on
│   ├── DatabaseBusy      the person, privately: "nothing was lost, try again"
│   └── SlackUnavailable  5xx, time-out, rate limit (``retry_after``)
│       └── SlackUncertain  Slack may have accepted the call; look up before any retry
└── SlackRefused          Slack said no (``code``); the owner is told; no retry
    ├── ChannelGone       kicked, archived, deleted: the owner is told what to do
    └── MethodMissing     a Slack-compatible server without this method: do without
"""


class DaybookError(Exception):
    """Root of every error that Daybook raises on purpose. ``str()`` is fit for a person."""


class BadInput(DaybookError):
    """Something a person typed cannot be used.

    ``field`` is the modal's block id or the word typed, ``problem`` and ``fix`` are sentences.
    """

    def __init__(self, *, field: str, problem: str, fix: str = "") -> None:
        self.field, self.problem, self.fix = field, problem, fix
        super().__init__(f"{problem} {fix}".strip())


class BadSetting(BadInput):
    """A setting or the metrics file is missing or malformed; the program does not start."""


class NotAllowed(DaybookError):
    """The person may not do this; the message says who may."""


class AlreadyDone(DaybookError):
    """The same act was delivered before; there is nothing more to do."""


class NotFound(DaybookError):
    """Nothing of that name that this person may see."""


class Unavailable(DaybookError):
    """Something outside did not answer; it may later."""


class MetricUnreadable(Unavailable):
    """A metric's source cannot be read. ``problem`` and ``fix`` never hold an address or secret."""

    def __init__(self, *, metric: str, problem: str, fix: str = "") -> None:
        self.metric, self.problem, self.fix = metric, problem, fix
        super().__init__(f"{metric}: {problem} {fix}".strip())


class ModelUnusable(Unavailable):
    """The local embedding model is missing or not the pinned one; ``str()`` says which."""


class DatabaseBusy(Unavailable):
    """The database is locked, full or read-only; nothing was written."""


class SlackUnavailable(Unavailable):
    """Slack did not serve the call; nothing was accepted.

    ``retry_after`` in seconds if Slack named it; then ``method`` is what Slack limits.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, method: str = "") -> None:
        self.retry_after, self.method = retry_after, method
        super().__init__(message)


class SlackUncertain(SlackUnavailable):
    """The answer was lost: the call may have been accepted."""


class TokenRefused(SlackUnavailable):
    """Slack does not take the bot's token (now): nobody can even be told until it does.

    ``code`` is Slack's, such as ``token_revoked``.
    """

    def __init__(self, method: str, code: str) -> None:
        self.code = code
        super().__init__(f"Slack does not accept the bot's token ({code}, {method}).")


class SlackRefused(DaybookError):
    """Slack answered with an error code that no retry mends."""

    def __init__(self, method: str, code: str, detail: str = "") -> None:
        self.method, self.code, self.detail = method, code, detail
        super().__init__(f"Slack refused {method}: {code}{f' ({detail})' if detail else ''}")


class ChannelGone(SlackRefused):
    """The bot cannot post there: not a member, archived, or the channel is gone."""


class MethodMissing(SlackRefused):
    """The Slack-compatible server does not know this method."""

    @property
    def is_plain(self) -> bool:
        """Whether the server said so in words; a page not found may be a proxy's."""
        return not self.code.isdigit()
