"""Everything about incidents that one web process has, put together: for pages, stream and open interfaces alike."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from ops_center.city.pack import CityPack
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.realms import Realm
from ops_center.domain.time import Clock
from ops_center.incidents.types import TypeTree
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.incidents.cases import CaseDesk
from ops_center.services.incidents.context import OpeningContext
from ops_center.services.incidents.desk import IncidentDesk
from ops_center.services.incidents.known import Known, Organisation, Plans, known_of
from ops_center.services.incidents.rows import board_row
from ops_center.services.incidents.watch import IncidentWatch
from ops_center.services.selection.desk import SelectionDesk
from ops_center.services.selection.here import Surroundings
from ops_center.store.incident_port import Standing
from ops_center.store.listening import INCIDENTS
from ops_center.store.port import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IncidentRoom:
    """The desk, and what it works with."""

    desk: IncidentDesk
    """what somebody asks and does; takes who asks"""
    watch: IncidentWatch
    """all open incidents in memory, whoever asks"""
    context: OpeningContext
    """what is known of a place or an alarm before an incident is opened there"""
    cases: CaseDesk
    """closed incidents that are like another"""
    known: Known
    """plans, types, organisations, the fleet"""
    clock: Clock
    realm: Realm

    @property
    def plans(self) -> Plans:
        """Return what gives the newest valid plans, each with its version."""
        return self.known.plans

    @property
    def organisations(self) -> Mapping[str, Organisation]:
        """Return the city's organisations by code."""
        return self.known.organisations

    @property
    def types(self) -> TypeTree:
        """Return the tree of types."""
        return self.known.types

    @property
    def is_drill(self) -> bool:
        """Return whether all of it is practised: marked everywhere, and nothing of it leaves the house."""
        return self.realm is Realm.DRILL

    def row(self, standing: Standing) -> dict[str, Any]:
        """Return the row of an incident on the board, as of now."""
        return board_row(standing, self.clock.now_us(), drill=self.is_drill)

    def follow(self, store: Store, stop: threading.Event) -> None:
        """Begin to watch, and prepare what an opening asks for; ends with ``stop``."""
        self.watch.follow(store.listen(INCIDENTS), stop)
        threading.Thread(target=self._prepare, name="opening prepared", daemon=True).start()

    def _prepare(self) -> None:
        try:
            self.context.prepare()
        except OpsCenterError as error:
            log.info("incidents.not_prepared", error=str(error))  # who asks hears why


def make_incident_room(
    store: Store, pack: CityPack, plans: Plans, alarms: AlarmRoom, selection: SelectionDesk, clock: Clock, realm: Realm
) -> IncidentRoom:
    """Return the room; nothing is asked or followed yet. Raises CityPackError if the pack is damaged."""
    watch, surroundings = IncidentWatch(store.incidents), Surroundings(selection)
    known = known_of(pack, plans, surroundings.district)
    desk = IncidentDesk(store, watch, known, clock)
    cases = CaseDesk(desk, known.types, pack, lambda: watch.closings)
    context = OpeningContext(known, selection, surroundings, alarms, cases, watch, clock)
    return IncidentRoom(desk, watch, context, cases, known, clock, realm)
