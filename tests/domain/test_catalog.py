"""The catalog answers by name and by key, and forgets what is retired."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.text import Label

LOOP = Thing(4, "traffic", "TS-1", "traffic_sensor", "traffic", Label("一号", "one"), 118.7, 32.0)
SPEED = Datastream(9, 4, "vehicle_speed", "km/h", "traffic", 10.0)
FLOW = Datastream(2, 4, "vehicle_flow", "{vehicles}/h", "traffic", 10.0)


def test_a_message_names_a_datastream_by_producer_thing_and_property() -> None:
    catalog = Catalog(1, [LOOP], [SPEED, FLOW])
    assert catalog.datastream_keys("traffic", "vehicle_speed") == {"TS-1": 9}
    assert catalog.datastream_keys("somebody", "vehicle_speed") == {}
    assert catalog.thing_keys["traffic"] == {"TS-1": 4}


def test_arrays_by_key_are_as_long_as_the_highest_key_and_mark_what_is_missing() -> None:
    catalog = Catalog(1, [LOOP], [SPEED, FLOW])
    assert catalog.size == 10
    assert catalog.thing_of[9] == 4
    assert catalog.thing_of[3] == -1
    assert catalog.interval_s[2] == 10.0
    assert np.isnan(catalog.interval_s[3])


def test_a_retired_thing_keeps_its_keys_but_is_not_found_by_name() -> None:
    catalog = Catalog(2, [replace(LOOP, retired=True)], [SPEED])
    assert catalog.datastream_keys("traffic", "vehicle_speed") == {}
    assert "traffic" not in catalog.thing_keys
    assert catalog.datastreams[9] == SPEED


def test_a_retired_datastream_is_not_found_while_its_thing_is() -> None:
    catalog = Catalog(2, [LOOP], [replace(SPEED, retired=True), FLOW])
    assert catalog.datastream_keys("traffic", "vehicle_speed") == {}
    assert catalog.of_property("vehicle_speed").tolist() == []
    assert catalog.of_property("vehicle_flow").tolist() == [2]
    assert len(catalog.of_thing(4)) == 2


def test_an_empty_catalog_has_arrays_of_length_zero() -> None:
    catalog = Catalog.empty()
    assert catalog.size == 0
    assert catalog.interval_s.shape == (0,)
    assert catalog.of_property("x").dtype == np.int32
