"""What every layer promises, whoever wrote it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

import layers
from layers.contract import ICONS, NORMAL, NOTHING_KNOWN, SEVERE, Layer, LayerSpec
from layers.palette import AGED, DAY_GROUND, GROUND, Color, by_day, luminance
from ops_center.domain.catalog import Catalog
from ops_center.domain.time import DAY_US
from tests.layers import tiny_city

LAYERS = layers.registry()
OTHERS = {"catalog", "events", "now_us", "closed_roads", "unit_status"}
"""fields of a frame that are no arrays"""
EVERY = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS.keys())


def drawn(layer: Layer, age_s: float = 1.0, value: float = 30.0) -> LayerSpec:
    catalog = tiny_city.catalog()
    geometry = layer.geometry(catalog, tiny_city.features())
    return layer.draw(tiny_city.frame(catalog, value, age_s), geometry)


def contrast(color: Color, ground: Color) -> float:
    high, low = sorted((luminance(color), luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@EVERY
def test_says_who_it_is_and_whose_data_it_draws(layer: Layer) -> None:
    assert layer.name.isidentifier() and layer.name == layer.name.lower()
    assert layer.label.zh != layer.label.en
    assert layer.rights.see, "nobody may see it"
    assert layer.feeds, "no feed's health is its health"
    assert 0 <= layer.order <= 100


@EVERY
def test_has_a_legend_with_words_and_signs_that_exist(layer: Layer) -> None:
    assert len(layer.legend) >= 2
    assert all(entry.icon in ICONS for entry in layer.legend)
    assert len({entry.label.zh for entry in layer.legend}) == len(layer.legend)
    assert len({entry.label.en for entry in layer.legend}) == len(layer.legend)
    assert any("陈旧" in entry.label.zh and "aged" in entry.label.en for entry in layer.legend)


@EVERY
def test_never_tells_two_lines_of_its_legend_apart_by_colour_alone(layer: Layer) -> None:
    """A level has a sign, a size or a number of its own; kinds of vehicles are names, written on the card."""
    if layer.name == "vehicles" or any(drawn(layer).text or ()):
        return
    looks = [(entry.icon, round(entry.size, 1)) for entry in layer.legend]
    calm = [look for look in looks if looks.count(look) > 2]
    assert not calm, f"{layer.name}: {calm} look alike without colour"


@EVERY
def test_is_drawn_with_one_row_for_each_feature(layer: Layer) -> None:
    spec = drawn(layer)
    n = len(spec.geometry)
    assert n > 0
    assert (spec.color.dtype, spec.color.shape) == (np.dtype(np.uint8), (n, 4))
    assert (spec.size.dtype, spec.size.shape) == (np.dtype(np.float32), (n,))
    assert (spec.time_us.dtype, spec.time_us.shape) == (np.dtype(np.int64), (n,))
    assert spec.angle is None or (spec.angle.dtype, spec.angle.shape) == (np.dtype(np.float32), (n,))
    assert spec.icon is None or (spec.icon.dtype, spec.icon.shape) == (np.dtype(np.uint8), (n,))
    assert spec.icon is None or int(spec.icon.max(initial=0)) < len(ICONS)
    assert spec.text is None or len(spec.text) == n
    assert spec.positions is None or (spec.positions.dtype, spec.positions.shape) == (np.dtype(np.float32), (n, 2))
    assert (spec.name, spec.shape) == (layer.name, layer.shape)
    assert np.isfinite(spec.size).all() and (spec.size > 0).all()


@EVERY
def test_has_geometry_that_adds_up(layer: Layer) -> None:
    geometry = layer.geometry(tiny_city.catalog(), tiny_city.features())
    n = len(geometry)
    assert geometry.positions.dtype == np.float32 and geometry.positions.shape[1] in {2, 3}
    assert geometry.starts.dtype == np.uint32 and len(geometry.starts) == n + 1
    assert geometry.starts[0] == 0 and geometry.starts[-1] == len(geometry.positions)
    assert (np.diff(geometry.starts.astype(np.int64)) >= (2 if layer.shape == "paths" else 1)).all()
    assert layer.shape == "areas" or np.isfinite(geometry.positions).all()
    assert geometry.things.dtype == np.int32 and len(geometry.things) == n
    assert len(set(geometry.ids)) == n
    assert all(keys.dtype == np.int32 and len(keys) == n for keys in geometry.streams.values())


@EVERY
def test_an_area_ends_each_ring_and_says_where_its_number_stands(layer: Layer) -> None:
    geometry = layer.geometry(tiny_city.catalog(), tiny_city.features())
    if layer.shape != "areas":
        assert geometry.anchors is None
        return
    assert geometry.anchors is not None
    assert (geometry.anchors.dtype, geometry.anchors.shape) == (np.dtype(np.float32), (len(geometry), 2))
    ends = geometry.starts[1:].astype(np.int64) - 1
    assert np.isnan(geometry.positions[ends]).all(), "the last ring of each area has an end"


@EVERY
def test_says_how_bad_it_is_where_its_points_can_be_gathered(layer: Layer) -> None:
    """Points of things that stand still: a group of them is told by its worst, and nothing known is not 'normal'."""
    fresh, aged = drawn(layer), drawn(layer, age_s=5 * 3600.0)
    gathered = layer.shape in {"points", "icons"} and fresh.positions is None and (fresh.geometry.things >= 0).any()
    assert (fresh.severity is not None) or not gathered
    if fresh.severity is None or aged.severity is None:
        return
    assert (fresh.severity.dtype, fresh.severity.shape) == (np.dtype(np.uint8), (len(fresh.geometry),))
    known = fresh.severity[fresh.severity != NOTHING_KNOWN]
    assert ((known >= NORMAL) & (known <= SEVERE)).all()
    assert (aged.severity == NOTHING_KNOWN).all(), "aged data is nobody's normal"
    silent = replace(tiny_city.frame(tiny_city.catalog()), time_us=np.zeros(tiny_city.catalog().size, np.int64))
    unknown = layer.draw(silent, layer.geometry(tiny_city.catalog(), tiny_city.features())).severity
    assert unknown is not None and (unknown == NOTHING_KNOWN).all()


@EVERY
def test_has_other_looks_that_are_whole(layer: Layer) -> None:
    spec = drawn(layer)
    n = len(spec.geometry)
    for name, variant in spec.variants.items():
        assert name.isidentifier() and variant.label.zh != variant.label.en
        assert (variant.color.dtype, variant.color.shape) == (np.dtype(np.uint8), (n, 4))
        assert (variant.size.dtype, variant.size.shape) == (np.dtype(np.float32), (n,)) and (variant.size > 0).all()
        assert len(variant.text) == n and any(variant.text), "a look whose colours nobody can read"
        assert len(variant.legend) >= 2 and all(entry.icon in ICONS for entry in variant.legend)


@EVERY
def test_shows_aged_data_as_aged(layer: Layer) -> None:
    fresh, aged = drawn(layer), drawn(layer, age_s=5 * 3600.0)
    measured = fresh.time_us > 0
    assert measured.any()
    assert (aged.color[measured, 3] < 200).all(), "aged values look current"
    assert (aged.color[measured] != fresh.color[measured]).any(axis=1).all()


@EVERY
def test_draws_an_empty_city(layer: Layer) -> None:
    catalog = Catalog.empty()
    geometry = layer.geometry(catalog, {})
    spec = layer.draw(tiny_city.frame(catalog), geometry)
    assert len(spec.color) == len(spec.size) == len(spec.time_us) == len(geometry) == 0


@EVERY
def test_draws_things_that_never_sent_anything_without_pretending(layer: Layer) -> None:
    catalog = tiny_city.catalog()
    silent = replace(
        tiny_city.frame(catalog),
        time_us=np.zeros(catalog.size, np.int64),
        **{
            name: getattr(tiny_city.frame(Catalog.empty()), name)
            for name in ("position_thing", "position_time_us", "longitude", "latitude", "speed_mps", "heading_deg")
        },
    )
    spec = layer.draw(silent, layer.geometry(catalog, tiny_city.features()))
    assert (spec.time_us == 0).all()
    assert (spec.color[:, 3] < 200).all()
    assert not any(spec.text or ())


@EVERY
def test_survives_values_that_have_not_reached_its_process_yet(layer: Layer) -> None:
    """The catalog knows more datastreams than the arrays of values: somebody registered things a moment ago."""
    catalog = tiny_city.catalog()
    late = tiny_city.frame(catalog)
    short = replace(late, time_us=late.time_us[:3], result=late.result[:3], quality=late.quality[:3])
    spec = layer.draw(short, layer.geometry(catalog, tiny_city.features()))
    assert len(spec.color) == len(spec.geometry)


@EVERY
def test_is_a_function_of_its_arguments_alone(layer: Layer) -> None:
    catalog = tiny_city.catalog()
    geometry = layer.geometry(catalog, tiny_city.features())
    frame = tiny_city.frame(catalog, events=(tiny_city.event(geometry.things.max(initial=0).item(), 5.0),))
    before = [np.copy(getattr(frame, f.name)) for f in fields(frame) if f.name not in OTHERS]
    first, second = layer.draw(frame, geometry), layer.draw(frame, geometry)
    after = [getattr(frame, f.name) for f in fields(frame) if f.name not in OTHERS]
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, after, strict=True)), "it changed the frame"
    for name in ("color", "size", "time_us", "angle", "icon", "positions", "severity"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name  # type: ignore[arg-type]
    assert first.text == second.text and first.options == second.options


@EVERY
def test_is_of_the_time_it_is_told_and_not_of_the_wall_clock(layer: Layer) -> None:
    catalog = tiny_city.catalog()
    geometry = layer.geometry(catalog, tiny_city.features())
    now, past = tiny_city.frame(catalog), tiny_city.frame(catalog, now_us=tiny_city.NOW_US - DAY_US)
    assert np.array_equal(layer.draw(past, geometry).color, layer.draw(now, geometry).color), (
        "a replayed past looks aged"
    )


@EVERY
def test_uses_colours_that_stand_out_from_the_ground(layer: Layer) -> None:
    """3:1, WCAG 2.1 clause 1.4.11; the two darkest AQI colours are the standard's and carry a number in white."""
    for entry in layer.legend:
        official = layer.name == "air" and luminance(entry.color) < 0.1
        mains = layer.name == "pipes" and entry.icon == "line" and luminance(entry.color) < 0.15
        assert contrast(entry.color, GROUND) >= (1.5 if official else 2.2 if mains else 3.0), entry


@EVERY
def test_every_colour_has_one_for_the_day_that_stands_out_from_a_light_ground(layer: Layer) -> None:
    """What is drawn is in the legend: from there the map knows what takes its place by day."""
    entries = [*layer.legend, *(e for legend in getattr(layer, "looks", {}).values() for e in legend)]
    assert all(contrast(by_day(entry.color), DAY_GROUND) >= 3.0 for entry in entries)
    spec = drawn(layer)
    looks = [spec.color, *(variant.color for variant in spec.variants.values())]
    used = {tuple(map(int, row)) for color in looks for row in np.unique(color[:, :3], axis=0)}
    assert used <= {AGED, *(entry.color for entry in entries)}


def test_no_two_layers_share_a_place_in_the_stack() -> None:
    orders = [layer.order for layer in LAYERS.values()]
    assert orders == sorted(orders) and len(set(orders)) == len(orders)
