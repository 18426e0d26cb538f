"""All layers of a city pack, gathered: the one place that says what a pack holds.

Who uses it: ``pack`` (reading, writing), ``validate``, ``document``, the generator and the importer.
"""

from __future__ import annotations

from collections.abc import Mapping

from ops_center.city import columns_networks, columns_places, columns_services, columns_things
from ops_center.city.fields import Field, Layer

FORMAT_VERSION = 1
"""grows when a reader of the former version would misunderstand a pack"""

LAYERS: Mapping[str, Layer] = {
    layer.name: layer
    for layer in (
        *columns_places.LAYERS,
        *columns_networks.LAYERS,
        *columns_services.LAYERS,
        *columns_things.LAYERS,
    )
}
"""layer name → layer, in the order of the file"""

__all__ = ["FORMAT_VERSION", "LAYERS", "Field", "Layer"]
