"""What all declared parts share: a frozen model, and checks of single settings."""

import re
from typing import Any

from pydantic import BaseModel, ConfigDict

PLACEHOLDER = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # what SQLAlchemy takes for a parameter
QUERY_NAME = r"^[a-z][a-z0-9_]*$"


class Part(BaseModel):
    """Base of all that is declared: frozen, and no message of its holds a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def checked_query(sql: str) -> str:
    """Return one reading query between ``:since`` and ``:until``; raises ``ValueError``."""
    query = sql.strip().rstrip(";").strip()
    if not re.match(r"(select|with)\b", query, re.IGNORECASE):
        raise ValueError("it must be one query that begins with select or with")
    named = set(PLACEHOLDER.findall(query))
    if named < {"since", "until"}:
        raise ValueError("it does not use both :since and :until")
    if named != {"since", "until"}:
        others = ", ".join(f":{name}" for name in sorted(named - {"since", "until"}))
        raise ValueError(f"it uses {others}, which Daybook does not know")
    return query


def checked_json_path(path: str) -> str:
    """Return a JSONPath (RFC 9535) that can be read; raises ``ValueError``."""
    import jsonpath

    try:
        jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        raise ValueError("it is no JSONPath") from error
    return path


def known_share(value: Any) -> Any:
    """Read ``10%`` as .1; raises ``ValueError``."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", value) if isinstance(value, str) else None
    if isinstance(value, str) and not found:
        raise ValueError(f"“{value}” is no percentage")
    return float(found[1]) / 100 if found else value
