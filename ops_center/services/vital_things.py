"""Indicators as things of the catalog: what is registered before anything is recorded of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from feeds.vital_signs import EVERY_S, KIND, NAME
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.indicators.evidence import Area
from ops_center.indicators.loading import Indicator, Tree
from ops_center.services.vitals import KNOWN, LEVEL, SCORE, VALUE, thing_id

Registered = tuple[list[Thing], list[tuple[str, str, Datastream]]]
"""arguments of ``CatalogStore.register``"""


def things_of(tree: Tree, wanted: Iterable[tuple[str, Area]], catalog: Catalog, names: Names) -> Registered:
    """Return (indicator, area) as things with their datastreams, to be registered."""
    places = _Places(catalog)
    things, streams = [], []
    for indicator, area in wanted:
        one = tree.indicators[indicator]
        identity, (east, north) = thing_id(indicator, area), places.of(area)
        things.append(
            Thing(
                -1,
                NAME,
                identity,
                KIND,
                NAME,
                _name(one, area, names),
                east,
                north,
                district=area.code if area.kind == "district" else "",
                department=area.code if area.kind == "department" else "",
                attributes={"indicator": indicator, "rank": rank_of(tree, one), "area_kind": area.kind},
            )
        )
        streams += [
            (NAME, identity, Datastream(-1, -1, observed, unit, NAME, EVERY_S))
            for observed, unit in observed_units(one).items()
        ]
    return things, streams


def observed_units(one: Indicator) -> Mapping[str, str]:
    """Return what is recorded of an indicator, each with its unit."""
    if one.formula is None:
        return {SCORE: "1", LEVEL: "1", KNOWN: "%"}
    return {VALUE: one.form.unit, SCORE: "1", LEVEL: "1"}


def rank_of(tree: Tree, one: Indicator) -> str:
    """Return where it stands in the tree: ``city``, ``domain`` or ``indicator``."""
    if one.form.parent is None:
        return "city"
    return "domain" if one.formula is None else "indicator"


def area_name(area: Area, names: Names) -> Label:
    """Return what an area is called."""
    if area.kind == "district":
        return names.district(area.code)
    return names.department(area.code) if area.kind == "department" else names.district(None)


def _name(one: Indicator, area: Area, names: Names) -> Label:
    where = area_name(area, names)
    return Label(f"{where.zh}{one.label.zh}", f"{one.label.en}, {where.en}")


class _Places:
    """Where areas are on average: what is everywhere has to stand somewhere."""

    def __init__(self, catalog: Catalog) -> None:
        self._sums: dict[Area, list[float]] = {}
        for thing in catalog.things.values():
            if thing.feed == NAME or thing.retired:
                continue
            for area in (Area("city"), Area("district", thing.district), Area("department", thing.department)):
                mine = self._sums.setdefault(area, [0.0, 0.0, 0.0])
                mine[0] += thing.longitude
                mine[1] += thing.latitude
                mine[2] += 1.0

    def of(self, area: Area) -> tuple[float, float]:
        """Return longitude and latitude."""
        east, north, count = self._sums.get(area) or self._sums.get(Area("city")) or [0.0, 0.0, 1.0]
        return east / count, north / count
