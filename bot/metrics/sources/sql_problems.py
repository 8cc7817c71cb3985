"""What a database says, in words for a product person and without address or secret."""

import re
import sqlite3

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, ResourceClosedError

from bot.metrics.sources.unreadable import Unreadable

_SQL_FIX = "Correct the metric's sql and try it in a database client."
_BY_STATE = {  # SQLSTATE, appendix A of the Postgres manual
    "57014": (
        "The query took too long and was stopped.",
        "Read from a daily summary table, or raise timeout_seconds.",
    ),
    "28P01": ("The database refused the password.", "Check the source's url."),
    "28000": ("The database refused this user.", "Check the source's url."),
    "3D000": ("There is no database of that name.", "Check the source's url."),
    "42501": (
        "The database user may not read that table.",
        "Let its administrator grant SELECT on it.",
    ),
    "25006": ("The query tries to change data.", "Daybook only reads: use a plain select."),
    "22012": ("The query divides by zero.", "Use nullif(..., 0) in the divisor."),
    "53300": ("The database has no free connection.", "Try again later."),
}
_WRITES_INSIDE = "data-modifying"
"""What Postgres says (0A000) of a query that would write, before it even starts it."""

_SAYS_WHAT = ("42P01", "42703", "42601", "42883", "42803")
"""Of these the server's first line names table, column or word; it holds no address."""

_AT_CONNECT = (  # libpq gives no SQLSTATE while it connects
    (re.compile("password authentication failed|no password supplied"), "28P01"),
    (re.compile(r'role "[^"]*" does not exist|no pg_hba\.conf entry'), "28000"),
    (re.compile(r'database "[^"]*" does not exist'), "3D000"),
    (re.compile("too many clients|remaining connection slots"), "53300"),
)

_SQLITE_WORDS = (
    ("interrupted", *_BY_STATE["57014"]),
    ("readonly database", *_BY_STATE["25006"]),
    ("locked", "The database file is locked by another program.", "Try again later."),
    ("unable to open", "The database file cannot be opened.", "Check its path and permissions."),
    ("not a database", "The file is no SQLite database.", "Check the source's url."),
    ("malformed", "The database file is damaged.", "Restore it from a backup."),
)
_SQLITE_SAYS_WHAT = re.compile(
    r"no such (table|column|function): [\w.]+|near \"[^\"]{1,40}\": syntax error"
    r"|ambiguous column name: [\w.]+|incomplete input"
)


def told_plainly(error: Exception) -> Unreadable:
    """Translate any error of a read. Nothing of its text is passed on unless it is known safe."""
    if isinstance(error, NoSuchModuleError | ImportError):
        return Unreadable(
            "Daybook has no driver for this kind of database.",
            "Use SQLite or Postgres, or install the driver beside Daybook.",
        )
    if isinstance(error, ArgumentError | ValueError):
        return Unreadable("The source's url is no database URL.", "Check the source's url.")
    if isinstance(error, ResourceClosedError):
        return Unreadable("The query returns no rows at all.", "Use a select.")
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        return _of_sqlite(str(original))
    return _of_server(original)


def _of_sqlite(words: str) -> Unreadable:
    for sign, problem, fix in _SQLITE_WORDS:
        if sign in words:
            return Unreadable(problem, fix)
    found = _SQLITE_SAYS_WHAT.search(words)
    what = f": {found[0]}" if found else ""
    return Unreadable(f"The database does not understand the query{what}.", _SQL_FIX)


def _of_server(original: object) -> Unreadable:
    state = getattr(original, "sqlstate", None)
    if state == "0A000" and _WRITES_INSIDE in str(original):
        state = "25006"
    if state in _BY_STATE:
        return Unreadable(*_BY_STATE[state])
    if state in _SAYS_WHAT:
        words = str(getattr(getattr(original, "diag", None), "message_primary", "") or "")
        what = f": {words[:200]}" if words else ""
        return Unreadable(f"The database does not understand the query{what}.", _SQL_FIX)
    if state is None:
        words = str(original)
        for sign, known in _AT_CONNECT:
            if sign.search(words):
                return Unreadable(*_BY_STATE[known])
        return Unreadable(
            "The database cannot be reached.",
            "Check that it runs and that the source's url is right.",
        )
    return Unreadable(f"The database refused the query (code {state}).", _SQL_FIX)
