"""How improbable a novelty is for its own series: a peaks-over-threshold tail, online, three numbers per view.

The logarithm of novelty is taken to fall off exponentially above a high threshold u (so novelty itself is Pareto, the
heavy tail of the generalised Pareto family that SPOT fits: Siffer, Fouque, Termier, Largouët, KDD 2017; the mean excess
of logarithms is Hill's estimator, Annals of Statistics 3, 1975):

    -log10 P(novelty > z) = -log10 p + (log z - u) / m / ln 10        for log z > u

p is the share of observations above u. u is followed by stochastic approximation (Robbins and Monro 1951) with the step
that an exponential tail asks for, m by a running mean of excesses that are cut at four times m, so that an anomaly
hardly teaches the series that anomalies are normal. Short series get a larger p: ten excesses are aimed at, in the end
1 %. Called by ``alerts.anomaly``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

_SHARE = 0.01
"""share of observations above the threshold in the long run; 0.5 % and 2 % were no better on the development kinds"""
_EXCESSES = 10.0
_HORIZON = 4000.0
"""observations after which the threshold forgets"""
_EXCESS = 0.35
"""mean excess before anything is known: the next decade of probability is a factor of 2.2 away"""
_TRUST = 40.0
"""how many excesses that belief is worth; 10 found more but with more false findings"""
_HORIZON_EXCESS = 100.0
_CUT = 4.0
_LEAST = 0.02
_DECADE = 1 / np.log(10)


def surprise(tails: Float, novelty_log: Float, learned: Float) -> tuple[Float, Float]:
    """Return -log10 of the tail probability per view, (k, view), and the tails after learning it.

    ``tails`` (k, view, 3): threshold, mean excess, excesses. ``novelty_log`` (k, view). ``learned`` (k,): observations
    that the tails have seen; negative: none are to be learned yet.
    """
    begun = (learned > 0)[:, None]
    begins = (learned == 0)[:, None]
    threshold = np.where(begun, tails[..., 0], novelty_log)
    mean = np.where(begun, tails[..., 1], _EXCESS)
    number = np.where(begun, tails[..., 2], _TRUST)
    share = np.maximum(_EXCESSES / (np.maximum(learned, 0) + 2 * _EXCESSES), _SHARE)[:, None]
    excess = novelty_log - threshold
    above = excess > 0
    base = -np.log10(share)
    within = base * np.exp(np.clip(excess / (2 * mean), -30.0, 0.0))
    found = np.where(above, base + np.maximum(excess, 0.0) / mean * _DECADE, within)

    pace = np.minimum(mean / (share * np.minimum(np.maximum(learned, 0) + 6, _HORIZON)[:, None]), mean)
    weight = np.maximum(1 / (number + 1), 1 / _HORIZON_EXCESS)
    cut = np.minimum(excess, _CUT * mean)
    after = np.stack(
        [
            threshold + pace * (above - share),
            np.where(above, np.maximum(mean + weight * (cut - mean), _LEAST), mean),
            number + above,
        ],
        axis=-1,
    )
    return np.where(begun, found, 0.0), np.where((begun | begins)[..., None], after, tails)
