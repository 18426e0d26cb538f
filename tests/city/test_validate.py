"""What is wrong with a pack is found and named by layer, feature and field: broken here in every way we know."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from ops_center.city.schema import LAYERS
from ops_center.city.validate import PER_RULE, PackError, validate_pack


@pytest.fixture
def folder(small_city, tmp_path) -> Path:
    """Return a copy of a sound pack, to be broken."""
    shutil.copytree(small_city.folder, tmp_path / "city")
    return tmp_path / "city"


def rewrite(folder: Path, name: str, change) -> None:
    """Replace a layer by what ``change`` makes of it."""
    path = folder / "city.gpkg"
    frame = change(pyogrio.read_dataframe(path, layer=name))
    pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG")


def put(name: str, row: int, field: str, value):
    """Return a change that puts one value."""

    def change(frame):
        frame = frame.astype({field: object}) if field != "geometry" else frame
        frame.loc[row, field] = value
        return frame.infer_objects()

    return change


def errors_of(folder: Path, layer: str, field: str = "") -> list[PackError]:
    return [error for error in validate_pack(folder) if error.layer == layer and error.field == field]


@pytest.mark.parametrize(
    ("layer", "field", "value", "message"),
    [
        ("roads", "class", "motorway", "'motorway' is none of expressway"),
        ("roads", "speed_limit_kmh", 4000.0, "4000 is not within 5 to 150 km/h"),
        ("roads", "speed_limit_kmh", -30.0, "-30 is not within"),
        ("roads", "speed_limit_kmh", np.inf, "inf is not within"),
        ("roads", "speed_limit_kmh", np.nan, "has no value"),
        ("roads", "lanes", 0, "0 is not within 1 to 12"),
        ("roads", "road_id", "", "has no value"),
        ("buildings", "height_m", 1e9, "is not within 0 to 1000 m"),
        ("buildings", "provenance", "guess", "'guess' is none of given"),
        ("things", "district", "D99", "'D99' is not in districts.district_id"),
        ("things", "road_id", "R999999", "is not in roads.road_id"),
        ("things", "feed", "video", "the feed of a traffic_sensor is traffic"),
        ("pipe_links", "to_node", "nowhere", "is not in pipe_nodes.node_id"),
        ("datastreams", "unit", "furlong", "'furlong' is not a unit"),
        ("datastreams", "thing_id", "ghost", "is not in things.thing_id"),
        ("duty_roster", "weekday", 8, "8 is not within 1 to 7"),
        ("organisations", "parent", "emergency_D01", "lies under itself"),
        ("cameras", "heading_deg", 361.0, "is not within 0 to 360 deg"),
    ],
)
def test_a_wrong_value_is_named_by_layer_feature_and_field(folder, small_city, layer, field, value, message):
    rewrite(folder, layer, put(layer, 0, field, value))
    found = errors_of(folder, layer, field)
    assert any(message in error.message for error in found), found
    keys = small_city.table(layer).iloc[0][list(LAYERS[layer].key)].astype(str)
    if field not in LAYERS[layer].key:
        assert found[0].feature == "/".join(keys)


@pytest.mark.parametrize("layer", [name for name, layer in LAYERS.items() if layer.key])
def test_a_key_given_twice_is_found_in_every_layer(folder, layer):
    key = list(LAYERS[layer].key)

    def change(frame):
        frame.loc[1, key] = frame.loc[0, key].to_numpy()
        return frame

    rewrite(folder, layer, change)
    assert [error.message for error in errors_of(folder, layer, "+".join(key))] == ["exists already"]


@pytest.mark.parametrize("layer", list(LAYERS))
def test_a_missing_required_column_is_found_in_every_layer(folder, layer):
    required = next(field.name for field in LAYERS[layer].fields if field.required)
    rewrite(folder, layer, lambda frame: frame.drop(columns=required))
    assert any("is missing" in error.message for error in errors_of(folder, layer, required))


def test_a_column_of_another_type_is_found(folder):
    rewrite(folder, "roads", lambda frame: frame.assign(lanes=["many"] * len(frame)))
    assert "not integer" in errors_of(folder, "roads", "lanes")[0].message


def test_swapped_coordinates_are_recognised(folder):
    rewrite(folder, "facilities", lambda f: f.set_geometry(shapely.transform(f.geometry.array, lambda xy: xy[:, ::-1])))
    found = errors_of(folder, "facilities", "geometry")
    assert "longitude and latitude are swapped" in found[0].message
    assert len(found) == PER_RULE + 1
    assert found[-1].message.startswith("and ")


def test_a_layer_in_another_coordinate_system_is_recognised(folder):
    rewrite(folder, "roads", lambda frame: frame.to_crs("EPSG:4549"))
    assert "EPSG:4326 wanted" in errors_of(folder, "roads", "geometry")[0].message


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        ("things", None, "has no geometry"),
        ("things", shapely.Point(), "has no geometry"),
        ("things", shapely.Point(0, 0), "outside the city's bounds"),
        ("water", shapely.Polygon([(119.6, 33.4), (119.7, 33.5), (119.7, 33.4), (119.6, 33.5)]), "Self-intersection"),
    ],
)
def test_a_wrong_shape_is_named(folder, layer, shape, message):
    def change(frame):
        shapes = frame.geometry.to_numpy().copy()
        shapes[0] = shape
        return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))

    rewrite(folder, layer, change)
    found = errors_of(folder, layer, "geometry")
    assert any(message in error.message for error in found), found


def test_points_where_lines_are_wanted_are_found(folder):
    def starts(frame):
        return frame.set_geometry(gpd.GeoSeries(shapely.get_point(frame.geometry.array, 0), crs=4326))

    rewrite(folder, "roads", starts)
    assert "is a Point, LineString wanted" in errors_of(folder, "roads", "geometry")[0].message


def test_a_layer_that_lost_its_geometry_is_found(folder):
    rewrite(folder, "cameras", lambda frame: pd.DataFrame(frame.drop(columns="geometry")))
    assert "no geometry" in errors_of(folder, "cameras", "geometry")[0].message


def test_a_road_that_does_not_reach_its_node_is_found(folder):
    def change(frame):
        frame.loc[0, "from_node"] = frame.loc[len(frame) // 2, "to_node"]
        return frame

    rewrite(folder, "roads", change)
    assert any("away on another road" in error.message for error in errors_of(folder, "roads", "from_node"))


def test_an_empty_layer_is_no_error_but_what_refers_to_it_is(folder):
    rewrite(folder, "cameras", lambda frame: frame.iloc[:0])
    found = validate_pack(folder)
    assert {(error.layer, error.field) for error in found} == {("things", "camera")}


def test_a_water_model_that_does_not_match_is_found(folder):
    text = (folder / "water.inp").read_text()
    (folder / "water.inp").write_text(text.replace("WJ00001 ", "WX00001 "))
    found = validate_pack(folder)
    assert PackError("pipe_nodes", "WJ00001", "node_id", "is not in water.inp") in found
    assert PackError("water.inp", "WX00001", "", "is not in pipe_nodes") in found


def test_a_damaged_water_model_is_found(folder):
    (folder / "water.inp").write_text("[JUNCTIONS]\nnonsense and more of it\n[PIPES]\n1 2\n")
    assert any(error.layer == "water.inp" for error in validate_pack(folder))


def test_all_errors_are_collected_at_once(folder):
    rewrite(folder, "roads", put("roads", 0, "class", "x"))
    rewrite(folder, "buildings", put("buildings", 0, "height_m", -1.0))
    (folder / "water.inp").unlink()
    assert {error.layer for error in validate_pack(folder)} == {"roads", "buildings"}


def test_an_error_reads_as_layer_field_feature_message():
    assert (
        str(PackError("roads", "R1", "lanes", "0 is not within 1 to 12")) == "roads.lanes[R1]: 0 is not within 1 to 12"
    )
    assert str(PackError("roads", "", "", "the layer is missing")) == "roads: the layer is missing"


def test_no_pack_at_all_is_one_error(tmp_path):
    found = validate_pack(tmp_path)
    assert len(found) == 1
    assert "not a city pack" in str(found[0])


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.95])
def test_a_file_cut_short_is_an_error_and_never_an_exception(folder, part):
    whole = (folder / "city.gpkg").read_bytes()
    (folder / "city.gpkg").write_bytes(whole[: int(len(whole) * part)])
    assert validate_pack(folder) != []
