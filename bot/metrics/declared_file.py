"""The metrics file while Daybook runs: read again when it changes, the last good one in force."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from bot.errors import BadSetting
from bot.metrics.declaration import load
from bot.metrics.definition import Declaration
from bot.metrics.sources.known import open_sources
from bot.metrics.sources.protocol import Source

log = structlog.get_logger()

_FIX = "Correct METRICS_FILE, or let the user that runs Daybook read the file."


class DeclaredFile:
    """What the metrics file says, and why a change of it was not taken over.

    A missing file means that there are only Daybook's own metrics, unless ``is_required``.
    """

    def __init__(self, path: Path, env: Mapping[str, str], *, is_required: bool) -> None:
        self._path, self._env, self._is_required = path, env, is_required
        self._mtime: float | None = None
        self._was_there = False
        self.declaration = Declaration({}, ())
        self.sources: dict[str, Source] = {}
        self.problem = ""

    async def reload(self) -> bool:
        """Read the file if it changed; returns whether it did.

        Raises ``BadSetting``; then the last good one stays.
        """
        mtime = await asyncio.to_thread(_modified, self._path)
        if mtime is None and (self._is_required or self._was_there):
            self._mtime = None
            raise BadSetting(
                field="METRICS_FILE",
                problem=f"METRICS_FILE: there is no file {self._path}.",
                fix="Correct the path, or leave it out to do with Daybook's own metrics.",
            )
        if mtime == self._mtime:
            return False
        text = await asyncio.to_thread(_text, self._path)
        # Also of a file that is wrong: it is read again once it changes.
        self._mtime, self._was_there = mtime, True
        declaration = self._load(text)
        self.declaration, self.sources = declaration, open_sources(declaration)
        self.problem = ""
        return True

    def _load(self, text: str) -> Declaration:
        # Some editors empty a file before they write it: that must not retire all metrics.
        if self.declaration.metrics and not text.strip():
            raise BadSetting(
                field="METRICS_FILE",
                problem="METRICS_FILE: the metrics file is empty.",
                fix="Write metrics: [] if none are wanted any more.",
            )
        return load(text, self._env)

    async def follow(self) -> bool:
        """Take over a changed file; what is wrong with it stands in ``problem``."""
        try:
            return await self.reload()
        except BadSetting as error:
            self.problem = str(error)
            log.error("metrics.file_unreadable", problem=str(error))
            return False


def _modified(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(error) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadSetting(
            field="METRICS_FILE",
            problem="METRICS_FILE: the metrics file is not UTF-8 text.",
            fix="Save it as UTF-8.",
        ) from None
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: OSError) -> BadSetting:
    problem = f"METRICS_FILE: the metrics file cannot be read ({error.strerror})."
    return BadSetting(field="METRICS_FILE", problem=problem, fix=_FIX)
