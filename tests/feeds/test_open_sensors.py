"""Anybody's sensors: what is registered is accepted, within what its unit can measure."""

from __future__ import annotations

import pytest

from feeds.open_sensors import FEED, is_property
from ops_center.domain.catalog import Catalog, Datastream, Thing
from tests.feeds.messages import LABEL, NOW_US, raw, reasons


def known(*properties: tuple[str, str], feed: str = "sensors") -> Catalog:
    streams = [Datastream(i, 0, name, unit, feed, 60.0) for i, (name, unit) in enumerate(properties)]
    return Catalog(1, [Thing(0, "parks", "pond-1", "pond_gauge", feed, LABEL, 0.0, 0.0)], streams)


def decode(message: dict[str, object], catalog: Catalog):  # type: ignore[no-untyped-def]
    return FEED.decode(raw({"producer": "parks", "t": NOW_US, "things": ["pond-1"], **message}), catalog, NOW_US)


def test_a_registered_property_is_accepted_and_an_unregistered_one_waits() -> None:
    message = {"pond_level": [1.84], "pond_temperature": [12.0]}
    first = decode(message, known(("pond_level", "m")))
    assert (first.observations.result.tolist(), reasons(first)) == ([1.84], [("unknown_datastream", 1)])
    later = decode(message, known(("pond_level", "m"), ("pond_temperature", "Cel")))
    assert (later.accepted, later.rejected) == (2, 0)


def test_what_the_unit_cannot_measure_is_refused() -> None:
    found = decode({"pond_temperature": [-300.0]}, known(("pond_temperature", "Cel")))
    assert reasons(found) == [("beyond_physics", 1)]


def test_things_of_other_feeds_are_not_open_to_everybody() -> None:
    found = decode({"pond_level": [1.84]}, known(("pond_level", "m"), feed="water"))
    assert reasons(found) == [("unknown_datastream", 1)]


@pytest.mark.parametrize("name", ["things", "t", "longitude", "pm2.5", "Level", "__slots__", "", "x" * 300])
def test_odd_registered_names_break_nothing(name: str) -> None:
    assert not is_property(name)
    found = decode({"pond_level": [1.84]}, known(("pond_level", "m"), (name, "m")))
    assert found.accepted == 1


@pytest.mark.parametrize("name", ["class", "def", "none", "getattr", "x" * 200])
def test_words_of_python_are_names_like_any_other(name: str) -> None:
    found = decode({name: [1.0]}, known((name, "1")))
    assert found.accepted == 1


def test_properties_without_number_are_known_up_to_a_thousand() -> None:
    many = [(f"p{i:05d}", "1") for i in range(1200)]
    found = decode({"p00000": [1.0], "p01199": [1.0]}, known(*many))
    assert (found.accepted, reasons(found)) == (1, [("unknown_datastream", 1)])


def test_things_of_others_may_move() -> None:
    found = decode({"longitude": [119.6], "latitude": [33.4]}, known())
    assert found.positions.thing.tolist() == [0]
