"""Things come into the catalog by pack, by HTTP, from files and by the topic; the database is the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from ops_center.city import frames
from ops_center.city.manifest import Manifest
from ops_center.city.pack import CityPack
from ops_center.city.schema import LAYERS
from ops_center.domain.catalog import TimeKind
from ops_center.domain.errors import CatalogError
from ops_center.domain.messages import RawMessage, RejectReason, TopicPartition
from ops_center.domain.place import Bounds
from ops_center.domain.text import Label
from ops_center.domain.topics import CATALOG
from ops_center.intake.registering import RegisteringHandler
from ops_center.services.registration import register_lines, register_pack, register_thing
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import FeedCount, Store
from tests.store.shapes import REALM, T0

P0 = TopicPartition(CATALOG, 0)


@pytest.fixture
def url(plain_database: str) -> str:
    migrate(plain_database)
    return plain_database


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, REALM)
    yield opened
    opened.close()


def registration(thing_id: str = "P-7", **changes: object) -> dict[str, object]:
    return {
        "producer": "water_company",
        "thing_id": thing_id,
        "kind": "pressure_logger",
        "feed": "water",
        "name": {"zh": "压力计七号", "en": "pressure logger 7"},
        "longitude": 118.79,
        "latitude": 32.05,
        "attributes": {"pipe_node": "n7"},
        "datastreams": [{"observed_property": "water_pressure", "unit": "kPa", "interval_s": 60}],
        **changes,
    }


def pack(*thing_ids: str) -> CityPack:
    n = len(thing_ids)
    things = gpd.GeoDataFrame(
        {
            "thing_id": thing_ids,
            "kind": ["traffic_sensor"] * n,
            "name_zh": ["检测器"] * n,
            "feed": ["traffic"] * n,
            "district": ["d1"] * n,
            "road_id": ["r1"] * n,
            "heading_deg": [90.0] * n,
            "provenance": ["given"] * n,
        },
        geometry=[shapely.Point(118.5 + index / 4, 32.0) for index in range(n)],
        crs="EPSG:4326",
    )
    streams = pd.DataFrame(
        {
            "thing_id": thing_ids,
            "observed_property": ["vehicle_flow"] * n,
            "unit": ["{vehicles}/h"] * n,
            "feed": ["traffic"] * n,
            "interval_s": [10.0] * n,
            "time_kind": ["interval"] * n,
        }
    )
    layers = {
        "things": frames.conform(things, LAYERS["things"]),
        "datastreams": frames.conform(streams, LAYERS["datastreams"]),
    }
    manifest = Manifest(
        "test", Label("测试", "Test"), "EPSG:4549", "Asia/Shanghai", Bounds(118, 31, 120, 33), "synthetic"
    )
    return CityPack(manifest, layers)


def test_a_pack_brings_its_things_with_all_that_is_known_of_them(store: Store) -> None:
    register_pack(store.catalog, pack("S1", "S2"))
    catalog = store.catalog.load()
    first = catalog.things[catalog.thing_keys["traffic"]["S1"]]
    assert (first.kind, first.feed, first.district, first.longitude) == ("traffic_sensor", "traffic", "d1", 118.5)
    assert first.name == Label("检测器", "S1"), "a name that a pack lacks is its id"
    known = {"road_id": "r1", "heading_deg": 90.0, "provenance": "given"}
    assert first.attributes == known, "what is not known is not there"
    (flow,) = catalog.of_thing(first.key)
    assert (flow.observed_property, flow.time_kind) == ("vehicle_flow", TimeKind.INTERVAL)


def test_a_pack_given_again_changes_nothing_that_was_edited(store: Store) -> None:
    register_pack(store.catalog, pack("S1", "S2"))
    store.catalog.move("traffic", "S1", 119.0, 32.5, "console")
    store.catalog.retire("traffic", "S2", "console")
    version = register_pack(store.catalog, pack("S1", "S2", "S3"))
    assert register_pack(store.catalog, pack("S1", "S2", "S3")) == version
    found = {t.thing_id: (t.longitude, t.retired) for t in store.catalog.load().things.values()}
    assert found == {"S1": (119.0, False), "S2": (118.75, True), "S3": (119.0, False)}


def test_one_thing_is_registered_and_changed_by_the_same_request(store: Store) -> None:
    first = register_thing(store.catalog, registration(), "http")
    assert register_thing(store.catalog, registration(), "http") == first
    assert register_thing(store.catalog, registration(longitude=118.8), "http") == first + 1
    (thing,) = store.catalog.load().things.values()
    assert (thing.producer, thing.longitude, thing.attributes) == ("water_company", 118.8, {"pipe_node": "n7"})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"longitude": 181}, "longitude"),
        ({"longitude": "east"}, "longitude"),
        ({"producer": ""}, "producer"),
        ({"thing_id": " P "}, "thing_id"),
        ({"kind": "Pressure Logger"}, "kind"),
        ({"name": {"zh": "压"}}, "en"),
        ({"name": {"zh": "压", "en": " "}}, "both languages"),
        ({"datastreams": [{"observed_property": "p", "unit": "furlong", "interval_s": 60}]}, "furlong"),
        ({"datastreams": [{"observed_property": "p", "unit": "kPa", "interval_s": 0}]}, "interval_s"),
        ({"datastreams": [{"observed_property": "p", "unit": "kPa", "interval_s": 1, "time_kind": "?"}]}, "time_kind"),
    ],
)
def test_a_wrong_field_is_named(store: Store, changes: dict[str, object], says: str) -> None:
    with pytest.raises(CatalogError, match=says):
        register_thing(store.catalog, registration(**changes), "http")
    assert not store.catalog.load().things


def test_a_file_is_taken_whole_or_not_at_all(store: Store) -> None:
    good = json.dumps(registration("P-1")).encode()
    with pytest.raises(CatalogError, match="line 3"):
        register_lines(store.catalog, [good, b"", b"{}"], "command line")
    assert not store.catalog.load().things
    register_lines(store.catalog, [good, b" ", json.dumps(registration("P-2")).encode()], "command line")
    assert len(store.catalog.load().things) == 2


def test_the_topic_registers_the_good_and_quarantines_the_bad(store: Store, url: str) -> None:
    stream_store = open_stream_store(url, REALM)
    handler = RegisteringHandler(stream_store, store.catalog)
    assert handler.gained(frozenset({P0})) == {P0: None}
    register_thing(store.catalog, registration("old"), "http")
    store.catalog.retire("water_company", "old", "http")
    bodies = [registration("P-1"), "no registration", registration("old"), registration("P-2")]
    messages = [
        RawMessage(CATALOG, 0, str(number), b"", json.dumps(body).encode(), T0) for number, body in enumerate(bodies)
    ]
    handler.take(messages)
    assert handler.pending == 4
    assert handler.commit() == {P0: "3"}
    assert handler.commit() == {}
    keys = store.catalog.load().thing_keys["water_company"]
    assert keys.keys() == {"P-1", "P-2"}
    refused = store.quarantine.list()
    assert {(row.payload, row.reason) for row in refused} == {
        (messages[1].value, RejectReason.NOT_DECODABLE),
        (messages[2].value, RejectReason.NOT_DECODABLE),
    }
    assert any("retired" in row.detail for row in refused)
    assert store.health.feed_counts() == {CATALOG: FeedCount(4, 2, 2, T0)}
    assert _committed(url) == {P0: "3"}
    stream_store.close()


def test_the_topic_changes_moves_and_retires_in_the_order_of_its_records(store: Store, url: str) -> None:
    stream_store = open_stream_store(url, REALM)
    handler = RegisteringHandler(stream_store, store.catalog)
    handler.gained(frozenset({P0}))
    goes = {"producer": "water_company", "thing_id": "P-1", "retired": True}
    bodies = [
        registration("P-1"),
        registration("P-2"),
        registration("P-2", longitude=118.9),
        goes,
        goes | {"thing_id": "nobody"},
        goes | {"why": "no such member"},
    ]
    handler.take([RawMessage(CATALOG, 0, str(n), b"", json.dumps(body).encode(), T0) for n, body in enumerate(bodies)])
    handler.commit()
    things = {thing.thing_id: thing for thing in store.catalog.load().things.values()}
    assert things["P-1"].retired
    assert not things["P-2"].retired
    assert things["P-2"].longitude == 118.9
    assert store.health.feed_counts() == {CATALOG: FeedCount(6, 4, 2, T0)}
    stream_store.close()


def _committed(url: str) -> object:
    stream_store = open_stream_store(url, REALM)
    found = stream_store.positions("registrar", [P0])
    stream_store.close()
    return found


def test_the_same_registrations_again_after_a_crash_change_nothing(store: Store, url: str) -> None:
    stream_store = open_stream_store(url, REALM)
    handler = RegisteringHandler(stream_store, store.catalog)
    handler.gained(frozenset({P0}))
    register_lines(store.catalog, [json.dumps(registration()).encode()], "topic catalog")
    version = store.catalog.version()
    handler.take([RawMessage(CATALOG, 0, "0", b"", json.dumps(registration()).encode(), T0)])
    handler.commit()
    assert store.catalog.version() == version
    stream_store.close()
