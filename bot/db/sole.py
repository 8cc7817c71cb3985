"""One process for one SQLite file: a lock that ends with its process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url

from bot.errors import BadSetting


@contextmanager
def sole_process(url: str) -> Iterator[None]:
    """Hold the SQLite file of ``url`` while the block lasts; Postgres has no such limit.

    Raises ``BadSetting`` that names the process which holds it. The lock is the kernel's, on a
    file beside the database: it is gone with its process, also after kill -9, and the file stays.
    """
    database = _file(url)
    if database is None:
        yield
        return
    path = Path(f"{database}.lock")
    handle = _opened(path)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(database, path) from None
        with suppress(OSError):  # a full disk: whom to stop is not known then, the lock holds
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _file(url: str) -> Path | None:
    address = make_url(url)
    name = address.database or ""
    if address.get_backend_name() != "sqlite" or name in {"", ":memory:"}:
        return None
    if name.startswith("file:"):
        name = name.removeprefix("file:").partition("?")[0]
    # Two names of one file (a link, another folder) are one database.
    return Path(name).resolve()


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadSetting(
            field="DATABASE_URL",
            problem=f"The folder of the database cannot be written: {error.strerror}.",
            fix="Set DATABASE_URL to a file in a folder that may be written.",
        ) from error


def _held(database: Path, path: Path) -> BadSetting:
    pid = path.read_text().strip()
    who = f"process {pid}" if pid else "another process"
    return BadSetting(
        field="DATABASE_URL",
        problem=f"Daybook runs already on {database.name} ({who}); this one has done nothing.",
        fix=f"Stop {who}, or use Postgres, which several processes may share.",
    )
