"""Each row once, whatever comes twice; positions move with the rows or not at all."""

from __future__ import annotations

import threading

import numpy as np
import psycopg
import pytest

from ops_center.domain.errors import Fenced, StoreError, StoreUnavailable
from ops_center.domain.messages import RejectReason, TopicPartition
from ops_center.domain.observations import ObservationBatch
from ops_center.domain.realms import Realm
from ops_center.domain.time import DAY_US
from ops_center.store import streaming
from ops_center.store.opening import open_stream_store
from ops_center.store.port import FeedCount, Quarantined, Store, Written
from ops_center.store.streaming import TimescaleStreamStore
from tests.servers.outages import Outage
from tests.store.shapes import (
    NO_FIXES,
    NO_OBSERVATIONS,
    P0,
    REALM,
    STAND,
    T0,
    event,
    fixes,
    message,
    moved,
    number,
    observations,
    stored,
    write,
)


def test_rows_are_stored_as_they_came(stream_store: TimescaleStreamStore, url: str) -> None:
    rows = [(1, T0, -1.5, 0, T0 + 1), (2**31 - 1, T0 + 1, 1e300, 255, T0 + 2)]
    assert write(stream_store, *rows) == Written(2, 0, 0)
    assert stored(url) == rows


def test_the_same_rows_again_change_nothing(stream_store: TimescaleStreamStore, url: str) -> None:
    rows = [(1, T0, 1.0, 0, T0), (2, T0, 2.0, 4, T0)]
    write(stream_store, *rows)
    assert write(stream_store, *rows, (3, T0, 3.0, 0, T0)) == Written(1, 2, 0)
    assert stored(url) == [*rows, (3, T0, 3.0, 0, T0)]
    assert stored(url, "observation_revision") == []


def test_a_later_result_replaces_the_row_and_the_old_one_is_kept(stream_store: TimescaleStreamStore, url: str) -> None:
    write(stream_store, (1, T0, 1.0, 2, T0))
    assert write(stream_store, (1, T0, 5.0, 0, T0 + 9)) == Written(0, 0, 1)
    assert stored(url) == [(1, T0, 5.0, 0, T0 + 9)]
    assert stored(url, "observation_revision") == [(1, T0, 1.0, 2, T0)]


@pytest.mark.parametrize("result_time", [T0, T0 - 1])
def test_another_result_that_is_not_later_is_ignored(
    stream_store: TimescaleStreamStore, url: str, result_time: int
) -> None:
    write(stream_store, (1, T0, 1.0, 0, T0))
    assert write(stream_store, (1, T0, 5.0, 0, result_time)) == Written(0, 1, 0)
    assert stored(url) == [(1, T0, 1.0, 0, T0)]


def test_the_same_result_later_only_confirms_it(stream_store: TimescaleStreamStore, url: str) -> None:
    write(stream_store, (1, T0, 1.0, 0, T0))
    assert write(stream_store, (1, T0, 1.0, 8, T0 + 9)) == Written(0, 1, 0)
    assert stored(url) == [(1, T0, 1.0, 0, T0 + 9)]
    assert write(stream_store, (1, T0, 2.0, 0, T0 + 5)) == Written(0, 1, 0), "between the two: too late to correct"


def test_rows_that_repeat_and_correct_each_other_in_one_batch_are_settled(
    stream_store: TimescaleStreamStore, url: str
) -> None:
    written = write(
        stream_store,
        (1, T0, 1.0, 0, T0),
        (1, T0, 2.0, 0, T0 + 5),
        (1, T0, 9.0, 0, T0 + 5),
        (1, T0, 3.0, 1, T0 + 7),
        (1, T0, 0.0, 0, T0 + 6),
        (2, T0, 4.0, 0, T0),
        (2, T0, 4.0, 0, T0),
    )
    assert written == Written(2, 3, 2)
    assert stored(url) == [(1, T0, 3.0, 1, T0 + 7), (2, T0, 4.0, 0, T0)]
    assert stored(url, "observation_revision") == [(1, T0, 1.0, 0, T0), (1, T0, 2.0, 0, T0 + 5)]


def test_a_corrected_batch_that_comes_again_logs_nothing_twice(stream_store: TimescaleStreamStore, url: str) -> None:
    rows = [(1, T0, 1.0, 0, T0), (1, T0, 2.0, 0, T0 + 5)]
    write(stream_store, *rows)
    assert write(stream_store, *rows).new == 0
    assert stored(url, "observation_revision") == [rows[0]]


def test_a_conflict_on_an_old_day_is_found_among_many(stream_store: TimescaleStreamStore, url: str) -> None:
    days = [(1, T0 - day * DAY_US, float(day), 0, T0) for day in range(40)]
    write(stream_store, *days)
    assert write(stream_store, *days, (1, T0 - 7 * DAY_US, 99.0, 0, T0 + 1)) == Written(0, 40, 1)
    assert (1, T0 - 7 * DAY_US, 99.0, 0, T0 + 1) in stored(url)


def test_an_empty_batch_still_moves_the_positions(stream_store: TimescaleStreamStore) -> None:
    stream_store.commit_data(moved(None, "5"), NO_OBSERVATIONS, NO_FIXES, ())
    assert stream_store.positions("writer", [P0]) == {P0: "5"}


def test_positions_are_none_before_the_first_commit_and_kept_by_worker(stream_store: TimescaleStreamStore) -> None:
    stream_store.commit_data(moved(None, "5"), NO_OBSERVATIONS, NO_FIXES, ())
    other = TopicPartition("observations", 1)
    assert stream_store.positions("writer", [P0, other]) == {P0: "5", other: None}
    assert stream_store.positions("intake", [P0]) == {P0: None}


@pytest.mark.parametrize("believed", [None, "4", "6"])
def test_a_worker_that_lost_its_partition_is_fenced_and_changes_nothing(
    stream_store: TimescaleStreamStore, url: str, believed: str | None
) -> None:
    stream_store.commit_data(moved(None, "5"), observations([(1, T0, 1.0, 0, T0)]), NO_FIXES, ())
    with pytest.raises(Fenced):
        stream_store.commit_data(moved(believed, "9"), observations([(2, T0, 2.0, 0, T0)]), NO_FIXES, ())
    assert stored(url) == [(1, T0, 1.0, 0, T0)]
    assert stream_store.positions("writer", [P0]) == {P0: "5"}
    stream_store.commit_data(moved("5", "6"), NO_OBSERVATIONS, NO_FIXES, ())


def test_one_lost_partition_of_several_fences_all_of_them(stream_store: TimescaleStreamStore) -> None:
    p1 = TopicPartition("observations", 1)
    stream_store.commit_data(moved(None, "5"), NO_OBSERVATIONS, NO_FIXES, ())
    advance = type(STAND)("writer", {P0: "4", p1: None}, {P0: "6", p1: "1"})
    with pytest.raises(Fenced):
        stream_store.commit_data(advance, NO_OBSERVATIONS, NO_FIXES, ())
    assert stream_store.positions("writer", [P0, p1]) == {P0: "5", p1: None}


@pytest.mark.parametrize("before", [None, "0"])
def test_of_two_workers_that_commit_at_once_one_is_fenced(
    stream_store: TimescaleStreamStore, url: str, before: str | None
) -> None:
    if before is not None:
        stream_store.commit_data(moved(None, before), NO_OBSERVATIONS, NO_FIXES, ())
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def commit(number_: int) -> None:
        own = open_stream_store(url, REALM)
        own.positions("writer", [P0])
        start.wait(10)
        try:
            own.commit_data(moved(before, str(number_)), observations([(number_, T0, 1.0, 0, T0)]), NO_FIXES, ())
            outcomes.append("written")
        except Fenced:
            outcomes.append("fenced")
        own.close()

    threads = [threading.Thread(target=commit, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["fenced"] * 3 + ["written"]
    assert [str(row[0]) for row in stored(url)] == [stream_store.positions("writer", [P0])[P0]]


def test_the_first_fix_of_a_moment_stays(stream_store: TimescaleStreamStore, store: Store) -> None:
    written = stream_store.commit_data(STAND, NO_OBSERVATIONS, fixes([(1, T0, 118.0), (1, T0 + 1, 118.5)]), ())
    assert written == Written(2, 0, 0)
    again = fixes([(1, T0, 120.0), (1, T0 + 2, 119.0), (2, T0, 117.0), (2, T0, 116.0)])
    assert stream_store.commit_data(STAND, NO_OBSERVATIONS, again, ()) == Written(2, 2, 0)
    latest = store.history.latest_positions()
    assert dict(zip(latest.thing.tolist(), latest.longitude.tolist(), strict=True)) == {1: 119.0, 2: 117.0}


def test_an_event_is_kept_once_whatever_text_it_carries(stream_store: TimescaleStreamStore, store: Store) -> None:
    one = event("e1", snapshot="图\0片", levels=[1, None], nested={"a": "\\u0000"})
    assert stream_store.commit_data(STAND, NO_OBSERVATIONS, NO_FIXES, (one, event("e\0\ud800"))) == Written(2, 0, 0)
    assert stream_store.commit_data(STAND, NO_OBSERVATIONS, NO_FIXES, (event("e1", T0 + 5),)) == Written(0, 1, 0)
    found = {e.event_id: e for e in store.history.events_since(T0)}
    assert found.keys() == {"e1", "e\ufffd?"}
    assert found["e1"].phenomenon_time_us == T0
    assert found["e1"].attributes["snapshot"] == "图\ufffd片"
    assert found["e1"].attributes["levels"] == [1, None]


@pytest.mark.parametrize(
    "row",
    [
        (1, -1, 1.0, 0, T0),
        (1, 8_000_000_000_000_000, 1.0, 0, T0),
        (1, T0, 1.0, 0, -(2**62)),
        (1, T0, float("nan"), 0, T0),
        (1, T0, float("inf"), 0, T0),
        (-1, T0, 1.0, 0, T0),
    ],
)
def test_what_no_table_can_hold_is_refused_before_anything_is_written(
    stream_store: TimescaleStreamStore, url: str, row: tuple[int, int, float, int, int]
) -> None:
    with pytest.raises(StoreError, match="row 1") as refused:
        stream_store.commit_data(moved(None, "1"), observations([(1, T0, 1.0, 0, T0), row]), NO_FIXES, ())
    assert not refused.value.retriable
    assert stored(url) == []
    assert stream_store.positions("writer", [P0]) == {P0: None}


def test_keys_of_another_width_are_refused(stream_store: TimescaleStreamStore) -> None:
    one = observations([(1, T0, 1.0, 0, T0)])
    wide = ObservationBatch(
        np.array([2**31], np.int64), one.phenomenon_time_us, one.result, one.quality, one.result_time_us, T0
    )  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="int32"):
        stream_store.commit_data(STAND, wide, NO_FIXES, ())


def test_damaged_records_are_kept_and_counted_with_the_rows(stream_store: TimescaleStreamStore, store: Store) -> None:
    damaged = Quarantined("observations", message("7", b"\0x"), RejectReason.NOT_DECODABLE, 3, "too short")
    stream_store.commit_data(moved(None, "7"), observations([(1, T0, 1.0, 0, T0)]), NO_FIXES, (), (damaged,))
    assert store.health.feed_counts() == {"observations": FeedCount(3, 0, 3)}
    assert [row.payload for row in store.quarantine.list()] == [b"\0x"]


def test_realms_do_not_see_each_other(stream_store: TimescaleStreamStore, other_realm: Store, url: str) -> None:
    write(stream_store, (1, T0, 1.0, 0, T0))
    stream_store.commit_data(moved(None, "5"), NO_OBSERVATIONS, NO_FIXES, ())
    live = open_stream_store(url, Realm.LIVE)
    assert live.positions("writer", [P0]) == {P0: None}
    live.close()
    assert len(other_realm.history.series(1, 0, 2 * T0, "raw").time_us) == 0


def test_a_connection_that_was_lost_while_idle_is_made_anew_unnoticed(
    stream_store: TimescaleStreamStore, url: str
) -> None:
    write(stream_store, (1, T0, 1.0, 0, T0))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'")
    assert write(stream_store, (2, T0, 1.0, 0, T0)) == Written(1, 0, 0)


def test_a_database_that_is_away_is_told_and_found_again(stream_store: TimescaleStreamStore, url: str) -> None:
    write(stream_store, (1, T0, 1.0, 0, T0))
    with Outage(url), pytest.raises(StoreUnavailable):
        write(stream_store, (2, T0, 1.0, 0, T0))
    assert write(stream_store, (2, T0, 1.0, 0, T0)) == Written(1, 0, 0)


def test_who_took_over_from_a_worker_that_froze_in_the_middle_of_sending_rows_gets_past_it(
    stream_store: TimescaleStreamStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No timeout of the server's ends a COPY that waits for its client."""
    stream_store.commit_data(moved(None, "1"), observations([(1, T0, 1.0, 0, T0)]), NO_FIXES, ())
    monkeypatch.setattr(streaming, "_STATEMENT_S", 1.0)
    successor = open_stream_store(url, REALM, "test")
    standing = f"COPY {REALM.schema}.observation FROM STDIN"
    with psycopg.connect(url, application_name="test") as frozen, psycopg.connect(url) as of_another_kind:
        frozen.execute(f"SELECT position FROM {REALM.schema}.worker_position FOR UPDATE")
        with (
            of_another_kind.cursor().copy(standing),
            pytest.raises(psycopg.errors.AdminShutdown),
            frozen.cursor().copy(standing),
        ):
            with pytest.raises(StoreError) as told:
                successor.commit_data(moved("1", "2"), observations([(2, T0, 1.0, 0, T0)]), NO_FIXES, ())
            assert told.value.retriable
            written = successor.commit_data(moved("1", "2"), observations([(2, T0, 1.0, 0, T0)]), NO_FIXES, ())
            assert written == Written(1, 0, 0)
    successor.close()


def test_observations_alone_may_be_committed_asynchronously_and_nothing_else(
    stream_store: TimescaleStreamStore, url: str
) -> None:
    """The server is asked through a trigger on the positions, what durability their transaction has."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS seen (mode text);"
            "CREATE OR REPLACE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;"
            "CREATE OR REPLACE TRIGGER see AFTER INSERT OR UPDATE ON realm_simulated.worker_position"
            " FOR EACH ROW EXECUTE FUNCTION public.see()"
        )
        try:
            batch = observations([(1, T0, 1.0, 0, T0)])
            stream_store.commit_data(moved(None, "1"), batch, NO_FIXES, ())
            stream_store.commit_data(moved("1", "2"), batch, fixes([(1, T0, 118.0)]), ())
            stream_store.commit_data(moved("2", "3"), batch, NO_FIXES, (event("e"),))
            stream_store.commit_intake(moved("3", "4"), {}, ())
            seen = [row[0] for row in connection.execute("SELECT mode FROM seen")]
        finally:
            connection.execute("DROP TRIGGER see ON realm_simulated.worker_position; DROP TABLE seen")
    assert seen == ["off", "on", "on", "on"]


def test_every_commit_notes_the_minutes_it_touched_where_rollups_are_tables(
    stream_store: TimescaleStreamStore, store: Store, url: str
) -> None:
    write(stream_store, (1, T0, 1.0, 0, T0), (2, T0 + 59_999_999, 1.0, 0, T0), (1, T0 + 60_000_000, 1.0, 0, T0))
    expected = 0 if store.health.capabilities().continuous_aggregates else 2
    assert number(url, "SELECT count(*) FROM realm.rollup_dirty") == expected
