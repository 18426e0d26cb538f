"""More that can be found, kept elsewhere than in catalog and city pack. Few: asked anew at each query, by who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ops_center.domain.rights import Asker
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.indicators.evidence import CITY, Area
from ops_center.indicators.loading import Indicator
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
