"""What the model city's devices send: columnar messages by gateway. Used by the ``observe`` of feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from ops_center.domain.messages import Outgoing
from ops_center.domain.observations import Quality

if TYPE_CHECKING:
    from ops_center.world.sensors import SensorBank

_SIMULATED = int(Quality.SIMULATED)


def bank_messages(bank: SensorBank) -> list[Outgoing]:
    """Return what a bank's devices send now: one message for each gateway, observations of all its properties."""
    columns = {name: nullable(values) for name, values in bank.readings.items()}
    found = []
    for gateway, rows in by_gateway(bank.groups[bank.due]):
        fields = {name: column[rows] for name, column in columns.items()}
        found.append(message(gateway, bank.ids[bank.due[rows]], bank.time_us[rows], fields, len(fields) * len(rows)))
    return found


def by_gateway(gateways: NDArray[np.object_]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Return each gateway with the rows it sends, ascending."""
    names, of_row = np.unique(gateways.astype(str), return_inverse=True)
    order = np.argsort(of_row, kind="stable")
    edges = np.searchsorted(of_row[order], np.arange(len(names) + 1))
    for number, name in enumerate(names.tolist()):
        yield name, order[edges[number] : edges[number + 1]]


def message(
    key: str, things: NDArray[np.object_], time_us: NDArray[np.int64], columns: Mapping[str, Any], count: int
) -> Outgoing:
    """Return one columnar message of the model city; ``columns``: property → array or list as long as ``things``."""
    times = time_us.tolist()
    body = {
        "v": 1,
        "t": times[0] if len(set(times)) == 1 else times,
        "q": _SIMULATED,
        "things": things.tolist(),
        **{name: column.tolist() if isinstance(column, np.ndarray) else column for name, column in columns.items()},
    }
    return Outgoing(key.encode(), orjson.dumps(body), count)


def event_message(key: str, events: Sequence[Mapping[str, Any]]) -> Outgoing:
    """Return one message with events, each with id, thing, kind, t, longitude, latitude, confidence, attributes."""
    return Outgoing(key.encode(), orjson.dumps({"v": 1, "events": list(events)}), len(events))


def nullable(values: NDArray[np.float64]) -> NDArray[Any]:
    """Return the values as they are written in JSON: NaN as null."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    nullable = values.astype(object)
    nullable[missing] = None
    return nullable
