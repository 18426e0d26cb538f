"""Model cities and their catalogs for tests of feeds: made once per session, small."""

from __future__ import annotations

import atexit
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from ops_center.city.make import make_city
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Datastream, Thing, TimeKind
from ops_center.domain.text import Label
from ops_center.domain.time import from_datetime
from ops_center.services.history import aggregates_of
from ops_center.world.world import World

START_US = from_datetime(datetime(2026, 11, 23, 0, 0, tzinfo=UTC))
"""Monday, 8:00 in the city"""


@cache
def city(things: int = 500) -> CityPack:
    """Return the synthetic city of this size."""
    folder = Path(mkdtemp(prefix="ops-city-"))
    atexit.register(rmtree, folder, ignore_errors=True)  # not earlier: layers are read when first asked for
    return make_city(7, things, folder / "city")


def world(scenario: str = "calm", things: int = 500, seed: int = 7, start_us: int = START_US) -> World:
    """Return a model city at the beginning of a Monday's morning peak."""
    return World.from_pack(city(things), seed=seed, start_us=start_us, scenario=scenario)


@cache
def catalog(things: int = 500) -> Catalog:
    """Return the catalog of that city, keys in the order of the pack."""
    pack = city(things)
    known = [
        Thing(
            key, row.feed, row.thing_id, row.kind, row.feed, Label(row.name_zh or "名", row.name_en or "name"), 0.0, 0.0
        )
        for key, row in enumerate(pack.table("things").itertuples())
    ]
    key_of = {thing.thing_id: thing.key for thing in known}
    streams = [
        Datastream(
            key,
            key_of[row.thing_id],
            row.observed_property,
            row.unit,
            row.feed,
            row.interval_s,
            TimeKind(row.time_kind),
        )
        for key, row in enumerate(pack.table("datastreams").itertuples())
    ]
    return _with_aggregates(pack, known, streams)


def _with_aggregates(pack: CityPack, known: list[Thing], streams: list[Datastream]) -> Catalog:
    """Return the catalog with what the center registers of its own: the figures of districts, networks and classes."""
    things, named = aggregates_of(pack)
    key_of = {(thing.producer, thing.thing_id): len(known) + i for i, thing in enumerate(things)}
    known += [replace(thing, key=key_of[thing.producer, thing.thing_id]) for thing in things]
    streams += [
        replace(stream, key=len(streams) + i, thing=key_of[producer, thing])
        for i, (producer, thing, stream) in enumerate(named)
    ]
    return Catalog(1, known, streams)


def label(text: str) -> Label:
    """Return a label whose languages nobody reads."""
    return Label(text, text)
