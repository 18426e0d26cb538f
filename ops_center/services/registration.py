"""How things come into the catalog: from a city pack, from HTTP, from files of the command line.

The fourth way, the ``catalog`` topic, is ``ops_center/intake/registering.py``. City packs seed and the database is the
truth: giving the same pack again adds what is missing and changes nothing that was changed, moved or retired since.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from feeds.contract import Feed
from ops_center.city.pack import CityPack
from ops_center.domain.audit import AuditEntry
from ops_center.domain.catalog import Datastream, Thing, TimeKind
from ops_center.domain.errors import CatalogError
from ops_center.domain.registrations import as_registration, as_things, read_registration
from ops_center.domain.text import Label
from ops_center.store.port import CatalogStore

_OWN_COLUMNS = {"thing_id", "kind", "name_zh", "name_en", "feed", "district", "department", "geometry"}
"""columns of the layer ``things`` that have a place of their own in a Thing; the others become attributes"""


def register_thing(
    catalog: CatalogStore, registration: Mapping[str, Any], origin: str, entry: AuditEntry | None = None
) -> int:
    """Register, or change, one thing given as a decoded JSON object; return the catalog's version.

    ``origin``: who does it, for the log; ``entry``: for the audit. Raises CatalogError that names the field,
    StoreUnavailable.
    """
    return catalog.register(*as_things([as_registration(registration)]), origin, entry=entry)


def fault_of_feed(feeds: Mapping[str, Feed], feed: str, kind: str, properties: Iterable[str]) -> str | None:
    """Return why no message of ``feed`` could ever fill such a thing; None if one can.

    A feed that declares nothing takes everything.
    """
    known = feeds.get(feed)
    if known is None:
        return f"no feed {feed!r}; there are {', '.join(sorted(feeds))}"
    if known.thing_kinds and kind not in known.thing_kinds:
        return f"the feed {feed} knows no {kind!r}; it knows {', '.join(known.thing_kinds)}"
    reported = {one.observed_property for one in known.kinds}
    odd = sorted(set(properties) - reported) if reported else []
    return f"the feed {feed} reports no {odd[0]!r}; it reports {', '.join(sorted(reported))}" if odd else None


def register_lines(catalog: CatalogStore, lines: Iterable[bytes], origin: str, entry: AuditEntry | None = None) -> int:
    """Register one JSON object per line, all or none; return the catalog's version. Raises CatalogError."""
    registrations = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            registrations.append(read_registration(line))
        except CatalogError as error:
            raise CatalogError(f"line {number}: {error}") from error
    return catalog.register(*as_things(registrations), origin, entry=entry)


def register_pack(catalog: CatalogStore, pack: CityPack) -> int:
    """Add the things and datastreams of a pack that the catalog doesn't know; return the catalog's version.

    Raises CityPackError, CatalogError, StoreUnavailable.
    """
    things = things_of(pack)
    producers = {thing.thing_id: thing.producer for thing in things}
    streams = [(producers[thing_id], thing_id, stream) for thing_id, stream in _datastreams_of(pack)]
    return catalog.register(things, streams, f"city pack {pack.manifest.name.en}", only_new=True)


def things_of(pack: CityPack) -> list[Thing]:
    """Return the things of a pack, each with its feed as producer, not registered yet."""
    frame = pack.features("things")
    extra = [str(name) for name in frame.columns if name not in _OWN_COLUMNS]
    longitudes, latitudes = frame.geometry.x, frame.geometry.y
    rows = zip(frame.to_dict("records"), longitudes, latitudes, strict=True)
    return [_thing(row, extra, float(longitude), float(latitude)) for row, longitude, latitude in rows]


def _thing(row: Mapping[str, Any], extra: list[str], longitude: float, latitude: float) -> Thing:
    thing_id = row["thing_id"]
    return Thing(
        -1,
        row["feed"],
        thing_id,
        row["kind"],
        row["feed"],
        Label(row["name_zh"] or thing_id, row["name_en"] or thing_id),
        longitude,
        latitude,
        row["district"],
        row["department"],
        {name: row[name] for name in extra if _is_known(row[name])},
    )


def _is_known(value: object) -> bool:
    """Return whether a column of a pack holds something: in packs "" and NaN stand for not known."""
    if isinstance(value, float):
        return not math.isnan(value)
    return value not in {None, "", False}


def _datastreams_of(pack: CityPack) -> Iterable[tuple[str, Datastream]]:
    for row in pack.table("datastreams").to_dict("records"):
        kind = TimeKind(row["time_kind"])
        yield (
            row["thing_id"],
            Datastream(-1, -1, row["observed_property"], row["unit"], row["feed"], float(row["interval_s"]), kind),
        )
