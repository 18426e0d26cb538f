"""One series over today, against yesterday, with its newest value written large. Drawn as SVG by the browser.

Quarters of an hour from the store, the last minutes raw: a few hundred points, asked for once a minute.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.observations import Float64, Int64
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, MINUTE_US, SECOND_US, from_datetime, in_zone
from ops_center.people.asking import asker
from ops_center.screens.panels.figures_of import Figure, Reference, find, written
from ops_center.screens.panels.kind import Decimals, PanelKind, PanelOptions, Shown, named, painted
from ops_center.screens.screen import Center, both
from ops_center.store.port import HistoryStore

_QUARTER_US = 15 * MINUTE_US


class ChartOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a chart."""

    series: Annotated[Reference, named("数据序列", "series")]
    decimals: Annotated[Decimals | None, named("小数位", "decimals")] = None
    limit: Annotated[float | None, named("限值线", "a limit, as a line")] = None
    from_zero: Annotated[bool, named("从零起", "from zero")] = False


def render(center: Center, options: ChartOptions) -> Shown:
    """Return the chart. Raises StoreError."""
    found = find(center, asker(), options.series)
    if found is None:
        return Shown([both(Label("没有这个数据序列", "there is no such series"))], "empty")
    title = Label(f"{found.name.zh} · {found.thing.name.zh}", f"{found.name.en} · {found.thing.name.en}")
    if center.series is None:
        raise OpsCenterError("no series are stored here")
    drawn = _drawn(center.series, found, center.frame().now_us, center.pack.manifest.timezone)
    drawn |= {"decimals": options.decimals, "limit": options.limit, "from_zero": options.from_zero}
    drawn |= {"last": written(found.value, options.decimals), "unit": found.unit, "value": found.value}
    state = "aged" if found.aged else "ok" if drawn["today"][0] or drawn["yesterday"][0] else "empty"
    return Shown([painted("chart", drawn)], state, title)  # type: ignore[arg-type]


def _drawn(store: HistoryStore, found: Figure, now_us: int, zone: str) -> dict[str, Any]:
    midnight = in_zone(now_us, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begin_us = from_datetime(midnight)
    quarters = store.series(found.stream.key, begin_us - DAY_US, now_us + SECOND_US, "15m")
    middle_us = quarters.time_us + _QUARTER_US // 2
    was = quarters.time_us < begin_us
    tail_us = int(quarters.time_us[-1]) + _QUARTER_US if len(quarters.time_us) else now_us - 6 * _QUARTER_US
    tail = store.series(found.stream.key, max(tail_us, begin_us, now_us - 6 * _QUARTER_US), now_us + SECOND_US, "raw")
    step = max(1, len(tail.time_us) // 60)
    today_us = np.concatenate([middle_us[~was], tail.time_us[::step]])
    today = np.concatenate([quarters.mean[~was], tail.mean[::step]])
    return {
        "begin": begin_us // SECOND_US,
        "now": now_us // SECOND_US,
        "today": _points(today_us, today, begin_us),
        "yesterday": _points(middle_us[was], quarters.mean[was], begin_us - DAY_US),
    }


def _points(time_us: Int64, values: Float64, begin_us: int) -> list[list[float]]:
    """Return minutes of the day and values, as precise as a line shows."""
    known = np.isfinite(values)
    minutes = (time_us[known] - begin_us) / MINUTE_US
    return [np.round(minutes, 1).tolist(), [float(f"{value:.5g}") for value in values[known].tolist()]]


PANEL = PanelKind(
    "chart",
    Label("曲线", "chart"),
    Label("一个数据序列：今天与昨天，最新值醒目", "one series: today against yesterday, its newest value large"),
    Rights(see=PICTURE),
    ChartOptions,
    render,
    refresh_s=60.0,
    order=30,
    size=(8, 5),
)
