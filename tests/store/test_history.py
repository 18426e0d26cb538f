"""What was stored is read back: series, newest values, events, and history from its own door."""

from __future__ import annotations

import numpy as np
import pytest

from ops_center.domain.catalog import Datastream, TimeKind
from ops_center.domain.errors import StoreError
from ops_center.domain.time import DAY_US, HOUR_US
from ops_center.store.port import RollupRows, Store
from ops_center.store.streaming import TimescaleStreamStore
from tests.store.shapes import STAND, T0, event, fixes, observations, stream, thing, write

HOUR0 = T0 // HOUR_US * HOUR_US


def rows_of(datastream: int, starts: list[int], mean: float = 2.0, count: int = 4) -> RollupRows:
    n = len(starts)
    return RollupRows(
        np.full(n, datastream, np.int32),
        np.array(starts, np.int64),
        np.full(n, mean),
        np.full(n, mean - 1),
        np.full(n, mean + 1),
        np.full(n, count, np.int64),
        np.full(n, 64, np.uint8),
    )


def test_a_raw_series_is_half_open_and_ascending(stream_store: TimescaleStreamStore, store: Store) -> None:
    write(stream_store, (7, T0 + 2, 3.0, 4, T0), (7, T0, 1.0, 0, T0), (7, T0 + 1, 2.0, 0, T0), (8, T0, 9.0, 0, T0))
    series = store.history.series(7, T0, T0 + 2, "raw")
    assert series.time_us.tolist() == [T0, T0 + 1]
    assert series.mean.tolist() == series.low.tolist() == series.high.tolist() == [1.0, 2.0]
    assert store.history.series(7, T0, T0 + 3, "raw").quality.tolist() == [0, 0, 4]
    assert len(store.history.series(99, T0, T0 + 2, "raw").time_us) == 0


def test_bounds_beyond_all_time_are_allowed(stream_store: TimescaleStreamStore, store: Store) -> None:
    write(stream_store, (7, T0, 1.0, 0, T0))
    assert len(store.history.series(7, -(2**62), 2**62, "raw").time_us) == 1


def test_an_unknown_resolution_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="resolution"):
        store.history.series(7, 0, T0, "5m")  # type: ignore[arg-type]


def test_the_latest_value_of_every_datastream_in_service_is_found(
    stream_store: TimescaleStreamStore, store: Store
) -> None:
    store.catalog.register([thing("S1"), thing("S2"), thing("S3")], [stream("S1"), stream("S2"), stream("S3")], "test")
    keys = store.catalog.load().datastream_keys("traffic", "vehicle_speed")
    write(
        stream_store,
        (keys["S1"], T0, 1.0, 0, T0),
        (keys["S1"], T0 + DAY_US, 2.0, 4, T0 + 1),
        (keys["S2"], T0 - 30 * DAY_US, 3.0, 0, T0),
        (keys["S3"], T0, 4.0, 0, T0),
    )
    store.catalog.retire("traffic", "S3", "test")
    latest = store.history.latest()
    found = dict(zip(latest.datastream.tolist(), latest.result.tolist(), strict=True))
    assert found == {keys["S1"]: 2.0, keys["S2"]: 3.0}
    assert latest.datastream.dtype == np.int32
    assert latest.quality.dtype == np.uint8
    assert latest.result_time_us.max() == T0 + 1


def test_nothing_stored_is_an_empty_answer(store: Store) -> None:
    assert len(store.history.latest()) == len(store.history.latest_positions()) == 0
    assert store.history.events_since(0) == []


def test_the_newest_fix_of_every_thing_is_found(stream_store: TimescaleStreamStore, store: Store) -> None:
    rows = [(1, T0, 118.0), (1, T0 + 5, 118.1), (5, T0 - 9 * DAY_US, 117.0)]
    stream_store.commit_data(STAND, observations([]), fixes(rows), ())
    latest = store.history.latest_positions()
    assert latest.thing.tolist() == [1, 5]
    assert latest.longitude.tolist() == [118.1, 117.0]
    assert latest.heading_deg.tolist() == [90.0, 90.0]


def test_events_come_oldest_first_from_a_moment_on(stream_store: TimescaleStreamStore, store: Store) -> None:
    given = (event("b", T0 + 2), event("a", T0 + 1), event("old", T0 - 1))
    stream_store.commit_data(STAND, observations([]), fixes([(1, T0, 118.0)]), given)
    assert [e.event_id for e in store.history.events_since(T0)] == ["a", "b"]


def test_a_moment_holds_what_was_known_then(stream_store: TimescaleStreamStore, store: Store) -> None:
    hourly = ("traffic", "S2", Datastream(-1, -1, "pm25", "ug/m3", "air", 3600.0, TimeKind.INTERVAL))
    store.catalog.register([thing("S1"), thing("S2")], [stream("S1"), hourly], "test")
    catalog = store.catalog.load()
    speed = catalog.datastream_keys("traffic", "vehicle_speed")["S1"]
    pm25 = catalog.datastream_keys("traffic", "pm25")["S2"]
    rows = observations(
        [
            *((speed, T0 + i * 10_000_000, float(i), i, T0) for i in range(4)),
            (pm25, T0 - 2 * HOUR_US, 20.0, 0, T0),
            (pm25, T0 - HOUR_US + 1, 30.0, 0, T0 + 1),  # the hour that it is the mean of had not ended
            (speed + pm25 + 1, T0 - 3 * DAY_US, 1.0, 0, T0),
        ]
    )
    moving = fixes([(1, T0, 118.0), (1, T0 + 20_000_000, 118.1), (5, T0 - 2 * HOUR_US, 117.0)])
    happened = (event("then", T0), event("later", T0 + 30_000_000), event("long ago", T0 - 2 * HOUR_US))
    stream_store.commit_data(STAND, rows, moving, happened)
    moment = store.history.moment(T0 + 15_000_000)
    found = dict(zip(moment.values.datastream.tolist(), moment.values.result.tolist(), strict=True))
    assert found == {speed: 1.0, pm25: 30.0}
    assert dict(zip(moment.values.datastream.tolist(), moment.values.quality.tolist(), strict=True))[speed] == 1
    assert (moment.fixes.thing.tolist(), moment.fixes.longitude.tolist()) == ([1], [118.0])
    assert [one.event_id for one in moment.events] == ["then"]
    before = store.history.moment(T0)
    assert dict(zip(before.values.datastream.tolist(), before.values.result.tolist(), strict=True)) == {
        speed: 0.0, pm25: 20.0,
    }  # fmt: skip
    assert len(store.history.moment(T0 - 30 * DAY_US).values) == 0


def test_history_enters_once_and_reads_as_a_series(store: Store) -> None:
    rows = rows_of(7, [HOUR0 - HOUR_US, HOUR0 - 2 * HOUR_US])
    assert store.history.backfill("1h", rows) == 2
    assert store.history.backfill("1h", rows) == 0
    series = store.history.series(7, HOUR0 - DAY_US, HOUR0, "1h")
    assert series.time_us.tolist() == [HOUR0 - 2 * HOUR_US, HOUR0 - HOUR_US]
    assert (series.low[0], series.mean[0], series.high[0], series.count[0], series.quality[0]) == (1.0, 2.0, 3.0, 4, 64)


def test_hours_of_history_add_up_to_days(store: Store) -> None:
    day = HOUR0 // DAY_US * DAY_US - 100 * DAY_US
    store.history.backfill("1h", rows_of(7, [day, day + HOUR_US], mean=2.0, count=1))
    store.history.backfill("1h", rows_of(7, [day + 2 * HOUR_US], mean=8.0, count=2))
    series = store.history.series(7, day, day + DAY_US, "1d")
    assert (series.time_us.tolist(), series.mean.tolist(), series.count.tolist()) == ([day], [5.0], [4])
    assert (series.low.tolist(), series.high.tolist()) == ([1.0], [9.0])


def test_much_history_is_written_in_parts(store: Store) -> None:
    start = HOUR0 - 13 * 31 * DAY_US
    n = 250_000
    index = np.arange(n)
    rows = RollupRows(
        (index % 50 + 1).astype(np.int32),
        start // 900_000_000 * 900_000_000 + index // 50 * 900_000_000,
        np.ones(n),
        np.zeros(n),
        np.full(n, 2.0),
        np.ones(n, np.int64),
        np.zeros(n, np.uint8),
    )
    assert store.history.backfill("15m", rows) == n
    assert len(store.history.series(50, 0, T0 * 2, "15m").time_us) == n // 50


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (rows_of(7, [HOUR0 + 1]), "beside"),
        (rows_of(7, [-HOUR_US]), "outside"),
        (rows_of(7, [HOUR0], count=0), "counts no observation"),
        (rows_of(7, [HOUR0], mean=float("nan")), "no number"),
    ],
)
def test_history_that_makes_no_sense_is_refused(store: Store, rows: RollupRows, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        store.history.backfill("1h", rows)
