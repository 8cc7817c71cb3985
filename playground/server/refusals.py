"""Slack's answer when it will not do what the app asked."""

from collections.abc import Iterable
from typing import Any

from playground.server.shape_rules import Problem


class RefusedError(Exception):
    """`code` is Slack's error code; `extra` are further fields of the answer."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


def refuse_problems(code: str, problems: Iterable[Problem]) -> None:
    """Raises when there are problems, naming each in `response_metadata.messages`."""
    found = list(problems)
    if found:
        words = [str(problem) for problem in found]
        raise RefusedError(
            code,
            errors=[f"{problem.words} [json-pointer:{problem.pointer}]" for problem in found],
            response_metadata={"messages": words},
        )
