"""Units that can be sent: what they are by the sign's picture, what they do by its outline and colour.

Where the vehicle of one says that it is, else where the unit is based: then translucent: nobody saw it there.
Who is off shift is a small faint dot. A place that is older than a minute is grey, as those of vehicles are.
"""

from __future__ import annotations

import numpy as np

from layers import palette
from layers.contract import (
    AGED_LABEL,
    ICONS,
    UNIT_SERVICES,
    UNIT_SHAPES,
    Features,
    FeatureTable,
    LayerGeometry,
    LayerSpec,
    LegendEntry,
    LiveFrame,
    Shape,
)
from layers.vehicles import AGED_AFTER_US, fix_of, places, taken
from ops_center.domain.catalog import Catalog
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

SERVICE_OF = {
    "traffic_police": "police", "patrol": "police", "fire_brigade": "fire", "ambulance_crew": "medical",
    "rescue_team": "rescue", "water_repair": "repair", "drainage_crew": "repair", "gas_repair": "repair",
    "sanitation_crew": "municipal", "inspection_team": "municipal", "environment_team": "municipal",
}  # fmt: skip
"""kind of the pack's ``units`` → picture of its sign"""
STATUSES = (*UNIT_SHAPES, "off_shift")
_COLORS = palette.table(palette.CALM, palette.NOTICE, palette.WARNING, palette.SEVERE, palette.AGED)
_OFF = STATUSES.index("off_shift")
_SIZES_PX = np.array([15.0, 18.0, 19.0, 19.0, 5.0], np.float32)
_LABELS = (
    Label("待命", "free"),
    Label("已派遣", "assigned"),
    Label("赶赴途中", "under way"),
    Label("现场处置", "on scene"),
    Label("非值班", "off shift"),
)
_BASED_ALPHA = 170


class Units:
    """The city's units with what they do now."""

    name = "units"
    label = Label("应急力量", "units")
    rights = Rights(see=PICTURE)
    feeds = ("vehicles",)
    shape: Shape = "icons"
    order = 64
    turns = False
    legend = (
        *(
            LegendEntry((int(r), int(g), int(b)), label, icon, size)
            for (r, g, b), label, icon, size in zip(
                _COLORS,
                _LABELS,
                ("free_police", "assigned_fire", "under_way_medical", "on_scene_repair", "circle"),
                (1.3, 1.4, 1.4, 1.4, 0.5),
                strict=True,
            )
        ),
        LegendEntry(palette.AGED, AGED_LABEL, "ring", 0.7),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the units where they are based; a click asks for the vehicle of one."""
        table = features.get("units", FeatureTable.empty())
        vehicles = catalog.thing_keys.get("vehicles", {})
        services = [SERVICE_OF.get(str(kind), "municipal") for kind in table.texts("kind")]
        return LayerGeometry(
            ids=table.ids,
            positions=table.positions,
            starts=table.starts,
            things=np.array([vehicles.get(str(name), -1) for name in table.texts("vehicle")], np.int32),
            columns={
                "service": np.array([UNIT_SERVICES.index(name) for name in services], np.intp),
                "district": table.texts("district"),
                "department": table.texts("organisation"),
            },
        )

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Sign, colour and place of each, by what it does and by where it was seen."""
        fix = fix_of(frame.position_thing, geometry.things)
        time_us = taken(frame.position_time_us, fix, 0)
        status = np.array([STATUSES.index(frame.unit_status.get(one, "free")) for one in geometry.ids], np.intp)
        aged = (time_us > 0) & (frame.now_us - time_us > AGED_AFTER_US)
        color = palette.paint(_COLORS, status, aged)
        color[time_us == 0, 3] = np.minimum(color[time_us == 0, 3], _BASED_ALPHA)
        sign = np.minimum(status, _OFF - 1) * len(UNIT_SERVICES) + geometry.columns["service"]
        sign = np.where(status == _OFF, ICONS.index("circle"), ICONS.index("free_police") + sign)
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=color,
            size=_SIZES_PX[status],
            time_us=time_us.astype(np.int64),
            icon=sign.astype(np.uint8),
            positions=places(frame, fix, geometry),
        )


LAYER = Units()
