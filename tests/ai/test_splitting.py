"""Whether one theme holds two things."""

import numpy as np
import pytest

from bot.ai.splitting import find_parts
from bot.ai.vectors import Floats


def spread(centre: tuple[float, ...], count: int, width: float, seed: int) -> Floats:
    """Texts around a centre, as rows of length 1."""
    rng = np.random.default_rng(seed)
    rows = np.array(centre) + width * rng.standard_normal((count, len(centre)))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


ONE, OTHER, NEAR = (1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.8, 0.6, 0.0, 0.0)


def test_two_clear_groups_are_found_with_every_text_on_its_side() -> None:
    parts = find_parts(np.concatenate([spread(ONE, 9, 0.1, 1), spread(OTHER, 5, 0.1, 2)]))
    assert parts is not None
    assert parts.smaller.tolist() == [False] * 9 + [True] * 5
    assert parts.between < 0.2
    assert parts.within > 0.9


@pytest.mark.parametrize(
    "texts",
    [
        spread(ONE, 14, 0.2, 3),  # one group
        np.concatenate([spread(ONE, 9, 0.1, 1), spread(NEAR, 5, 0.1, 2)]),  # two near ones
        np.concatenate([spread(ONE, 12, 0.1, 1), spread(OTHER, 2, 0.1, 2)]),  # two strays
        np.concatenate([spread(ONE, 4, 0.1, 1), spread(OTHER, 3, 0.1, 2)]),  # too few
        spread(ONE, 1, 0.0, 1).repeat(10, axis=0),  # the same words ten times
    ],
)
def test_what_is_one_thing_or_too_little_is_not_asked_about(texts: Floats) -> None:
    assert find_parts(texts) is None
