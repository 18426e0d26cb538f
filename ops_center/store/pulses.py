"""How workers say that they are alive, in a transaction of theirs; read by ``health``."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any

import msgspec

from ops_center.domain.text import shown
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.rule_port import Pulse, SetAside
from ops_center.store.session import Connection

# Several of a kind may share the work: together they are as far behind as the last of those that speak.
PULSES = """
SELECT DISTINCT ON (worker) worker, instance, at,
       sum(lag_records) FILTER (WHERE at > newest - interval '5 s') OVER kind,
       max(lag_s) FILTER (WHERE at > newest - interval '5 s') OVER kind,
       set_aside
FROM (SELECT *, max(at) OVER (PARTITION BY worker) AS newest FROM worker_pulse) AS pulse
WINDOW kind AS (PARTITION BY worker)
ORDER BY worker, at DESC
"""

_PULSE = """
INSERT INTO worker_pulse (worker, instance, at, lag_records, lag_s, set_aside) VALUES (%s, %s, %s, %s, %s, %s::jsonb)
ON CONFLICT (worker, instance) DO UPDATE
SET at = excluded.at, lag_records = excluded.lag_records, lag_s = excluded.lag_s, set_aside = excluded.set_aside
"""

_OLD = "DELETE FROM worker_pulse WHERE worker = %s AND at < %s::timestamptz - interval '1 hour'"

_LONGEST_WHY = 300


def this_process() -> str:
    """Return what a pulse calls the process that speaks."""
    return f"{socket.gethostname()}:{os.getpid()}"


def write_pulse(connection: Connection, pulse: Pulse) -> None:
    """Write one; losing it with a server that dies does no harm."""
    connection.execute("SET LOCAL synchronous_commit = off")
    at = to_datetime(pulse.at_us)
    said = msgspec.json.encode(_bounded(pulse.set_aside)).decode()
    connection.execute(_PULSE, (pulse.worker, pulse.instance, at, pulse.lag_records, pulse.lag_s, said))
    connection.execute(_OLD, (pulse.worker, at))


def read_pulse(row: tuple[Any, ...]) -> Pulse:
    """Return the pulse of a row of PULSES."""
    worker, instance, at, lag_records, lag_s, set_aside = row
    return Pulse(
        worker, instance, from_datetime(at), int(lag_records), lag_s, msgspec.convert(set_aside, tuple[SetAside, ...])
    )


def _bounded(set_aside: Sequence[SetAside]) -> list[SetAside]:
    return [SetAside(one.type, shown(one.why)[:_LONGEST_WHY], one.since_us) for one in set_aside]
