"""What live incidents make of the map: roads that are closed, units by what they do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layers.contract import ICONS, UNIT_SHAPES
from layers.roads import CLOSED
from layers.roads import LAYER as ROADS
from layers.units import LAYER as UNITS
from layers.units import SERVICE_OF, STATUSES
from ops_center.incidents.resources import KINDS, Status
from tests.layers import tiny_city


def test_closed_roads_stand_out_whether_a_sensor_sees_them_or_not() -> None:
    catalog = tiny_city.catalog()
    geometry = ROADS.geometry(catalog, tiny_city.features())
    free = ROADS.draw(tiny_city.frame(catalog), geometry)
    seen, unseen = geometry.ids.index("R1"), geometry.ids.index("R7")
    assert free.color[seen, 3] > 0 and free.color[unseen, 3] == 0, "of R7 nothing is known"
    spec = ROADS.draw(replace(tiny_city.frame(catalog), closed_roads=frozenset({"R1", "R7"})), geometry)
    for row in (seen, unseen):
        assert tuple(spec.color[row]) == (*CLOSED, 255)
        assert spec.size[row] > free.size[seen]
    others = np.delete(np.arange(len(geometry)), [seen, unseen])
    assert (spec.color[others] == free.color[others]).all() and (spec.size[others] == free.size[others]).all()


def test_a_unit_is_told_by_what_it_is_and_does_and_stands_where_its_vehicle_is() -> None:
    catalog = tiny_city.catalog()
    geometry = UNITS.geometry(catalog, tiny_city.features())
    status = {"U0": "on_scene", "U2": "off_shift", "U3": "under_way"}
    spec = UNITS.draw(replace(tiny_city.frame(catalog), unit_status=status), geometry)
    assert spec.icon is not None and spec.positions is not None
    assert [ICONS[row] for row in spec.icon] == ["on_scene_fire", "free_medical", "circle", "under_way_repair"]
    vehicle = catalog.things[int(geometry.things[0])]
    assert vehicle.thing_id == "fire-0"
    np.testing.assert_allclose(spec.positions[0], (vehicle.longitude + 0.001, vehicle.latitude), atol=1e-5)
    np.testing.assert_allclose(spec.positions[1], geometry.positions[1])
    assert spec.time_us[1] == 0 and spec.color[1, 3] < spec.color[0, 3], "nobody saw it there"


def test_every_kind_has_a_sign_and_every_status_a_look() -> None:
    assert {kind: one.category for kind, one in KINDS.items()} == SERVICE_OF
    assert set(STATUSES) == {one.value for one in Status}
    assert len(UNIT_SHAPES) == len(STATUSES) - 1
