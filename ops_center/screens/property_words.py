"""What cards call observed properties and their units."""

from __future__ import annotations

from collections.abc import Mapping

from feeds import all_feeds
from ops_center.domain.text import Label

UNITS = {
    "ug/m3": "µg/m³",
    "mg/m3": "mg/m³",
    "{vehicles}/h": "veh/h",
    "{people}": "",
    "Cel": "°C",
    "[NTU'U]": "NTU",
    "deg": "°",
}
"""UCUM codes that people write otherwise"""

Names = Mapping[str, Label]
"""observed property → its name"""


def property_names() -> Names:
    """Return the names of all observed properties, as the feeds declare them."""
    return {kind.observed_property: kind.label for feed in all_feeds().values() for kind in feed.kinds}
