"""How the members of a group share partitions: fairly, quickly, and nobody works on what another has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import pytest

from ops_center.bus.port import Bus, Consumer
from ops_center.domain.errors import PartitionLost
from ops_center.domain.messages import RawMessage, TopicPartition
from tests.bus.processes import Member
from tests.bus.subjects import Ledger, Subject, numbered, poll_until, receive, send, values


def everywhere(topic: str) -> set[TopicPartition]:
    return {TopicPartition(topic, partition) for partition in range(4)}


def test_the_worker_is_asked_where_to_go_on_before_the_first_record(
    bus: Bus, subject: Subject, wide_topic: str, ledger: Ledger
) -> None:
    send(bus, wide_topic, [r for partition in range(4) for r in numbered(50, partition)])
    with closing(bus.consumer(subject.group, [wide_topic], ledger)) as consumer:
        seen = 0
        while seen < 200:
            for message in consumer.poll(0.1, 30):
                assert TopicPartition(message.topic, message.partition) in ledger.held
                seen += 1
    assert ledger.told[0][0] == "gained"


def test_two_members_share_the_partitions_and_each_record_goes_to_its_holder(
    bus: Bus, subject: Subject, wide_topic: str
) -> None:
    one, two = Ledger(), Ledger()
    with (
        closing(bus.consumer(subject.group, [wide_topic], one)) as first,
        closing(bus.consumer(subject.group, [wide_topic], two)) as second,
    ):
        poll_until([first], lambda: len(one.held) == 4, "one member to hold everything")
        poll_until([first, second], lambda: len(one.held) == len(two.held) == 2, "a fair share")
        assert one.held | two.held == everywhere(wide_topic)
        send(bus, wide_topic, [r for partition in range(4) for r in numbered(25, partition)])
        assert _partitions(_drain(first, 50)) == {place.partition for place in one.held}
        assert _partitions(_drain(second, 50)) == {place.partition for place in two.held}


def test_more_members_than_partitions_leave_some_without_work(bus: Bus, subject: Subject, topic: str) -> None:
    one, two = Ledger(), Ledger()
    with (
        closing(bus.consumer(subject.group, [topic], one)) as first,
        closing(bus.consumer(subject.group, [topic], two)) as second,
    ):
        poll_until([first, second], lambda: len(one.held | two.held) == 1, "somebody to hold it")
        send(bus, topic, numbered(5))
        found = poll_until([first, second], lambda: _lags(first, second) == 0, "the records to be read")
    assert len(one.held) + len(two.held) == 1
    assert values(found) == list(range(5))


def test_a_member_that_leaves_hands_over_at_once(bus: Bus, subject: Subject, wide_topic: str) -> None:
    one, two = Ledger(), Ledger()
    first = bus.consumer(subject.group, [wide_topic], one)
    with closing(bus.consumer(subject.group, [wide_topic], two)) as second:
        poll_until([first, second], lambda: len(two.held) == 2, "a fair share")
        first.close()
        poll_until([second], lambda: two.held == everywhere(wide_topic), "all partitions after the other left")


def test_another_member_goes_on_where_the_database_says(bus: Bus, subject: Subject, topic: str, ledger: Ledger) -> None:
    send(bus, topic, numbered(30))
    with closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        committed = receive(consumer, 10)
        ledger.keep(committed)
        receive(consumer, 10)
    successor = Ledger(dict(ledger.positions))
    with closing(bus.consumer(subject.group, [topic], successor)) as consumer:
        assert values(receive(consumer, 20)) == list(range(10, 30))


def test_groups_do_not_disturb_each_other(bus: Bus, subject: Subject, topic: str) -> None:
    send(bus, topic, numbered(10))
    for group in ("a", "b"):
        with closing(bus.consumer(subject.group + group, [topic], Ledger())) as consumer:
            found = receive(consumer, 10)
            consumer.done({TopicPartition(topic, 0): found[-1].position})


def test_the_work_of_a_killed_member_is_done_by_another(bus: Bus, subject: Subject, topic: str, ledger: Ledger) -> None:
    send(bus, topic, numbered(10))
    with Member(subject, topic) as member:
        member.poll_until_it_has(list(range(10)))
        member.kill()
    with closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        assert values(receive(consumer, 10)) == list(range(10))


def test_a_zombie_is_told_that_it_lost_its_partition(bus: Bus, subject: Subject, topic: str, ledger: Ledger) -> None:
    send(bus, topic, numbered(10))
    with Member(subject, topic) as zombie, closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        zombie.poll_until_it_has(list(range(10)))
        zombie.freeze()
        found = receive(consumer, 10)
        consumer.done({TopicPartition(topic, 0): found[4].position})
        zombie.wake()
        assert zombie.ask("done") == "lost"
        # What the zombie said changed nothing: the rightful owner finishes what it has read.
        consumer.done({TopicPartition(topic, 0): found[9].position})


def test_finishing_what_was_never_given_is_refused(bus: Bus, subject: Subject, topic: str, ledger: Ledger) -> None:
    send(bus, topic, numbered(5))
    with closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        position = receive(consumer, 5)[-1].position
        stranger = bus.consumer(subject.group, [topic], Ledger())
        try:
            with pytest.raises(PartitionLost):
                stranger.done({TopicPartition(topic, 0): position})
        finally:
            stranger.close()


def _drain(consumer: Consumer, count: int) -> list[RawMessage]:
    return receive(consumer, count)


def _partitions(messages: Sequence[RawMessage]) -> set[int]:
    return {message.partition for message in messages}


def _lags(*consumers: Consumer) -> int:
    return sum(lag for consumer in consumers for lag in consumer.lag().values())
