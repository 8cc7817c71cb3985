"""What a playground server can be told; intervals shrink in tests, which never wait."""

from dataclasses import dataclass


@dataclass(slots=True)
class Settings:
    """All of one server; `serve` fills in port and base_url."""

    host: str = "127.0.0.1"
    port: int = 8420  # 0 picks a free one; base_url then says which
    base_url: str = "http://127.0.0.1:8420"  # without a final slash; set again by `serve`
    ack_seconds: float = 3.0  # Slack's limit for every kind of delivery
    retry_seconds: tuple[float, ...] = (0.5, 60.0, 300.0)  # before each retry of an event
    trigger_seconds: float = 3.0  # life of a trigger_id, on real time
    response_url_seconds: float = 1800.0
    response_url_uses: int = 5
    ping_seconds: float = 15.0  # between Socket Mode pings
    socket_connections: int = 10  # at most, for the app
    file_refusals: int = 1  # blocks naming a new file are refused this many times
    refused_blocks: tuple[str, ...] = ()  # block types that this workspace does not know yet
