"""What can be found: things of the catalog and places of the city pack, as entries with names in both languages; pure.

A place that several layers hold (a road of many segments, also in the gazetteer) is one entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from feeds import kind_name
from feeds.vital_signs import NAME as VITAL_SIGNS
from ops_center.city.columns_places import AREAS, GAZETTEER, WATER
from ops_center.city.columns_services import FACILITY_KINDS
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label

Box = tuple[float, float, float, float]
"""west, south, east, north; degrees"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing or place."""

    kind: str
    """``thing``, ``camera`` or what the place is: ``district``, ``area``, ``road``, ``crossing``, ``address`` …"""
    id: str
    """``producer/thing_id`` of a thing, ``layer:id`` of a place"""
    name: Label
    said: Label
    """what kind of thing or place it is, and where"""
    longitude: float
    latitude: float
    box: Box | None = None
    """of what is larger than a point"""
    initials: str = ""
    """as the city pack spells them"""
    street: Label | None = None
    """the road that a thing stands on: it is found by that too"""
    thing: int = -1
    feed: str = ""
    department: str = ""
    district: str = ""


_PLACES: Mapping[str, Label] = {
    "district": Label("行政区", "district"),
    "road": Label("道路", "road"),
    "facility": Label("设施", "facility"),
    **{name: label for name, label in (GAZETTEER.by_name["kind"].allowed or {}).items() if name != "area"},
}
KINDS: Mapping[str, Label] = {
    **_PLACES,
    "area": Label("街道、社区", "street or community"),
    "thing": Label("设备", "thing"),
    "camera": Label("摄像机", "camera"),
    "alarm": Label("报警", "alarm"),
    "scene": Label("场景", "scene"),
    "vital": Label("城市体征", "vital sign"),
    "incident": Label("突发事件", "incident"),
    "case": Label("案例", "case"),
}
"""kind of entry → what it is called"""


def entries_of(catalog: Catalog, pack: CityPack, names: Names) -> list[Entry]:
    """Return everything that has a name. Raises CityPackError if the pack is damaged."""
    places = [*_districts(pack), *_roads(pack, names), *_areas(pack, names), *_water(pack), *_facilities(pack, names)]
    held = {(entry.kind, entry.name.zh, entry.district) for entry in places}
    listed = [one for one in _gazetteer(pack, names) if (one.kind, one.name.zh, one.district) not in held]
    return [*places, *_with_their_own_names(listed), *_things(catalog.things.values(), names, _streets(pack))]


def _with_their_own_names(listed: Iterable[Entry]) -> Iterator[Entry]:
    """Leave out what is the same name at about the same place again."""
    seen: set[tuple[str, str, int, int]] = set()
    for one in listed:
        what = (one.kind, one.name.zh, round(one.longitude * 500), round(one.latitude * 500))
        if what not in seen:
            seen.add(what)
            yield one


def _streets(pack: CityPack) -> Mapping[str, Label]:
    rows = pack.table("roads")[["road_id", "name_zh", "name_en"]].to_dict("records")
    return {row["road_id"]: _name(_texts(row)) for row in rows if row["name_zh"]}


def _things(things: Iterable[Thing], names: Names, streets: Mapping[str, Label]) -> Iterator[Entry]:
    for thing in things:
        if thing.retired or thing.feed == VITAL_SIGNS:  # these stand nowhere: sources.vital_source
            continue
        yield Entry(
            "camera" if thing.kind == "camera" else "thing",
            f"{thing.producer}/{thing.thing_id}",
            thing.name,
            _in_district(
                kind_name(thing.kind), thing.district, names, streets.get(str(thing.attributes.get("road_id", "")))
            ),
            thing.longitude,
            thing.latitude,
            street=streets.get(str(thing.attributes.get("road_id", ""))),
            thing=thing.key,
            feed=thing.feed,
            department=thing.department,
            district=thing.district,
        )


def _districts(pack: CityPack) -> Iterator[Entry]:
    for row, (place, box) in _shaped(pack, "districts"):
        yield Entry("district", f"districts:{row['district_id']}", _name(row), _PLACES["district"], *place, box)


def _areas(pack: CityPack, names: Names) -> Iterator[Entry]:
    kinds = AREAS.by_name["kind"].allowed or {}
    for row, (place, box) in _shaped(pack, "areas"):
        if row["kind"] == "grid_cell" or not row["name_zh"]:
            continue
        said = _in_district(kinds[row["kind"]], row["district"], names)
        yield Entry("area", f"areas:{row['area_id']}", _name(row), said, *place, box)


def _water(pack: CityPack) -> Iterator[Entry]:
    kinds = WATER.by_name["kind"].allowed or {}
    for row, (place, box) in _shaped(pack, "water"):
        if row["name_zh"]:
            yield Entry("water", f"water:{row['water_id']}", _name(row), kinds[row["kind"]], *place, box)


def _facilities(pack: CityPack, names: Names) -> Iterator[Entry]:
    for row, (place, _) in _shaped(pack, "facilities"):
        if row["name_zh"]:
            said = _in_district(FACILITY_KINDS[row["kind"]], row["district"], names)
            where = row["district"]
            yield Entry("facility", f"facilities:{row['facility_id']}", _name(row), said, *place, district=where)


def _roads(pack: CityPack, names: Names) -> Iterator[Entry]:
    """Yield each road once: all segments of one name, with the box around them and a place on the longest."""
    frame = pack.features("roads")
    named = frame[frame["name_zh"] != ""]
    for _, segments in named.groupby("name_zh", sort=False):
        first = segments.loc[segments["length_m"].idxmax()]
        place = shapely.line_interpolate_point(first.geometry, 0.5, normalized=True)
        box = tuple(map(float, shapely.total_bounds(np.asarray(segments.geometry))))
        label = _name(first)
        yield Entry("road", f"roads:{first['road_id']}", label, _PLACES["road"], place.x, place.y, box)  # type: ignore[arg-type]


def _gazetteer(pack: CityPack, names: Names) -> Iterator[Entry]:
    for row, (place, _) in _shaped(pack, "gazetteer"):
        if row["kind"] in {"district", "road", "area", "water"} or not row["name_zh"]:
            continue  # they come from their own layers, with their shapes
        said = _in_district(_PLACES[row["kind"]], row["district"], names)
        which, where = f"gazetteer:{row['place_id']}", row["district"]
        yield Entry(row["kind"], which, _name(row), said, *place, None, row["pinyin_initials"], district=where)


def _shaped(pack: CityPack, layer: str) -> Iterator[tuple[Mapping[str, Any], tuple[tuple[float, float], Box | None]]]:
    """Yield rows of a layer with a point inside each and its box."""
    frame = pack.features(layer)
    shapes = np.asarray(frame.geometry)
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    boxes = shapely.bounds(shapes).reshape(-1, 4)
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    for row, place, box in zip(rows, inside.tolist(), boxes.tolist(), strict=True):
        wide = box[0] < box[2] or box[1] < box[3]
        yield _texts(row), ((place[0], place[1]), (box[0], box[1], box[2], box[3]) if wide else None)


def _texts(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    return {str(name): value for name, value in row.items()}


def _name(row: Mapping[str, Any]) -> Label:
    return Label(row["name_zh"] or row["name_en"] or "—", row["name_en"] or row["name_zh"] or "—")


def _in_district(kind: Label, district: str, names: Names, street: Label | None = None) -> Label:
    where = [one for one in (street, names.district(district) if district else None) if one is not None]
    return Label(" · ".join([kind.zh, *(one.zh for one in where)]), " · ".join([kind.en, *(one.en for one in where)]))
