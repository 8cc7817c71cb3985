"""The metrics file: its models, and every problem in it named with line, metric, field and fix."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError as Invalid
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import BadSetting
from bot.metrics.definition import (
    SOURCE_TYPES,
    Alert,
    Connection,
    Declaration,
    MetricDefinition,
    Part,
)
from bot.metrics.marked_yaml import REFERENCE, MarkedYaml, Path, read_yaml, resolve_references

BUILT_IN = "daybook"
"""The source that Daybook brings along; its metrics need no declaration."""


def load(text: str, env: Mapping[str, str]) -> Declaration:
    """Read a metrics file. ``env`` holds what ``${NAME}`` stands for, in sources only.

    Raises ``BadSetting`` with every problem at once. No message holds a value of ``env``.
    """
    reading = _Reading(read_yaml(text), env)
    declaration = reading.declaration()
    if reading.problems:
        raise _told(sorted(reading.problems, key=lambda problem: problem.line or 0))
    return declaration


@dataclass(frozen=True)
class _Problem:
    line: int | None
    field: str
    problem: str
    fix: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.line else self.field
        return f"{where}: {self.problem} {self.fix}".strip()


def _told(problems: list[_Problem]) -> BadSetting:
    if len(problems) == 1:
        only = problems[0]
        where = f" (line {only.line})" if only.line else ""
        return BadSetting(
            field=only.field, problem=f"{only.field}{where}: {only.problem}", fix=only.fix
        )
    listed = "\n".join(f"- {problem}" for problem in problems)
    return BadSetting(
        field="metrics file", problem=f"The metrics file has {len(problems)} problems:\n{listed}"
    )


class _Reading:
    """One pass over a file, collecting problems."""

    def __init__(self, marked: MarkedYaml, env: Mapping[str, str]) -> None:
        self._marked, self._env = marked, env
        self.problems: list[_Problem] = []

    def declaration(self) -> Declaration:
        data = self._marked.data if self._marked.data is not None else {}
        if not isinstance(data, dict):
            self._add((), "metrics file", "it is no list of settings.", _FIXES["top"])
            return Declaration({}, ())
        self._check_keys(data, ("sources", "metrics"), (), "metrics file")
        sources = dict(self._sources(self._block(data, "sources", dict)))
        names = set(self._block(data, "sources", dict))
        metrics = tuple(self._metrics(self._block(data, "metrics", list), names))
        return Declaration(sources, metrics)

    def _block(self, data: dict[str, Any], key: str, kind: type) -> Any:
        value = data.get(key, kind())
        if isinstance(value, kind):
            return value
        fix = _FIXES[key]
        if not any(problem.field == key for problem in self.problems):
            self._add((key,), key, "it has the wrong shape.", fix)
        return kind()

    def _sources(self, block: dict[str, Any]) -> Iterator[tuple[str, Connection]]:
        for name, raw in block.items():
            path, field = ("sources", name), f"source {name}"
            if name == BUILT_IN:
                self._add(path, field, "this name is Daybook's own source.", "Choose another name.")
            elif not isinstance(raw, dict):
                self._add(path, field, "it has the wrong shape.", _FIXES["sources"])
            else:
                model = self._type_of(raw, path, field)
                values = self._resolved(raw, path, field) if model else None
                made = self._made(model, values, path, field) if model and values else None
                if isinstance(made, Connection) and self._check_url(made, raw, path, field):
                    yield name, made

    def _type_of(self, raw: dict[str, Any], path: Path, field: str) -> type[Connection] | None:
        kind = str(raw.get("type", ""))
        if kind in SOURCE_TYPES:
            return SOURCE_TYPES[kind]
        known = f"Known types: {', '.join(SOURCE_TYPES)}."
        problem = f"there is no source type “{kind}”." if kind else "the type is missing."
        self._add((*path, "type"), f"{field}, type", problem, _hint(kind, SOURCE_TYPES) + known)
        return None

    def _resolved(self, raw: dict[str, Any], path: Path, field: str) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for key, value in raw.items():
            names = REFERENCE.findall(value) if isinstance(value, str) else []
            unset = [name for name in names if not self._env.get(name)]
            for name in unset:
                fix = f"Set {name} in the environment or in .env."
                self._add((*path, key), f"{field}, {key}", f"{name} is not set.", fix)
            if not unset:
                values[key] = resolve_references(value, self._env) if names else value
        return values if len(values) == len(raw) else None

    def _check_url(self, made: Connection, raw: dict[str, Any], path: Path, field: str) -> bool:
        where, written = ((*path, "url"), f"{field}, url"), str(raw["url"])
        try:
            url = make_url(made.url.get_secret_value())
        except (ArgumentError, ValueError):
            self._add(*where, "it is not a database URL.", _FIXES["url"])
            return False
        if url.password and str(url.password) in written and not REFERENCE.search(written):
            self._add(*where, "a password stands in the file.", _FIXES["url"])
            return False
        return True

    def _metrics(self, block: list[Any], sources: set[str]) -> Iterator[MetricDefinition]:
        seen: set[str] = set()
        for n, raw in enumerate(block):
            path: Path = ("metrics", n)
            if not isinstance(raw, dict):
                self._add(path, f"metric {n + 1}", "it has the wrong shape.", _FIXES["metrics"])
                continue
            name = str(raw.get("name", n + 1))
            field = f"metric {name}"
            if name in seen:
                self._add((*path, "name"), field, "the name is taken.", "Choose another name.")
            seen.add(name)
            self._check_metric(raw, sources, path, field)
            made = self._made(MetricDefinition, raw, path, field)
            if isinstance(made, MetricDefinition):
                yield made

    def _check_metric(self, raw: dict[str, Any], sources: set[str], path: Path, field: str) -> None:
        source = raw.get("source")
        if isinstance(source, str) and source not in sources:
            known = ", ".join(sorted(sources)) or "none"
            fix = f"{_hint(source, sources)}Sources in this file: {known}."
            problem = f"there is no source “{source}”."
            if source == BUILT_IN:
                problem = "Daybook's own metrics are there without a declaration."
                fix = "Leave this metric out."
            self._add((*path, "source"), f"{field}, source", problem, fix)
        counted = [
            key for key in ("unit", "currency", "percent") if raw.get(key) not in (None, "false")
        ]
        if len(counted) > 1:
            self._add(
                (*path, counted[1]),
                f"{field}, {counted[1]}",
                f"{' and '.join(counted)} exclude each other.",
                "Keep one of them.",
            )
        for key, value in raw.items():
            if isinstance(value, str) and REFERENCE.search(value):
                fix = "Only sources may refer to the environment."
                self._add((*path, key), f"{field}, {key}", "it holds ${...}.", fix)

    def _made(self, model: type[Part], raw: dict[str, Any], path: Path, field: str) -> Part | None:
        try:
            return model.model_validate(raw)
        except Invalid as error:
            for told in error.errors(include_url=False, include_input=False):
                self._add_invalid(model, dict(told), path, field)
            return None

    def _add_invalid(self, model: type[Part], told: dict[str, Any], path: Path, field: str) -> None:
        loc = tuple(part for part in told["loc"] if isinstance(part, str | int))
        key = str(loc[-1]) if loc else ""
        where, at = (*path, *loc), ", ".join([field, *(str(part) for part in loc)])
        if told["type"] == "extra_forbidden":
            inner = Alert if loc[:-1] == ("alert",) else model
            self._add_unknown(where, key, at, tuple(inner.model_fields))
        elif told["type"] in _PLAIN:
            self._add(where, at, _PLAIN[told["type"]], _FIXES.get(key, ""))
        else:
            problem = str(told["msg"]).removeprefix("Value error, ")
            self._add(where, at, f"{problem[0].lower()}{problem[1:]}.", _FIXES.get(key, ""))

    def _check_keys(
        self, data: dict[str, Any], known: tuple[str, ...], path: Path, field: str
    ) -> None:
        for key in data:
            if key not in known:
                self._add_unknown((*path, key), key, f"{field}, {key}", known)

    def _add_unknown(self, path: Path, key: str, field: str, known: tuple[str, ...]) -> None:
        fix = _hint(key, known) or f"Known here: {', '.join(known)}."
        self._add(path, field, f"there is no setting “{key}”.", fix)

    def _add(self, path: Path, field: str, problem: str, fix: str) -> None:
        self.problems.append(_Problem(self._marked.line(path), field, problem, fix))


def _hint(written: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(written, list(known), n=1, cutoff=0.6)
    return f"Did you mean “{near[0]}”? " if near else ""


_PLAIN = {
    "missing": "it is missing.",
    "string_pattern_mismatch": "it has the wrong form.",
}
_FIXES = {
    "top": "It has two parts: sources and metrics.",
    "sources": "Write it like: warehouse: {type: sql, url: ${WAREHOUSE_URL}}",
    "metrics": "Write each metric like: - name: sign_ups, and its settings below the name.",
    "url": "Write the name of an environment variable that holds it, like ${WAREHOUSE_URL}.",
    "name": "Use small letters, digits and underscores, like weekly_importers.",
    "label": "Write what people call it, like: label: Teams that imported",
    "source": "Name one of the sources above.",
    "sql": "Write: select day, value from ... where day >= :since and day < :until",
    "good": "Write good: up, or good: down.",
    "currency": "Use a code of three letters, like EUR.",
    "timezone": "Use a name such as Europe/Berlin.",
    "ready_after": 'Write a time of day, like "06:00".',
    "missing": "Write missing: gap, or missing: zero.",
    "owner": "Use a member id, like U0123ABCD: their profile, then Copy member ID.",
    "audience": "Use a channel id, like C0123ABCD: it stands at the end of the channel's details.",
    "percent": "Write percent: true, or leave it out.",
    "min_change": "Write it like 10%.",
    "late_days": "Write how many days a source still corrects, 0 to 60.",
    "target": "Write a number, without its unit.",
    "timeout_seconds": "Write a number of seconds, up to 300.",
    "row_limit": "Write a whole number, up to 100000.",
    "min_count": "Write a number.",
    "budget_per_week": "Write how many messages a week are welcome, like 1.",
}
