"""Detectors to compare with: simple, online, a window of fixed length. Each scores whole series."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from alerts.anomaly import step
from alerts.anomaly_memory import AnomalyMemory
from benchmarks.anomaly_scoring import Series

Float = NDArray[np.float64]


def ours(series: list[Series]) -> list[Float]:
    """Return the scores of ``alerts.anomaly``, all series side by side."""
    memory = AnomalyMemory.empty(len(series))
    scores = [np.zeros(len(one.value)) for one in series]
    for place in range(max(len(one.value) for one in series)):
        keys = np.array([key for key, one in enumerate(series) if place < len(one.value)], np.int32)
        times = np.array([series[key].time_us[place] for key in keys])
        values = np.array([series[key].value[place] for key in keys])
        for key, score in zip(keys, step(memory, keys, times, values).score, strict=True):
            scores[key][place] = score
    return scores


def robust_z(series: list[Series], window: int = 250) -> list[Float]:
    """Return |x - median| / MAD of the last ``window`` observations."""
    return [_windowed(one.value, window, _robust) for one in series]


def windowed_gaussian(series: list[Series], window: int = 250) -> list[Float]:
    """Return |x - mean| / standard deviation of the last ``window`` observations."""
    return [_windowed(one.value, window, _gaussian) for one in series]


def _windowed(value: Float, window: int, distance: Callable[[Float, float], float]) -> Float:
    scores = np.zeros(len(value))
    for place in range(60, len(value)):
        scores[place] = distance(value[max(0, place - window) : place], value[place])
    return scores


def _robust(past: Float, now: float) -> float:
    middle = np.median(past)
    return float(abs(now - middle) / (1.4826 * np.median(np.abs(past - middle)) + 0.05 * past.std() + 1e-9))


def _gaussian(past: Float, now: float) -> float:
    return float(abs(now - past.mean()) / (past.std() + 1e-9))


DETECTORS: Mapping[str, Callable[[list[Series]], list[Float]]] = {
    "ours": ours,
    "robust_z": robust_z,
    "windowed_gaussian": windowed_gaussian,
}
