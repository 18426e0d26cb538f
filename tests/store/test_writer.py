"""The writer on a real database: records become rows, damaged ones go to quarantine, nothing is dropped."""

from __future__ import annotations

import numpy as np
import pytest

from ops_center.domain.errors import Fenced, StoreUnavailable
from ops_center.domain.messages import RawMessage, RejectReason, TopicPartition
from ops_center.domain.topics import EVENTS, OBSERVATIONS, POSITIONS
from ops_center.domain.wire import encode_events, encode_observations, encode_positions
from ops_center.intake.storing import PART_ROWS, StoringHandler
from ops_center.store.port import FeedCount, Store
from ops_center.store.streaming import TimescaleStreamStore
from tests.servers.outages import Outage
from tests.store.shapes import NO_FIXES, NO_OBSERVATIONS, P0, T0, event, fixes, moved, number, observations, stored

P1 = TopicPartition(OBSERVATIONS, 1)
FIX0 = TopicPartition(POSITIONS, 0)
EVENT0 = TopicPartition(EVENTS, 0)


def record(position: str, value: bytes, partition: TopicPartition = P0) -> RawMessage:
    return RawMessage(partition.topic, partition.partition, position, b"", value, T0)


def one(datastream: int, result: float = 1.0) -> bytes:
    return encode_observations(observations([(datastream, T0, result, 0, T0)]))


@pytest.fixture
def writer(stream_store: TimescaleStreamStore) -> StoringHandler:
    handler = StoringHandler(stream_store)
    handler.gained(frozenset({P0, P1, FIX0, EVENT0}))
    return handler


def test_records_of_all_kinds_become_rows_and_positions(writer: StoringHandler, store: Store, url: str) -> None:
    writer.take(
        [
            record("1", one(1)),
            record("7", one(2), P1),
            record("3", encode_positions(fixes([(4, T0, 118.0)])), FIX0),
            record("2", encode_events((event("e1"),)), EVENT0),
            record("2", one(3)),
        ]
    )
    assert writer.pending == 5
    assert writer.commit() == {P0: "2", P1: "7", FIX0: "3", EVENT0: "2"}
    assert writer.pending == 0
    assert writer.commit() == {}
    assert [row[0] for row in stored(url)] == [1, 2, 3]
    assert len(store.history.latest_positions()) == len(store.history.events_since(0)) == 1


def test_it_goes_on_where_the_database_says(stream_store: TimescaleStreamStore) -> None:
    stream_store.commit_data(moved(None, "41"), NO_OBSERVATIONS, NO_FIXES, ())
    assert StoringHandler(stream_store).gained(frozenset({P0, P1})) == {P0: "41", P1: None}


def test_damaged_records_go_to_quarantine_and_their_neighbours_to_the_table(
    writer: StoringHandler, store: Store, url: str
) -> None:
    writer.take([record("1", one(1)), record("2", b"{}"), record("3", one(2)[:-1]), record("4", one(3))])
    assert writer.commit() == {P0: "4"}
    assert [row[0] for row in stored(url)] == [1, 3]
    rows = store.quarantine.list()
    assert {row.payload for row in rows} == {b"{}", one(2)[:-1]}
    assert {row.reason for row in rows} == {RejectReason.NOT_DECODABLE}
    assert store.health.feed_counts() == {OBSERVATIONS: FeedCount(2, 0, 2)}


def test_a_record_with_a_row_that_no_table_holds_goes_to_quarantine_whole(
    writer: StoringHandler, store: Store, url: str
) -> None:
    bad = encode_observations(observations([(5, T0, 1.0, 0, T0), (6, -5, 1.0, 0, T0)]))
    nowhere = encode_positions(fixes([(4, T0, float("nan"))]))
    ancient = encode_events((event("old", -1),))
    writer.take([record("1", one(1)), record("2", bad), record("1", nowhere, FIX0), record("1", ancient, EVENT0)])
    assert writer.commit() == {P0: "2", FIX0: "1", EVENT0: "1"}
    assert [row[0] for row in stored(url)] == [1]
    assert {row.detail: row.count for row in store.quarantine.list()}.keys() >= {"place of row 0 is nan"}
    assert sum(row.count for row in store.quarantine.list()) == 4


def test_a_backlog_is_written_in_parts_that_stay_written(writer: StoringHandler, url: str) -> None:
    big = PART_ROWS // 2 + 1
    for number_ in range(3):
        rows = observations([(1, T0, 0.0, 0, T0)] * 1)
        keys = np.arange(number_ * big + 1, (number_ + 1) * big + 1, dtype=np.int32)
        batch = type(rows)(
            keys,
            np.full(big, T0),
            np.zeros(big),
            np.zeros(big, np.uint8),
            np.full(big, T0),
            T0,
        )
        writer.take([record(str(number_), encode_observations(batch))])
    assert writer.commit() == {P0: "2"}
    assert number(url, "SELECT count(*) FROM realm.observation") == 3 * big
    assert number(url, "SELECT count(DISTINCT xmin::text) FROM realm.observation") == 3


def test_while_the_database_is_away_everything_waits_and_is_written_afterwards(
    writer: StoringHandler, url: str
) -> None:
    writer.take([record("1", one(1))])
    with Outage(url), pytest.raises(StoreUnavailable):
        writer.commit()
    writer.take([record("2", one(2))])
    assert writer.pending == 2
    assert writer.commit() == {P0: "2"}
    assert [row[0] for row in stored(url)] == [1, 2]


def test_a_partition_that_was_lost_is_not_written(writer: StoringHandler, url: str) -> None:
    writer.take([record("1", one(1)), record("1", one(2), P1)])
    writer.lost(frozenset({P0}))
    assert writer.pending == 1
    assert writer.commit() == {P1: "1"}
    assert [row[0] for row in stored(url)] == [2]


def test_a_zombie_is_fenced_and_starts_over_where_the_other_is(
    writer: StoringHandler, stream_store: TimescaleStreamStore, url: str
) -> None:
    writer.take([record("1", one(1))])
    stream_store.commit_data(moved(None, "1"), observations([(1, T0, 1.0, 0, T0)]), NO_FIXES, ())
    with pytest.raises(Fenced):
        writer.commit()
    writer.reset()
    assert writer.gained(frozenset({P0})) == {P0: "1"}
    writer.take([record("2", one(2))])
    assert writer.commit() == {P0: "2"}
    assert [row[0] for row in stored(url)] == [1, 2]
