"""The conditions that rules of the second stage listen to, and which of them stand. Owned by ``alerts.stage_two``.

A member is one subject of a rule of the first stage, at a level and worse. What is delivered again changes nothing:
transitions of one channel come in the order of their times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.conditions import ConditionBatch
from alerts.contract import Leg, RuleType
from alerts.expansion import Part
from ops_center.domain.observations import Float64, Int64, UInt8

MOST_CHANNELS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The members of one leg, n of them, numbered from ``first``."""

    leg: Leg
    part: Part
    first: int
    heard: int
    """channels of the leg's level and worse, as bits"""
    place: Mapping[int, int]
    """subject → number of the member"""


class Members:
    """All members of all groups."""

    def __init__(self, legs: Iterable[tuple[Leg, Part]]) -> None:
        self.groups: dict[Leg, Group] = {}
        size = 0
        for leg, part in legs:
            place = {key: size + number for number, key in enumerate(part.subject.tolist())}
            self.groups[leg] = Group(leg, part, size, heard_of(part.rule.type, leg.level), place)
            size += len(place)
        self.mask: UInt8 = np.zeros(size, np.uint8)
        """channels that stand, as bits"""
        self.last_us: Int64 = np.full((size, MOST_CHANNELS), -1, np.int64)
        self._by_rule: dict[str, list[Group]] = {}
        for group in self.groups.values():
            self._by_rule.setdefault(group.leg.rule, []).append(group)

    def accept(self, batch: ConditionBatch) -> tuple[Int64, Int64, Float64]:
        """Return member, time and change (1 or -1) where a batch turns members on or off, in its order."""
        found: list[tuple[int, int, float]] = []
        columns = (batch.rule, batch.subject, batch.channel, batch.entered, batch.time_us)
        for rule, subject, channel, entered, time_us in zip(*(column.tolist() for column in columns), strict=True):
            for group in self._by_rule.get(batch.rules[rule].name, ()):
                member = group.place.get(subject, -1)
                if member >= 0 and channel < MOST_CHANNELS and time_us > self.last_us[member, channel]:
                    self.last_us[member, channel] = time_us
                    change = self._turn(member, 1 << channel & group.heard, bool(entered))
                    if change:
                        found.append((member, time_us, change))
        members, times, changes = zip(*found, strict=True) if found else ((), (), ())
        return np.array(members, np.int64), np.array(times, np.int64), np.array(changes, np.float64)

    def keep(self, before: Mapping[Leg, tuple[Int64, UInt8, Int64]]) -> None:
        """Take over what stood, of (subjects, mask, last times) by leg."""
        for leg, (subjects, mask, last_us) in before.items():
            group = self.groups.get(leg)
            if group is not None:
                _, to, source = np.intersect1d(group.part.subject, subjects, assume_unique=True, return_indices=True)
                self.mask[group.first + to], self.last_us[group.first + to] = mask[source], last_us[source]

    def kept(self) -> dict[Leg, tuple[Int64, UInt8, Int64]]:
        """Return what stands, as :meth:`keep` takes it."""
        found = {}
        for leg, group in self.groups.items():
            rows = slice(group.first, group.first + len(group.part.subject))
            found[leg] = (group.part.subject, self.mask[rows], self.last_us[rows])
        return found

    def _turn(self, member: int, bit: int, entered: bool) -> float:
        before = int(self.mask[member])
        after = before | bit if entered else before & ~bit
        self.mask[member] = after
        return float(bool(after)) - float(bool(before))


def heard_of(type_: RuleType, level: int) -> int:
    """Return the channels of a level and worse, as bits."""
    channels: Sequence[int] = [number for number, channel in enumerate(type_.channels) if channel.level >= level]
    return sum(1 << number for number in channels)
