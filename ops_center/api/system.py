"""What the open interfaces need of the running center. Filled in by bootstrap; nothing here is connected yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from feeds.contract import Feed
from layers.contract import LiveFrame
from ops_center.bus.port import Bus
from ops_center.domain.catalog import Catalog
from ops_center.domain.realms import Realm
from ops_center.domain.time import Clock
from ops_center.live.port import LiveHealth
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.auditing import Auditor
from ops_center.services.field.desk import FieldDesk
from ops_center.services.incidents.case_room import CaseRoom
from ops_center.services.incidents.room import IncidentRoom
from ops_center.services.incidents.sending_room import SendingRoom
from ops_center.services.notices import NoticeWatch
from ops_center.services.search.desk import SearchDesk
from ops_center.services.selection.desk import SelectionDesk
from ops_center.services.wall_room import WallRoom
from ops_center.services.warnings import WarningDesk
from ops_center.store.port import Store


@dataclass(frozen=True, slots=True)
class ApiSystem:
    """The parts that answer; every callable without a note returns at once."""

    realm: Realm
    clock: Clock
    feeds: Mapping[str, Feed]
    store: Store
    """may wait for the database, and raise StoreUnavailable"""
    bus: Bus
    """only asked whether it answers, which may take seconds"""
    catalog: Callable[[], Catalog]
    """the newest version this process knows"""
    look: Callable[[], object]
    """makes ``catalog`` the newest there is: who has changed something sees it at once; may wait and raise"""
    frame: Callable[[], LiveFrame]
    """the latest values"""
    live: Callable[[], LiveHealth]
    feed_ages: Callable[[int], Mapping[str, Mapping[str, Any]]]
    """now in µs → feed → ``age_s`` and ``aged``"""
    clients: Callable[[], int]
    """how many browsers are connected to ``/live``"""
    release: Callable[[int], int]
    """releases what is releasable of at most so many quarantined messages; returns how many; may wait and raise"""
    audit: Auditor
    """hears who saw and did what"""
    audit_fault: Callable[[], str | None]
    """what is wrong with keeping that; None: nothing"""
    warnings: WarningDesk
    """public warnings; may wait for the database"""
    notices: NoticeWatch
    """what people are told on the pages"""
    alarms: AlarmRoom
    """may wait for the database, and raise StoreUnavailable"""
    walls: WallRoom
    """may wait for the database, and raise StoreUnavailable"""
    search: SearchDesk | None = None
    """None in trials without a city"""
    selections: SelectionDesk | None = None
    """None in trials without a city"""
    incidents: IncidentRoom | None = None
    """None in trials in which nothing is commanded"""
    field: FieldDesk | None = None
    """crews and their tasks; None in trials without incidents"""
    sending: SendingRoom | None = None
    """None in trials without a city or without incidents"""
    cases: CaseRoom | None = None
    """reports and cases; None in trials without a city or without incidents"""
