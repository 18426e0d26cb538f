"""What is valid: what every feed's devices send of a model city, hand-written corners of the format, registrations."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from feeds import all_feeds
from feeds.contract import Feed
from ops_center.domain.catalog import Catalog, Datastream, Thing, TimeKind
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, to_datetime
from ops_center.domain.topics import CATALOG
from tests.feeds import cities

STEPS_S = (1, 2, 3, 5, 10, 20, 30, 60, 61, 120, 600, 1200, 3600, 5400, 7200, 7201)
ARRIVED_US = cities.START_US + 7300 * SECOND_US
"""when every message arrives, as the bus says"""
_LARGEST = 4_000
"""bytes of the largest message that is kept: mutations of large ones find the same, slowly"""
_OF_A_SHAPE = 4
OUTSIDE = "sensors"
OWN = {
    "center_health": ("center_host", ("host-vm", "host-spare", "host-gone")),
    "vital_signs": ("indicator", ("aqi@city", "aqi@district:D01", "aqi@district:gone")),
}
"""feed → kind and things of what the center says of itself: the model city has nothing of it. The last is retired"""


@cache
def catalog() -> Catalog:
    """Return what is registered: the model city, others' things, the center, and of each feed one that is retired."""
    city = cities.catalog()
    last = {thing.feed: thing.key for thing in city.things.values()}
    things = [
        replace(thing, retired=True) if last[thing.feed] == thing.key else thing for thing in city.things.values()
    ]
    streams = list(city.datastreams.values())
    for thing_id, properties in _OUTSIDERS.items():
        key = len(things)
        name = Label("水位计", "gauge")
        things.append(Thing(key, "parks", thing_id, "gauge", OUTSIDE, name, 119.6, 33.4, retired=thing_id == "gone"))
        for observed, unit in properties.items():
            kind = TimeKind.INTERVAL if observed == "rain_depth" else TimeKind.INSTANT
            streams.append(Datastream(len(streams), key, observed, unit, OUTSIDE, 60.0, kind))
    for feed, (thing_kind, ids) in OWN.items():
        for thing_id in ids:
            key, label = len(things), Label("中心自身", "of the center")
            retired = thing_id.endswith("gone")
            things.append(Thing(key, feed, thing_id, thing_kind, feed, label, 118.8, 32.0, retired=retired))
            streams += [
                Datastream(len(streams) + n, key, kind.observed_property, kind.unit, feed, 10.0)
                for n, kind in enumerate(all_feeds()[feed].kinds)
            ]
    return Catalog(1, things, streams)


_OUTSIDERS = {
    "pond-1": {"pond_level": "m", "pond_temperature": "Cel", "class": "1", "rain_depth": "mm"},
    "池塘 二": {"pond_level": "cm", "odour": "furlong"},
    "gone": {"pond_level": "m"},
}


@cache
def raw_messages() -> Mapping[str, tuple[bytes, ...]]:
    """Return feed → messages, small ones of every shape."""
    found = {name: [*_few(values)] for name, values in _observed().items()}
    for name, feed in all_feeds().items():
        found.setdefault(name, []).extend(corners(feed))
    return {name: tuple(values) for name, values in found.items()}


def _observed() -> Mapping[str, Sequence[bytes]]:
    world = cities.world("storm")
    sent: dict[str, list[bytes]] = defaultdict(list)
    for step_s in STEPS_S:
        now_us = cities.START_US + step_s * SECOND_US
        world.step(now_us)
        for name, feed in all_feeds().items():
            sent[name] += [outgoing.value for outgoing in feed.observe(world, now_us)]
    return sent


def _few(values: Sequence[bytes]) -> Iterator[bytes]:
    """Yield some of each shape: the same members, events of the same kind."""
    seen: dict[Any, int] = defaultdict(int)
    for value in sorted(values, key=len):
        body = json.loads(value)
        shape = (*body, isinstance(body.get("t"), list), *{event["kind"] for event in body.get("events", ())})
        seen[shape] += 1
        if len(value) <= _LARGEST and seen[shape] <= _OF_A_SHAPE:
            yield value


def corners(feed: Feed) -> Iterator[bytes]:
    """Yield messages at the edges of what docs/feeds.md allows; all of them are accepted, in whole or in part."""
    now = ARRIVED_US
    for producer, things, name, limits in _subjects(feed):
        base = {"v": 1, "producer": producer, "things": things}
        n = len(things)
        low, high = limits
        middle = [(low + high) / 2] * n
        yield _json({**base, "t": now, name: [low] * n})
        yield _json({**base, "t": to_datetime(now).isoformat(), name: [high] * n, "q": 127, "rt": [now] * n})
        yield _json(
            {**base, "t": [now - i for i in range(n)], name: middle, "q": [16] * n, "rt": "2026-11-23T09:00:00+08:00"}
        )
        yield _json({**base, "t": [to_datetime(now - i).isoformat() for i in range(n)], name: [*middle[1:], None]})
        yield _json({**base, "things": [*things, things[0]], "t": now, name: [*middle, middle[0]]})
        yield b"\xef\xbb\xbf" + _json({**base, "t": now, name: middle, "nobody_has_this": middle})
        yield _json({**base, "t": now - 35 * 86_400 * SECOND_US, name: middle, "rt": now})
    if moves(feed):
        yield from _corner_fixes(feed)
    for kind in feed.event_kinds:
        yield _json({"v": 1, "events": [_event(feed, kind, number) for number in range(2)]})


def _subjects(feed: Feed) -> Iterator[tuple[str, list[str], str, tuple[float, float]]]:
    """Yield producer, a few things, property and limits, for two properties of the feed at most."""
    limits = {kind.observed_property: kind.possible for kind in feed.kinds}
    if feed.name == OUTSIDE:
        limits = {"pond_level": (-12_000.0, 1e7), "rain_depth": (-1.2e7, 1e10)}
    for name in list(limits)[:2]:
        for producer in dict.fromkeys(thing.producer for thing in catalog().things.values() if thing.feed == feed.name):
            known = list(catalog().datastream_keys(producer, name))[:3]
            if known:
                yield producer, known, name, limits[name]


def _corner_fixes(feed: Feed) -> Iterator[bytes]:
    mine = [thing for thing in catalog().things.values() if thing.feed == feed.name and not thing.retired][:2]
    things, n = [thing.thing_id for thing in mine], len(mine)
    base = {"v": 1, "producer": mine[0].producer, "things": things, "t": ARRIVED_US}
    yield _json({**base, "longitude": [180.0] * n, "latitude": [-90.0] * n, "speed_mps": [120.0] * n})
    yield _json({**base, "longitude": [0.0] * n, "latitude": [0.0] * n, "heading_deg": [360.0] * n})
    yield _json(
        {**base, "longitude": [119.0] * n, "latitude": [33.0] * n, "speed_mps": [None] * n, "heading_deg": [0] * n}
    )


def _event(feed: Feed, kind: str, number: int) -> Mapping[str, Any]:
    camera = next(t for t in catalog().things.values() if t.feed == feed.name and not t.retired)
    attributes = {"snapshot": "/snapshots/x", "烟": ["浓", 1, None, {"a": 1.5}], "big": 2**62}
    return {
        "id": f"{kind}-{number}", "thing": camera.thing_id, "kind": kind, "t": ARRIVED_US - number,
        "longitude": -180.0, "latitude": 90.0, "confidence": number, "attributes": attributes,
    }  # fmt: skip


def moves(feed: Feed) -> bool:
    return feed.name == OUTSIDE or bool(getattr(feed, "positions", False))


def registrations() -> tuple[bytes, ...]:
    """Return valid records of the topic ``catalog``."""
    pond = {
        "producer": "parks", "thing_id": "pond-9", "kind": "pond_gauge", "feed": "sensors", "longitude": 119.62,
        "latitude": 33.46, "name": {"zh": "北湖水位计", "en": "North pond gauge"},
        "datastreams": [
            {"observed_property": "pond_level", "unit": "m", "interval_s": 60},
            {"observed_property": "pond_temperature", "unit": "Cel", "interval_s": 600.5, "time_kind": "interval"},
        ],
    }  # fmt: skip
    whole = {**pond, "district": "D01", "department": "water", "attributes": {"road_id": "r1", "深": [1, {"a": None}]}}
    bare = {**pond, "thing_id": "p", "datastreams": [], "longitude": -180, "latitude": 90.0}
    retired = {"producer": "parks", "thing_id": "pond-9", "retired": True}
    return tuple(map(_json, (pond, whole, bare, retired, {**pond, "retired": False})))


def messages() -> Mapping[str, tuple[bytes, ...]]:
    """Return topic → valid records of everything that others may send."""
    return {**raw_messages(), CATALOG: registrations()}


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
