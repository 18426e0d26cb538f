"""What the chart of a thing is given: series over a span in as many rows as it has pixels, with gaps, limits, alarms.

Called by ``thing_series``, when ``assets/thing_page.js`` asks.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np

from ops_center.domain.catalog import Datastream, Thing, TimeKind
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, in_zone
from ops_center.people.asking import asker
from ops_center.screens.screen import Center
from ops_center.screens.thing_words import SPEED, property_name, unit_of
from ops_center.services.things.reading import SPEED as SPEED_KEY
from ops_center.services.things.reading import Shown
from ops_center.store.resolutions import WIDTH_US

MOST_SERIES = 8
LONGEST_MS = 40 * 366 * 86_400_000
_MOMENT = Annotated[int, msgspec.Meta(ge=0, le=7_258_118_400_000)]
"""ms, until 2200"""
SHIFTS = ((1, Label("昨日同时段", "same time yesterday")), (7, Label("上周同时段", "same time last week")))
WHICH = {
    "high_high": Label("高高限", "high-high"),
    "high": Label("高限", "high"),
    "low": Label("低限", "low"),
    "low_low": Label("低低限", "low-low"),
    "above": Label("上限", "above"),
    "below": Label("下限", "below"),
}
"""limits of rules, by the name of their parameter"""


class Wanted(msgspec.Struct, frozen=True):
    """One series of a picture."""

    key: Annotated[int, msgspec.Meta(ge=SPEED_KEY, le=2**31 - 1)]
    days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 0
    """so many days earlier, drawn over the same span"""


class Ask(msgspec.Struct, frozen=True):
    """What is to be drawn."""

    since: _MOMENT
    until: _MOMENT
    width: Annotated[int, msgspec.Meta(ge=10, le=8000)]
    """pixels: at most so many rows"""
    series: Annotated[list[Wanted], msgspec.Meta(max_length=MOST_SERIES)]
    n: int = 0
    """which question this is: the newest answer counts"""
    again: bool = False
    """it is asked by itself, since time goes on"""


def picture(center: Center, thing: Thing, ask: Ask) -> dict[str, Any]:
    """Return what is to be drawn. Raises StoreError."""
    room, now_us = center.thing_room(), center.frame().now_us
    series = [found for wanted in ask.series if (found := _series(center, thing, wanted, ask, now_us)) is not None]
    alarms = []
    if not ask.again:
        keys = ",".join(str(one.key) for one in ask.series)
        center.saw(asker(), "series.seen", f"{thing.producer}/{thing.thing_id}", detail={"series": keys})
    for alarm in room.alarms(asker(), thing):
        if alarm.raised_us / 1000 < ask.until and (alarm.closed_us or now_us) / 1000 > ask.since:
            label = center.alarm_room().words.label(alarm)
            alarms.append(
                {
                    "id": alarm.id,
                    "p": int(alarm.priority),
                    "from": alarm.raised_us // 1000,
                    "to": (alarm.returned_us or alarm.closed_us or 0) // 1000,
                    "zh": label.zh,
                    "en": label.en,
                }
            )
    return {
        "n": ask.n, "from": ask.since, "to": ask.until, "now": now_us // 1000, "width": ask.width, "series": series,
        "alarms": alarms, "zone": f"UTC{in_zone(now_us, center.pack.manifest.timezone):%z}"[:6],
    }  # fmt: skip


def _series(center: Center, thing: Thing, wanted: Wanted, ask: Ask, now_us: int) -> dict[str, Any] | None:
    """Return one series as the script draws it; None: there is none such that may be seen."""
    room, back_us = center.thing_room(), wanted.days * DAY_US
    span_us = ask.since * 1000 - back_us, ask.until * 1000 - back_us
    if wanted.key == SPEED_KEY:
        found, name, unit, of = room.speed(thing, span_us, now_us, ask.width), SPEED, "km/h", thing
        limits: list[list[Any]] = []
        widths = [0]
    else:
        known = room.stream(asker(), wanted.key)
        if known is None:
            return None
        of, stream = known
        found = room.series(stream, span_us, now_us, ask.width)
        name, unit = property_name(stream.observed_property), unit_of(stream.unit)
        limits = [] if wanted.days else _limits(center, stream)
        widths = [_width_ms(part.resolution, stream) for part in found.parts]
    label = _labelled(name, of, thing, wanted.days)
    return {
        "key": wanted.key, "shift": wanted.days, "name": pair(name), "label": pair(label), "unit": unit,
        "limits": limits, **_rows(found, back_us, widths),
    }  # fmt: skip


def _rows(found: Shown, back_us: int, widths: list[int]) -> dict[str, Any]:
    def column(name: str) -> list[Any]:
        return [_short(value) for part in found.parts for value in getattr(part, name).tolist()]

    times = [(part.time_us + back_us) // 1000 for part in found.parts]
    return {
        "t": np.concatenate(times).tolist() if times else [],
        "m": column("mean"), "l": column("low"), "h": column("high"), "n": column("count"), "q": column("quality"),
        "grains": [[p.resolution, len(p.time_us), width] for p, width in zip(found.parts, widths, strict=False)],
        "gaps": [[(since + back_us) // 1000, (until + back_us) // 1000] for since, until in found.gaps],
        "revisions": [
            [(one.time_us + back_us) // 1000, _short(one.was), one.replaced_us // 1000] for one in found.revisions
        ],
    }  # fmt: skip


def _width_ms(resolution: str, stream: Datastream) -> int:
    """Return over how long a row holds, so that it is drawn in the middle of it."""
    if resolution != "raw":
        return WIDTH_US[resolution] // 1000  # type: ignore[index]
    return round(stream.interval_s * 1000) if stream.time_kind is TimeKind.INTERVAL else 0


def _limits(center: Center, stream: Datastream) -> list[list[Any]]:
    lines = []
    for limit in center.thing_room().judges.limits(stream):
        which, rule = WHICH[limit.which], limit.rule.form.label.label()
        lines.append([_short(limit.value), limit.which, f"{rule.zh}：{which.zh}", f"{rule.en}: {which.en}"])
    return lines


def _labelled(name: Label, of: Thing, here: Thing, days: int) -> Label:
    zh, en = name.zh, name.en
    if of.key != here.key:
        zh, en = f"{zh} · {of.name.zh}", f"{en} · {of.name.en}"
    if days:
        told = dict(SHIFTS).get(days) or Label(f"{days} 天前", f"{days} days before")
        zh, en = f"{zh}（{told.zh}）", f"{en} ({told.en})"
    return Label(zh, en)


def pair(label: Label) -> list[str]:
    """Return both texts, as scripts hold them."""
    return [label.zh, label.en]


def _short(value: float) -> float | int:
    return value if isinstance(value, int) else float(f"{value:.7g}")
