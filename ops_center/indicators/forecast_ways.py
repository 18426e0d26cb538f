"""The two ways of forecasting over a whole past at once, and the band of their errors. Called by ``forecast``.

Everywhere ``series`` are hourly values without gaps in time, float64[n], NaN where nothing is known; what is ahead of
an hour is float64[n, HORIZON_H].
"""

from __future__ import annotations

import numpy as np

from ops_center.domain.observations import Float64, Int64

WEEK_H = 168
HORIZON_H = 12
NOMINAL = 0.8
"""how often the band is meant to hold"""
PROFILE_WEEKS = 6
FEW = 30
"""errors of one time of day that make a band of its own"""


def at(series: Float64, places: Int64) -> Float64:
    """Return the values at these places, NaN outside."""
    inside = (places >= 0) & (places < len(series))
    return np.where(inside, series[np.clip(places, 0, len(series) - 1)], np.nan)


def mean_of(rows: list[Float64]) -> Float64:
    """Return the mean over rows of what is known, NaN where nothing is."""
    stacked = np.stack(rows)
    known = np.isfinite(stacked)
    count = known.sum(axis=0)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))


def profile(series: Float64) -> Float64:
    """Return for each hour what the same hour of the last weeks usually was: known a week before it."""
    return usual_at(series, np.arange(len(series)))


def usual_at(series: Float64, places: Int64) -> Float64:
    """Return the median of the same hour of the last weeks: a week of holidays or one storm moves it little."""
    weeks = np.stack([at(series, places - WEEK_H * k) for k in range(1, PROFILE_WEEKS + 1)])
    known = np.isfinite(weeks).any(axis=0)
    return np.where(known, np.nanmedian(np.where(known, weeks, 0.0), axis=0), np.nan)


def ahead(series: Float64) -> Float64:
    """Return what came after each hour, float64[n, HORIZON_H]; NaN beyond the end."""
    places = np.arange(len(series))[:, None] + 1 + np.arange(HORIZON_H)[None, :]
    return at(series, places)


def naive_forecasts(series: Float64) -> Float64:
    """Return for each hour what the naive way says of those ahead."""
    places = np.arange(len(series))[:, None] + 1 + np.arange(HORIZON_H)[None, :]
    return at(series, places - WEEK_H)


def profile_forecasts(usual: Float64, deviation: Float64, damped: Float64) -> Float64:
    """Return for each hour what the profile and the present deviation say of those ahead."""
    now = np.where(np.isfinite(deviation), deviation, 0.0)
    return ahead(usual) + now[:, None] * damped[None, :]


def damping(deviation: Float64) -> Float64:
    """Return by horizon how much of a deviation is left, 0 to 1."""
    later = ahead(deviation)
    both = np.isfinite(later) & np.isfinite(deviation)[:, None]
    now = np.where(both, deviation[:, None], 0.0)
    square = (now**2).sum(axis=0)
    product = (now * np.where(both, later, 0.0)).sum(axis=0)
    left = np.divide(product, square, out=np.zeros(HORIZON_H), where=square > 0)
    return np.asarray(np.clip(left, 0.0, 1.0))


def unrest(series: Float64) -> Float64:
    """Return for each hour how far the last week's hours lay from what they usually are, on average; never 0.

    Errors are measured in it, so that a band is wide in a restless season and narrow in a calm one (locally weighted
    conformal prediction: Lei et al. 2018, section 5.2).
    """
    off = np.abs(series - profile(series))
    known = np.isfinite(off)
    total = np.cumsum(np.concatenate((np.zeros(WEEK_H), np.where(known, off, 0.0))))
    count = np.cumsum(np.concatenate((np.zeros(WEEK_H), known)))
    summed, counted = total[WEEK_H:] - total[:-WEEK_H], count[WEEK_H:] - count[:-WEEK_H]
    usual = float(np.nanmean(off)) if known.any() else 1.0
    week = np.divide(summed, counted, out=np.full(len(series), usual), where=counted > 0)
    return np.asarray(np.maximum(week, 0.1 * usual if usual > 0 else 1.0))


def band(errors: Float64, first_hour: int) -> tuple[Float64, Float64]:
    """Return how far below and above the truth was at most, in NOMINAL of cases: two of float64[24, HORIZON_H].

    By the hour of the day of what was forecast, with its neighbours, counted in the hours of the grid.
    """
    clock = (first_hour + np.arange(len(errors))[:, None] + 1 + np.arange(HORIZON_H)[None, :]) % 24
    low, high = np.zeros((24, HORIZON_H)), np.zeros((24, HORIZON_H))
    for step in range(HORIZON_H):
        column, hours = errors[:, step], clock[:, step]
        known = np.isfinite(column)
        for hour in range(24):
            near = known & np.isin(hours, ((hour - 1) % 24, hour, (hour + 1) % 24))
            some = np.sort(column[near] if near.sum() >= FEW else column[known])
            if not len(some):
                low[hour, step], high[hour, step] = -np.inf, np.inf
                continue
            low[hour, step], high[hour, step] = _limits(some)
    return low, high


def _limits(ascending: Float64) -> tuple[float, float]:
    """Return the two order statistics between which the next one lies with NOMINAL at least, both tails alike."""
    size = len(ascending)
    above = int(np.ceil((size + 1) * (1 + NOMINAL) / 2)) - 1
    return float(ascending[max(size - 1 - above, 0)]), float(ascending[min(above, size - 1)])


def mae(errors: Float64) -> float:
    """Return the mean absolute error; infinite where there is none."""
    known = errors[np.isfinite(errors)]
    return float(np.abs(known).mean()) if len(known) else float("inf")
