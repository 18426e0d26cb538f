"""What is promised of every message, whatever its bytes; said once more, slowly, beside the code that keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from feeds import all_feeds
from feeds.columnar import LATITUDE, LONGITUDE, POSITION_PARTS, POSSIBLE_MPS
from feeds.judging import NEWEST_US, OLDEST_US
from feeds.reading import ENVELOPE, MAX_BYTES
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import RejectReason
from ops_center.domain.observations import Event, Float64, ObservationBatch, PositionBatch
from ops_center.domain.text import MAX_SHOWN
from ops_center.domain.units import UNITS
from ops_center.store.port import FeedCount, Quarantined


class Broken(AssertionError):
    """A promise was broken."""


def must(holds: object, what: str) -> None:
    """Raise Broken unless it holds."""
    if not holds:
        raise Broken(what)


_ENDLESS = re.compile(r"\d{4301}")
"""more digits than Python makes an integer of"""


def carried(value: bytes, moves: bool) -> frozenset[int]:
    """Return how many observations, fixes and events a raw message carries: what `sent` counts; at least 1.

    More than one answer is right where bytes are no UTF-8 or digits don't end: a reader need not look into what it
    doesn't use.
    """
    if len(value) > MAX_BYTES:
        return frozenset({1})
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError:
        return frozenset({1, _carried(value.decode(errors="replace"), moves)})
    return frozenset({_carried(text, moves), *({_carried(text, moves, float)} if _ENDLESS.search(text) else ())})


def _carried(text: str, moves: bool, integer: Callable[[str], float] = int) -> int:
    try:
        message = json.loads(text, parse_int=integer)
    except (ValueError, RecursionError):
        return 1
    if not isinstance(message, dict):
        return 1
    parts = POSITION_PARTS if moves else ()
    lengths = {
        name: len(column) if isinstance(column, list) else 1 for name, column in message.items() if column is not None
    }
    columns = [length for name, length in lengths.items() if name not in ENVELOPE and name not in parts]
    fixes = [lengths[name] for name in parts if name in lengths]
    return max(1, sum(columns) + max(fixes, default=0) + lengths.get("events", 0))


def check_counts(count: FeedCount, quarantined: Sequence[Quarantined], rows: int) -> None:
    """Received = accepted + quarantined, by the ledger, by the quarantine and by what was published."""
    must(count.received == count.accepted + count.quarantined, f"received {count.received}, {count}")
    must(count.accepted == rows, f"accepted {count.accepted}, published {rows}")
    must(sum(one.count for one in quarantined) == count.quarantined, "the quarantine holds another number")
    check_refused(quarantined)


def check_refused(quarantined: Iterable[Quarantined]) -> None:
    """Every reject has a reason that exists, a count, and a detail that a database and a screen can take."""
    for one in quarantined:
        must(isinstance(one.reason, RejectReason), f"the reason is {one.reason!r}")
        must(one.count > 0, f"{one.reason.value} of {one.count}")
        must(len(one.detail) <= MAX_SHOWN and one.detail.isprintable(), f"the detail is {one.detail!r}")


class Possible:
    """Which values are possible, by datastream."""

    def __init__(self, catalog: Catalog) -> None:
        kinds = {kind.observed_property: kind.possible for feed in all_feeds().values() for kind in feed.kinds}
        limits = _limits_of_outsiders(catalog) | kinds
        self._limits = np.array(
            [limits.get(stream.observed_property, (np.nan, np.nan)) for stream in catalog.datastreams.values()]
        )
        self._live = np.array(
            [not (s.retired or catalog.things[s.thing].retired) for s in catalog.datastreams.values()], bool
        )
        self._things = np.array([not thing.retired for thing in catalog.things.values()], bool)

    def check_observations(self, batch: ObservationBatch, arrived_us: int) -> None:
        """Known, finite, possible, and of a time that counts."""
        if not len(batch):
            return
        must((batch.datastream >= 0).all() and self._live[batch.datastream].all(), "an unknown datastream")
        low, high = self._limits[batch.datastream].T
        must(np.isfinite(batch.result).all(), "a result that is no number")
        must(((batch.result >= low) & (batch.result <= high)).all(), "an impossible result")
        check_times(batch.phenomenon_time_us, arrived_us)
        must((batch.result_time_us <= arrived_us + NEWEST_US).all(), "a result of the future")

    def check_positions(self, batch: PositionBatch, arrived_us: int) -> None:
        """Known, finite, on the globe, not too fast, and of a time that counts."""
        if not len(batch):
            return
        must((batch.thing >= 0).all() and self._things[batch.thing].all(), "an unknown thing")
        for values, limits in (
            (batch.longitude, LONGITUDE),
            (batch.latitude, LATITUDE),
            (batch.speed_mps, POSSIBLE_MPS),
            (batch.heading_deg, (0.0, 360.0)),
        ):
            must(((values >= limits[0]) & (values <= limits[1])).all(), "an impossible fix")
        check_times(batch.phenomenon_time_us, arrived_us)

    def check_events(self, events: Sequence[Event], arrived_us: int) -> None:
        """Known, somewhere, of a time that counts, and of a size that everybody can hold."""
        for event in events:
            must(self._things[event.thing], "an event of an unknown thing")
            must(-180 <= event.longitude <= 180 and -90 <= event.latitude <= 90, "an event nowhere")
            must(0 <= event.confidence <= 1, "an impossible confidence")
            check_times(np.array([event.phenomenon_time_us]), arrived_us)


def check_times(times_us: Float64 | np.ndarray, arrived_us: int) -> None:
    """No accepted time lies outside the window."""
    inside = (times_us >= arrived_us - OLDEST_US) & (times_us <= arrived_us + NEWEST_US)
    must(inside.all(), "a time outside the window")


def _limits_of_outsiders(catalog: Catalog) -> Mapping[str, tuple[float, float]]:
    """What an outsider registers is possible within its unit; of several units within the widest."""
    found: dict[str, tuple[float, float]] = {}
    for stream in catalog.datastreams.values():
        low, high = UNITS[stream.unit].possible if stream.unit in UNITS else (-1e300, 1e300)
        known = found.get(stream.observed_property, (low, high))
        found[stream.observed_property] = min(low, known[0]), max(high, known[1])
    return found
