"""A member's hold on partitions of its group: leases with fencing tokens, kept by the server's clock.

Redis has no partition assignment; this stands in for it. A partition belongs to one member until its lease runs out,
is given back, or the member's fair share shrinks. Its epoch grows with every change of hands, and what is said with
an older one is refused. A thread extends the leases while the worker is busy with something long, such as a commit
that waits for the database; a worker that hangs for longer than ``_LONGEST_WORK_S`` is given up.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

from ops_center.bus.redis_keys import Keys
from ops_center.bus.redis_scripts import DONE, EXTEND, LEAVE, RENEW
from ops_center.domain.errors import BusError, PartitionLost
from ops_center.domain.messages import TopicPartition

Guard = Callable[[], AbstractContextManager[None]]
"""tells errors of the client as ours"""

_RENEW_EVERY_S = 1.5  # four tries before a lease of six seconds runs out
_LONGEST_WORK_S = 60.0


class Leases:
    """Leases of one member; ``client`` is a Redis client of its own, which is closed with it."""

    def __init__(
        self, client: Any, keys: Keys, group: str, partitions: Sequence[TopicPartition], lease_ms: int, guard: Guard
    ) -> None:
        self._client = client
        self._keys = keys
        self._group = group
        self._named = {_name(partition): partition for partition in partitions}
        self._lease_ms = lease_ms
        self._period_s = min(_RENEW_EVERY_S, lease_ms / 4000)
        self._guard = guard
        self._member = uuid.uuid4().hex
        self._renew = client.register_script(RENEW)
        self._extend = client.register_script(EXTEND)
        self._done = client.register_script(DONE)
        self._leave = client.register_script(LEAVE)
        self._due_s = 0.0
        self._seen_s = time.monotonic()
        self.epochs: dict[TopicPartition, int] = {}
        """what is held, with its fencing token"""
        self._left = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="bus leases", daemon=True)
        self._keeper.start()

    def renew_if_due(self) -> tuple[frozenset[TopicPartition], frozenset[TopicPartition]]:
        """Return what was gained and lost since the last time."""
        now_s = self._seen_s = time.monotonic()
        if now_s < self._due_s:
            return frozenset(), frozenset()
        answer = self._renew(keys=self._places, args=[self._member, self._lease_ms, *self._named])
        names, epochs = answer[0::2], answer[1::2]
        held = {self._named[name.decode()]: int(epoch) for name, epoch in zip(names, epochs, strict=True)}
        # A partition that came back with another epoch was somebody else's in between.
        kept = {p for p in held.keys() & self.epochs.keys() if held[p] == self.epochs[p]}
        lost, gained = frozenset(self.epochs.keys() - kept), frozenset(held.keys() - kept)
        self.epochs = held
        self._due_s = now_s + self._period_s
        return gained, lost

    def forget(self, partitions: frozenset[TopicPartition]) -> None:
        """Take partitions as not yet gained: the next renewal tells them anew."""
        self.epochs = {p: epoch for p, epoch in self.epochs.items() if p not in partitions}
        self._due_s = 0.0

    def done(self, positions: Mapping[TopicPartition, str]) -> None:
        """Record positions, all or none; raises PartitionLost where another member holds a partition now."""
        args: list[Any] = [self._member, self._group]
        for partition, position in positions.items():
            args += [_name(partition), self.epochs.get(partition, -1), self._keys.stream(partition), position]
        refused = self._done(keys=[self._keys.leases(self._group), self._keys.progress], args=args)
        if refused:
            self._due_s = 0.0
            raise PartitionLost(f"{', '.join(name.decode() for name in refused)}: another worker has it now")

    def leave(self) -> None:
        """Give everything back; raises what the client raises, and has let go of the connection in any case."""
        self._left.set()
        self._keeper.join(self._period_s)
        self.epochs = {}
        try:
            self._leave(keys=self._places, args=[self._member, *self._named])
        finally:
            self._client.close()

    @property
    def _places(self) -> list[str]:
        return [self._keys.members(self._group), self._keys.leases(self._group)]

    def _keep(self) -> None:
        while not self._left.wait(self._period_s):
            if time.monotonic() - self._seen_s < _LONGEST_WORK_S:
                with suppress(BusError), self._guard():
                    self._extend(keys=self._places, args=[self._member, self._lease_ms, *map(_name, self.epochs)])


def _name(partition: TopicPartition) -> str:
    return f"{partition.topic}/{partition.partition}"
