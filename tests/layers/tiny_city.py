"""A city of a few features, made here: a catalog, the pack's features as arrays, and frames of any age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from layers.contract import Features, FeatureTable, LiveFrame
from ops_center.city.kinds import THING_KINDS
from ops_center.domain.catalog import Catalog, Datastream, Thing, TimeKind
from ops_center.domain.observations import Event
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

NOW_US = 1_790_000_000 * SECOND_US
WEST, SOUTH = 118.70, 32.00


def lines(ids: Iterable[str], columns: Mapping[str, Any]) -> FeatureTable:
    """Lines of three vertices each, side by side."""
    names = tuple(ids)
    count = len(names)
    x = WEST + 0.01 * np.repeat(np.arange(count), 3) % 0.3 + np.tile([0.0, 0.004, 0.008], count)
    y = SOUTH + 0.005 * np.repeat(np.arange(count) // 30, 3) + np.tile([0.0, 0.002, 0.0], count)
    positions = np.column_stack((x, y)).astype(np.float32)
    starts = np.arange(count + 1, dtype=np.uint32) * 3
    return FeatureTable(names, positions, starts, {name: np.asarray(values) for name, values in columns.items()})


def features(roads: int = 8, mains: int = 4) -> Features:
    classes = np.array(["expressway", "arterial", "collector", "local"], object)
    nodes = tuple(f"N{i}" for i in range(mains + 1))
    return {
        "roads": lines(
            (f"R{i}" for i in range(roads)),
            {
                "class": classes[np.arange(roads) % 4],
                "speed_limit_kmh": np.array([80.0, 60.0, 50.0, 30.0])[np.arange(roads) % 4],
            },
        ),
        "pipe_links": lines(
            (f"P{i}" for i in range(mains)),
            {
                "network": np.array(["water"] * mains, object),
                "from_node": np.array(nodes[:-1], object),
                "to_node": np.array(nodes[1:], object),
                "diameter_mm": np.linspace(100.0, 1000.0, mains),
            },
        ),
        "pipe_nodes": FeatureTable(
            nodes,
            np.tile(np.array([[WEST, SOUTH]], np.float32), (mains + 1, 1)),
            np.arange(mains + 2, dtype=np.uint32),
            {"depth_m": np.full(mains + 1, 3.0)},
        ),
        "districts": _districts(),
        "units": _units(),
    }


def _units() -> FeatureTable:
    """A unit of each of a few kinds; every second one has a vehicle."""
    kinds = ("fire_brigade", "ambulance_crew", "traffic_police", "water_repair")
    vehicles = ("fire-0", "", "police-0", "")
    places = WEST + 0.01, SOUTH + 0.01
    return FeatureTable(
        tuple(f"U{number}" for number in range(len(kinds))),
        np.tile(np.array([places], np.float32), (len(kinds), 1)),
        np.arange(len(kinds) + 1, dtype=np.uint32),
        {
            "kind": np.array(kinds, object),
            "vehicle": np.array(vehicles, object),
            "organisation": np.array(["fire", "health", "police", "water_company"], object),
            "district": np.array(["D0", "D1", "D0", "D1"], object),
        },
    )


def _districts() -> FeatureTable:
    """Two squares side by side, the second with a hole; a row of NaN ends each ring."""
    gap = np.full((1, 2), np.nan)
    square = np.array([[0.0, 0.0], [0.1, 0.0], [0.1, 0.1], [0.0, 0.1]])
    hole = np.array([[0.14, 0.04], [0.14, 0.06], [0.16, 0.06], [0.16, 0.04]])
    east = np.add(square, (0.1, 0.0))
    rings = np.add(np.concatenate((square, gap, east, gap, hole, gap)), (WEST, SOUTH))
    starts = np.array([0, 5, 15], np.uint32)
    return FeatureTable(("D0", "D1"), rings.astype(np.float32), starts, {"area_km2": np.array([105.0, 101.0])})


def catalog(each: int = 4, version: int = 1) -> Catalog:
    """``each`` things of every kind, on the roads and nodes of :func:`features`."""
    things: list[Thing] = []
    streams: list[Datastream] = []
    for kind in THING_KINDS.values():
        for number in range(each):
            key = len(things)
            things.append(
                Thing(
                    key=key,
                    producer=kind.feed,
                    thing_id=f"{kind.name}-{number}",
                    kind=kind.name,
                    feed=kind.feed,
                    name=Label(f"{kind.label.zh}{number}", f"{kind.label.en} {number}"),
                    longitude=WEST + 0.02 * (key % 13),
                    latitude=SOUTH + 0.015 * (key // 13),
                    district=f"D{number % 2}",
                    attributes={"road_id": f"R{number}", "pipe_node": f"N{number}", "depth_m": 3.0},
                )
            )
            for stream in kind.streams:
                streams.append(
                    Datastream(
                        len(streams),
                        key,
                        stream.observed_property,
                        stream.unit,
                        kind.feed,
                        stream.interval_s,
                        stream.time_kind,
                    )
                )
    for number in range(2):
        _add_aggregate(things, streams, f"D{number}")
    return Catalog(version, things, streams)


def _add_aggregate(things: list[Thing], streams: list[Datastream], district: str) -> None:
    name = Label(f"区{district}", f"district {district}")
    key = len(things)
    place = (WEST + 0.05, SOUTH + 0.05)
    things.append(
        Thing(key, "city_figures", f"district:{district}", "aggregate", "city_figures", name, *place, district)
    )
    for observed in ("congestion_index", "aqi", "mean_rain", "people_present"):
        streams.append(Datastream(len(streams), key, observed, "1", "city_figures", 60.0, TimeKind.INTERVAL))


def frame(
    of: Catalog, value: float = 30.0, age_s: float = 1.0, now_us: int = NOW_US, events: tuple[Event, ...] = ()
) -> LiveFrame:
    """Every datastream has ``value``, taken ``age_s`` ago; every vehicle is a little east of its place."""
    size = of.size
    vehicles = np.array(sorted(t.key for t in of.things.values() if t.feed == "vehicles"), np.int32)
    count = len(vehicles)
    taken_us = now_us - round(age_s * SECOND_US)
    return LiveFrame(
        catalog=of,
        time_us=np.full(size, taken_us, np.int64),
        result=np.full(size, value),
        quality=np.zeros(size, np.uint8),
        position_thing=vehicles,
        position_time_us=np.full(count, taken_us, np.int64),
        longitude=np.array([of.things[k].longitude + 0.001 for k in vehicles.tolist()], np.float64),
        latitude=np.array([of.things[k].latitude for k in vehicles.tolist()], np.float64),
        speed_mps=np.full(count, 9.0),
        heading_deg=np.full(count, 90.0),
        events=events,
        now_us=now_us,
    )


def event(thing: int, age_s: float, kind: str = "video.smoke") -> Event:
    taken_us = NOW_US - round(age_s * SECOND_US)
    return Event(f"E{thing}-{age_s}", "video", thing, kind, taken_us, taken_us, WEST, SOUTH, 0.9)
