"""Writes the demo's incidents through the store's own door, once. Called by ``run.py city history``."""

from __future__ import annotations

from ops_center.city.pack import CityPack
from ops_center.incidents.incident import SIMULATED
from ops_center.incidents.plan import read_plan, shipped_files
from ops_center.services.demo_incidents.course import Course
from ops_center.services.demo_incidents.occasions import occasions
from ops_center.services.demo_incidents.spots import Ground
from ops_center.store.incident_port import IncidentQuery, IncidentStore

_PAGE = 1000


def write_incidents(store: IncidentStore, pack: CityPack, seed: int, now_us: int) -> int:
    """Write a year of closed incidents; return how many were new. Each is one transaction, none is written twice."""
    there = _written(store)
    ground = Ground(pack)
    plans = {plan.name: plan for plan in (read_plan(text, origin) for origin, text in shipped_files())}
    new = [one for one in occasions(ground, seed, now_us) if SIMULATED + one.key not in there]
    for occasion in new:
        store.command([], Course(occasion, ground, plans[occasion.kind.plan], seed, now_us).work, None)
    return len(new)


def _written(store: IncidentStore) -> set[str]:
    """Return the sources of all simulated incidents that there are."""
    found: set[str] = set()
    page, before = store.search(IncidentQuery(limit=_PAGE)), None
    while page:
        found |= {one.source for one in page if one.source.startswith(SIMULATED)}
        before = page[-1].id
        page = store.search(IncidentQuery(before=before, limit=_PAGE)) if len(page) == _PAGE else ()
    return found
