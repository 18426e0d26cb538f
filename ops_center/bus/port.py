"""What a bus can do, whichever it is. Judged by tests/bus/contract suite on every adapter.

At least once: a worker keeps its own positions (the store's, in the transaction of its work) and seeks to
them when a partition is given to it; the bus's own idea of what was read only serves lag and trimming.
Topics are named without their realm; the adapter is made for one realm and adds the prefix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from ops_center.domain.messages import Outgoing, RawMessage, TopicPartition

END = "end"
"""what ``gained`` answers for a partition of which only what comes from now on is wanted; every bus knows it"""


class Assignments(Protocol):
    """What a worker does when partitions come and go."""

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Return where to go on in each: the position last committed, None for the beginning, or :data:`END`."""
        ...

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Drop what was read from them and not committed."""
        ...


class Producer(Protocol):
    """Appends to topics."""

    def send(self, topic: str, records: Sequence[Outgoing]) -> None:
        """Take the records; they may still be on the way. Raises BusFull or BusUnavailable (retriable)."""
        ...

    def flush(self, timeout_s: float = 30.0) -> None:
        """Return when everything sent is durable; else raises BusUnavailable: send it again."""
        ...

    def close(self) -> None:
        """Let go of the connection; what was not flushed may be lost."""
        ...


class Consumer(Protocol):
    """Reads the partitions that the group gives it."""

    def poll(self, timeout_s: float, max_records: int) -> Sequence[RawMessage]:
        """Return what is there, in order within each partition; () after ``timeout_s``.

        Calls the worker's Assignments before the first record of a new partition. Raises BusUnavailable.
        """
        ...

    def rewind(self, positions: Mapping[TopicPartition, str | None]) -> None:
        """Go back: the next poll continues after these positions (None: from the beginning)."""
        ...

    def done(self, positions: Mapping[TopicPartition, str]) -> None:
        """Tell the bus what is finished (for lag and trimming); raises PartitionLost where fenced."""
        ...

    def lag(self) -> Mapping[TopicPartition, int]:
        """Return how many records of each assigned partition are not yet read."""
        ...

    def close(self) -> None:
        """Leave the group so that others take over at once."""
        ...


class Bus(Protocol):
    """One log of one realm."""

    @property
    def name(self) -> str:
        """Return what it is, for health pages: ``kafka`` or ``redis-streams``."""
        ...

    def ensure_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Make the topics that don't exist; a topic's partition count is fixed when it is made."""
        ...

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        ...

    def producer(self) -> Producer:
        """Return a new producer."""
        ...

    def consumer(self, group: str, topics: Sequence[str], assignments: Assignments) -> Consumer:
        """Return a new member of ``group``."""
        ...

    def reader(self, topic: str, after: Mapping[int, str | None] | None = None) -> Consumer:
        """Return a consumer of all partitions outside any group; without ``after`` from the end."""
        ...

    def ping(self) -> None:
        """Return if the bus answers, else raise BusUnavailable."""
        ...

    def close(self) -> None:
        """Let go of all connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
