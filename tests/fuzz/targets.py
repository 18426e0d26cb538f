"""Everything that reads bytes of others, each with valid ones to start from: what ``running`` sends mutations to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from feeds import all_feeds
from ops_center.bus.packing import pack
from ops_center.bus.redis_cursors import records_of
from ops_center.domain.errors import WireError
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.topics import CATALOG, EVENTS, OBSERVATIONS, POSITIONS, raw
from ops_center.domain.wire import encode_events, encode_observations, encode_positions
from ops_center.live.blocks import decode_block, encode_block, new_stamp
from ops_center.live.latest import rows_of_observations, rows_of_positions
from ops_center.live.notices import Notice, decode_notice, encode_notice
from ops_center.screens.stream.subscriptions import NotUnderstood, decode_message
from tests.fuzz import valid
from tests.fuzz.reading import CatalogTopic, Outcome, RawFeed, Records

_FEW = 40
"""rows of a record that is mutated: a byte of a header is then changed often enough"""


class Target(Protocol):
    """One reader of bytes."""

    @property
    def name(self) -> str: ...

    @property
    def values(self) -> Sequence[bytes]:
        """Valid messages."""
        ...

    def take(self, values: Sequence[bytes]) -> Outcome:
        """Read messages as production does. Raises Broken for a promise that wasn't kept; anything else is a crash."""
        ...


@dataclass(frozen=True)
class Decoder:
    """A function that returns something or raises the one error that it declares."""

    name: str
    values: Sequence[bytes]
    decode: Callable[[bytes], Any]
    error: type[Exception]

    def take(self, values: Sequence[bytes]) -> Outcome:
        refused = 0
        for value in values:
            try:
                self.decode(value)
            except self.error:
                refused += 1
        return Outcome(len(values) - refused, {self.error.__name__: refused} if refused else {})


def topics() -> Mapping[str, Callable[[], Target]]:
    """Return what outsiders write: topic → what makes the target."""
    raws: dict[str, Callable[[], Target]] = {raw(name): _raw_feed(name) for name in all_feeds()}
    return {**raws, CATALOG: CatalogTopic}


def inside() -> Mapping[str, Callable[[], Target]]:
    """Return what workers and browsers write: name → what makes the target."""
    records = {topic: _records(topic, make) for topic, make in _RECORDS.items()}
    return {**records, **{name: _decoder(name) for name in _DECODERS}}


def _raw_feed(name: str) -> Callable[[], Target]:
    return lambda: RawFeed(name, valid.raw_messages()[name])


def _records(topic: str, make: Callable[[], bytes]) -> Callable[[], Target]:
    return lambda: Records(topic, [make()])


def _decoder(name: str) -> Callable[[], Target]:
    values, decode, error = _DECODERS[name]
    return lambda: Decoder(name, values(), decode, error)


def _decoded(feed: str) -> Any:
    messages = [RawMessage(raw(feed), 0, "0", b"", value, valid.ARRIVED_US) for value in valid.raw_messages()[feed]]
    return all_feeds()[feed].decode(messages, valid.catalog(), valid.ARRIVED_US)


def _observations() -> Any:
    return _decoded("water").observations.take(slice(0, _FEW))


def _positions() -> Any:
    return _decoded("vehicles").positions.take(slice(0, _FEW))


def _events() -> Any:
    return _decoded("video").events[:3]


def _notices() -> Sequence[bytes]:
    values, fixes = _observations(), _positions()
    whole = Notice(
        b"writer-1", 7, 5, valid.ARRIVED_US, False,
        values.datastream, rows_of_observations(values), fixes.thing, rows_of_positions(fixes), _events(),
    )  # fmt: skip
    return [encode_notice(whole), encode_notice(Notice(b"writer-1", 8)), encode_notice(Notice(reload=True))]


def _blocks(kind: str) -> Sequence[bytes]:
    rows = rows_of_observations(_observations()) if kind == "V" else rows_of_positions(_positions())
    return [encode_block(kind, rows, new_stamp())]


def _entries() -> Sequence[bytes]:
    return [pack([(b"key", value) for value in valid.raw_messages()["water"][:5]]), pack([]), pack([(b"", b"")])]


SUBSCRIPTIONS = (
    b'{"subscribe":{"layers":["traffic_sensors","vehicles"],"districts":["D03"],"since":{"vehicles/D03/center":17}}}',
    b'{"subscribe":{"layers":[]}}',
    b'{"subscribe":{"layers":["dots"],"districts":null}}',
    b'{"subscribe":{"layers":[],"alarms":true,"alarms_seq":17,"wall":{"name":"main","display":2}}}',
    b'{"subscribe":{"layers":["dots"],"wall":{"name":"main","display":null}}}',
)


def _entry_records(entry: bytes) -> Sequence[RawMessage]:
    return records_of(TopicPartition("raw.water", 0), "1700000000000-0", {b"b": entry, b"e": b"1"})


_RECORDS: Mapping[str, Callable[[], bytes]] = {
    OBSERVATIONS: lambda: encode_observations(_observations()),
    POSITIONS: lambda: encode_positions(_positions()),
    EVENTS: lambda: encode_events(_events()),
}
_DECODERS: Mapping[str, tuple[Callable[[], Sequence[bytes]], Callable[[bytes], Any], type[Exception]]] = {
    "live.values": (lambda: _blocks("V"), lambda block: decode_block("V", block), WireError),
    "live.positions": (lambda: _blocks("P"), lambda block: decode_block("P", block), WireError),
    "live.notices": (_notices, decode_notice, WireError),
    "packed": (_entries, _entry_records, WireError),
    "subscriptions": (lambda: SUBSCRIPTIONS, decode_message, NotUnderstood),
}
