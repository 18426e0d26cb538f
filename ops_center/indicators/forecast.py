"""The next hours of an indicator, with a band that was measured and not assumed.

Two ways, on hourly values:

- *profile*: what this hour of the week usually was (median of the last six weeks), plus the present deviation from it,
  damped with the horizon; the damping of each horizon is the regression of later deviations on present ones. With
  horizons apart it is the direct form of a seasonal profile with an autoregressive remainder (Hyndman & Athanasopoulos,
  Forecasting: Principles and Practice, 3rd ed., sections 5.7 and 10.1).
- *naive*: the value of the same hour a week ago (section 5.2, seasonal naive).

The past is cut in three, in order of time: on the first the damping is fitted; on the second both ways make forecasts
from every hour, the better one is chosen and its errors become the band (split conformal prediction: Lei et al. 2018,
JASA 113), by horizon and time of day; the third fits nothing: it says how large errors are and how often the band held,
and may veto the profile (docs/vital-signs.md says what was decided while looking at it). What is shown then uses the
newest errors. A past in which little happens makes a narrow band: the page says how often it held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import HOUR_US
from ops_center.indicators.forecast_ways import (
    FEW,
    HORIZON_H,
    WEEK_H,
    ahead,
    at,
    band,
    damping,
    mae,
    mean_of,
    naive_forecasts,
    profile,
    profile_forecasts,
    unrest,
    usual_at,
)

LEAST_H = 16 * WEEK_H
"""of past that a forecast asks for"""
_PART_H = 8 * WEEK_H
"""of choosing, and of judging"""

Method = Literal["profile", "naive"]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """How well the shown way did on hours that it had never seen, all horizons together unless said otherwise."""

    from_us: int
    to_us: int
    forecasts: int
    mae: float
    """mean absolute error, in the indicator's unit"""
    naive_mae: float
    """that of the naive way on the same hours"""
    mase: float
    """mean absolute error over that of the naive way on the first part (Hyndman & Koehler 2006)"""
    coverage: float
    """how often the band held, 0 to 1"""
    mae_by_hour: Float64
    """float64[HORIZON_H]"""
    coverage_by_hour: Float64


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """The next hours; arrays over the horizons 1 to HORIZON_H."""

    method: Method
    from_us: int
    """begin of the last full hour that is known"""
    time_us: Int64
    """begins of the hours"""
    expected: Float64
    low: Float64
    high: Float64
    judged: Judged


def outlook(time_us: Int64, values: Float64, now_us: int) -> Outlook | None:
    """Return the forecast from the last full hour before ``now_us``; None: too little is known.

    ``time_us``: begins of hours, ascending, int64[n]; ``values``: their means, float64[n].
    """
    hours = _on_grid(time_us, values, now_us)
    if hours is None:
        return None
    series, first_us = hours
    size = len(series)
    part = min(_PART_H, size // 4)
    fit, choose = size - 2 * part, size - part
    usual = profile(series)
    deviation = series - usual
    damped = damping(deviation[:fit])
    made = {
        "profile": profile_forecasts(usual, deviation, damped),
        "naive": naive_forecasts(series),
    }
    truth = ahead(series)
    errors = {name: truth - forecasts for name, forecasts in made.items()}
    by_then = slice(fit, choose - HORIZON_H)  # what was forecast there had come before the last part began
    missed = {name: mae(found[by_then]) for name, found in errors.items()}
    last = {name: mae(found[choose:]) for name, found in errors.items()}
    better = missed["profile"] < missed["naive"] and last["profile"] < last["naive"]
    chosen: Method = "profile" if better else "naive"
    judged = _judge(series, errors, chosen, (fit, choose), first_us)
    if judged is None:
        return None
    restless = unrest(series)
    return _shown(
        series,
        chosen,
        (errors[chosen] / restless[:, None])[choose:],
        damping(deviation[:choose]),
        (usual, deviation, restless),
        first_us,
        judged,
    )


def _shown(
    series: Float64,
    method: Method,
    errors: Float64,
    damped: Float64,
    usual: tuple[Float64, Float64, Float64],
    first_us: int,
    judged: Judged,
) -> Outlook:
    """Return what is ahead of the last hour."""
    size = len(series)
    targets = np.arange(size, size + HORIZON_H)
    if method == "naive":
        expected = at(series, targets - WEEK_H)
    else:
        now = usual[1][-1]
        expected = usual_at(series, targets) + damped * (now if np.isfinite(now) else 0.0)
    low, high = (edge * usual[2][-1] for edge in band(errors, size - len(errors)))
    clock = targets % 24
    steps = np.arange(HORIZON_H)
    floor = 0.0 if np.nanmin(series) >= 0 else -np.inf
    return Outlook(
        method,
        first_us + (size - 1) * HOUR_US,
        first_us + targets * HOUR_US,
        np.maximum(expected, floor),
        np.maximum(expected + low[clock, steps], floor),
        np.maximum(expected + high[clock, steps], floor),
        judged,
    )


def _judge(
    series: Float64, errors: dict[str, Float64], chosen: Method, cut: tuple[int, int], first_us: int
) -> Judged | None:
    """Measure the chosen way on the last part, with the band of the second."""
    fit, choose = cut
    mine, naive = errors[chosen][choose:], errors["naive"][choose:]
    both = np.isfinite(mine) & np.isfinite(naive)
    if both.sum() < FEW:
        return None
    restless = unrest(series)[:, None]
    low, high = band((errors[chosen] / restless)[fit : choose - HORIZON_H], fit)
    scaled = mine / restless[choose:]
    rows = np.arange(choose, len(series))
    clock = (rows[:, None] + 1 + np.arange(HORIZON_H)[None, :]) % 24
    steps = np.broadcast_to(np.arange(HORIZON_H), clock.shape)
    held = np.where(both, (scaled >= low[clock, steps]) & (scaled <= high[clock, steps]), np.nan)
    mine, naive = np.where(both, np.abs(mine), np.nan), np.where(both, np.abs(naive), np.nan)
    scale = mae(series[WEEK_H:fit] - series[: fit - WEEK_H])
    return Judged(
        first_us + choose * HOUR_US,
        first_us + len(series) * HOUR_US,
        int(both.sum()),
        float(np.nanmean(mine)),
        float(np.nanmean(naive)),
        float(np.nanmean(mine)) / scale if scale > 0 else float("nan"),
        float(np.nanmean(held)),
        mean_of(list(mine)),
        mean_of(list(held)),
    )


def _on_grid(time_us: Int64, values: Float64, now_us: int) -> tuple[Float64, int] | None:
    """Return full hours without gaps in time, NaN where nothing is known, and the begin of the first."""
    past = (time_us + HOUR_US <= now_us) & np.isfinite(values)
    if not past.any():
        return None
    first, last = int(time_us[past][0]) // HOUR_US, now_us // HOUR_US
    series = np.full(last - first, np.nan)
    series[(time_us[past] // HOUR_US - first).astype(np.int64)] = values[past]
    if len(series) < LEAST_H or np.isfinite(series).sum() < LEAST_H // 2:
        return None
    return series, first * HOUR_US
