"""What the store does for rules: their versions, for services; and for their worker its turn, memory and conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from alerts.conditions import ConditionBatch
from ops_center.domain.audit import AuditEntry
from ops_center.domain.messages import TopicPartition

if TYPE_CHECKING:
    from ops_center.store.port import Advance  # which names this file

LANE = 0
"""the partition that conditions are recorded in: one worker judges the whole city (ADR 40)"""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One version of one rule; the newest counts."""

    name: str
    version: int
    form: Mapping[str, Any]
    """the rule as it is written (``alerts.rule.RuleForm``), its name, version and ``enabled`` those of this row"""
    enabled: bool
    origin: str
    """``file:water.toml`` as long as nobody edited it, else ``editor`` or ``command line``"""
    hash: bytes
    """of what was imported or saved, without version: whether a file says something new"""
    author: str
    reason: str
    at_us: int

    @property
    def is_as_shipped(self) -> bool:
        """Return whether a file said it last, so that a newer file may say it anew."""
        return self.origin.startswith("file:")


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What is to become the newest version of a rule; the store gives it its number."""

    form: Mapping[str, Any]
    origin: str
    hash: bytes
    author: str
    reason: str
    at_us: int
    expected: int
    """the newest version that its author has seen; 0: there is no such rule"""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The newest version of every rule, of one moment."""

    version: int
    """grows with every change"""
    rows: tuple[RuleRow, ...]
    """by name"""


class RuleStore(Protocol):
    """The versions of rules of one realm. Rows are only ever added."""

    def version(self) -> int:
        """Return the number of the set of rules: cheap, for polling."""
        ...

    def load(self) -> RuleSet:
        """Return the newest version of every rule, disabled ones too."""
        ...

    def history(self, name: str) -> Sequence[RuleRow]:
        """Return all versions of a rule, newest first; () where there is none of that name."""
        ...

    def add(self, versions: Sequence[NewVersion], entries: Sequence[AuditEntry]) -> Sequence[RuleRow]:
        """Add versions, all or none, with their entries in the audit; return them with their numbers.

        Raises RuleChanged where another version than the one expected is the newest.
        """
        ...


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
