"""What was refused is kept with its bytes, once; counts add up; a release happens once."""

from __future__ import annotations

import pytest

from ops_center.domain.errors import Fenced
from ops_center.domain.messages import RejectReason
from ops_center.store.port import FeedCount, Quarantined, Release, Store
from ops_center.store.streaming import TimescaleStreamStore
from tests.store.shapes import P0, T0, message, moved

UNKNOWN = RejectReason.UNKNOWN_DATASTREAM


def refused(position: str, reason: RejectReason = UNKNOWN, feed: str = "traffic") -> Quarantined:
    return Quarantined(feed, message(position, b"\x00\xff" + position.encode()), reason, 2, "S9 \0 unknown")


def test_counts_and_rows_move_with_the_positions(stream_store: TimescaleStreamStore, store: Store) -> None:
    counts = {("traffic", 0): FeedCount(10, 8, 2, T0), ("air", 3): FeedCount(1, 1, 0, T0 + 5)}
    stream_store.commit_intake(moved(None, "1", "intake"), counts, [refused("1")])
    stream_store.commit_intake(moved("1", "2", "intake"), {("traffic", 1): FeedCount(5, 5, 0, T0 - 5)}, [])
    assert store.health.feed_counts() == {"traffic": FeedCount(15, 13, 2, T0), "air": FeedCount(1, 1, 0, T0 + 5)}
    (row,) = store.quarantine.list()
    assert (row.payload, row.count, row.reason, row.received_us, row.detail) == (
        b"\x00\xff1",
        2,
        UNKNOWN,
        T0,
        "S9 \ufffd unknown",
    )


def test_a_fenced_intake_leaves_no_trace(stream_store: TimescaleStreamStore, store: Store) -> None:
    stream_store.commit_intake(moved(None, "1", "intake"), {}, [])
    with pytest.raises(Fenced):
        stream_store.commit_intake(moved(None, "1", "intake"), {("traffic", 0): FeedCount(1, 0, 1)}, [refused("1")])
    assert store.health.feed_counts() == {}
    assert store.quarantine.list() == []
    assert stream_store.positions("intake", [P0]) == {P0: "1"}


def test_one_message_is_kept_once_for_each_reason(stream_store: TimescaleStreamStore, store: Store) -> None:
    both = [refused("1"), refused("1", RejectReason.NOT_A_NUMBER), refused("1")]
    stream_store.commit_intake(moved(None, "1", "intake"), {}, both)
    stream_store.commit_intake(moved("1", "2", "intake"), {}, both)
    assert len(store.quarantine.list()) == 2


def test_a_topic_made_anew_is_another_origin(stream_store: TimescaleStreamStore, store: Store) -> None:
    first = refused("1")
    later = Quarantined("traffic", type(first.message)("raw.traffic", 0, "1", b"", b"", T0 + 1), UNKNOWN, 1, "")
    stream_store.commit_intake(moved(None, "1", "intake"), {}, [first, later])
    assert len(store.quarantine.list()) == 2


def test_only_what_a_registration_can_mend_is_releasable_oldest_first(
    stream_store: TimescaleStreamStore, store: Store
) -> None:
    rows = [refused("1"), refused("2", RejectReason.NOT_DECODABLE), refused("3"), refused("3", RejectReason.OVERSIZED)]
    stream_store.commit_intake(moved(None, "3", "intake"), {}, rows)
    first, third = store.quarantine.releasable(10)
    assert first.quarantined.message == rows[0].message
    assert third.quarantined.message == rows[2].message
    assert (first.beside, third.beside) == ({}, {RejectReason.OVERSIZED: 2})
    assert store.quarantine.releasable(1) == [first]
    assert store.quarantine.releasable(10, after_id=first.id) == [third]


def test_a_release_corrects_the_counts_and_happens_once(stream_store: TimescaleStreamStore, store: Store) -> None:
    stream_store.commit_intake(moved(None, "1", "intake"), {("traffic", 0): FeedCount(10, 8, 2)}, [refused("1")])
    (held,) = store.quarantine.releasable(10)
    store.quarantine.release([Release(held, accepted=2, unknown=0, refused=())])
    assert store.health.feed_counts() == {"traffic": FeedCount(10, 10, 0)}
    assert store.quarantine.list() == []
    assert [row.released_us is not None for row in store.quarantine.list(standing=False)] == [True]
    with pytest.raises(Fenced):
        store.quarantine.release([Release(held, accepted=2, unknown=0, refused=())])
    assert store.health.feed_counts()["traffic"].accepted == 10


def test_what_is_released_in_part_stays_with_the_rest(stream_store: TimescaleStreamStore, store: Store) -> None:
    stream_store.commit_intake(moved(None, "1", "intake"), {("traffic", 0): FeedCount(10, 8, 2)}, [refused("1")])
    (held,) = store.quarantine.releasable(10)
    store.quarantine.release([Release(held, accepted=1, unknown=1, refused=())])
    assert store.health.feed_counts() == {"traffic": FeedCount(10, 9, 1)}
    (rest,) = store.quarantine.releasable(10)
    assert (rest.id, rest.quarantined.count) == (held.id, 1)


def test_the_list_shows_the_newest_first_by_feed(stream_store: TimescaleStreamStore, store: Store) -> None:
    rows = [refused("1"), refused("2", feed="air"), refused("3")]
    stream_store.commit_intake(moved(None, "3", "intake"), {}, rows)
    assert [row.origin.split("@")[0] for row in store.quarantine.list(feed="traffic")] == [
        "raw.traffic/0/3",
        "raw.traffic/0/1",
    ]
    assert len(store.quarantine.list(limit=1)) == 1
