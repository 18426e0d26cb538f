"""The catalog's forms, files and list; where a thing sits in its network; which rules judge it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

import alerts
from alerts.loading import shipped_rules
from feeds import all_feeds
from layers.contract import LiveFrame
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Datastream, Thing, TimeKind
from ops_center.domain.place import from_wgs84
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US
from ops_center.services.registration import _datastreams_of, things_of
from ops_center.services.things.files import COLUMNS, Unreadable, form_from, read_table, row_of, template
from ops_center.services.things.forms import AUTO, CRS, Ground, differs, form_of, judged
from ops_center.services.things.judging import Judges
from ops_center.services.things.listing import Listing, Wanted
from ops_center.services.things.networks import Pipes

GROUND = Ground(
    all_feeds(),
    {"D1": Label("一区", "One")},
    {"traffic_police": Label("交管", "Police")},
    lambda x, y: "D1" if x > 0 else "",
)
THING = Thing(
    7, "traffic", "S1", "traffic_sensor", "traffic", Label("甲", "A"), 118.7812345678, 32.06, "D1", "traffic_police",
    {"road_id": "R1", "lanes": 3},
)  # fmt: skip
STREAM = Datastream(1, 7, "vehicle_speed", "km/h", "traffic", 10.0, TimeKind.INTERVAL)
CHIEF = Asker("chief", (Grant(Role.ADMINISTRATOR),))


def typed(**more: str) -> dict[str, str]:
    return {**form_of(THING, [STREAM]), **more}


def test_a_form_that_was_not_touched_changes_nothing() -> None:
    found = judged(typed(), GROUND, THING, [STREAM])
    assert found.registration is not None
    assert differs(found.registration, THING, [STREAM]) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"thing_id": "a/b"}, "thing_id"),
        ({"thing_id": "S2"}, "thing_id"),
        ({"producer": ""}, "producer"),
        ({"kind": "volcano"}, "kind"),
        ({"kind": "Not A Code"}, "kind"),
        ({"feed": "nothing"}, "feed"),
        ({"name_zh": " "}, "name_zh"),
        ({"x": "east"}, "x"),
        ({"x": "181"}, "x"),
        ({"y": "nan"}, "y"),
        ({"crs": "moon"}, "crs"),
        ({"district": "D9"}, "district"),
        ({"department": "nobody"}, "department"),
        ({"datastreams": "vehicle_speed"}, "datastreams"),
        ({"datastreams": "vehicle_speed furlong 10"}, "datastreams"),
        ({"datastreams": "vehicle_speed km/h -1"}, "datastreams"),
        ({"datastreams": ""}, "datastreams"),
        ({"datastreams": "magma_level m 10\nvehicle_speed km/h 10 interval"}, "datastreams"),
        ({"attributes": "road_id"}, "attributes"),
        ({"attributes": f"x = {'[' * 30}{']' * 30}"}, "attributes"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(wrong: dict[str, str], field: str) -> None:
    found = judged(typed(**wrong), GROUND, THING, [STREAM])
    assert found.registration is None
    assert field in {fault.field for fault in found.faults}


@pytest.mark.parametrize("crs", CRS)
def test_a_place_typed_in_any_system_is_kept_in_wgs84(crs: str) -> None:
    x, y = from_wgs84(THING.longitude, THING.latitude, CRS[crs])
    found = judged(typed(crs=crs, x=f"{float(x):.9f}", y=f"{float(y):.9f}", district=AUTO), GROUND, THING, [STREAM])
    assert found.registration is not None
    assert found.registration.longitude == pytest.approx(THING.longitude, abs=2e-7)
    assert found.registration.district == "D1"


def test_the_template_is_a_file_that_registers_its_examples() -> None:
    table = read_table("template.csv", template().encode(), "wgs84")
    assert table.ignored == []
    for row in table.rows:
        found = judged(form_from(row, None, ()), GROUND, None)
        assert found.registration is not None, found.faults
    camera = judged(form_from(table.rows[1], None, ()), GROUND, None).registration
    assert camera is not None
    assert (camera.producer, camera.feed, camera.name.en, camera.district) == ("video", "video", "中山路摄像机", "D1")
    assert [one.observed_property for one in camera.datastreams] == ["people_count"]


def test_a_thing_written_as_a_row_is_read_as_itself() -> None:
    text = (
        ",".join(COLUMNS)
        + "\n"
        + ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row_of(THING, [STREAM]))
    )
    (row,) = read_table("x.csv", text.encode("gb18030"), "wgs84").rows
    found = judged(form_from(row, THING, [STREAM]), GROUND, THING, [STREAM])
    assert found.registration is not None
    assert differs(found.registration, THING, [STREAM]) == []


def test_an_empty_cell_keeps_what_is_registered_and_places_of_a_file_are_converted_together() -> None:
    x, y = (float(one) for one in from_wgs84(118.5, 32.0, "gcj02"))
    text = f"producer,thing_id,longitude,latitude,note\ntraffic,S1,{x},{y},hello\ntraffic,S2,east,32,\n"
    table = read_table("x.csv", text.encode(), "gcj02")
    assert table.ignored == ["note"]
    form = form_from(table.rows[0], THING, [STREAM])
    assert (form["name_zh"], form["department"]) == ("甲", "traffic_police")
    assert float(form["x"]) == pytest.approx(118.5, abs=1e-6)
    assert table.rows[1]["longitude"] == "east", "what is no number is left for the form to refuse"


def test_a_geopackage_of_points_is_read_in_its_own_system(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"thing_id": ["G1"], "kind": ["camera"], "name_zh": ["机"]}, geometry=[Point(118.7, 32.0)], crs="EPSG:4326"
    ).to_crs("EPSG:4549")
    path = tmp_path / "things.gpkg"
    frame.to_file(path, driver="GPKG")
    (row,) = read_table("things.gpkg", path.read_bytes(), "gcj02").rows
    assert float(row["longitude"]) == pytest.approx(118.7, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.gpkg", b"thing_id\nS1\n"),
        ("x.csv", b"name\nS1\n"),
        ("x.csv", b"\x00\x01\x02\xff"),
        ("x.csv", b""),
        ("x.gpkg", b"SQLite format 3\x00" + b"\x00" * 200),
    ],
)
def test_what_is_no_file_of_things_is_refused_in_words(name: str, data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read_table(name, data, "wgs84")
    assert refused.value.label.zh != refused.value.label.en


def test_another_database_is_given_to_no_driver(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE thing_id (x)")
    database.close()
    with pytest.raises(Unreadable, match="no GeoPackage"):
        read_table("x.gpkg", path.read_bytes(), "wgs84")


def frame_of(catalog: Catalog, times: Mapping[int, int], now_us: int) -> LiveFrame:
    time_us = np.zeros(catalog.size, np.int64)
    for key, at in times.items():
        time_us[key] = at
    nothing, none = np.zeros(catalog.size), np.empty(0)
    keys = np.empty(0, np.int32)
    return LiveFrame(
        catalog,
        time_us,
        nothing,
        nothing.astype(np.uint8),
        keys,
        keys.astype(np.int64),
        none,
        none,
        none,
        none,
        (),
        now_us,
    )


def test_a_hundred_thousand_things_are_found_filtered_and_paged() -> None:
    now_us = 10_000 * SECOND_US
    things = [
        replace(THING, key=n, thing_id=f"S{n}", district=f"D{n % 7}", retired=n % 1000 == 0) for n in range(100_000)
    ]
    streams = [replace(STREAM, key=n, thing=n) for n in range(100_000) if n % 10]
    catalog = Catalog(1, things, streams)
    times = {n: now_us - (5 if n % 3 else 500) * SECOND_US for n in range(100_000) if n % 10 and n % 10 != 5}
    listing = Listing(lambda: catalog, lambda: frame_of(catalog, times, now_us), all_feeds())
    first = listing.page(CHIEF, Wanted(), 0, 100)
    assert (first.total, len(first.things), first.things[0].key) == (99_900, 100, 1)
    last = listing.page(CHIEF, Wanted(), 10**9, 100)
    assert last.things[-1].key == 99_999 and last.offset == 99_800
    found = {
        state: listing.page(CHIEF, Wanted(state=state), 0, 1).total for state in ("fresh", "aged", "silent", "none")
    }
    assert found["silent"] == 10_000 and found["none"] == 9_900
    assert sum(found.values()) == 99_900
    assert listing.page(CHIEF, Wanted(state="retired"), 0, 10).total == 100
    assert listing.page(CHIEF, Wanted(text="s4711"), 0, 100).things[0].thing_id == "S4711"
    assert listing.page(CHIEF, Wanted(district="D3", kind="camera"), 0, 10).total == 0
    theirs = Asker("d3", (Grant(Role.DEPARTMENT, None, "D3"),))
    assert {t.district for t in listing.page(theirs, Wanted(), 0, 50).things} == {"D3"}


@pytest.fixture(scope="module")
def city(small_city: CityPack) -> Catalog:
    things = [replace(thing, key=key) for key, thing in enumerate(things_of(small_city))]
    keys = {thing.thing_id: thing.key for thing in things}
    streams = [
        replace(stream, key=key, thing=keys[thing_id])
        for key, (thing_id, stream) in enumerate(_datastreams_of(small_city))
    ]
    return Catalog(1, things, streams)


def of_kind(catalog: Catalog, kind: str) -> list[Thing]:
    return [thing for thing in catalog.things.values() if thing.kind == kind]


def test_drains_lead_down_to_an_outfall_and_what_is_behind_leads_here(small_city: CityPack, city: Catalog) -> None:
    pipes = Pipes(small_city)
    places = {thing.key: pipes.place(thing, city) for thing in of_kind(city, "drain_sensor")}
    assert places
    for key, place in places.items():
        assert place is not None and place.network == "drain"
        assert pipes.node_name(place.end) == "outfall"
        assert [one.pipe_m for one in place.towards] == sorted(one.pipe_m for one in place.towards)
        for one in place.behind:
            other = pipes.place(one.thing, city)
            assert other is not None and other.end == place.end and other.end_m >= place.end_m
            assert one.thing.key != key


def test_under_pressure_the_way_to_a_source_is_told(small_city: CityPack, city: Catalog) -> None:
    pipes = Pipes(small_city)
    places = [pipes.place(thing, city) for thing in of_kind(city, "water_pressure_sensor")]
    assert places and all(place is not None and pipes.node_name(place.end) == "reservoir" for place in places)
    assert pipes.place(of_kind(city, "traffic_sensor")[0], city) is None


def test_the_rules_that_judge_a_thing_come_with_their_limits_in_its_unit(city: Catalog) -> None:
    rules = {rule.name: rule for rule in shipped_rules(alerts.registry())}
    judges = Judges(lambda: rules, lambda: city)
    sensor = of_kind(city, "water_pressure_sensor")[0]
    names = {rule.name for rule in judges.of_thing(sensor.key)}
    assert "water_pressure_low" in names
    (stream,) = city.of_thing(sensor.key)
    low = next(one for one in judges.limits(stream) if one.rule.name == "water_pressure_low" and one.which == "low")
    given = rules["water_pressure_low"].form.parameters
    assert low.value == pytest.approx(given["low"] * (1000 if given["unit"] == "MPa" and stream.unit == "kPa" else 1))
    camera = city.of_thing(of_kind(city, "camera")[0].key)[0]
    assert {one.rule.name for one in judges.limits(camera)}.isdisjoint({"water_pressure_low"})
