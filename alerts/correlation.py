"""Which open alarm explains which: a forest of links, kept up as alarms come, change and go.

An alarm links to the best cause within reach that is at least as urgent (``alerts.relations``); without one it is
explained like the nearest of its family, or the family's first of the most urgent stands for all. The top of its links
is the line that operators see. Nothing more urgent ever lies under something less urgent. Links lead from effects to
causes and the table has no circle, so that links have none. Bounded by the open alarms; called by ``alerts.book``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from alerts.nearby import Found, Nearby, Neighbours, Node
from alerts.relations import By, Relations

FAMILY = 10**6
"""order of a link within a family: weaker than any relation"""
RESTORED = -1
"""order of a link that was there when the book was opened: stays until one of both goes"""
_EACH, _CAUSES, _KIN = 1, 4, 100
"""of those at one place, of causes and of relatives so many of the nearest are looked at"""
_CODES: Mapping[By, str] = {"near": "near", "network": "network"}


class Link(NamedTuple):
    """What explains an alarm; the least is the best."""

    order: int
    """number of the relation"""
    share: float
    to: int
    why: str
    """code for people: ``network``, ``near``, ``rule``"""


class Correlation:
    """The links of all open alarms."""

    def __init__(self, relations: Relations) -> None:
        self.relations = relations
        self.networks: Mapping[str, Neighbours] = {}
        self._nodes: dict[int, Node] = {}
        self._links: dict[int, Link] = {}
        self._kids: dict[int, dict[int, None]] = {}
        self._all = Nearby()
        self._loose = Nearby()
        """those that no cause explains yet"""
        self._queue: dict[int, None] = {}
        self._touched: dict[int, None] = {}

    def __contains__(self, alarm: int) -> bool:
        return alarm in self._nodes

    def add(self, node: Node, parent: int = 0, why: str = "") -> None:
        """Take in an alarm that was raised, or that was open before under ``parent``."""
        self._nodes[node.id] = node
        self._all.add(node)
        self._loose.add(node)
        self._touched[node.id] = None
        explains = parent in self._nodes and self._nodes[parent].active and self.top(parent) != node.id
        if explains and self._nodes[parent].priority <= node.priority:
            order = FAMILY if self._nodes[parent].family == node.family >= 0 else RESTORED
            self._link(node.id, Link(order, 0.0, parent, why))
        else:
            self._queue[node.id] = None

    def remove(self, alarm: int) -> None:
        """Let an alarm go: whatever it explained is free, and looks for another."""
        node = self._nodes.pop(alarm, None)
        if node is None:
            return
        self._free_kids(alarm)
        self._unlink(alarm)
        self._kids.pop(alarm, None)
        for index in (self._all, self._loose):
            index.remove(node)

    def change(self, alarm: int, *, priority: int, time_us: int, active: bool) -> None:
        """Let an alarm be as urgent, as recent and as able to explain as it now is."""
        node = self._nodes[alarm]
        node.time_us = time_us
        if (node.priority, node.active) == (priority, active):
            return
        node.priority, node.active = priority, active
        self._free_kids(alarm, None if not active else priority)
        link = self._links.get(alarm)
        if link is None:
            self._queue[alarm] = None
        elif self._nodes[link.to].priority > priority:
            head = self.top(alarm)
            self._unlink(alarm)
            if self._nodes[head].family == node.family >= 0 and active and link.order == FAMILY:
                self._link(head, Link(FAMILY, 0.0, alarm, link.why))
            self._queue[alarm] = None

    def top(self, alarm: int) -> int:
        """Return the alarm that stands for this one in the end; itself if nothing explains it."""
        while alarm in self._links:
            alarm = self._links[alarm].to
        return alarm

    def arrange(self) -> list[tuple[int, int, str]]:
        """Return (alarm, its parent or 0, why) of all whose links may have changed since, in the order of ids."""
        while self._queue:
            alarm = next(iter(self._queue))
            del self._queue[alarm]
            if alarm in self._nodes:
                self._explain(alarm)
                self._gather(alarm)
                self._adopt(alarm)
        touched = sorted(alarm for alarm in self._touched if alarm in self._nodes)
        self._touched.clear()
        return [(one, self.top(one) if one in self._links else 0, self._why(one)) for one in touched]

    def _why(self, alarm: int) -> str:
        return self._links[alarm].why if alarm in self._links else ""

    def _explain(self, alarm: int) -> None:
        """Link an alarm to its best cause."""
        node = self._nodes[alarm]
        for number in self.relations.as_effect.get(node.rule, ()):
            one = self.relations.relations[number]
            found = self._all.around(node, one.reach, one.causes, self.networks, _EACH)
            able = ((share, other) for share, other in found if other.active and other.priority <= node.priority)
            best = min(((share, other.id) for share, other in islice(able, _CAUSES)), default=None)
            if best is not None:
                link = Link(number, *best, _code(one.reach.by))
                if alarm not in self._links or link < self._links[alarm]:
                    self._link(alarm, link)
                return

    def _gather(self, alarm: int) -> None:
        """Join an alarm with its relatives around: explained as the nearest of them, or under the first among them."""
        node = self._nodes[alarm]
        if node.family < 0:
            return
        tops = list(dict.fromkeys((self.top(alarm), *(self.top(other.id) for _, other in self._relatives(node)))))
        heads = [one for one in tops if self._nodes[one].family == node.family]
        explained = [one for one in tops if self._nodes[one].family != node.family]
        if not node.active:
            heads = [one for one in heads if one == alarm]
        why = _code(self.relations.families[node.family].reach.by)
        if explained:
            able = [one for one in heads if self._nodes[explained[0]].priority <= self._nodes[one].priority]
            self._put_under(able, explained[0], why)
            heads = [one for one in heads if one not in able]
        if heads:
            self._put_under(heads, min(heads, key=self._rank), why)

    def _put_under(self, heads: list[int], target: int, why: str) -> None:
        for head in heads:
            if head != target:
                self._link(head, Link(FAMILY, 0.0, target, why))

    def _rank(self, alarm: int) -> tuple[bool, int, int]:
        node = self._nodes[alarm]
        return not node.active, node.priority, alarm

    def _relatives(self, node: Node) -> Iterator[Found]:
        family = self.relations.families[node.family]
        found = self._all.around(node, family.reach, family.rules, self.networks, _EACH)
        return islice(((share, other) for share, other in found if other.active), _KIN)

    def _adopt(self, alarm: int) -> None:
        """Let an alarm explain what it can better than what explains that now; the first of a group looks at all."""
        node = self._nodes[alarm]
        if not node.active:
            return
        pool = self._loose if alarm in self._links else self._all
        for number in self.relations.as_cause.get(node.rule, ()):
            one = self.relations.relations[number]
            why = _code(one.reach.by)
            for share, other in list(pool.around(node, one.reach, one.effects, self.networks)):
                link = Link(number, share, alarm, why)
                before = self._links.get(other.id)
                if other.priority < node.priority or (before is not None and before <= link):
                    continue
                if self.top(other.id) != self.top(alarm):
                    self._link(other.id, link)
                    self._gather(other.id)
                elif pool is self._loose:
                    self._loose.remove(other)

    def _link(self, alarm: int, link: Link) -> None:
        self._cut(alarm)
        self._links[alarm] = link
        self._kids.setdefault(link.to, {})[alarm] = None
        if link.order != FAMILY:
            self._loose.remove(self._nodes[alarm])
        self._touch(alarm)

    def _unlink(self, alarm: int) -> None:
        self._cut(alarm)
        if alarm in self._nodes:
            self._loose.add(self._nodes[alarm])
        self._touch(alarm)

    def _cut(self, alarm: int) -> None:
        link = self._links.pop(alarm, None)
        if link is not None:
            self._kids.get(link.to, {}).pop(alarm, None)

    def _free_kids(self, alarm: int, priority: int | None = None) -> None:
        """Free what an alarm explains; with ``priority`` only what is more urgent."""
        for kid in list(self._kids.get(alarm, ())):
            if priority is None or self._nodes[kid].priority < priority:
                self._unlink(kid)
                self._queue[kid] = None

    def _touch(self, alarm: int) -> None:
        """Note everything that lies under an alarm, and itself."""
        below = [alarm]
        while below:
            one = below.pop()
            self._touched[one] = None
            below += self._kids.get(one, ())


def _code(by: By) -> str:
    return _CODES.get(by, "rule")
