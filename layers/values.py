"""How a layer finds its things and their latest values: all in arrays. Called by every layer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.contract import NOTHING_KNOWN, FeatureTable, LayerGeometry, LiveFrame
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.observations import Float64, Int32, Int64, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Latest:
    """The latest value of n features; ``value`` is NaN and ``time_us`` 0 where nothing was received."""

    value: Float64
    time_us: Int64
    aged: NDArray[np.bool_]
    """received, but longer ago than its datastream allows"""
    quality: UInt8


def things_of(catalog: Catalog, kinds: Collection[str]) -> tuple[Thing, ...]:
    """Return the things of these kinds that are not retired, by key: the order of a layer's features."""
    chosen = (thing for thing in catalog.things.values() if thing.kind in kinds and not thing.retired)
    return tuple(sorted(chosen, key=lambda thing: thing.key))


def stream_keys(catalog: Catalog, things: Int32, observed_property: str) -> Int32:
    """Return the key of each thing's datastream of that property, int32[n]; -1 where it has none."""
    streams = catalog.of_property(observed_property)
    owners = catalog.thing_of[streams]
    by_thing = np.full(int(max(owners.max(initial=-1), things.max(initial=-1))) + 2, -1, np.int32)
    by_thing[owners] = streams
    return by_thing[things]  # a thing -1 finds the last place, which nobody owns


def point_geometry(catalog: Catalog, things: Iterable[Thing], properties: Iterable[str]) -> LayerGeometry:
    """Return things as points, with the datastreams of ``properties``."""
    chosen = tuple(things)
    keys = np.array([thing.key for thing in chosen], np.int32)
    places = np.array([(thing.longitude, thing.latitude) for thing in chosen], np.float32).reshape(-1, 2)
    return LayerGeometry(
        ids=tuple(thing.thing_id for thing in chosen),
        positions=places,
        starts=np.arange(len(chosen) + 1, dtype=np.uint32),
        things=keys,
        streams={name: stream_keys(catalog, keys, name) for name in properties},
    )


def pieces(table: FeatureTable, rows: Int64) -> tuple[Int64, NDArray[np.uint32]]:
    """Return which vertices the chosen features of a table of lines own, and where each starts among them."""
    begins = table.starts[rows].astype(np.int64)
    counts = table.starts[rows + 1].astype(np.int64) - begins
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    vertices = np.repeat(begins - starts[:-1], counts) + np.arange(starts[-1])
    return vertices, starts.astype(np.uint32)


def latest(frame: LiveFrame, keys: Int32) -> Latest:
    """Return the latest values of these datastreams; -1 has none."""
    size = min(len(frame.time_us), frame.catalog.size)
    known = (keys >= 0) & (keys < size)
    if not known.any():
        return _nothing(len(keys))
    found = np.where(known, keys, 0)
    time_us = np.where(known, frame.time_us[found], 0)
    received = time_us > 0
    return Latest(
        value=np.where(received, frame.result[found], np.nan),
        time_us=time_us,
        aged=received & (frame.now_us - time_us > frame.catalog.lifetime_us[found]),
        quality=np.where(received, frame.quality[found], 0).astype(np.uint8),
    )


def _nothing(count: int) -> Latest:
    return Latest(np.full(count, np.nan), np.zeros(count, np.int64), np.zeros(count, bool), np.zeros(count, np.uint8))


def grade_of(value: Float64, limits: Iterable[float]) -> NDArray[np.intp]:
    """Return how many of the ascending ``limits`` each value has reached, intp[n]; -1 for NaN."""
    grades = np.searchsorted(np.fromiter(limits, np.float64), value, side="right")
    return np.where(np.isnan(value), -1, grades)


def graded(severities: Iterable[int], grade: NDArray[np.intp], aged: NDArray[np.bool_]) -> UInt8:
    """Return each feature's severity, uint8[n]: that of its grade, NOTHING_KNOWN where aged or where grade is -1."""
    by_grade = np.fromiter(severities, np.uint8)
    return np.where(aged | (grade < 0), np.uint8(NOTHING_KNOWN), by_grade[np.maximum(grade, 0)])


def written(values: Float64, shown: NDArray[np.bool_], pattern: str) -> tuple[str, ...]:
    """Return each value as text where ``shown``, "" elsewhere; ``pattern`` as for ``format``, e.g. ``.0f``."""
    texts = [""] * len(values)
    for index in np.flatnonzero(shown & np.isfinite(values)).tolist():
        texts[index] = format(values[index], pattern)
    return tuple(texts)
