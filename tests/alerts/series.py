"""Series with a known truth, and the detector run over them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from alerts.anomaly import Findings, step
from alerts.anomaly_memory import AnomalyMemory

MINUTE_US = 60_000_000
START_US = 1_790_000_000 * 1_000_000  # a Monday in September 2026, 14:13 UTC
DAY = 288
"""observations a day at five minutes"""

Float = NDArray[np.float64]


def every(minutes: float, size: int) -> NDArray[np.int64]:
    return START_US + (np.arange(size) * minutes * MINUTE_US).astype(np.int64)


def noise(size: int, seed: int = 1) -> Float:
    return np.random.default_rng(seed).normal(50.0, 2.0, size)


def daily(size: int, seed: int = 1) -> Float:
    """A course of the day of ±20 around 100, with a little noise, every five minutes."""
    return 100 + 20 * np.sin(2 * np.pi * np.arange(size) / DAY) + np.random.default_rng(seed).normal(0, 1.0, size)


def run(values: Float, minutes: float = 5.0, memory: AnomalyMemory | None = None) -> Findings:
    """Findings of one series, observation by observation."""
    return run_at(every(minutes, len(values)), values, memory)


def run_at(times: NDArray[np.int64], values: Float, memory: AnomalyMemory | None = None) -> Findings:
    """The same at given times, in one call: a key that repeats is taken in order."""
    memory = AnomalyMemory.empty(1) if memory is None else memory
    return step(memory, np.zeros(len(values), np.int32), times, values)


def run_many(columns: list[Float], minutes: float = 5.0) -> list[Findings]:
    """Findings of series of one length, all in one memory, stepped side by side."""
    memory, keys = AnomalyMemory.empty(len(columns)), np.arange(len(columns), dtype=np.int32)
    rows = zip(every(minutes, len(columns[0])), np.stack(columns, axis=1), strict=True)
    steps = [step(memory, keys, np.full(len(keys), time), row) for time, row in rows]
    names = [field.name for field in fields(Findings)]
    tables = [np.stack([getattr(one, name) for one in steps]) for name in names]
    return [Findings(*(table[:, place] for table in tables)) for place in range(len(columns))]
