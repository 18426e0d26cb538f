"""A moment of a small city, made here: what indicators are read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ops_center.city.kinds import THING_KINDS
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, MINUTE_US, SECOND_US
from ops_center.indicators.evidence import Evidence, Index
from ops_center.indicators.response import Response, Span, Step, StepKind

NOW_US = 1_790_000_000 * SECOND_US


def step(kind: StepKind, value: float, ago_days: float = 1.0, incident: int = 1, **more: Any) -> Step:
    """What took its time, in D1 and by the fire brigade unless said otherwise."""
    given = {"district": "D1", "departments": ("fire",), **more}
    return Step(incident, kind, at_us=NOW_US - round(ago_days * DAY_US), value=value, **given)


def span(incident: int, level: int, since_days: float, closed_days: float | None = None, **more: Any) -> Span:
    """An incident that was reported, and perhaps closed, so many days ago."""
    closed_us = 0 if closed_days is None else NOW_US - round(closed_days * DAY_US)
    given = {"district": "D1", "departments": ("fire",), "handled": True, **more}
    return Span(incident, level, reported_us=NOW_US - round(since_days * DAY_US), closed_us=closed_us, **given)


CALM = Response((), (step("verify", 3.0), step("accept", 2.0), step("arrive", 6.0), step("task", 100.0)))


class Moment:
    """Things with values, put together step by step."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.streams: list[Datastream] = []
        self.values: list[float] = []
        self.times: list[int] = []

    def thing(self, kind: str, *, feed: str, thing_id: str = "", **more: Any) -> int:
        """Add a thing and return its key."""
        key = len(self.things)
        name = Label(f"设备{key}", f"thing {key}")
        self.things.append(Thing(key, feed, thing_id or f"{kind}-{key}", kind, feed, name, 118.7, 32.0, **more))
        return key

    def value(
        self, thing: int, observed: str, value: float, *, age_s: float = 5.0, every_s: float = 10.0, never: bool = False
    ) -> int:
        """Add a datastream with its latest value, or with none; return its key."""
        key = len(self.streams)
        self.streams.append(Datastream(key, thing, observed, "1", self.things[thing].feed, every_s))
        self.values.append(value)
        self.times.append(0 if never else NOW_US - round(age_s * SECOND_US))
        return key

    def figure(self, subject: str, observed: str, value: float, *, age_s: float = 5.0) -> int:
        """Add a figure of the city."""
        thing = self.thing("aggregate", feed="city_figures", thing_id=subject)
        return self.value(thing, observed, value, age_s=age_s, every_s=60.0)

    def evidence(self, **more: Any) -> Evidence:
        """Return it all."""
        catalog = Catalog(1, self.things, self.streams)
        times, values = np.array(self.times, np.int64), np.array(self.values, np.float64)
        return Evidence(NOW_US, Index(catalog), times, values, **{"response": CALM, **more})


def whole_city(**figures: float) -> Moment:
    """A few things of every kind in two districts, all in time and well, and the city's own figures."""
    moment = Moment()
    usual: Mapping[str, float] = {
        "vehicle_speed": 45.0, "free_chlorine": 0.4, "turbidity": 0.3, "pm25": 20.0, "chlorine": 0.0, "wind_speed": 3.0,
        "river_level": 5.0,
    }  # fmt: skip
    for kind in THING_KINDS.values():
        for number in range(4):
            attributes = {"warning_level_m": 8.5} if kind.name == "river_gauge" else {}
            thing = moment.thing(
                kind.name, feed=kind.feed, district=f"D{number % 2}", department=kind.department, attributes=attributes
            )
            for stream in kind.streams:
                value = usual.get(stream.observed_property, 1.0)
                moment.value(thing, stream.observed_property, value, every_s=stream.interval_s)
    for subject, observed, value in (
        ("city", "congestion_index", 1.2), ("city", "aqi", 40.0), ("city", "mean_pm25", 20.0),
        ("city", "mean_rain", 0.0), ("district:D0", "congestion_index", 1.1), ("district:D1", "congestion_index", 1.9),
        ("district:D0", "aqi", 40.0),
        ("road_class:expressway", "mean_speed", 70.0), ("road_class:arterial", "mean_speed", 45.0),
        ("network:water", "least_pressure", 250.0), ("network:drain", "surcharged_share", 0.0),
    ):  # fmt: skip
        moment.figure(subject, observed, figures.get(observed, value))
    return moment


MINUTE = MINUTE_US
