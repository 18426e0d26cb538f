"""Which things an event touches: its own, those of the districts it names, those inside its outline."""

from __future__ import annotations

import numpy as np
from shapely import Polygon, intersects_xy

from alerts.contract import Reading
from alerts.scope import Columns
from ops_center.domain.observations import Event, Int64


def touched(event: Event, reading: Reading, columns: Columns) -> Int64:
    """Return the keys of the things touched, ascending."""
    if not reading.districts and not reading.outline:
        return np.array([event.thing], np.int64)
    meant = np.zeros(len(columns.thing), bool)
    among = columns.things["district"].among(list(reading.districts))
    meant |= False if among is None else among
    if reading.outline:
        meant |= intersects_xy(Polygon(reading.outline), columns.longitude, columns.latitude)
    return columns.thing[meant]
