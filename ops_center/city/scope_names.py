"""Names of the departments and districts that grants name by code, read from the city pack."""

from __future__ import annotations

from functools import lru_cache

from ops_center.city.pack import CityPack
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label


@lru_cache(maxsize=4)
def scope_names(pack: CityPack) -> Names:
    """Return the names of a pack's organisations and districts. Raises CityPackError if it is damaged."""
    return Names(_names(pack, "organisations", "organisation_id"), _names(pack, "districts", "district_id"))


def _names(pack: CityPack, layer: str, key: str) -> dict[str, Label]:
    rows = pack.table(layer)[[key, "name_zh", "name_en"]].to_dict("records")
    return {row[key]: Label(row["name_zh"] or row[key], row["name_en"] or row[key]) for row in rows}
