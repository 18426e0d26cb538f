"""What the store does for the rules worker: its turn, memory and conditions (rules themselves: ``version_port``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from alerts.conditions import ConditionBatch
from ops_center.domain.messages import TopicPartition
from ops_center.domain.time import SECOND_US

if TYPE_CHECKING:
    from ops_center.store.port import Advance  # which names this file

PulseState = Literal["ok", "behind", "lost"]
_SPEAKS_EACH_S = 15.0
"""a worker that was replaced is silent for a lease of the bus and one of the database, six seconds each"""
_BEHIND_S = 10.0

LANE = 0
"""the partition that conditions are recorded in: one worker judges the whole city (ADR 40)"""


@dataclass(frozen=True, slots=True, eq=False)
class LaneState:
    """What a worker takes over: everything of one moment, and its turn, which fences whoever had it before."""

    step: int
    """fencing token; grows with every commit and every take-over"""
    committed: Mapping[TopicPartition, str]
    """up to here every condition was said"""
    memory: bytes | None
    """None: there is none yet"""
    remembered: Mapping[TopicPartition, str]
    """up to here what was read is in ``memory``: the log is read again from here"""
    standing: ConditionBatch
    """the conditions that were entered and not left, as they were entered"""


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """Memory and how far what was read is in it."""

    memory: bytes
    positions: Mapping[TopicPartition, str]


class LaneStore(Protocol):
    """What the rules worker writes. One connection, one worker, one transaction at a time."""

    def take(self, owner: str, lease_s: float) -> LaneState | None:
        """Take the turn, if nobody has it or who had it let it run out; None: somebody has it."""
        ...

    def keep(self, step: int, owner: str, lease_s: float) -> None:
        """Keep the turn for so long from now. Raises Fenced."""
        ...

    def release(self, step: int) -> None:
        """Let the turn run out at once; nothing where it is another's."""
        ...

    def commit(
        self,
        step: int,
        lease_s: float,
        advance: Advance,
        found: Sequence[ConditionBatch],
        remembered: Remembered | None,
    ) -> int:
        """Move the positions, write what was found once, keep the memory; return how many transitions were new.

        The turn's step is one greater then. Raises Fenced, StoreUnavailable, StoreError.
        """
        ...

    def pulse(
        self,
        worker: str,
        instance: str,
        now_us: int,
        lag_records: int,
        lag_s: float,
        set_aside: Sequence[SetAside] = (),
    ) -> None:
        """Say that a worker is alive, how far behind it is, and which rule types it has set aside."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


@dataclass(frozen=True, slots=True)
class ConditionRecord:
    """One commit's conditions, as the book reads them."""

    partition: int
    seq: int
    batch: ConditionBatch


class ConditionStore(Protocol):
    """Conditions that were found, for readers."""

    def records(self, after: Mapping[int, int], limit: int = 100) -> Sequence[ConditionRecord]:
        """Return records behind ``after`` (partition → seq, left out: from the first kept), in order."""
        ...

    def standing(self) -> ConditionBatch:
        """Return the conditions that were entered and not left."""
        ...


class SetAside(msgspec.Struct, frozen=True):
    """A rule type that raised: its rules judge nothing until rules or catalog change, or the worker starts anew."""

    type: str
    why: str
    since_us: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a worker was when it last spoke."""

    worker: str
    instance: str
    at_us: int
    lag_records: int
    lag_s: float
    set_aside: tuple[SetAside, ...] = ()

    def age_s(self, now_us: int) -> float:
        """Return for how long nothing was heard of it."""
        return max(now_us - self.at_us, 0) / SECOND_US

    def state(self, now_us: int) -> PulseState:
        """Return how it is: well, behind, or lost, since nothing was heard of it for too long."""
        if self.age_s(now_us) > _SPEAKS_EACH_S:
            return "lost"
        return "behind" if self.lag_s > _BEHIND_S else "ok"
