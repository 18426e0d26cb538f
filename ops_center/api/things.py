"""``/api/things``: the catalog at run time — look up, register, change, move, retire.

What is registered here counts within about a second in every worker; what waited for it in quarantine is then
released. The command line (``run.py things``) and the bus topic ``catalog`` do the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field, ValidationError

from ops_center.api.datastreams import DatastreamOut, datastream_out
from ops_center.api.parameters import Attributes, Body, Code, Id, Latitude, Longitude, Word
from ops_center.api.scoped import check_change, sees
from ops_center.api.system import ApiSystem
from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.errors import CatalogError
from ops_center.domain.rights import allows
from ops_center.people.asking import asker
from ops_center.services.registration import fault_of_feed, register_thing
from ops_center.services.things.room import THINGS

ORIGIN = "api"
MAX_DATASTREAMS = 64


class NameIn(Body):
    """A name in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    en: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class DatastreamIn(Body):
    """One observed property that the thing reports."""

    observed_property: Word
    unit: Annotated[str, Field(min_length=1, max_length=32, description="UCUM code")]
    interval_s: Annotated[float, Field(gt=0, le=31 * 86_400, description="how often it will report")]
    time_kind: Literal["instant", "interval"] = "instant"


class ThingIn(Body):
    """A thing to be registered, or registered anew with changes; the same object as everywhere (docs/feeds.md)."""

    producer: Id = Field(
        description="who reports it: messages name (producer, thing_id); a feed's own devices: its name"
    )
    thing_id: Id
    kind: Word
    feed: Word
    name: NameIn
    longitude: Longitude
    latitude: Latitude
    district: Code = ""
    department: Code = ""
    attributes: Attributes = Field(default_factory=dict)
    datastreams: Annotated[list[DatastreamIn], Field(max_length=MAX_DATASTREAMS)] = Field(default_factory=list)


class ThingChange(Body):
    """What is to be different; what is left out stays."""

    kind: Word | None = None
    name: NameIn | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    district: Code | None = None
    department: Code | None = None
    attributes: Attributes | None = None
    datastreams: Annotated[list[DatastreamIn], Field(max_length=MAX_DATASTREAMS)] = Field(default_factory=list)


class NameOut(BaseModel):
    """A name in both languages, however long it was registered."""

    zh: str
    en: str


class ThingOut(BaseModel):
    """A thing as the catalog has it."""

    key: int
    producer: str
    thing_id: str
    kind: str
    feed: str
    name: NameOut
    longitude: float
    latitude: float
    district: str
    department: str
    attributes: dict[str, Any]
    retired: bool


class ThingDetail(ThingOut):
    """A thing with its datastreams and their latest values."""

    datastreams: list[DatastreamOut]


class ThingPage(BaseModel):
    """Some things, by key; ask again with ``after`` = ``next`` for more."""

    things: list[ThingOut]
    next: int | None


class CatalogVersion(BaseModel):
    """The catalog's version after a change: workers have it within about a second."""

    catalog_version: int


_LINKS = {
    operation: {
        "operationId": operation,
        "parameters": {name: f"$request.body#/{name}" for name in ("producer", "thing_id")},
    }
    for operation in ("get_thing", "change_thing", "retire_thing")
}
"""for programs that read the document: what was registered is found under the names it was given"""


def thing_routes(system: ApiSystem) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/things", tags=["things"])

    @router.get("")
    @allows(THINGS)
    def list_things(
        kind: Word | None = None,
        feed: Word | None = None,
        district: Code | None = None,
        retired: bool = False,
        after: Annotated[int, Query(ge=-1, le=2**31 - 1)] = -1,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> ThingPage:
        """List things by key."""
        wanted = {"kind": kind, "feed": feed, "district": district, "retired": retired}
        found = _matching(system, wanted, after, limit + 1)
        more = len(found) > limit
        return ThingPage(things=[thing_out(t) for t in found[:limit]], next=found[limit - 1].key if more else None)

    @router.get("/{producer}/{thing_id}", operation_id="get_thing")
    @allows(THINGS)
    def get_thing(producer: Id, thing_id: Id) -> ThingDetail:
        """Return one thing with its datastreams and their latest values."""
        thing = _find(system, system.catalog(), producer, thing_id)
        frame = system.frame()
        streams = [datastream_out(stream, frame) for stream in system.catalog().of_thing(thing.key)]
        return ThingDetail(**thing_out(thing).model_dump(), datastreams=streams)

    @router.post("", status_code=201, responses={201: {"links": _LINKS}})
    @allows(THINGS)
    def register_thing(given: ThingIn) -> CatalogVersion:
        """Register a thing and its datastreams; the same again changes nothing."""
        known = system.store.catalog.load()
        key = known.thing_keys.get(given.producer, {}).get(given.thing_id)
        if key is not None:
            _check_change(known.things[key])
        return _register(system, given)

    @router.patch("/{producer}/{thing_id}", operation_id="change_thing")
    @allows(THINGS)
    def change_thing(producer: Id, thing_id: Id, change: ThingChange) -> CatalogVersion:
        """Change a thing, move it (its old place stays with its dates) or give it more datastreams."""
        thing = _find(system, system.store.catalog.load(), producer, thing_id)
        _check_change(thing)
        return _register(system, _changed(thing, change))

    @router.delete("/{producer}/{thing_id}", operation_id="retire_thing")
    @allows(THINGS)
    def retire_thing(producer: Id, thing_id: Id) -> CatalogVersion:
        """Retire a thing: it keeps its history and its keys, and accepts nothing more."""
        _check_change(_find(system, system.store.catalog.load(), producer, thing_id))
        entry = _entry(system, "things.retired", producer, thing_id)
        version = system.store.catalog.retire(producer, thing_id, ORIGIN, entry)
        system.look()
        return CatalogVersion(catalog_version=version)

    return router


def thing_out(thing: Thing) -> ThingOut:
    """Return a thing as it is shown."""
    return ThingOut(
        key=thing.key,
        producer=thing.producer,
        thing_id=thing.thing_id,
        kind=thing.kind,
        feed=thing.feed,
        name=NameOut(zh=thing.name.zh, en=thing.name.en),
        longitude=thing.longitude,
        latitude=thing.latitude,
        district=thing.district,
        department=thing.department,
        attributes=dict(thing.attributes),
        retired=thing.retired,
    )


def _matching(system: ApiSystem, wanted: Mapping[str, Any], after: int, limit: int) -> list[Thing]:
    chosen = (
        thing
        for key, thing in system.catalog().things.items()
        if key > after
        and all(value is None or getattr(thing, name) == value for name, value in wanted.items())
        and sees(system, thing)
    )
    return sorted(chosen, key=lambda thing: thing.key)[:limit]


def _find(system: ApiSystem, catalog: Catalog, producer: str, thing_id: str) -> Thing:
    """Return a thing that the one who asks may see; 404 for others, as for those that don't exist."""
    key = catalog.thing_keys.get(producer, {}).get(thing_id)
    candidates = [catalog.things[key]] if key is not None else catalog.things.values()  # retired: in no index
    for thing in candidates:
        if thing.thing_id == thing_id and thing.producer == producer and sees(system, thing):
            return thing
    raise HTTPException(404, f"no thing {producer}/{thing_id} is registered")


def _check_change(thing: Thing) -> None:
    check_change(thing.department, thing.district)


def _changed(thing: Thing, change: ThingChange) -> ThingIn:
    """Return the thing as it is to be. Raises CatalogError where it was registered elsewhere, beyond these bounds."""
    now = thing_out(thing).model_dump(exclude={"key", "retired"})
    try:
        return ThingIn.model_validate({**now, **change.model_dump(exclude_none=True)})
    except ValidationError as error:
        where = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors()[:5])
        raise CatalogError(f"this thing can't be changed here, because of its {where}: register it anew") from None


def _register(system: ApiSystem, given: ThingIn) -> CatalogVersion:
    check_change(given.department, given.district)
    properties = [stream.observed_property for stream in given.datastreams]
    if fault := fault_of_feed(system.feeds, given.feed, given.kind, properties):
        raise CatalogError(fault)
    entry = _entry(system, "things.registered", given.producer, given.thing_id)
    version = register_thing(system.store.catalog, given.model_dump(), ORIGIN, entry)
    system.look()
    return CatalogVersion(catalog_version=version)


def _entry(system: ApiSystem, action: str, producer: str, thing_id: str) -> AuditEntry:
    return by(asker(), system.clock.now_us(), action, f"{producer}/{thing_id}")
