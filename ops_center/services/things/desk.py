"""The catalog at a desk: who may change what, a thing saved or retired by somebody who saw what it was.

Called by the catalog screen. The store decides what a registration means; here is who may, and whether somebody else
was faster. Everything is in the audit in the transaction that does it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from shapely import Point, STRtree

from feeds.contract import Feed
from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.audit import by
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.errors import Forbidden, ThingChanged
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.services.things.forms import Fault, Form, Ground, Judged, differs, form_of, held_streams, judged
from ops_center.services.things.listing import Listing
from ops_center.services.things.room import THINGS, ThingRoom
from ops_center.store.port import Store


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a thing that was saved."""

    thing: Thing
    changed: tuple[str, ...]
    """fields that are different now; () where nothing is, and then nothing was written"""
    new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written."""

    faults: tuple[Fault, ...]


_NOT_YOURS = Label("您的职权不包括该部门在该行政区的设备", "your grants don't cover this department in this district")
_THERE = Label("这个编号已登记：请打开它来修改", "this id is registered already: open it to change it")
_RETIRED = Label(
    "这个编号已停用：替换的设备须用新编号", "this id is retired: a device in its place needs an id of its own"
)


class CatalogDesk:
    """Safe to use from any thread; what changes something may raise StoreError, and then nothing was changed."""

    def __init__(
        self,
        pack: CityPack,
        store: Store,
        room: ThingRoom,
        listing: Listing,
        look: Callable[[], object],
        clock: Clock,
    ) -> None:
        self._pack = pack
        self.store = store
        self.room = room
        self.listing = listing
        self._look = look
        self.clock = clock

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """Return the feeds of the center."""
        return self.room.feeds

    def catalog(self) -> Catalog:
        """Return the catalog as this process knows it."""
        return self.room.catalog()

    def look(self) -> None:
        """Take up what was just changed."""
        self._look()

    @cached_property
    def ground(self) -> Ground:
        """Return what forms are judged by."""
        names = scope_names(self._pack)
        return Ground(self.room.feeds, names.districts, names.departments, self._district_at)

    def may_add(self, asker: Asker) -> bool:
        """Return whether ``asker`` may register anything at all."""
        return asker.may_change(THINGS)

    def may_change(self, asker: Asker, department: str, district: str) -> bool:
        """Return whether ``asker`` may change what belongs there."""
        return asker.may_change_of(THINGS, department, district)

    def judge(self, form: Form, held: Thing | None) -> Judged:
        """Return what a form says, or what is wrong with it."""
        return judged(form, self.ground, held, held_streams(self.catalog(), held))

    def save(self, asker: Asker, form: Form, held: Thing | None, print_: str) -> Saved | Refused:
        """Register a thing (``held`` None), or change it. Raises ThingChanged, Forbidden, StoreError.

        ``print_``: of the thing as it was when somebody began to edit it (:func:`fingerprint`).
        """
        found = self.judge(form, held)
        if found.registration is None:
            return Refused(found.faults)
        thing = found.registration.thing()
        if held is None:
            if (known := self.known(thing.producer, thing.thing_id)) is not None:
                return Refused((Fault("thing_id", _RETIRED if known.retired else _THERE),))
        else:
            self._check(asker, held, print_)
        if not self.may_change(asker, thing.department, thing.district):
            return Refused((Fault("department", _NOT_YOURS),))
        changed = differs(found.registration, held, held_streams(self.catalog(), held)) if held else ["thing_id"]
        if held is not None and not changed:
            return Saved(held, (), False)
        name = f"{thing.producer}/{thing.thing_id}"
        moved = bool(changed) and set(changed) <= {"longitude", "latitude"}
        entry = by(
            asker,
            self.clock.now_us(),
            "things.moved" if moved else "things.registered",
            name,
            detail={"fields": ", ".join(changed)},
        )
        expected = {(thing.producer, thing.thing_id): held}
        streams = found.registration.streams()
        try:
            self.store.catalog.register([thing], streams, asker.account, entry=entry, expected=expected)
        finally:
            self._look()  # also where one was passed: what is said of it then is how it is now
        return Saved(self.known(thing.producer, thing.thing_id) or thing, tuple(changed), held is None)

    def retire(self, asker: Asker, held: Thing, print_: str, reason: str) -> None:
        """Retire a thing. Raises ThingChanged, Forbidden, StoreError."""
        self._check(asker, held, print_)
        name = f"{held.producer}/{held.thing_id}"
        entry = by(asker, self.clock.now_us(), "things.retired", name, detail={"reason": reason[:300]})
        try:
            self.store.catalog.retire(held.producer, held.thing_id, asker.account, entry, held)
        finally:
            self._look()

    def known(self, producer: str, thing_id: str) -> Thing | None:
        """Return a thing whoever may see it, retired ones too; None: the id is free."""
        catalog = self.catalog()
        key = catalog.thing_keys.get(producer, {}).get(thing_id)
        if key is not None:
            return catalog.things[key]
        return next(
            (one for one in catalog.things.values() if one.thing_id == thing_id and one.producer == producer), None
        )

    def _check(self, asker: Asker, held: Thing, print_: str) -> None:
        if not self.may_change(asker, held.department, held.district):
            raise Forbidden("your roles change nothing of this thing")
        if fingerprint(held, held_streams(self.catalog(), held)) != print_:
            acts = self.store.catalog.life(held.key, 1)
            who, at_us = (acts[0].origin, acts[0].at_us) if acts else ("", 0)
            raise ThingChanged(held.producer, held.thing_id, who, at_us)

    @cached_property
    def _tree(self) -> tuple[STRtree, list[str]]:
        frame = self._pack.features("districts")
        return STRtree(list(frame.geometry)), [str(code) for code in frame["district_id"]]

    def _district_at(self, longitude: float, latitude: float) -> str:
        tree, codes = self._tree
        found = tree.query(Point(longitude, latitude), predicate="intersects")
        return codes[int(found[0])] if len(found) else ""


def fingerprint(thing: Thing, streams: Iterable[Datastream]) -> str:
    """Return what a thing is known by as it is: another as soon as anything of it changes."""
    said = json.dumps([form_of(thing, streams), thing.longitude, thing.latitude, thing.retired], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:20]
