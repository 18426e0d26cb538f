"""Coordinates against points that others published, and there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.place import Bounds, MetricFrame, from_wgs84, is_crs, to_wgs84

# googollee/eviltransform, go/transform_test.go: WGS 84 and GCJ-02 of Shanghai, Shenzhen, Beijing.
EVILTRANSFORM = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
inland = st.tuples(st.floats(75, 134), st.floats(4, 53))
anywhere = st.tuples(st.floats(-180, 180), st.floats(-85, 85))


@pytest.mark.parametrize(("wgs84", "gcj02"), EVILTRANSFORM)
def test_gcj02_agrees_with_the_published_points_of_eviltransform(wgs84, gcj02):
    # Their ellipsoid has 6378137 m where the others have 6378245: a centimetre.
    assert from_wgs84(*wgs84, "gcj02") == pytest.approx(gcj02, abs=2e-7)
    assert to_wgs84(*gcj02, "gcj02") == pytest.approx(wgs84, abs=2e-7)


def test_gcj02_and_bd09_agree_with_the_published_points_of_coordtransform():
    # wandergis/coordtransform, test/app.js, and the chained one of its Python and Rust ports.
    assert from_wgs84(116.404, 39.915, "gcj02") == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)
    assert from_wgs84(116.404, 39.915, "bd09") == pytest.approx((116.41662724378733, 39.922699552216216), abs=1e-12)
    gcj02_as_wgs84 = to_wgs84(116.404, 39.915, "gcj02")
    assert from_wgs84(*gcj02_as_wgs84, "bd09") == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-11)


def test_bd09_inverse_agrees_with_the_published_points_to_two_metres():
    # coordtransform and its Python port; their inverse is one step of approximation, ours is iterated.
    gcj02 = from_wgs84(*to_wgs84(116.404, 39.915, "bd09"), "gcj02")
    assert gcj02 == pytest.approx((116.39762729119315, 39.90865673957631), abs=2e-5)
    assert to_wgs84(116.404, 39.915, "bd09") == pytest.approx((116.3913836995125, 39.907253214522164), abs=2e-5)


@given(inland, st.sampled_from(["gcj02", "bd09", "EPSG:4490", "EPSG:4549", "EPSG:32650"]))
def test_there_and_back_is_exact_to_a_billionth_of_a_degree(point, crs):
    if crs.startswith("EPSG:4549") or crs.startswith("EPSG:32650"):
        point = (min(max(point[0], 113.0), 123.0), point[1])  # within the zone that the projection is made for
    assert to_wgs84(*from_wgs84(*point, crs), crs) == pytest.approx(point, abs=1e-9)


@given(anywhere.filter(lambda p: not (72.004 <= p[0] <= 137.8347 and 0.8293 <= p[1] <= 55.8271)))
def test_nothing_is_shifted_outside_china(point):
    for crs in ("gcj02", "bd09"):
        assert from_wgs84(*point, crs) == point
    # Within a shift of the box's edge a shifted point may fall outside it: there the inverse isn't unique.
    if not (71.9 <= point[0] <= 137.9 and 0.7 <= point[1] <= 55.9):
        assert to_wgs84(*point, "gcj02") == point


def test_arrays_are_converted_as_their_points_are_and_keep_their_shape():
    lon, lat = np.meshgrid(np.linspace(100, 120, 5), np.linspace(20, 40, 3))
    shifted = from_wgs84(lon, lat, "gcj02")
    assert shifted[0].shape == lon.shape
    one = from_wgs84(float(lon[1, 2]), float(lat[1, 2]), "gcj02")
    assert [axis[1, 2] for axis in shifted] == pytest.approx([float(axis) for axis in one], abs=1e-12)
    assert from_wgs84([], [], "gcj02")[0].shape == (0,)


def test_the_shift_in_nanjing_is_some_hundred_metres():
    metric = MetricFrame("EPSG:4549")
    here = np.array(metric.to_metres(118.78, 32.05))
    there = np.array(metric.to_metres(*from_wgs84(118.78, 32.05, "gcj02")))
    assert 300 < np.hypot(*(here - there)) < 700


def test_a_degree_of_latitude_is_111_km_in_the_metric_frame():
    metric = MetricFrame("EPSG:4549")
    _, south = metric.to_metres(120.0, 31.5)
    _, north = metric.to_metres(120.0, 32.5)
    assert north - south == pytest.approx(110_870, abs=30)  # WGS 84 meridian arc at 32° N
    assert metric.to_lonlat(*metric.to_metres(118.8, 32.05)) == pytest.approx((118.8, 32.05), abs=1e-10)


def test_an_unknown_coordinate_system_is_refused_by_name():
    assert not is_crs("EPSG:999999")
    assert is_crs("GCJ02")
    with pytest.raises(ConfigurationError, match="nowhere"):
        to_wgs84(118.0, 32.0, "nowhere")


@pytest.mark.parametrize("box", [(119, 31, 118, 32), (118, 32, 119, 31), (118, 31, 200, 32), (float("nan"), 0, 1, 1)])
def test_bounds_refuse_what_is_no_box(box):
    with pytest.raises(ValueError, match="not a box"):
        Bounds(*box)


def test_bounds_contain_their_edge_and_no_nan():
    bounds = Bounds(118, 31, 119, 32)
    assert bounds.contains([118, 118.5, 119.1, np.nan], [31, 31.5, 31.5, 31.5]).tolist() == [True, True, False, False]
    assert bounds.centre == (118.5, 31.5)
