"""What every bus owes to whoever reads from it: order, positions that are exact, going back, the lag."""

from __future__ import annotations

from contextlib import closing

import pytest

from ops_center.bus.port import END, Bus
from ops_center.domain.messages import Outgoing, TopicPartition
from ops_center.domain.time import MINUTE_US, SystemClock
from tests.bus.subjects import Ledger, Subject, numbered, receive, send, values


def test_records_of_a_partition_come_in_the_order_they_were_sent(
    bus: Bus, subject: Subject, topic: str, ledger: Ledger
) -> None:
    for start in range(0, 300, 100):
        send(bus, topic, numbered(100, start=start))
    with closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        found = receive(consumer, 300)
    assert values(found) == list(range(300))
    assert len({message.position for message in found}) == 300
    assert {(m.topic, m.partition, m.key) for m in found} == {(topic, 0, b"k")}


def test_a_poll_returns_no_more_than_was_asked_for(bus: Bus, subject: Subject, topic: str, ledger: Ledger) -> None:
    send(bus, topic, numbered(50))
    with closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        sizes = []
        while sum(sizes) < 50:
            sizes.append(len(consumer.poll(1.0, 7)))
    assert max(sizes) <= 7


def test_what_was_not_committed_is_delivered_again(bus: Bus, subject: Subject, topic: str) -> None:
    send(bus, topic, numbered(20))
    with closing(bus.consumer(subject.group, [topic], Ledger())) as consumer:
        first = receive(consumer, 20)
    with closing(bus.consumer(subject.group, [topic], Ledger())) as consumer:
        again = receive(consumer, 20)
    assert again == first


def test_the_worker_says_where_to_go_on_and_not_the_bus(bus: Bus, subject: Subject, topic: str, ledger: Ledger) -> None:
    send(bus, topic, numbered(20))
    with closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        found = receive(consumer, 20)
        consumer.done({TopicPartition(topic, 0): found[-1].position})
    behind = Ledger({TopicPartition(topic, 0): found[4].position})
    with closing(bus.consumer(subject.group, [topic], behind)) as consumer:
        assert values(receive(consumer, 15)) == list(range(5, 20))


def test_going_on_is_exact_after_every_single_record(bus: Bus, topic: str) -> None:
    send(bus, topic, numbered(9))
    send(bus, topic, numbered(4, start=9))
    with closing(bus.reader(topic, {0: None})) as reader:
        found = receive(reader, 13)
        for number, message in enumerate(found[:-1]):
            reader.rewind({TopicPartition(topic, 0): message.position})
            assert values(receive(reader, 12 - number)) == list(range(number + 1, 13))


def test_a_position_is_the_same_however_often_it_is_delivered(bus: Bus, topic: str) -> None:
    send(bus, topic, numbered(30))
    with closing(bus.reader(topic, {0: None})) as reader:
        found = receive(reader, 30)
        reader.rewind({TopicPartition(topic, 0): found[11].position})
        assert receive(reader, 18) == found[12:]


def test_rewinding_drops_what_was_read_ahead(bus: Bus, topic: str) -> None:
    send(bus, topic, numbered(100))
    with closing(bus.reader(topic, {0: None})) as reader:
        receive(reader, 10)
        reader.rewind({TopicPartition(topic, 0): None})
        assert values(receive(reader, 100)) == list(range(100))


def test_a_reader_without_a_place_sees_only_what_comes_from_now_on(bus: Bus, wide_topic: str) -> None:
    send(bus, wide_topic, [r for partition in range(3) for r in numbered(10, partition)])
    with closing(bus.reader(wide_topic)) as reader:
        send(bus, wide_topic, [r for partition in range(4) for r in numbered(2, partition, start=100)])
        assert sorted(values(receive(reader, 8))) == [100, 100, 100, 100, 101, 101, 101, 101]


def test_a_worker_may_begin_at_the_end(bus: Bus, subject: Subject, wide_topic: str) -> None:
    send(bus, wide_topic, [r for partition in range(3) for r in numbered(10, partition)])
    beginner = Ledger({TopicPartition(wide_topic, partition): END for partition in range(4)})
    with closing(bus.consumer(subject.group, [wide_topic], beginner)) as consumer:
        while len(beginner.held) < 4:
            assert consumer.poll(0.05, 100) == ()[:0] or not consumer.poll(0.05, 100)
        send(bus, wide_topic, [r for partition in range(4) for r in numbered(1, partition, start=100)])
        assert values(receive(consumer, 4)) == [100, 100, 100, 100]


def test_the_lag_counts_records_that_were_not_handed_out(
    bus: Bus, subject: Subject, topic: str, ledger: Ledger
) -> None:
    place = TopicPartition(topic, 0)
    send(bus, topic, numbered(60))
    send(bus, topic, numbered(40, start=60))
    with closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        found = receive(consumer, 30)
        assert consumer.lag() == {place: 70}
        found += receive(consumer, 70)
        assert consumer.lag() == {place: 0}
        consumer.rewind({place: found[9].position})
        assert consumer.lag() == {place: 90}
        consumer.rewind({place: None})
        assert consumer.lag() == {place: 100}
        send(bus, topic, numbered(5))
        assert consumer.lag() == {place: 105}


def test_the_time_is_the_time_of_arrival_on_the_bus(bus: Bus, topic: str) -> None:
    before_us = SystemClock().now_us()
    send(bus, topic, numbered(3))
    with closing(bus.reader(topic, {0: None})) as reader:
        found = receive(reader, 3)
    assert all(abs(message.time_us - before_us) < MINUTE_US for message in found)


@pytest.mark.parametrize("size", [0, 1, 1_000_000])
def test_any_bytes_pass_unchanged(bus: Bus, topic: str, size: int) -> None:
    records = [Outgoing(b"", bytes(size)), Outgoing(b"\x00\xff", b"\x00\xff" * (size // 2)), Outgoing(b"k", b"{}")]
    send(bus, topic, records)
    with closing(bus.reader(topic, {0: None})) as reader:
        found = receive(reader, 3)
    assert [(m.key, m.value) for m in found] == [(r.key, r.value) for r in records]
