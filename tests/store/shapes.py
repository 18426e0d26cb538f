"""Small batches and questions that the store's tests share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import psycopg

from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import from_datetime
from ops_center.store.port import Advance, Written
from ops_center.store.streaming import TimescaleStreamStore

REALM = Realm.SIMULATED
T0 = 1_700_000_040_000_000
"""a whole minute"""
P0 = TopicPartition("observations", 0)
NO_FIXES = PositionBatch.empty()
NO_OBSERVATIONS = ObservationBatch.empty()

Row = tuple[int, int, float, int, int]
"""datastream, phenomenon time µs, result, quality, result time µs"""


def observations(rows: Sequence[Row]) -> ObservationBatch:
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return ObservationBatch(
        np.array(columns[0], np.int32),
        np.array(columns[1], np.int64),
        np.array(columns[2], np.float64),
        np.array(columns[3], np.uint8),
        np.array(columns[4], np.int64),
        T0,
    )


def fixes(rows: Sequence[tuple[int, int, float]]) -> PositionBatch:
    things, times, longitudes = (list(column) for column in zip(*rows, strict=True))
    n = len(rows)
    return PositionBatch(
        np.array(things, np.int32),
        np.array(times, np.int64),
        np.array(longitudes, np.float64),
        np.full(n, 32.0),
        np.full(n, 5.0),
        np.full(n, 90.0),
        np.zeros(n, np.uint8),
        T0,
    )


def event(event_id: str, time_us: int = T0, **attributes: object) -> Event:
    return Event(event_id, "video", 3, "video.smoke", time_us, time_us + 5, 118.7, 32.0, 0.9, attributes)


def message(position: str, value: bytes = b"?", topic: str = "raw.traffic", partition: int = 0) -> RawMessage:
    return RawMessage(topic, partition, position, b"key", value, T0)


def moved(before: str | None, after: str, worker: str = "writer", partition: TopicPartition = P0) -> Advance:
    return Advance(worker, {partition: before}, {partition: after})


STAND = Advance("writer", {}, {})
"""moves nothing: for tests of rows alone"""


def write(store: TimescaleStreamStore, *rows: Row) -> Written:
    return store.commit_data(STAND, observations(rows), NO_FIXES, ())


def stored(url: str, table: str = "observation") -> list[Row]:
    """Return the rows of a table of observations, ordered."""
    columns = "datastream_id, phenomenon_time, result, quality, result_time"
    sql = f"SELECT {columns} FROM {REALM.schema}.{table} ORDER BY 1, 2, 5"
    with psycopg.connect(url) as connection:
        found = connection.execute(sql).fetchall()
    return [(d, from_datetime(t), r, q, from_datetime(rt)) for d, t, r, q, rt in found]


def number(url: str, sql: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql.replace("realm.", f"{REALM.schema}.")).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def thing(thing_id: str, longitude: float = 118.7, **more: object) -> Thing:
    given: dict[str, object] = {
        "district": "xuanwu",
        "department": "police",
        "attributes": {"road_id": "r1"},
        **more,
    }
    return Thing(
        -1, "traffic", thing_id, "traffic_sensor", "traffic", Label("检测器", "detector"), longitude, 32.0, **given
    )  # type: ignore[arg-type]


def stream(thing_id: str, observed_property: str = "vehicle_speed", unit: str = "km/h", interval_s: float = 10.0):
    return "traffic", thing_id, Datastream(-1, -1, observed_property, unit, "traffic", interval_s)
