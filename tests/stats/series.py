"""Daily series made from a seed, as a product would have them."""

import numpy as np

from bot.stats.days import Floats

WEEK = np.array([1.1, 1.15, 1.1, 1.05, 1.0, 0.8, 0.8])


def days(count: int) -> np.ndarray:
    return np.datetime64("2024-01-01") + np.arange(count)


def steady(count: int, seed: int, *, level: float = 1000.0, noise: float = 0.05) -> Floats:
    """A metric with a weekly pattern and a little noise that remembers yesterday."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(0, noise, count)
    for day in range(1, count):
        shocks[day] += 0.3 * shocks[day - 1]
    return np.asarray(np.round(level * WEEK[np.arange(count) % 7] * np.exp(shocks)))


def wandering(count: int, seed: int, *, step: float = 0.012) -> Floats:
    """A metric whose level drifts by itself."""
    rng = np.random.default_rng(seed + 10_000)
    drift = np.cumsum(rng.normal(0, step, count))
    return np.asarray(np.round(steady(count, seed, noise=0.06) * np.exp(drift)))


def counts(count: int, seed: int, mean: float) -> Floats:
    return np.random.default_rng(seed).poisson(mean, count).astype(float)
