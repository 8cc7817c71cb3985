"""The embedding model, loaded at most once in a process, by the first test that asks for it."""

import pytest

from bot.ai.embedder import Embedder


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()
