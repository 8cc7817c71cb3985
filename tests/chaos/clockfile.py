"""A machine's clock that can be set: an offset to the real one, in a file that processes share."""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

SIZE = 8


class ClockFile:
    """Seconds ahead of the real clock, as one double; read at each look, set by the trial."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), SIZE)

    @property
    def ahead(self) -> float:
        """How far it is ahead of the real clock, in seconds."""
        return float(struct.unpack("d", self._memory[:SIZE])[0])

    def now(self) -> datetime:
        """What this machine's clock shows, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def set_ahead(self, seconds: float) -> None:
        """Let it jump."""
        self._memory[:SIZE] = struct.pack("d", seconds)

    def set(self, at: datetime) -> None:
        """Let it jump to ``at``."""
        self.set_ahead((at - datetime.now(UTC)).total_seconds())
