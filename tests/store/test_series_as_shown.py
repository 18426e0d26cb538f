"""Series as pages show them: thinned without losing a peak, gaps said, every grain that has something used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.catalog import Datastream, TimeKind
from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from ops_center.services.things.reading import read
from ops_center.services.things.thinning import gaps_of, thinned
from ops_center.store.opening import open_stream_store
from ops_center.store.port import RollupRows, Series, Store
from tests.store.shapes import NO_FIXES, REALM, STAND, T0, observations, stream, thing

END = T0 + HOUR_US
PRESSURE = Datastream(0, 0, "vehicle_speed", "km/h", "traffic", 10.0)


def series(times: Any, values: Any, resolution: Any = "raw", quality: Any = None) -> Series:
    times, values = np.asarray(times, np.int64), np.asarray(values, np.float64)
    flags = np.zeros(len(times), np.uint8) if quality is None else np.asarray(quality, np.uint8)
    return Series(resolution, times, values, values, values, np.ones(len(times), np.int64), flags)


@given(
    st.lists(st.tuples(st.integers(0, 3_599_999_999), st.floats(-1e6, 1e6), st.integers(0, 127)), max_size=300),
    st.integers(1, 80),
)
def test_thinning_keeps_every_peak_and_every_flag_in_no_more_rows_than_pixels(
    rows: list[tuple[int, float, int]], most: int
) -> None:
    rows = sorted({at: (at, value, flags) for at, value, flags in rows}.values())
    times, values, flags = zip(*rows, strict=True) if rows else ((), (), ())
    given_ = series([T0 + at for at in times], values, quality=flags)
    found = thinned(given_, T0, T0 + HOUR_US, most)
    assert len(found.time_us) <= max(most, 0)
    assert (np.diff(found.time_us) > 0).all()
    assert int(found.count.sum()) == len(rows)
    if rows:
        assert (found.low.min(), found.high.max()) == (min(values), max(values))
        assert np.bitwise_or.reduce(found.quality) == np.bitwise_or.reduce(np.array(flags))
        assert np.average(found.mean, weights=found.count) == pytest.approx(np.mean(values), abs=1e-3)
        assert ((found.low <= found.mean + 1e-6) & (found.mean <= found.high + 1e-6)).all()


def test_a_gap_is_said_where_three_reports_are_missing_and_at_both_ends() -> None:
    times = [T0 + s * SECOND_US for s in (100, 110, 120, 200, 210)]
    found = gaps_of([series(times, [1] * 5)], 10.0, False, T0, T0 + 300 * SECOND_US)
    assert [((a - T0) // SECOND_US, (b - T0) // SECOND_US) for a, b in found] == [(0, 100), (120, 200), (210, 300)]
    assert gaps_of([], 10.0, False, T0, END) == [(T0, END)]


def test_a_row_that_is_a_mean_holds_until_its_interval_ends() -> None:
    hours = [T0 + n * HOUR_US for n in (0, 1, 4)]
    found = gaps_of([series(hours, [1, 2, 3])], 3600.0, True, T0, T0 + 5 * HOUR_US)
    assert found == []
    found = gaps_of([series([T0, T0 + 8 * HOUR_US], [1, 2])], 3600.0, True, T0, T0 + 9 * HOUR_US)
    assert found == [(T0 + HOUR_US, T0 + 8 * HOUR_US)]


@pytest.fixture
def registered(store: Store) -> Datastream:
    store.catalog.register([thing("S1")], [stream("S1")], "test")
    return next(iter(store.catalog.load().datastreams.values()))


def written(url: str, rows: list[tuple[int, int, float, int, int]]) -> None:
    door = open_stream_store(url, REALM)
    door.commit_data(STAND, observations(rows), NO_FIXES, ())
    door.close()


def test_what_is_raw_is_shown_raw_and_older_times_are_filled_from_history(
    store: Store, url: str, registered: Datastream
) -> None:
    key = registered.key
    start = T0 - T0 % DAY_US
    buckets = np.arange(start - DAY_US, start, HOUR_US, dtype=np.int64)
    n = len(buckets)
    flat = np.full(n, 50.0)
    rows = RollupRows(
        np.full(n, key, np.int32), buckets, flat, flat - 9, flat + 9, np.full(n, 60), np.zeros(n, np.uint8)
    )
    store.history.backfill("1h", rows)
    written(url, [(key, start + m * MINUTE_US, 40.0 + m, 0, start + m * MINUTE_US) for m in range(30)])
    stream_ = replace(registered, interval_s=60.0)
    found = read(store.history, stream_, (start - DAY_US, start + HOUR_US), start + 30 * MINUTE_US, 1000)
    assert [(part.resolution, len(part.time_us)) for part in found.parts] == [("1h", 24), ("raw", 30)]
    assert found.parts[0].high.max() == 59.0
    assert found.gaps == ()
    later = read(store.history, stream_, (start, start + 4 * HOUR_US), start + 4 * HOUR_US, 1000)
    assert later.gaps == ((start + 29 * MINUTE_US, start + 4 * HOUR_US),)


def test_never_more_rows_than_pixels_and_a_peak_of_one_row_is_there(
    store: Store, url: str, registered: Datastream
) -> None:
    rows = [(registered.key, T0 + n * SECOND_US, 99.0 if n == 777 else 10.0, 0, T0) for n in range(2000)]
    written(url, rows)
    fast = replace(registered, interval_s=1.0, time_kind=TimeKind.INSTANT)
    found = read(store.history, fast, (T0, T0 + 2000 * SECOND_US), END, 400)
    assert found.rows <= 400
    assert max(part.high.max() for part in found.parts) == 99.0
    whole = read(store.history, fast, (T0, T0 + 2000 * SECOND_US), END, 50_000, whole=True)
    assert whole.rows == 2000


def test_what_was_corrected_is_said_with_what_it_was(store: Store, url: str, registered: Datastream) -> None:
    written(url, [(registered.key, T0, 10.0, 1, T0)])
    written(url, [(registered.key, T0, 12.0, 0, T0 + SECOND_US)])
    (one,) = read(store.history, registered, (T0, END), END, 100).revisions
    assert (one.time_us, one.was, one.quality) == (T0, 10.0, 1)
    assert store.history.revisions(registered.key, T0 + 1, END, 10) == []


def test_the_life_of_a_thing_is_told_newest_first(store: Store) -> None:
    store.catalog.register([thing("S1", 118.1)], [], "test")
    key = next(iter(store.catalog.load().things))
    store.catalog.move("traffic", "S1", 118.2, 32.0, "ada")
    store.catalog.retire("traffic", "S1", "ben")
    acts = store.catalog.life(key)
    assert [(act.action, act.origin) for act in acts] == [("retired", "ben"), ("moved", "ada"), ("registered", "test")]
    assert acts[1].detail["longitude"] == 118.1
