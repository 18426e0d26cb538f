"""Units and stocks for commands, from what is live: who a unit is, how it gets there, how much there is of an item."""

from __future__ import annotations

from ops_center.incidents.incident import Incident
from ops_center.services.incidents.dispatch import Dispatch
from ops_center.services.incidents.known import Stock, UnitEntry, Way
from ops_center.services.incidents.resources import Resources


class LiveFleet:
    """The Fleet of a running center."""

    def __init__(self, resources: Resources, dispatch: Dispatch) -> None:
        self._resources = resources
        self._dispatch = dispatch

    def unit(self, unit: str) -> UnitEntry | None:
        """Return a unit; None: there is none."""
        found = self._resources.unit(unit)
        return None if found is None else UnitEntry(found.label, found.department, found.district)

    def way(self, unit: str, incident: Incident, now_us: int) -> Way:
        """Return its way to an incident, from where it is now."""
        return Way(*self._dispatch.expected(unit, incident))

    def stock(self, store: str, item: str) -> Stock | None:
        """Return an item of a store; None: there is none."""
        found = self._resources.total(store, item)
        return None if found is None else Stock(*found)
