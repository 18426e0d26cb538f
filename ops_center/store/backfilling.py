"""History's own way in: rollups that were made elsewhere, kept apart from what was observed here.

Called by ``history`` for the demo city's past and for a department's archive.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.errors import StoreError
from ops_center.store.copying import FLOAT8, INT4, INT8, SMALLINT, TIMESTAMPTZ, Shape, copy_rows
from ops_center.store.limits import EARLIEST_US, LATEST_US
from ops_center.store.pool import SessionPool
from ops_center.store.port import RollupRows
from ops_center.store.resolutions import WIDTH_US
from ops_center.store.session import Connection

_COLUMNS = {
    "datastream_id": INT4,
    "bucket": TIMESTAMPTZ,
    "mean": FLOAT8,
    "low": FLOAT8,
    "high": FLOAT8,
    "n": INT8,
    "quality": SMALLINT,
}
_SHAPE = Shape("backfill_stage", _COLUMNS)
_STAGE = """
CREATE TEMPORARY TABLE backfill_stage (
    datastream_id int, bucket timestamptz, mean float8, low float8, high float8, n bigint, quality smallint
) ON COMMIT DROP
"""
_INSERT: dict[str, bytes] = {
    resolution: (
        f"INSERT INTO rollup_backfill_{resolution} SELECT * FROM backfill_stage ON CONFLICT DO NOTHING"  # noqa: S608 - a constant
    ).encode()
    for resolution in ("15m", "1h")
}

_PART_ROWS = 200_000
"""rows to a transaction: a few seconds, well below the time after which the server cancels a statement"""


def backfill(pool: SessionPool, resolution: Literal["15m", "1h"], rows: RollupRows) -> int:
    """Write the rows that are not there yet and return how many those were."""
    _refuse_impossible(resolution, rows)
    arrays = [rows.datastream, rows.bucket_us, rows.mean, rows.low, rows.high, rows.count, rows.quality]
    # By time, so that a part falls into few chunks.
    order = np.argsort(rows.bucket_us, kind="stable")
    new = 0
    for at in range(0, len(order), _PART_ROWS):
        part = [array[order[at : at + _PART_ROWS]] for array in arrays]
        new += pool.run(lambda connection, part=part: _write(connection, resolution, part))  # type: ignore[misc]
    return new


def _write(connection: Connection, resolution: str, arrays: list[NDArray[Any]]) -> int:
    connection.execute(_STAGE)
    copy_rows(connection, _SHAPE, _SHAPE.rows(arrays))
    return connection.execute(_INSERT[resolution]).rowcount


def _refuse_impossible(resolution: Literal["15m", "1h"], rows: RollupRows) -> None:
    beside = rows.bucket_us % WIDTH_US[resolution] != 0
    outside = (rows.bucket_us < EARLIEST_US) | (rows.bucket_us >= LATEST_US)
    empty = rows.count < 1
    senseless = ~(np.isfinite(rows.mean) & np.isfinite(rows.low) & np.isfinite(rows.high))
    for wrong, what in (
        (beside, f"begins beside the {resolution} buckets"),
        (outside, "lies outside 1970 to 2200"),
        (empty, "counts no observation"),
        (senseless, "has a value that is no number"),
    ):
        if wrong.any():
            at = int(np.argmax(wrong))
            raise StoreError(f"row {at} of the history, bucket {int(rows.bucket_us[at])} µs, {what}")
