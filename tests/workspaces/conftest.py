"""One workspace against the playground's server, without Bolt."""

from tests.engine.conftest import works

__all__ = ["works"]
