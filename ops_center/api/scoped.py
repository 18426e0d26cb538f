"""What of the catalog the one who asks may see and change: called by every route that answers with data of things."""

from __future__ import annotations

from fastapi import HTTPException

from ops_center.api.system import ApiSystem
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import Forbidden
from ops_center.people.asking import asker
from ops_center.services.things.room import THINGS


def sees(system: ApiSystem, thing: Thing) -> bool:
    """Return whether the one who asks may see what the thing observes: as its feed declares, within their scope."""
    feed = system.feeds.get(thing.feed)
    return asker().may_see_of(feed.rights if feed else THINGS, thing.department, thing.district)


def check_change(department: str, district: str) -> None:
    """Raise Forbidden where the one who asks may not change what belongs there."""
    if not asker().may_change_of(THINGS, department, district):
        raise Forbidden(f"your roles change nothing of department {department!r} in district {district!r}")


def seen_datastream(system: ApiSystem, key: int) -> Datastream:
    """Return a datastream that the one who asks may see; 404 for others, as for those that don't exist."""
    catalog = system.catalog()
    stream = catalog.datastreams.get(key)
    if stream is None or not sees(system, catalog.things[stream.thing]):
        raise HTTPException(404, f"no datastream {key} is registered")
    return stream
