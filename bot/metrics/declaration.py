"""The metrics file: its models, and every problem in it named with line, metric, field and fix."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError as Invalid
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import BadInput
from bot.metrics.advice import FIXES
from bot.metrics.asks import complete_ask
from bot.metrics.connections import SOURCE_TYPES, Connection, SqlConnection
from bot.metrics.definition import Declaration, MetricDefinition
from bot.metrics.marked_yaml import REFERENCE, Path, read_yaml, resolve_references
from bot.metrics.parts import Part
from bot.metrics.problems import Problems, hint

BUILT_IN = "daybook"
"""The source that Daybook brings along; its metrics need no declaration."""

_SECRET_HEADER = re.compile("auth|key|token|secret|cookie", re.IGNORECASE)


def load(text: str, env: Mapping[str, str]) -> Declaration:
    """Read a metrics file. ``env`` holds what ``${NAME}`` stands for, in sources only.

    Raises ``BadSetting`` with every problem at once. No message holds a value of ``env``.
    """
    reading = _Reading(text, env)
    declaration = reading.declaration()
    if reading.problems:
        raise reading.problems.told()
    return declaration


class _Reading:
    """One pass over a file, collecting problems."""

    def __init__(self, text: str, env: Mapping[str, str]) -> None:
        self._marked, self._env = read_yaml(text), env
        self.problems = Problems(self._marked)

    def declaration(self) -> Declaration:
        data = self._marked.data if self._marked.data is not None else {}
        if not isinstance(data, dict):
            self.problems.add((), "metrics file", "it is no list of settings.", FIXES["top"])
            return Declaration({}, ())
        known = ("sources", "metrics")
        for key in data:
            if key not in known:
                self.problems.add_unknown((key,), key, f"metrics file, {key}", known)
        block = self._block(data, "sources", dict)
        sources = dict(self._sources(block))
        metrics = tuple(self._metrics(self._block(data, "metrics", list), set(block), sources))
        return Declaration(sources, metrics)

    def _block(self, data: dict[str, Any], key: str, kind: type) -> Any:
        value = data.get(key, kind())
        if isinstance(value, kind):
            return value
        if not self.problems.has(key):
            self.problems.add((key,), key, "it has the wrong shape.", FIXES[key])
        return kind()

    def _sources(self, block: dict[str, Any]) -> Iterator[tuple[str, Connection]]:
        for name, raw in block.items():
            path, field = ("sources", name), f"source {name}"
            if name == BUILT_IN:
                fix = "Choose another name."
                self.problems.add(path, field, "this name is Daybook's own source.", fix)
            elif not isinstance(raw, dict):
                self.problems.add(path, field, "it has the wrong shape.", FIXES["sources"])
            else:
                model = self._type_of(raw, path, field)
                values = self._resolved(raw, path, field) if model else None
                made = self._made(model, values, path, field) if model and values else None
                if isinstance(made, Connection) and self._check_secrets(made, raw, path, field):
                    yield name, made

    def _type_of(self, raw: dict[str, Any], path: Path, field: str) -> type[Connection] | None:
        kind = str(raw.get("type", ""))
        if kind in SOURCE_TYPES:
            return SOURCE_TYPES[kind]
        known = f"Known types: {', '.join(SOURCE_TYPES)}."
        problem = f"there is no source type “{kind}”." if kind else "the type is missing."
        fix = hint(kind, SOURCE_TYPES) + known
        self.problems.add((*path, "type"), f"{field}, type", problem, fix)
        return None

    def _resolved(self, raw: dict[str, Any], path: Path, field: str) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for key, value in raw.items():
            if key == "queries":  # words, not settings: what looks like a reference is left alone
                values[key] = value
            elif isinstance(value, dict):
                inner = self._resolved(value, (*path, key), f"{field}, {key}")
                if inner is not None:
                    values[key] = inner
            elif self._is_set(value, (*path, key), f"{field}, {key}"):
                is_text = isinstance(value, str)
                values[key] = resolve_references(value, self._env) if is_text else value
        return values if len(values) == len(raw) else None

    def _is_set(self, value: Any, path: Path, field: str) -> bool:
        names = REFERENCE.findall(value) if isinstance(value, str) else []
        unset = [name for name in names if not self._env.get(name)]
        for name in unset:
            fix = f"Set {name} in the environment or in .env."
            self.problems.add(path, field, f"{name} is not set.", fix)
        return not unset

    def _check_secrets(self, made: Connection, raw: dict[str, Any], path: Path, field: str) -> bool:
        if isinstance(made, SqlConnection):
            return self._check_url(made, raw, path, field)
        written: dict[tuple[str, ...], Any] = {(key,): raw.get(key) for key in ("token", "key")}
        for name, value in (raw.get("headers") or {}).items():
            if _SECRET_HEADER.search(name):
                written["headers", name] = value
        plain = [at for at, value in written.items() if value and not REFERENCE.search(str(value))]
        for at in plain:
            fix = "Write the name of an environment variable that holds it, like ${API_KEY}."
            name = ", ".join([field, *at])
            self.problems.add((*path, *at), name, "a secret stands in the file.", fix)
        return not plain

    def _check_url(self, made: SqlConnection, raw: dict[str, Any], path: Path, field: str) -> bool:
        where, written = ((*path, "url"), f"{field}, url"), str(raw["url"])
        try:
            url = make_url(made.url.get_secret_value())
        except (ArgumentError, ValueError):
            self.problems.add(*where, "it is not a database URL.", FIXES["url"])
            return False
        if url.password and str(url.password) in written and not REFERENCE.search(written):
            self.problems.add(*where, "a password stands in the file.", FIXES["url"])
            return False
        return True

    def _metrics(
        self, block: list[Any], names: set[str], sources: Mapping[str, Connection]
    ) -> Iterator[MetricDefinition]:
        seen: set[str] = set()
        for n, raw in enumerate(block):
            path: Path = ("metrics", n)
            if not isinstance(raw, dict):
                fix = FIXES["metrics"]
                self.problems.add(path, f"metric {n + 1}", "it has the wrong shape.", fix)
                continue
            name = str(raw.get("name", n + 1))
            field = f"metric {name}"
            if name in seen:
                fix = "Choose another name."
                self.problems.add((*path, "name"), field, "the name is taken.", fix)
            seen.add(name)
            self._check_metric(raw, names, path, field)
            made = self._made(MetricDefinition, raw, path, field)
            if isinstance(made, MetricDefinition):
                self._check_alert(made, path, field)
                yield self._completed(made, sources, path, field)

    def _completed(
        self, one: MetricDefinition, sources: Mapping[str, Connection], path: Path, field: str
    ) -> MetricDefinition:
        if one.source not in sources:
            return one
        try:
            return complete_ask(one, sources[one.source])
        except BadInput as error:
            problem = error.problem[0].lower() + error.problem[1:]
            fix = FIXES["sql"] if error.field == "sql" and not one.sql else error.fix
            self.problems.add((*path, error.field), f"{field}, {error.field}", problem, fix)
            return one

    def _check_metric(self, raw: dict[str, Any], sources: set[str], path: Path, field: str) -> None:
        source = raw.get("source")
        if isinstance(source, str) and source not in sources:
            known = ", ".join(sorted(sources)) or "none"
            fix = f"{hint(source, sources)}Sources in this file: {known}."
            problem = f"there is no source “{source}”."
            if source == BUILT_IN:
                problem = "Daybook's own metrics are there without a declaration."
                fix = "Leave this metric out."
            self.problems.add((*path, "source"), f"{field}, source", problem, fix)
        counted = [
            key for key in ("unit", "currency", "percent") if raw.get(key) not in (None, "false")
        ]
        if len(counted) > 1:
            said = f"{' and '.join(counted)} exclude each other."
            where = f"{field}, {counted[1]}"
            self.problems.add((*path, counted[1]), where, said, "Keep one of them.")
        for key, value in raw.items():
            if isinstance(value, str) and REFERENCE.search(value):
                fix = "Only sources may refer to the environment."
                self.problems.add((*path, key), f"{field}, {key}", "it holds ${...}.", fix)

    def _check_alert(self, one: MetricDefinition, path: Path, field: str) -> None:
        if one.alert and not (one.alert.channel or one.owner):
            problem = "nobody would be told: it names no channel, and the metric no owner."
            self.problems.add((*path, "alert"), f"{field}, alert", problem, FIXES["alert"])

    def _made(self, model: type[Part], raw: dict[str, Any], path: Path, field: str) -> Part | None:
        try:
            return model.model_validate(raw)
        except Invalid as error:
            self.problems.add_invalid(error, model, path, field)
            return None
