"""Importing: Nanjing from the trial data, and recipes and files that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from ops_center.city.import_ import RECIPES, import_city
from ops_center.city.pack import CityPack
from ops_center.city.recipe import read_recipe
from ops_center.city.road_graph import RoadGraph
from ops_center.city.validate import validate_pack
from ops_center.domain.errors import CityPackError
from tests.city.hydraulics import pressures_m

STATIONS = {"迈皋桥", "草场门", "山西路", "中华门", "瑞金路", "玄武湖", "浦口", "奥体中心", "仙林大学城"}
SAME_BORDER_M = 1000.0
"""borders further apart than this after the shift were moved between 2016 (OSM) and 2022"""


def boundary(district: gpd.GeoSeries) -> np.ndarray:
    """Return points every 25 m along a district's boundary."""
    return shapely.points(shapely.get_coordinates(shapely.segmentize(district.boundary.union_all(), 25.0)))


def osm_districts(trial_data: Path) -> dict[str, gpd.GeoSeries]:
    """Return OSM's district boundaries in the city's metric system."""
    features = json.loads((trial_data / "nanjing/osm.geojson").read_text())["features"]
    kept = [f for f in features if f["properties"].get("boundary") == "administrative"]
    frame = gpd.GeoDataFrame.from_features(kept, crs="EPSG:4326").to_crs("EPSG:4549")
    return {name: frame.geometry[frame["name"] == name] for name in frame["name"]}


def test_nanjing_is_imported_without_errors(nanjing):
    assert validate_pack(nanjing.folder) == []
    assert nanjing.manifest.origin == "import"
    assert any("OpenStreetMap" in line for line in nanjing.manifest.attribution)
    assert len(nanjing.table("buildings")) > 2000


def test_after_the_shift_the_districts_fit_osm(nanjing, trial_data):
    shifted = nanjing.features("districts").to_crs("EPSG:4549").set_index("name_zh")
    raw = gpd.read_file(trial_data / "nanjing/districts_gcj02.geojson", engine="pyogrio")
    raw = raw.set_crs(4326, allow_override=True).to_crs("EPSG:4549").set_index("name")
    osm = osm_districts(trial_data)
    both = [name for name in osm if name in shifted.index]
    assert both == ["玄武区", "鼓楼区", "建邺区", "雨花台区", "秦淮区"]
    for name in both:
        points = boundary(osm[name])
        after = shapely.distance(points, shifted.geometry[name].boundary)
        same = after < SAME_BORDER_M
        before = shapely.distance(points[same], raw.geometry[name].boundary)
        assert same.mean() > 0.7, name
        assert np.median(before) > 280, name
        assert np.median(after[same]) < 40, name


def test_nanjing_has_its_nine_national_stations(nanjing):
    things = nanjing.features("things")
    stations = things[things["kind"] == "air_station"]
    assert set(stations["name_zh"]) == STATIONS
    assert (stations["district"] != "").all()
    streams = nanjing.table("datastreams")
    assert set(streams[streams["thing_id"].isin(stations["thing_id"])].groupby("thing_id").size()) == {6}


def test_l_town_has_its_sensors_and_simulates_from_the_written_pack_as_from_the_file(nanjing, trial_data):
    things = nanjing.table("things")
    kinds = things["kind"].value_counts()
    assert kinds["water_pressure_sensor"] == 33
    assert kinds["water_flow_meter"] == 3
    assert kinds["water_tank"] == 1
    sensors = things[things["kind"] == "water_pressure_sensor"]["pipe_node"].tolist()
    here = pressures_m(nanjing.water_model)[sensors]
    there = pressures_m(trial_data / "water/L-TOWN.inp")[sensors]
    assert here.shape == there.shape
    assert np.abs(here.to_numpy() - there.to_numpy()).max() < 0.05
    assert here.to_numpy().min() > 10


def test_l_town_keeps_its_size_and_lies_in_the_city(nanjing):
    nodes = nanjing.features("pipe_nodes").to_crs("EPSG:4549")
    west, south, east, north = nodes.total_bounds
    assert 2500 < np.hypot(east - west, north - south) < 4200
    assert set(nodes["district"]) - {""} != set()


def test_roads_become_a_graph_that_mostly_hangs_together(nanjing):
    roads = nanjing.features("roads")
    graph = RoadGraph.of_roads(roads, nanjing.metric)
    assert len(roads) > 1200
    assert (graph.component == 0).mean() > 0.6
    drawn = roads.to_crs("EPSG:4549").length
    assert np.allclose(drawn, roads["length_m"], atol=0.1, rtol=1e-3)


def test_values_from_class_defaults_say_so(nanjing):
    roads, buildings = nanjing.table("roads"), nanjing.table("buildings")
    assert set(roads["provenance"]) == {"given", "class_default"}
    assert (roads["provenance"] == "class_default").mean() > 0.8  # speed limits are on 15 of 870 ways
    assert (buildings["provenance"] == "given").sum() < 30
    assert (buildings["height_m"] > 0).all()


# --- recipes and files that are wrong

HEAD = """
[city]
id = "t"
name = { zh = "测", en = "T" }
projected_crs = "EPSG:4549"
timezone = "Asia/Shanghai"
bounds = { west = 118.0, south = 31.0, east = 119.0, north = 32.0 }
"""
ROADS = """
[[inputs]]
path = "roads.geojson"
layer = "roads"
format = "osm_roads"
crs = "EPSG:4326"
columns = { road_id = "id", class = "highway", oneway = "oneway", lanes = "lanes", speed_limit_kmh = "maxspeed" }
values = { class = { primary = "arterial" } }
class_defaults = { by = "class", lanes = { arterial = 3 }, speed_limit_kmh = { arterial = 60 } }
"""


def write_lines(path: Path, lines: list[tuple[dict, list]]) -> None:
    features = [
        {"type": "Feature", "properties": tags, "geometry": {"type": "LineString", "coordinates": xy}}
        for tags, xy in lines
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def way(name: str, **tags: str) -> dict:
    return {"id": name, "highway": "primary", "oneway": None, "lanes": None, "maxspeed": None, **tags}


def imported(tmp_path: Path, recipe: str) -> CityPack:
    (tmp_path / "recipe.toml").write_text(recipe)
    return import_city(tmp_path / "recipe.toml", tmp_path / "city", tmp_path)


def test_ways_are_cut_where_they_share_a_vertex_and_not_where_they_only_cross(tmp_path):
    cross, over = [118.5, 31.5], [[118.45, 31.55], [118.55, 31.45]]
    write_lines(
        tmp_path / "roads.geojson",
        [(way("a"), [[118.4, 31.5], cross, [118.6, 31.5]]), (way("b"), [[118.5, 31.4], cross]), (way("c"), over)],
    )
    roads = imported(tmp_path, HEAD + ROADS).table("roads").set_index("road_id")
    assert set(roads.index) == {"a#1", "a#2", "b", "c"}
    assert roads["to_node"]["a#1"] == roads["from_node"]["a#2"] == roads["to_node"]["b"]
    assert roads["from_node"]["c"] not in set(roads.drop(index="c")[["from_node", "to_node"]].to_numpy().ravel())


def test_osm_tags_become_lanes_of_one_direction_and_lines_along_the_one_way(tmp_path):
    xy = [[118.4, 31.5], [118.6, 31.5]]
    tags = [
        {"lanes": "4"},
        {"lanes": "3", "oneway": "yes"},
        {"oneway": "-1"},
        {"maxspeed": "40 mph"},
        {"lanes": "many"},
    ]
    lines = [(way(f"w{i}", **tag), [[x, y + i / 100] for x, y in xy]) for i, tag in enumerate(tags)]
    write_lines(tmp_path / "roads.geojson", lines)
    roads = imported(tmp_path, HEAD + ROADS).features("roads").set_index("road_id")
    assert roads["lanes"].tolist() == [2, 3, 3, 3, 3]
    assert roads["oneway"].tolist() == [False, True, True, False, False]
    assert roads.geometry["w2"].coords[0][0] == pytest.approx(118.6)
    assert roads["speed_limit_kmh"]["w3"] == pytest.approx(64.4, abs=0.1)
    assert (roads["provenance"] == "class_default").all()


def test_a_ring_road_keeps_its_shape_and_length(tmp_path):
    ring = [[118.5, 31.5], [118.6, 31.5], [118.6, 31.6], [118.5, 31.5]]
    write_lines(tmp_path / "roads.geojson", [(way("ring"), ring)])
    road = imported(tmp_path, HEAD + ROADS).table("roads").iloc[0]
    assert road["from_node"] == road["to_node"]
    assert road["length_m"] == pytest.approx(35_200, rel=0.01)


def test_an_earlier_pack_stays_when_an_import_fails(tmp_path):
    write_lines(tmp_path / "roads.geojson", [(way("a"), [[118.4, 31.5], [118.6, 31.5]])])
    imported(tmp_path, HEAD + ROADS)
    with pytest.raises(CityPackError, match=r"roads\.lanes.*0 is not within"):
        imported(tmp_path, HEAD + ROADS.replace("lanes = { arterial = 3 }", "lanes = { arterial = 0 }"))
    assert CityPack.read(tmp_path / "city").table("roads")["lanes"].tolist() == [3]


def test_swapped_coordinates_are_recognised(tmp_path):
    write_lines(tmp_path / "roads.geojson", [(way("a"), [[31.5, 118.4], [31.5, 118.6]])])
    with pytest.raises(CityPackError, match="longitude and latitude are swapped"):
        imported(tmp_path, HEAD + ROADS)


def test_a_wrong_crs_is_recognised_by_where_it_leads(tmp_path):
    write_lines(tmp_path / "roads.geojson", [(way("a"), [[118.4, 31.5], [118.6, 31.5]])])
    with pytest.raises(CityPackError, match="is its crs right"):
        imported(tmp_path, HEAD + ROADS.replace('crs = "EPSG:4326"', 'crs = "EPSG:4549"'))


def test_a_file_that_states_another_crs_than_the_recipe_is_refused(tmp_path):
    frame = gpd.GeoDataFrame({"id": ["x"]}, geometry=[shapely.Point(118.5, 31.5)], crs=4326).to_crs("EPSG:32650")
    frame.to_file(tmp_path / "points.gpkg", driver="GPKG", engine="pyogrio")
    recipe = HEAD + '[[inputs]]\npath = "points.gpkg"\nlayer = "facilities"\ncrs = "EPSG:4549"\n'
    with pytest.raises(CityPackError, match="the file says its coordinates are"):
        imported(tmp_path, recipe)


@pytest.mark.parametrize("suffix", ["gpkg", "shp"])
def test_geopackages_and_shapefiles_in_metres_are_read(tmp_path, suffix):
    frame = gpd.GeoDataFrame(
        {"code": ["x", "y"], "beds": [100, 200]},
        geometry=[shapely.Point(118.5, 31.5), shapely.Point(118.6, 31.6)],
        crs=4326,
    )
    frame.to_crs("EPSG:32650").to_file(tmp_path / f"points.{suffix}", engine="pyogrio")
    pack = imported(
        tmp_path,
        HEAD
        + f'[[inputs]]\npath = "points.{suffix}"\nlayer = "facilities"\ncrs = "EPSG:32650"\n'
        + 'columns = { facility_id = "code", capacity = "beds" }\ndefaults = { kind = "hospital" }\n',
    )
    facilities = pack.features("facilities")
    assert facilities["capacity"].tolist() == [100.0, 200.0]
    assert facilities.geometry.x.tolist() == pytest.approx([118.5, 118.6], abs=1e-6)


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_shifted_inputs_land_where_they_were(tmp_path, crs):
    from ops_center.domain.place import from_wgs84

    lon, lat = from_wgs84(118.5, 31.5, crs)
    feature = {
        "type": "Feature",
        "properties": {"id": "x"},
        "geometry": {"type": "Point", "coordinates": [float(lon), float(lat)]},
    }
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    recipe = HEAD + f'[[inputs]]\npath = "p.geojson"\nlayer = "facilities"\ncrs = "{crs}"\n'
    recipe += 'columns = { facility_id = "id" }\ndefaults = { kind = "other" }\n'
    point = imported(tmp_path, recipe).features("facilities").geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((118.5, 31.5), abs=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('crs = "EPSG:4326"', 'crs = "mars"'), "crs 'mars' is unknown"),
        (('layer = "roads"', 'layer = "rods"'), "layer 'rods'"),
        (('format = "osm_roads"', 'format = "osm"'), "format 'osm'"),
        (("class_defaults =", "class_default ="), "unknown key class_default"),
        (("road_id = ", "rode_id = "), "no column rode_id"),
        (('"highway"', '"hiway"'), "there is no column 'hiway'"),
        (('path = "roads.geojson"', 'path = "gone.geojson"'), "the file is missing"),
        (('path = "roads.geojson"', ""), "path is missing"),
        (("[city]", "[town]"), "city is missing"),
        (("west = 118.0", "west = 120.0"), "not a box"),
        (("[city]", "[city"), "recipe.toml"),
    ],
)
def test_a_recipe_that_cannot_be_meant_says_why(tmp_path, change, message):
    write_lines(tmp_path / "roads.geojson", [(way("a"), [[118.4, 31.5], [118.6, 31.5]])])
    text = HEAD + ROADS
    assert change[0] in text
    with pytest.raises(CityPackError, match=message):
        imported(tmp_path, text.replace(*change, 1))


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\x00\x01", b'{"type": "FeatureCollection", "features": []}'])
def test_a_file_with_nothing_usable_in_it_is_refused_or_empty_and_never_another_error(tmp_path, content):
    (tmp_path / "roads.geojson").write_bytes(content)
    with pytest.raises(CityPackError, match=r"roads\.geojson"):
        imported(tmp_path, HEAD + ROADS)


def test_every_shipped_recipe_can_be_read():
    assert [read_recipe(path).city_id for path in sorted(RECIPES.glob("*.toml"))] == ["nanjing"]
