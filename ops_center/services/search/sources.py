"""More that can be found, kept elsewhere than in catalog and city pack. Few: asked anew at each query, by who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from ops_center.domain.errors import StoreError
from ops_center.domain.rights import Asker
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident
from ops_center.incidents.types import TypeTree
from ops_center.indicators.evidence import CITY, Area
from ops_center.indicators.loading import Indicator
from ops_center.services.incidents.rights import INCIDENTS
from ops_center.services.incidents.room import IncidentRoom
from ops_center.services.leader import LEADERS
from ops_center.services.scenes import SCENES
from ops_center.services.search.entries import KINDS, Entry
from ops_center.services.vital_things import area_name
from ops_center.services.vitals import FEED, VitalDesk, observed_of, thing_id
from ops_center.services.walls import SceneName

Source = Callable[[Asker], Sequence[Entry]]
_NOWHERE = float("nan")


def scene_source(scenes: Callable[[], Mapping[str, SceneName]]) -> Source:
    """Return the scenes of the wall as entries; the id of one is its name, as ``/wall/<name>`` has it."""

    def entries(who: Asker) -> Sequence[Entry]:
        if not who.may_see(SCENES):
            return []
        return [
            Entry("scene", f"scenes:{name}", one.label, KINDS["scene"], _NOWHERE, _NOWHERE)
            for name, one in sorted(scenes().items())
        ]

    return entries


def incident_source(room: IncidentRoom) -> Source:
    """Return incidents as entries, open ones as what goes on, closed ones as cases; the id is the incident's."""
    types = room.types

    def entries(who: Asker) -> Sequence[Entry]:
        if not who.may_see(INCIDENTS):
            return []
        found = [_incident(one.incident, types) for one in room.desk.board(who)]
        with suppress(StoreError):  # what is open is known without the database, and everything else is found, too
            found += [_incident(one, types) for one in room.cases.all(who)]
        return found

    return entries


def _incident(one: Incident, types: TypeTree) -> Entry:
    longitude, latitude = one.place or (_NOWHERE, _NOWHERE)
    what, state, level = types.types[one.type].name, one.state.label, one.level.label
    said = Label(f"{state.zh} · {level.zh}", f"{state.en} · {level.en}")
    name = Label(f"{one.title} #{one.id}", f"{one.title} #{one.id} · {what.en}")
    return Entry("case" if one.is_closed else "incident", str(one.id), name, said, longitude, latitude)


def vital_source(vitals: VitalDesk, names: Names) -> Source:
    """Return vital signs as entries: what opens on the leader's page, or for others the thing that records it."""
    tree = vitals.tree()

    def entries(who: Asker) -> Sequence[Entry]:
        leads = who.may_see(LEADERS)
        return [
            _vital(one, area, names, leads)
            for area in vitals.areas(who)
            for one in tree.indicators.values()
            if _has(one, area) and (leads or vitals.stream(one.name, area, observed_of(one)) is not None)
        ]

    return entries


def _has(one: Indicator, area: Area) -> bool:
    return one.formula is None or area.kind in one.form.areas


def _vital(one: Indicator, area: Area, names: Names, leads: bool) -> Entry:
    kind, which = KINDS["vital"], thing_id(one.name, area)
    if area == CITY:
        name, said = one.label, kind
    else:
        where = area_name(area, names)
        name = Label(f"{where.zh}{one.label.zh}", f"{one.label.en}, {where.en}")
        said = Label(f"{kind.zh} · {where.zh}", f"{kind.en} · {where.en}")
    return Entry("vital" if leads else "thing", which if leads else f"{FEED}/{which}", name, said, _NOWHERE, _NOWHERE)
