"""Binary COPY made from arrays: one structured array per batch, one ``tobytes``, no Python per row.

PostgreSQL's binary COPY is a header, then per row a field count and per field its length and its value, all
big-endian, then a trailer (PostgreSQL manual, COPY, "Binary Format"). With fixed widths and no NULLs that is a
packed numpy record. Called by everything that writes batches: ``streaming``, ``merging``, ``history``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.observations import Int64, ObservationBatch, PositionBatch
from ops_center.store.session import Connection

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"

# PostgreSQL counts timestamps in µs from 2000-01-01 UTC.
_EPOCH_US = 946_684_800_000_000

# One libpq message; larger ones only cost memory on both sides.
_MESSAGE_BYTES = 1 << 20

INT4, INT8, FLOAT8, TIMESTAMPTZ, SMALLINT = ">i4", ">i8", ">f8", "time", ">i2"
"""how a column travels; TIMESTAMPTZ takes µs since 1970"""


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table as they are copied: name → one of INT4, INT8, FLOAT8, TIMESTAMPTZ, SMALLINT."""

    table: str
    columns: Mapping[str, str]

    @property
    def copy_sql(self) -> bytes:
        """Return the statement that takes the bytes of :meth:`rows`."""
        return f"COPY {self.table} ({', '.join(self.columns)}) FROM STDIN (FORMAT binary)".encode()

    def rows(self, arrays: Sequence[NDArray[Any]]) -> bytes:
        """Return the arrays, in the order of the columns, as one COPY stream."""
        record = np.zeros(len(arrays[0]), self.dtype())
        record["fields"] = len(self.columns)
        for (name, kind), values in zip(self.columns.items(), arrays, strict=True):
            record[f"{name} length"] = np.dtype(_wire(kind)).itemsize
            record[name] = values - _EPOCH_US if kind == TIMESTAMPTZ else values
        return _HEADER + record.tobytes() + _TRAILER

    def dtype(self) -> np.dtype[Any]:
        """Return the record of one row on the wire."""
        fields: list[tuple[str, str]] = [("fields", ">i2")]
        for name, kind in self.columns.items():
            fields += [(f"{name} length", ">i4"), (name, _wire(kind))]
        return np.dtype(fields)


def _wire(kind: str) -> str:
    return INT8 if kind == TIMESTAMPTZ else kind


_OBSERVATION_COLUMNS = {
    "datastream_id": INT4,
    "phenomenon_time": TIMESTAMPTZ,
    "result": FLOAT8,
    "quality": SMALLINT,
    "result_time": TIMESTAMPTZ,
}
_POSITION_COLUMNS = {
    "thing_id": INT4,
    "phenomenon_time": TIMESTAMPTZ,
    "longitude": FLOAT8,
    "latitude": FLOAT8,
    "speed_mps": FLOAT8,
    "heading_deg": FLOAT8,
    "quality": SMALLINT,
}
OBSERVATION = Shape("observation", _OBSERVATION_COLUMNS)
OBSERVATION_STAGE = Shape("observation_stage", {**_OBSERVATION_COLUMNS, "winner_time": TIMESTAMPTZ})
POSITION = Shape("position", _POSITION_COLUMNS)
POSITION_STAGE = Shape("position_stage", _POSITION_COLUMNS)


def observation_arrays(batch: ObservationBatch) -> list[NDArray[Any]]:
    """Return the batch's arrays in the order of the table's columns."""
    return [batch.datastream, batch.phenomenon_time_us, batch.result, batch.quality, batch.result_time_us]


def position_arrays(batch: PositionBatch) -> list[NDArray[Any]]:
    """Return the batch's arrays in the order of the table's columns."""
    return [
        batch.thing,
        batch.phenomenon_time_us,
        batch.longitude,
        batch.latitude,
        batch.speed_mps,
        batch.heading_deg,
        batch.quality,
    ]


def observation_rows(batch: ObservationBatch) -> bytes:
    """Return the batch as a COPY stream for ``observation`` (52 bytes a row)."""
    return OBSERVATION.rows(observation_arrays(batch))


def copy_rows(connection: Connection, shape: Shape, stream: bytes) -> None:
    """Send a COPY stream; raises psycopg's errors, UniqueViolation among them."""
    view = memoryview(stream)
    with connection.cursor() as cursor, cursor.copy(shape.copy_sql) as copy:
        for at in range(0, len(view), _MESSAGE_BYTES):
            copy.write(bytes(view[at : at + _MESSAGE_BYTES]))


def in_key_order(batch: ObservationBatch) -> NDArray[np.intp]:
    """Return the rows' order by (datastream, time), in which a batch is copied.

    The table's key is an index: neighbours in it that come together touch its pages together. Measured on 50,000 rows
    of 10,000 datastreams: a third less of the server's time than in random order, an eighth less than in the order of
    gateways; sorting costs a twentieth of that.
    """
    return np.lexsort((batch.phenomenon_time_us, batch.datastream))


def minutes_of(times_us: Int64, width_us: int = 60_000_000) -> Int64:
    """Return the starts of the buckets (by default minutes) that the times fall into, ascending, once each."""
    return np.unique(times_us // width_us) * width_us
