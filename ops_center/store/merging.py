"""What happens to a batch of which some rows are in the table already: staged, compared, and told apart.

The rule, also for rows that meet within one batch: of two results for the same (datastream, phenomenon time) the one
with the later result time counts, of equal ones the first. The same result again changes nothing but how late it was
last confirmed; another result replaces the row, and the old row goes to the revision log. The result that is stored
therefore doesn't depend on how the same rows were cut into batches. Called by ``streaming`` after a conflict.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.observations import Int64, ObservationBatch, PositionBatch
from ops_center.domain.time import to_datetime
from ops_center.store.copying import OBSERVATION_STAGE, POSITION_STAGE, copy_rows, observation_arrays, position_arrays
from ops_center.store.port import Written
from ops_center.store.session import Connection

# Temporary tables live as long as the connection; what is in them only as long as the transaction.
STAGES = """
CREATE TEMPORARY TABLE observation_stage (
    datastream_id int, phenomenon_time timestamptz, result float8, quality smallint, result_time timestamptz,
    winner_time timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE position_stage (
    thing_id int, phenomenon_time timestamptz, longitude float8, latitude float8, speed_mps float8,
    heading_deg float8, quality smallint
) ON COMMIT DELETE ROWS
"""

_NO_WINNER_US = 0
"""stands in ``winner_time`` of rows that won within their batch"""

_INSERT = """
INSERT INTO observation (datastream_id, phenomenon_time, result, quality, result_time)
SELECT datastream_id, phenomenon_time, result, quality, result_time
FROM observation_stage WHERE winner_time = 'epoch'
ON CONFLICT (datastream_id, phenomenon_time) DO NOTHING
"""

# The bounds on the time spare the chunks that the batch doesn't touch.
_CORRECT = """
WITH old AS (
    SELECT o.*, s.result AS new_result, s.quality AS new_quality, s.result_time AS new_result_time
    FROM observation_stage s JOIN observation o USING (datastream_id, phenomenon_time)
    WHERE s.winner_time = 'epoch' AND s.result <> o.result AND s.result_time > o.result_time
      AND o.phenomenon_time >= %(first)s AND o.phenomenon_time <= %(last)s
), logged AS (
    INSERT INTO observation_revision (datastream_id, phenomenon_time, result, quality, result_time)
    SELECT datastream_id, phenomenon_time, result, quality, result_time FROM old
    ON CONFLICT DO NOTHING
)
UPDATE observation o SET result = new_result, quality = new_quality, result_time = new_result_time
FROM old
WHERE o.datastream_id = old.datastream_id AND o.phenomenon_time = old.phenomenon_time
  AND o.phenomenon_time >= %(first)s AND o.phenomenon_time <= %(last)s
"""

_CONFIRM = """
UPDATE observation o SET result_time = s.result_time
FROM observation_stage s
WHERE o.datastream_id = s.datastream_id AND o.phenomenon_time = s.phenomenon_time
  AND s.winner_time = 'epoch' AND s.result = o.result AND s.result_time > o.result_time
  AND o.phenomenon_time >= %(first)s AND o.phenomenon_time <= %(last)s
"""

_LOG_SUPERSEDED = """
INSERT INTO observation_revision (datastream_id, phenomenon_time, result, quality, result_time)
SELECT s.datastream_id, s.phenomenon_time, s.result, s.quality, s.result_time
FROM observation_stage s JOIN observation o USING (datastream_id, phenomenon_time)
WHERE s.winner_time <> 'epoch' AND o.result_time = s.winner_time
  AND o.phenomenon_time >= %(first)s AND o.phenomenon_time <= %(last)s
ON CONFLICT DO NOTHING
"""

_INSERT_POSITIONS = """
INSERT INTO position SELECT * FROM position_stage ON CONFLICT (thing_id, phenomenon_time) DO NOTHING
"""


class Resolved(NamedTuple):
    """A batch after its rows have been compared with each other."""

    winners: ObservationBatch
    """one row per (datastream, phenomenon time)"""
    superseded: ObservationBatch
    """rows that counted until a later one of the same batch replaced them"""
    winner_time_us: Int64
    """for each superseded row: the result time of the row that won"""


def resolve(batch: ObservationBatch) -> Resolved:
    """Return the batch with its inner repeats and corrections settled."""
    twins = _has_twin(batch)
    if not twins.any():
        return Resolved(batch, batch.take(twins), batch.result_time_us[twins])
    rows = np.flatnonzero(twins)
    current: dict[tuple[int, int], int] = {}
    replaced: list[int] = []
    result_time = batch.result_time_us.copy()
    keys = zip(batch.datastream[rows].tolist(), batch.phenomenon_time_us[rows].tolist(), rows.tolist(), strict=True)
    winner_of: list[tuple[int, int]] = []
    for datastream, time_us, row in keys:
        key = (datastream, time_us)
        held = current.setdefault(key, row)
        if result_time[row] <= result_time[held]:
            continue
        if batch.result[row] == batch.result[held]:
            result_time[held] = result_time[row]
            continue
        replaced.append(held)
        winner_of.append(key)
        current[key] = row
    winners = ~twins
    winners[list(current.values())] = True
    settled = ObservationBatch(
        batch.datastream, batch.phenomenon_time_us, batch.result, batch.quality, result_time, batch.received_us
    )
    winner_times = np.array([result_time[current[key]] for key in winner_of], np.int64)
    return Resolved(settled.take(winners), settled.take(np.array(replaced, np.int64)), winner_times)


def _has_twin(batch: ObservationBatch) -> NDArray[np.bool_]:
    """Return which rows share their (datastream, phenomenon time) with another row of the batch."""
    order = np.lexsort((batch.phenomenon_time_us, batch.datastream))
    datastream, times = batch.datastream[order], batch.phenomenon_time_us[order]
    same = (datastream[1:] == datastream[:-1]) & (times[1:] == times[:-1])
    twins = np.zeros(len(batch), bool)
    twins[order[1:][same]] = True
    twins[order[:-1][same]] = True
    return twins


def merge_observations(connection: Connection, batch: ObservationBatch) -> Written:
    """Bring the batch into the table by way of the stage; within the caller's transaction."""
    resolved = resolve(batch)
    _stage(connection, resolved.winners, np.full(len(resolved.winners), _NO_WINNER_US, np.int64))
    new = connection.execute(_INSERT).rowcount
    bounds = {
        "first": to_datetime(int(batch.phenomenon_time_us.min())),
        "last": to_datetime(int(batch.phenomenon_time_us.max())),
    }
    corrected = 0
    if new < len(resolved.winners):
        corrected = connection.execute(_CORRECT, bounds).rowcount
        connection.execute(_CONFIRM, bounds)
    if len(resolved.superseded):
        _stage(connection, resolved.superseded, resolved.winner_time_us)
        corrected += connection.execute(_LOG_SUPERSEDED, bounds).rowcount
    return Written(new, len(batch) - new - corrected, corrected)


def _stage(connection: Connection, batch: ObservationBatch, winner_time_us: Int64) -> None:
    stream = OBSERVATION_STAGE.rows([*observation_arrays(batch), winner_time_us])
    copy_rows(connection, OBSERVATION_STAGE, stream)


def merge_positions(connection: Connection, batch: PositionBatch) -> Written:
    """Bring the fixes into the table by way of the stage: the first of a (thing, time) stays."""
    copy_rows(connection, POSITION_STAGE, POSITION_STAGE.rows(position_arrays(batch)))
    new = connection.execute(_INSERT_POSITIONS).rowcount
    return Written(new, len(batch) - new, 0)
