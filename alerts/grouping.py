"""Puts alarms under those that explain them: what the book's alarms are to ``alerts.correlation``.

Called by ``alerts.book`` with every alarm that changed; says what must lie where.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from alerts.alarm import Alarm, Aside
from alerts.contract import SubjectKind
from alerts.correlation import Correlation
from alerts.facts import Facts
from alerts.nearby import Neighbours, Node, neighbours_of
from alerts.relations import By
from alerts.subjects import feed, group_key
from alerts.surroundings import Network, Surroundings


class Grouping:
    """The groups of all open alarms."""

    def __init__(self, facts: Facts) -> None:
        self.relations = facts.relations
        self._links = Correlation(facts.relations)
        self._surroundings: Surroundings | None = None
        self._node_of: dict[str, dict[int, int]] = {}

    def see(self, alarms: Iterable[tuple[Alarm, int]], facts: Facts) -> None:
        """Take alarms as they are now, each with the time of its last raise."""
        self._learn(facts.surroundings)
        for alarm, raised_us in alarms:
            active = alarm.aside not in {Aside.SHELVED, Aside.OUT_OF_SERVICE}
            if not alarm.is_open:
                self._links.remove(alarm.id)
            elif alarm.id in self._links:
                self._links.change(alarm.id, priority=alarm.priority, time_us=raised_us, active=active)
            else:
                self._links.add(self._node(alarm, raised_us, facts, active=active), alarm.parent, alarm.explained_by)

    def arrange(self) -> list[tuple[int, int, str]]:
        """Return (alarm, its parent or 0, why) wherever that may have changed."""
        return self._links.arrange()

    def _learn(self, surroundings: Surroundings) -> None:
        if surroundings is self._surroundings:
            return
        self._surroundings = surroundings
        networks: dict[str, Neighbours] = {}
        for name, network in surroundings.networks.items():
            networks[name] = neighbours_of(network)
            self._node_of[name] = _nodes(network)
        self._links.networks = networks

    def _node(self, alarm: Alarm, raised_us: int, facts: Facts, *, active: bool) -> Node:
        frame = facts.surroundings.frame
        x_m = y_m = math.nan
        if frame is not None and math.isfinite(alarm.longitude) and math.isfinite(alarm.latitude):
            x_m, y_m = (float(axis) for axis in frame.to_metres(alarm.longitude, alarm.latitude))
        at = {name: of[alarm.thing] for name, of in self._node_of.items() if alarm.thing in of}
        family = self.relations.family_of.get(alarm.rule, -1)
        groups = _groups(alarm, facts)
        return Node(alarm.id, alarm.rule, family, alarm.priority, raised_us, active, x_m, y_m, at, groups)


def _groups(alarm: Alarm, facts: Facts) -> dict[By, int | str]:
    groups: dict[By, int | str] = {"city": ""}
    if alarm.district:
        groups["district"] = alarm.district
    if alarm.thing >= 0:
        groups["thing"] = alarm.thing
    if alarm.subject_kind == SubjectKind.GROUP:
        groups["feed"] = alarm.subject
    else:
        name = facts.place_of(alarm.subject_kind, alarm.subject).feed
        if name:
            groups["feed"] = group_key(feed(name))
    return groups


def _nodes(network: Network) -> dict[int, int]:
    return dict(zip(network.thing.tolist(), network.node.tolist(), strict=True))
