"""Values for panels: one datastream named by a text, its newest value, and what it was a day ago.

A reference is ``producer/thing#observed_property``: ``city_figures/city#congestion_index``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np

from feeds import all_feeds
from layers.contract import LiveFrame
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, MINUTE_US
from ops_center.screens.property_words import UNITS, property_names
from ops_center.screens.screen import Center

Reference = Annotated[str, msgspec.Meta(min_length=3, max_length=300, pattern=r"^[^/#]+/[^#]+#[a-z0-9_]+$")]
_NEAR_US = 20 * MINUTE_US
"""a quarter's bucket this near is taken for the value of a moment"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One datastream with its newest value."""

    thing: Thing
    stream: Datastream
    value: float | None
    """None: nothing was ever received"""
    time_us: int
    aged: bool

    @property
    def name(self) -> Label:
        """Return what is observed."""
        return name_of(self.stream.observed_property)

    @property
    def unit(self) -> str:
        """Return its unit as people write it."""
        return unit_of(self.stream.unit)


def find(center: Center, who: Asker, reference: str) -> Figure | None:
    """Return what a reference names, if it is there and ``who`` may see it."""
    place, _, observed = reference.partition("#")
    producer, _, thing_id = place.partition("/")
    frame = center.frame()
    key = frame.catalog.datastream_keys(producer, observed).get(thing_id)
    return None if key is None else figure_of(frame, who, key)


def figure_of(frame: LiveFrame, who: Asker, key: int) -> Figure | None:
    """Return a datastream with its newest value; None where ``who`` may not see it."""
    stream = frame.catalog.datastreams[key]
    thing = frame.catalog.things.get(stream.thing)
    if thing is None or not may_see(who, thing):
        return None
    time_us = int(frame.time_us[key]) if key < len(frame.time_us) else 0
    value = float(frame.result[key]) if time_us and np.isfinite(frame.result[key]) else None
    aged = time_us > 0 and frame.now_us - time_us > int(frame.catalog.lifetime_us[key])
    return Figure(thing, stream, value, time_us, aged)


def may_see(who: Asker, thing: Thing) -> bool:
    """Return whether ``who`` may see what a thing observes, by its feed's rights."""
    feed = all_feeds().get(thing.feed)
    return feed is not None and who.may_see_of(feed.rights, thing.department, thing.district)


def a_day_ago(center: Center, figure: Figure) -> float | None:
    """Return the mean of the quarter a day before its newest value. Raises StoreError."""
    if center.series is None or not figure.time_us:
        return None
    then_us = figure.time_us - DAY_US
    found = center.series.series(figure.stream.key, then_us - _NEAR_US, then_us + _NEAR_US, "15m")
    if not len(found.time_us):
        return None
    return float(found.mean[int(np.argmin(np.abs(found.time_us - then_us)))])


def name_of(observed_property: str) -> Label:
    """Return an observed property's name."""
    return property_names().get(observed_property) or Label(observed_property, observed_property)


def unit_of(code: str) -> str:
    """Return a unit as people write it; "" for numbers without one."""
    return "" if code == "1" else UNITS.get(code, code)


def written(value: float | None, decimals: int | None = None) -> str:
    """Return a number as it is read from afar: three digits unless told otherwise, thousands set apart."""
    if value is None:
        return "—"
    if decimals is None:
        decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{decimals}f}".replace("-", "−")
