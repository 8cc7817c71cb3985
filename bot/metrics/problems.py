"""The problems of a metrics file: collected, and told all at once with line, setting and fix."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError as Invalid

from bot.errors import BadSetting
from bot.metrics.advice import FIXES, PLAIN
from bot.metrics.definition import Alert
from bot.metrics.marked_yaml import MarkedYaml, Path
from bot.metrics.parts import Part


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in the file; ``field`` names the setting."""

    line: int | None
    field: str
    problem: str
    fix: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.line else self.field
        return f"{where}: {self.problem} {self.fix}".strip()


class Problems:
    """What is found on one pass over a file. No message holds a value of the environment."""

    def __init__(self, marked: MarkedYaml) -> None:
        self._marked = marked
        self._found: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def has(self, field: str) -> bool:
        """Tell whether something is wrong with a setting already."""
        return any(problem.field == field for problem in self._found)

    def add(self, path: Path, field: str, problem: str, fix: str) -> None:
        """Note a problem at ``path``."""
        self._found.append(Problem(self._marked.line(path), field, problem, fix))

    def add_unknown(self, path: Path, key: str, field: str, known: Iterable[str]) -> None:
        """Note a setting that does not exist, with the nearest that does."""
        known = tuple(known)
        fix = hint(key, known) or f"Known here: {', '.join(known)}."
        self.add(path, field, f"there is no setting “{key}”.", fix)

    def add_invalid(self, error: Invalid, model: type[Part], path: Path, field: str) -> None:
        """Note all that a model refused."""
        for told in error.errors(include_url=False, include_input=False):
            self._add_invalid(dict(told), model, path, field)

    def _add_invalid(self, told: dict[str, Any], model: type[Part], path: Path, field: str) -> None:
        loc = tuple(part for part in told["loc"] if isinstance(part, str | int))
        key = str(loc[-1]) if loc else ""
        # A query's own name says less than that it is one.
        fix = FIXES.get(key) or FIXES.get(str(loc[0]) if loc else "", "")
        where, at = (*path, *loc), ", ".join([field, *(str(part) for part in loc)])
        if told["type"] == "extra_forbidden":
            inner = Alert if loc[:-1] == ("alert",) else model
            self.add_unknown(where, key, at, inner.model_fields)
        elif told["type"] in PLAIN:
            self.add(where, at, PLAIN[told["type"]], fix)
        else:
            problem = str(told["msg"]).removeprefix("Value error, ")
            self.add(where, at, f"{problem[0].lower()}{problem[1:]}.", fix)

    def told(self) -> BadSetting:
        """Return one error that tells them all, in the order of the file."""
        problems = sorted(self._found, key=lambda problem: problem.line or 0)
        if len(problems) == 1:
            only = problems[0]
            where = f" (line {only.line})" if only.line else ""
            return BadSetting(
                field=only.field, problem=f"{only.field}{where}: {only.problem}", fix=only.fix
            )
        listed = "\n".join(f"- {problem}" for problem in problems)
        return BadSetting(
            field="metrics file",
            problem=f"The metrics file has {len(problems)} problems:\n{listed}",
        )


def hint(written: str, known: Iterable[str]) -> str:
    """Return "Did you mean …? " with the nearest known word, or nothing."""
    near = difflib.get_close_matches(written, list(known), n=1, cutoff=0.6)
    return f"Did you mean “{near[0]}”? " if near else ""
