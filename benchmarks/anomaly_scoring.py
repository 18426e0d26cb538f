"""How detections are scored against labelled windows: the benchmark of Numenta, F1 and the area under precision-recall.

The scoring function is the one of Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta
anomaly benchmark" (ICMLA 2015): a window earns up to 1 for its earliest detection (a sigmoid over its width), each
detection outside costs up to 0.11 (profile ``standard``), a missed window 1; 100 is perfect, 0 is silence. The first
15 % of a series (at most 750 observations) aren't scored. ``judge_anomaly`` reads data and calls this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

PROFILES = {"standard": (0.11, 1.0), "low_false_positives": (0.22, 1.0), "low_false_negatives": (0.11, 2.0)}
"""cost of a false detection, cost of a missed window"""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One labelled series."""

    category: str
    name: str
    time_us: NDArray[np.int64]
    value: Float
    windows: list[tuple[int, int]]
    """first and last position of each labelled window"""
    label: NDArray[np.bool_]
    """observations labelled as anomalous"""


def sigmoid(place: Float) -> Float:
    """Return the worth of a detection at ``place``: -1 at a window's left edge, 0 at its right edge, then a cost."""
    return np.where(place > 3, -1.0, 2 / (1 + np.exp(np.clip(5 * place, -500, 500))) - 1)


def windows_of(label: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return windows around runs of labels: 0.25 % of the series before, 1 % after (at least 1 and 3), joined."""
    size = len(label)
    before, after = max(1, int(0.0025 * size)), max(3, int(0.01 * size))
    edges = np.diff(np.concatenate([[0], label.astype(int), [0]]))
    found: list[tuple[int, int]] = []
    for first, last in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True):
        begin, end = max(0, int(first) - before), min(size - 1, int(last) + after)
        if found and begin <= found[-1][1] + 1:
            begin = found.pop()[0]
        found.append((begin, end))
    return found


class Scorer:
    """All observations of many series in one row, scored together with one threshold."""

    def __init__(self, series: list[Series]) -> None:
        self.series = series
        sizes = [len(one.value) for one in series]
        self.file = np.repeat(np.arange(len(series)), sizes)
        self.label = np.concatenate([one.label for one in series])
        worth, window, scored = zip(*(_worth(one) for one in series), strict=True)
        self.worth, self.scored = np.concatenate(worth), np.concatenate(scored)
        shifts = np.cumsum([0, *(len(one.windows) for one in series)])[:-1]
        self.window = np.concatenate([np.where(w >= 0, w + s, -1) for w, s in zip(window, shifts, strict=True)])

    def rows(self, files: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which observations of ``files`` are scored."""
        return self.scored & files[self.file]

    def score(self, scores: Float, rows: NDArray[np.bool_], threshold: float, profile: str = "standard") -> float:
        """Return the score of 100 with this threshold; NaN where no window is."""
        false_cost, miss_cost = PROFILES[profile]
        hit = rows & (scores >= threshold)
        inside = rows & (self.window >= 0)
        total = len(np.unique(self.window[inside]))
        best = np.zeros(self.window.max() + 2)
        hits = hit & inside
        np.maximum.at(best, self.window[hits], self.worth[hits])
        found = np.unique(self.window[hits])
        gained = best[found].sum() + miss_cost * len(found)
        lost = -self.worth[hit & (self.window < 0)].sum() * false_cost
        return float("nan") if total == 0 else float(100 * (gained - lost) / ((1 + miss_cost) * total))

    def counts(self, scores: Float, rows: NDArray[np.bool_], threshold: float) -> tuple[int, int, int]:
        """Return windows found, windows, detections outside."""
        hit = rows & (scores >= threshold)
        found = len(np.unique(self.window[hit & (self.window >= 0)]))
        return found, len(np.unique(self.window[rows & (self.window >= 0)])), int((hit & (self.window < 0)).sum())

    def best_threshold(self, scores: Float, rows: NDArray[np.bool_], profile: str = "standard") -> float:
        """Return the threshold with the best score among the 400 highest quantiles."""
        chosen = np.unique(np.quantile(scores[rows], 1 - np.geomspace(1e-5, 0.2, 400)))
        return float(max(chosen, key=lambda threshold: self.score(scores, rows, threshold, profile)))


def _worth(one: Series) -> tuple[Float, NDArray[np.int64], NDArray[np.bool_]]:
    """Return what a detection is worth at each observation, which window it is in (-1: none), what is scored."""
    size = len(one.value)
    place = np.arange(size)
    worth, window = np.full(size, -1.0), np.full(size, -1)
    most = float(sigmoid(np.array(-1.0)))
    for number, (first, last) in enumerate(one.windows):
        following = one.windows[number + 1][0] if number + 1 < len(one.windows) else size
        inside, beyond = slice(first, last + 1), slice(last + 1, following)
        worth[inside] = sigmoid(-(last - place[inside] + 1) / (last - first + 1)) / most
        worth[beyond] = sigmoid((place[beyond] - last) / max(last - first, 1))
        window[inside] = number
    return worth, window, place >= np.ceil(min(np.floor(0.15 * size), 0.15 * 5000))


def area_under_precision_recall(scores: Float, label: NDArray[np.bool_]) -> float:
    """Return the average precision over observations; NaN without a label."""
    order = np.argsort(-scores, kind="stable")
    right = label[order].cumsum()
    last = np.append(scores[order][1:] != scores[order][:-1], True)
    precision, recall = (right / np.arange(1, len(label) + 1))[last], right[last] / max(label.sum(), 1)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision)) if label.any() else float("nan")


def f1(scores: Float, label: NDArray[np.bool_], threshold: float) -> float:
    """Return F1 over observations."""
    hit = scores >= threshold
    return float(2 * (hit & label).sum() / max(hit.sum() + label.sum(), 1))
