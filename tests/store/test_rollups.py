"""Rollups say the same on every edition: what numpy says of the same observations.

On the community edition they are continuous aggregates, elsewhere our tables. The last test lays both kinds side by
side, row by row; it runs where a community server is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import psycopg
import pytest

from ops_center.domain.observations import ObservationBatch
from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, from_datetime
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import Keep, RollupRows, Store
from ops_center.store.resolutions import WIDTH_US, Rollup
from ops_center.store.streaming import TimescaleStreamStore
from ops_center.store.upkeep import PostgresUpkeepStore
from tests.store.shapes import NO_FIXES, REALM, STAND, T0, number, observations

DAY0 = T0 // DAY_US * DAY_US
LATER = DAY0 + 3 * DAY_US

Rows = dict[tuple[int, int], tuple[float, float, float, int, int]]
"""(datastream, bucket) → mean, low, high, n, quality"""


@pytest.fixture
def database_url(database: str) -> str:
    """A database of its own: rollups are not emptied between tests."""
    migrate(database)
    return database


@pytest.fixture
def writer(database_url: str) -> Iterator[TimescaleStreamStore]:
    opened = open_stream_store(database_url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def upkeep(database_url: str) -> Iterator[PostgresUpkeepStore]:
    opened = PostgresUpkeepStore(database_url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def reader(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url, REALM)
    yield opened
    opened.close()


def some_observations(seed: int, n: int = 4000) -> ObservationBatch:
    """Two days of five datastreams at odd times, some with flags; no two at the same moment."""
    random = np.random.default_rng(seed)
    times = DAY0 + np.sort(random.choice(2 * DAY_US // 1_000_000, n, replace=False)) * 1_000_000
    quality = np.where(random.random(n) < 0.1, random.integers(1, 256, n), 0)
    return ObservationBatch(
        random.integers(1, 6, n).astype(np.int32), times, random.normal(50, 20, n), quality.astype(np.uint8), times, T0
    )


def expected(batch: ObservationBatch, width_us: int) -> Rows:
    """What a rollup of all of these observations must be."""
    buckets = batch.phenomenon_time_us // width_us * width_us
    rows: Rows = {}
    for key in set(zip(batch.datastream.tolist(), buckets.tolist(), strict=True)):
        mine = (batch.datastream == key[0]) & (buckets == key[1])
        values = batch.result[mine]
        flags = int(np.bitwise_or.reduce(batch.quality[mine]))
        rows[key] = (float(values.mean()), float(values.min()), float(values.max()), int(mine.sum()), flags)
    return rows


def found(url: str, resolution: str) -> Rows:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            f"SELECT datastream_id, bucket, mean, low, high, n, quality FROM {REALM.schema}.observation_{resolution}"
        ).fetchall()
    result = {(key, from_datetime(bucket)): tuple(values) for key, bucket, *values in rows}
    assert len(result) == len(rows), "a bucket is there twice"
    return result  # type: ignore[return-value]


def assert_same(actual: Rows, wanted: Rows) -> None:
    assert actual.keys() == wanted.keys()
    for key, row in wanted.items():
        assert actual[key] == pytest.approx(row, rel=1e-9), key


def put(store: TimescaleStreamStore, batch: ObservationBatch) -> None:
    store.commit_data(STAND, batch, NO_FIXES, ())


@pytest.mark.parametrize("resolution", WIDTH_US)
def test_a_rollup_says_what_its_observations_say(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, database_url: str, resolution: Rollup
) -> None:
    batch = some_observations(1)
    put(writer, batch)
    upkeep.refresh_rollups(LATER)
    assert_same(found(database_url, resolution), expected(batch, WIDTH_US[resolution]))


def test_late_observations_and_corrections_reach_every_level(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, database_url: str
) -> None:
    whole = some_observations(2)
    early, late = np.arange(0, 4000, 2), np.arange(1, 4000, 2)
    put(writer, whole.take(early))
    upkeep.refresh_rollups(LATER)
    put(writer, whole.take(late))
    corrected = np.arange(0, 4000, 97)
    results = whole.result.copy()
    results[corrected] += 1000
    later = whole.result_time_us.copy()
    later[corrected] += 1
    final = ObservationBatch(whole.datastream, whole.phenomenon_time_us, results, whole.quality, later, T0)
    put(writer, final.take(corrected))
    upkeep.refresh_rollups(LATER)
    for resolution, width_us in WIDTH_US.items():
        assert_same(found(database_url, resolution), expected(final, width_us))


def test_refreshing_again_makes_nothing_anew(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, database_url: str
) -> None:
    put(writer, some_observations(3))
    upkeep.refresh_rollups(LATER)
    before = found(database_url, "15m")
    assert upkeep.refresh_rollups(LATER) == 0
    assert found(database_url, "15m") == before
    assert number(database_url, "SELECT count(*) FROM realm.rollup_dirty") == 0


def test_a_bucket_appears_when_it_has_ended(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, database_url: str
) -> None:
    put(writer, observations([(1, DAY0 + second * 1_000_000, 1.0, 0, T0) for second in range(150)]))
    upkeep.refresh_rollups(DAY0 + 2 * MINUTE_US + 30_000_000)
    assert sorted(found(database_url, "1m")) == [(1, DAY0), (1, DAY0 + MINUTE_US)]
    assert found(database_url, "15m") == {}
    upkeep.refresh_rollups(DAY0 + 16 * MINUTE_US)
    assert [row[3] for row in found(database_url, "15m").values()] == [150]
    assert found(database_url, "1h") == {}


def test_a_pass_that_dies_is_made_good_by_the_next(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, database_url: str, database_flavour: str
) -> None:
    """The rollup's table is locked by somebody, the pass is ended by the server; its notes must still be there."""
    if database_flavour == "community":
        pytest.skip("the server keeps its own notes")
    put(writer, some_observations(4))
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
            "CREATE TRIGGER die AFTER INSERT ON realm_simulated.rollup_dirty FOR EACH STATEMENT"
            " EXECUTE FUNCTION public.die()"
        )
        with pytest.raises(Exception, match="no answer"):
            upkeep.refresh_rollups(LATER)
        assert found(database_url, "1m") == {}
        admin.execute("DROP TRIGGER die ON realm_simulated.rollup_dirty")
    upkeep.refresh_rollups(LATER)
    assert_same(found(database_url, "1d"), expected(some_observations(4), DAY_US))


def test_only_one_refreshes_at_a_time(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, database_url: str
) -> None:
    put(writer, some_observations(5))
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('ops-center rollups'), hashtext('realm_simulated'))")
        assert upkeep.refresh_rollups(LATER) == 0
        assert found(database_url, "1m") == {}
        other.execute("SELECT pg_advisory_unlock_all()")
        upkeep.refresh_rollups(LATER)
        assert found(database_url, "1m")


def test_history_and_live_read_as_one_and_live_counts_where_both_are(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, reader: Store
) -> None:
    hours = np.array([DAY0 - HOUR_US, DAY0], np.int64)
    two = np.full(2, 7.0)
    rows = RollupRows(np.ones(2, np.int32), hours, two, two, two, np.ones(2, np.int64), np.full(2, 64, np.uint8))
    reader.history.backfill("1h", rows)
    put(writer, observations([(1, DAY0 + 5, 1.0, 0, T0), (1, DAY0 + HOUR_US, 3.0, 0, T0)]))
    upkeep.refresh_rollups(LATER)
    series = reader.history.series(1, DAY0 - DAY_US, LATER, "1h")
    assert series.time_us.tolist() == [DAY0 - HOUR_US, DAY0, DAY0 + HOUR_US]
    assert series.mean.tolist() == [7.0, 1.0, 3.0]
    days = reader.history.series(1, DAY0 - DAY_US, LATER, "1d")
    assert (days.time_us.tolist(), days.mean.tolist(), days.count.tolist()) == (
        [DAY0 - DAY_US, DAY0],
        [7.0, 2.0],
        [1, 2],
    )


def test_a_day_of_which_a_part_is_history_counts_every_hour_once(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, reader: Store
) -> None:
    hours = DAY0 + np.arange(3, dtype=np.int64) * HOUR_US
    six = np.full(3, 6.0)
    rows = RollupRows(np.ones(3, np.int32), hours, six, six, six, np.ones(3, np.int64), np.full(3, 64, np.uint8))
    reader.history.backfill("1h", rows)
    put(writer, observations([(1, DAY0 + 2 * HOUR_US, 2.0, 1, T0), (1, DAY0 + 3 * HOUR_US, 2.0, 0, T0)]))
    upkeep.refresh_rollups(LATER)
    day = reader.history.series(1, DAY0, DAY0 + DAY_US, "1d")
    assert (day.mean.tolist(), day.count.tolist(), day.low.tolist(), day.high.tolist()) == ([4.0], [4], [2.0], [6.0])
    assert day.quality.tolist() == [65]


def test_what_is_older_than_it_is_kept_is_dropped_and_its_rollups_stay(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, reader: Store, database_url: str
) -> None:
    batch = some_observations(6)
    put(writer, batch)
    upkeep.refresh_rollups(LATER)
    upkeep.drop_old(DAY0 + 36 * DAY_US, Keep(35, 90, 400))
    raw = reader.history.series(3, 0, LATER, "raw")
    assert raw.time_us.min() >= DAY0 + DAY_US, "the first day is gone, the second is kept"
    upkeep.refresh_rollups(DAY0 + 36 * DAY_US)
    assert_same(found(database_url, "1m"), expected(batch, MINUTE_US))
    assert_same(found(database_url, "1d"), expected(batch, DAY_US))


def test_what_comes_after_its_day_was_dropped_does_not_spoil_the_rollups(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, database_url: str
) -> None:
    batch = some_observations(7)
    put(writer, batch)
    upkeep.refresh_rollups(LATER)
    now_us = DAY0 + 40 * DAY_US
    upkeep.drop_old(now_us, Keep(35, 90, 400))
    put(writer, observations([(1, DAY0 + 17, -1e6, 0, T0)]))
    upkeep.refresh_rollups(now_us)
    for resolution, width_us in WIDTH_US.items():
        assert_same(found(database_url, resolution), expected(batch, width_us))


def test_minutes_and_quarter_hours_are_dropped_after_their_own_time(
    writer: TimescaleStreamStore, upkeep: PostgresUpkeepStore, database_url: str
) -> None:
    put(writer, some_observations(8))
    upkeep.refresh_rollups(LATER)
    # Chunks are dropped whole: a week of minutes, a month of quarter hours.
    upkeep.drop_old(LATER + (90 + 8) * DAY_US, Keep(35, 90, 400))
    assert found(database_url, "1m") == {}
    assert found(database_url, "15m")
    upkeep.drop_old(LATER + (400 + 31) * DAY_US, Keep(35, 90, 400))
    assert found(database_url, "15m") == {}
    assert found(database_url, "1h")


@pytest.mark.parametrize("other", ["timescale", "plain"])
def test_continuous_aggregates_and_our_tables_agree_row_by_row(make_database: Callable[[str], str], other: str) -> None:
    batches = [some_observations(9).take(np.arange(start, 4000, 3)) for start in (2, 0, 1)]
    rollups: list[dict[str, Rows]] = []
    for flavour in ("community", other):
        url = make_database(flavour)
        migrate(url)
        store, upkeep = open_stream_store(url, REALM), PostgresUpkeepStore(url, REALM)
        for batch in batches:
            put(store, batch)
            upkeep.refresh_rollups(LATER)
        store.close()
        upkeep.close()
        rollups.append({resolution: found(url, resolution) for resolution in WIDTH_US})
    for resolution in WIDTH_US:
        assert_same(rollups[0][resolution], rollups[1][resolution])
