"""Topics are made once, with a partition count that never changes; keys decide the partition as Kafka does it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as murmur2_of_kafka_python

from ops_center.bus.partitioning import murmur2, partition_of
from ops_center.bus.port import Bus
from ops_center.domain.errors import BusError, ConfigurationError
from ops_center.domain.messages import Outgoing
from ops_center.domain.realms import Realm
from tests.bus.subjects import Subject, numbered, receive, send


def test_a_topic_is_made_once_and_keeps_its_partition_count(bus: Bus, subject: Subject) -> None:
    name = subject.topic()
    bus.ensure_topics([name], 3)
    bus.ensure_topics([name], 3)
    assert bus.partitions(name) == 3
    with subject.open() as other, pytest.raises(ConfigurationError, match=r"OPS_PARTITIONS=4.*3 partitions"):
        other.ensure_topics([name], 4)
    with subject.open() as other:
        assert other.partitions(name) == 3


@pytest.mark.parametrize(
    "use",
    [
        lambda bus, name: bus.partitions(name),
        lambda bus, name: send(bus, name, numbered(1)),
        lambda bus, name: bus.reader(name),
    ],
)
def test_a_topic_that_was_never_made_is_refused_by_name(
    bus: Bus, subject: Subject, use: Callable[[Bus, str], object]
) -> None:
    with pytest.raises(BusError, match=subject.topic("nowhere")):
        use(bus, subject.topic("nowhere"))


def test_realms_never_meet(bus: Bus, subject: Subject, topic: str) -> None:
    with subject.open(Realm.DRILL) as drill:
        drill.ensure_topics([topic], 1)
        send(drill, topic, [Outgoing(b"", b"drill")])
        send(bus, topic, [Outgoing(b"", b"live")])
        for realm, said in ((drill, b"drill"), (bus, b"live")):
            with closing(realm.reader(topic, {0: None})) as reader:
                assert [message.value for message in receive(reader, 1)] == [said]
                assert reader.lag() and sum(reader.lag().values()) == 0


def test_equal_keys_share_a_partition_and_all_partitions_are_used(bus: Bus, wide_topic: str) -> None:
    keys = [f"sensor-{number % 50}".encode() for number in range(200)]
    send(bus, wide_topic, [Outgoing(key, key) for key in [*keys, b""]])
    with closing(bus.reader(wide_topic, dict.fromkeys(range(4)))) as reader:
        found = receive(reader, 201)
    assert all(message.partition == partition_of(message.key, 4) for message in found)
    assert {message.partition for message in found} == {0, 1, 2, 3}


def test_a_record_may_name_its_partition(bus: Bus, wide_topic: str) -> None:
    send(bus, wide_topic, [Outgoing(b"same", b"%d" % number, partition=number) for number in range(4)])
    with closing(bus.reader(wide_topic, dict.fromkeys(range(4)))) as reader:
        assert {int(m.value): m.partition for m in receive(reader, 4)} == {0: 0, 1: 1, 2: 2, 3: 3}


def test_a_partition_that_is_not_there_is_refused(bus: Bus, wide_topic: str) -> None:
    with pytest.raises(BusError, match="there is no partition 4"):
        send(bus, wide_topic, [Outgoing(b"", b"", partition=4)])


@pytest.mark.parametrize(
    ("key", "hashed"),
    # the pairs of Apache Kafka's own test of murmur2 (org.apache.kafka.common.utils.UtilsTest)
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_keys_are_hashed_as_apache_kafka_says(key: bytes, hashed: int) -> None:
    assert murmur2(key) == hashed & 0xFFFFFFFF


@given(st.binary(max_size=40))
def test_keys_are_hashed_as_other_clients_do(key: bytes) -> None:
    assert murmur2(key) == murmur2_of_kafka_python(key) & 0xFFFFFFFF
