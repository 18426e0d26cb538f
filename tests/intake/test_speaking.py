"""A stream worker says how it is; one that hangs says nothing, and that is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ops_center.domain.errors import StoreError
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.time import SECOND_US, ManualClock
from ops_center.intake.speaking import Speaking
from ops_center.store.rule_port import Pulse

P0, P1 = TopicPartition("observations", 0), TopicPartition("observations", 1)
BOTH = frozenset({P0, P1})


class Writing:
    """Holds what it took until it commits."""

    name = "writer"
    topics = ("observations",)

    def __init__(self) -> None:
        self.pending = 0
        self.idled = 0

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        return dict.fromkeys(partitions)

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        self.pending = 0

    def reset(self) -> None:
        self.pending = 0

    def take(self, messages: Sequence[RawMessage]) -> None:
        self.pending += len(messages)

    def commit(self) -> Mapping[TopicPartition, str]:
        self.pending = 0
        return {P0: "1"}

    def idle(self) -> None:
        self.idled += 1


class Trial:
    """A worker whose clocks move when they are told to."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.began_us = self.clock.us
        self.spoken: list[Pulse] = []
        self.fault: StoreError | None = None
        self.handler = Writing()
        self.worker = Speaking(self.handler, self.hear, self.clock, lambda: self.clock.us / SECOND_US)
        self.worker.gained(BOTH)

    def hear(self, pulse: Pulse) -> None:
        if self.fault is not None:
            raise self.fault
        self.spoken.append(pulse)

    def reads(self, partition: TopicPartition, arrived_s: float) -> None:
        time_us = self.began_us + round(arrived_s * SECOND_US)
        self.worker.take([RawMessage(partition.topic, partition.partition, "1", b"", b"", time_us)])

    def says(self, after_s: float = 0.0, **unread: int) -> tuple[int, float]:
        """How many records it is behind, and how many seconds."""
        self.clock.advance(after_s)
        self.worker.unread = lambda: {P0: unread.get("p0", 0), P1: unread.get("p1", 0)}
        self.worker.idle()
        return self.spoken[-1].lag_records, round(self.spoken[-1].lag_s, 3)


@pytest.fixture
def trial() -> Trial:
    return Trial()


def test_who_has_read_and_committed_everything_is_not_behind(trial: Trial) -> None:
    trial.reads(P0, -300)
    trial.worker.commit()
    assert trial.says(after_s=100) == (0, 0.0)
    assert trial.spoken[0].worker == "writer" and trial.handler.idled == 1


def test_it_is_as_far_behind_as_the_partition_that_was_read_least(trial: Trial) -> None:
    trial.reads(P0, -90)
    trial.reads(P1, -40)
    trial.worker.commit()
    assert trial.says(p0=7, p1=3) == (10, 90.0)
    assert trial.says(after_s=5, p1=3) == (3, 45.0)


def test_what_was_read_and_is_not_committed_counts_from_when_it_began_to_wait(trial: Trial) -> None:
    trial.reads(P0, 0)
    trial.clock.advance(20)
    trial.reads(P0, 20)
    assert trial.says(after_s=10) == (0, 30.0)
    trial.worker.commit()
    assert trial.says(after_s=10) == (0, 0.0)


@pytest.mark.parametrize("forgets", ["lost", "reset"])
def test_what_others_have_now_is_not_its_own_any_more(trial: Trial, forgets: str) -> None:
    trial.reads(P0, -500)
    if forgets == "lost":
        trial.worker.lost(BOTH)
    else:
        trial.worker.reset()
    assert trial.says(after_s=50, p0=1) == (1, 0.0), "nothing is known yet of when it arrived"


def test_it_speaks_every_two_seconds_and_seldom_where_nobody_answers(trial: Trial) -> None:
    for _ in range(10):
        trial.says(after_s=1)
    assert len(trial.spoken) == 5
    trial.fault = StoreError("away", retriable=True)
    trial.says(after_s=2)
    trial.fault = None
    for _ in range(9):
        trial.says(after_s=1)
    assert len(trial.spoken) == 5, "to ask a database that is away costs time in which nothing is read"
    trial.says(after_s=2)
    assert len(trial.spoken) == 6


def test_what_no_patience_mends_is_not_passed_over(trial: Trial) -> None:
    trial.fault = StoreError("the schema is another")
    with pytest.raises(StoreError):
        trial.says(after_s=2)
