"""Packs on disk: what is written is read, damage is named, and writing is all or nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from ops_center.city import frames
from ops_center.city.manifest import Manifest, read_manifest, write_manifest
from ops_center.city.pack import CityPack
from ops_center.city.schema import LAYERS
from ops_center.domain.errors import CityPackError
from ops_center.domain.place import Bounds
from ops_center.domain.text import Label

MANIFEST = Manifest(
    city_id="test",
    name=Label(zh="甲“乙”\\市", en='A "quoted" city'),
    projected_crs="EPSG:4549",
    timezone="Asia/Shanghai",
    bounds=Bounds(118.0, 31.0, 119.0, 32.0),
    origin="import",
    attribution=("一", "two\nlines\tand a tab"),
)


def cameras(**columns):
    table = {"camera_id": ["c1"], "heading_deg": [10.0], "provenance": ["given"], **columns}
    count = len(table["camera_id"])
    return gpd.GeoDataFrame(table, geometry=shapely.points(np.linspace(118.1, 118.9, count), 31.5), crs="EPSG:4326")


def test_an_empty_city_is_written_and_read_with_all_columns(tmp_path):
    pack = CityPack(MANIFEST).write(tmp_path / "city")
    for name, layer in LAYERS.items():
        table = pack.table(name)
        assert len(table) == 0
        assert [column for column in table.columns if column != "geometry"] == layer.columns
        assert isinstance(table, gpd.GeoDataFrame) == (layer.geometry is not None)
    assert pack.water_model is None


def test_the_manifest_is_read_as_it_was_written(tmp_path):
    write_manifest(MANIFEST, tmp_path / "city.toml")
    assert read_manifest(tmp_path / "city.toml") == MANIFEST
    seeded = replace(MANIFEST, origin="synthetic", seed=7, rows={"roads": 3}, digests={"roads": "ab"})
    write_manifest(seeded, tmp_path / "city.toml")
    assert read_manifest(tmp_path / "city.toml") == seeded


def test_what_is_not_known_is_empty_text_nan_zero_and_false(tmp_path):
    frame = cameras(name_zh=[None], height_m=[None], ptz=[None])
    camera = CityPack(MANIFEST, {"cameras": frame}).write(tmp_path / "city").table("cameras").iloc[0]
    assert camera["name_zh"] == ""
    assert np.isnan(camera["height_m"])
    assert not camera["ptz"]
    assert camera["heading_deg"] == 10.0


def test_geopandas_reads_a_layer_and_what_it_writes_back_is_read(small_city, tmp_path):
    folder = tmp_path / "city"
    shutil.copytree(small_city.folder, folder)
    roads = gpd.read_file(folder / "city.gpkg", layer="roads")
    roads.loc[0, "name_zh"] = "改名路"
    roads.to_file(folder / "city.gpkg", layer="roads", driver="GPKG")
    again = CityPack.read(folder).features("roads")
    assert again["name_zh"].iloc[0] == "改名路"
    assert len(again) == len(small_city.features("roads"))


def test_polygons_are_written_as_multipolygons(tmp_path):
    square = gpd.GeoDataFrame(
        {"district_id": ["D1"], "provenance": ["given"]}, geometry=[shapely.box(118.1, 31.1, 118.2, 31.2)], crs=4326
    )
    pack = CityPack(MANIFEST, {"districts": square}).write(tmp_path / "city")
    assert pack.features("districts").geometry.iloc[0].geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"heading_deg": ["north"]}, "cameras.heading_deg"),
        ({"ptz": [7]}, "cameras.ptz"),
    ],
)
def test_a_frame_that_contradicts_the_schema_is_refused_by_field(tmp_path, columns, message):
    with pytest.raises(CityPackError, match=message):
        CityPack(MANIFEST, {"cameras": cameras(**columns)}).write(tmp_path / "city")
    assert list(tmp_path.iterdir()) == []


def test_a_whole_number_is_not_silently_cut(tmp_path):
    units = gpd.GeoDataFrame(
        {"unit_id": ["u"], "kind": ["patrol"], "organisation": ["o"], "members": [2.5], "provenance": ["given"]},
        geometry=[shapely.Point(118.5, 31.5)],
        crs=4326,
    )
    with pytest.raises(CityPackError, match=r"units\.members.*whole"):
        CityPack(MANIFEST, {"units": units}).write(tmp_path / "city")


def test_a_missing_required_column_is_refused(tmp_path):
    with pytest.raises(CityPackError, match="cameras: the column provenance is missing"):
        CityPack(MANIFEST, {"cameras": cameras().drop(columns="provenance")}).write(tmp_path / "city")


def test_a_failed_write_leaves_the_former_pack_as_it_was(tmp_path):
    folder = tmp_path / "city"
    CityPack(MANIFEST, {"cameras": cameras()}).write(folder)
    with pytest.raises(CityPackError):
        CityPack(MANIFEST, {"cameras": cameras(heading_deg=["x"])}).write(folder)

    def refuse(_draft):
        raise CityPackError("not this one")

    with pytest.raises(CityPackError, match="not this one"):
        CityPack(MANIFEST).write(folder, check=refuse)
    assert len(CityPack.read(folder).table("cameras")) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def test_a_folder_with_something_else_in_it_is_never_replaced(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(CityPackError, match="not a city pack"):
        CityPack(MANIFEST).write(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep me"


def test_a_pack_that_is_replaced_can_still_be_read_by_who_has_it_open(tmp_path):
    former = CityPack(MANIFEST, {"cameras": cameras()}).write(tmp_path / "city")
    former.table("cameras")
    CityPack(MANIFEST).write(tmp_path / "city")
    assert len(former.table("cameras")) == 1
    assert len(CityPack.read(tmp_path / "city").table("cameras")) == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("city.toml", None, "not a city pack"),
        ("city.toml", b"id = ", "city.toml"),
        ("city.toml", b"\xff\xfe\x00", "city.toml"),
        ("city.toml", b"", "is missing"),
        ("city.gpkg", None, "city.gpkg is missing"),
        ("city.gpkg", b"", "damaged"),
        ("city.gpkg", b"not a database at all" * 100, "damaged"),
    ],
)
def test_a_damaged_pack_says_what_is_damaged(small_city, tmp_path, name, content, message):
    folder = tmp_path / "city"
    shutil.copytree(small_city.folder, folder)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(CityPackError, match=message):
        CityPack.read(folder)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_file_cut_short_never_raises_anything_but_our_error(small_city, tmp_path, part):
    folder = tmp_path / "city"
    shutil.copytree(small_city.folder, folder)
    whole = (folder / "city.gpkg").read_bytes()
    (folder / "city.gpkg").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(CityPackError):
        pack = CityPack.read(folder)
        for name in LAYERS:
            pack.table(name)


def test_a_missing_layer_is_named(small_city, tmp_path):
    folder = tmp_path / "city"
    shutil.copytree(small_city.folder, folder)
    (folder / "city.gpkg").unlink()
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), folder / "city.gpkg", layer="odd", driver="GPKG")
    with pytest.raises(CityPackError, match="layers are missing: districts"):
        CityPack.read(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("EPSG:4549", "EPSG:1", "projected_crs"),
        ("EPSG:4549", "gcj02", "projected_crs"),
        ("Asia/Shanghai", "Asia/Atlantis", "timezone"),
        ("format_version = 1", "format_version = 99", "format_version 99"),
        ('origin = "synthetic"', 'origin = "heaven"', "heaven"),
        ("west = ", "waste = ", "waste"),
        ("[bounds]", "[bonds]", "bounds is missing"),
    ],
)
def test_a_manifest_that_cannot_be_meant_is_refused(small_city, tmp_path, old, new, message):
    text = (small_city.folder / "city.toml").read_text()
    assert old in text
    (tmp_path / "city.toml").write_text(text.replace(old, new))
    with pytest.raises(CityPackError, match=message):
        read_manifest(tmp_path / "city.toml")


def test_the_digest_follows_every_value_and_every_vertex():
    layer = LAYERS["cameras"]
    plain = frames.conform(cameras(), layer)
    moved = plain.set_geometry([shapely.Point(118.1, 31.50001)])
    named = plain.assign(name_en=["x"])
    assert len({frames.digest(frame, layer) for frame in (plain, moved, named, plain.copy())}) == 3
