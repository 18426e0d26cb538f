"""Decoding of columnar JSON, for every feed: columns to checked batches, Python per message, numpy per observation.

Message: ``{"v": 1, "producer"?, "t", "things": [...], "<observed_property>": [...], …, "q"?, "rt"?, "events"?}``; see
docs/feeds.md. Decoding is a function of the messages and the catalog: age is counted from the bus's time of
arrival, so that a message is judged alike however often it is delivered. What needs a memory (STUCK, JUMP) is
found by ``plausibility``, which intake calls with its memories.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from feeds.contract import DatastreamKind
from feeds.events import fault_of_event
from feeds.judging import Judge
from feeds.reading import Columns, Reader
from feeds.rows import Rows
from ops_center.domain.catalog import Catalog, TimeKind
from ops_center.domain.messages import Decoded, RawMessage, RejectReason
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.time import SECOND_US

POSITION_PARTS = ("longitude", "latitude", "speed_mps", "heading_deg")
"""the columns of a fix"""
LONGITUDE = (-180.0, 180.0)
LATITUDE = (-90.0, 90.0)
POSSIBLE_MPS = (0.0, 120.0)
"""faster is no vehicle on a road"""
PLAUSIBLE_MPS = (0.0, 45.0)
_HEADING = (0.0, 360.0)
_CONFIDENCE = (0.0, 1.0)


class ColumnarDecoder:
    """Decodes the messages of one feed; pure, so that threads can share it."""

    def __init__(
        self,
        feed: str,
        kinds: Sequence[DatastreamKind] = (),
        *,
        lateness_s: float,
        event_kinds: Iterable[str] = (),
        positions: bool = False,
    ) -> None:
        self._feed = feed
        self._kinds = tuple(kinds)
        self._lateness_us = round(lateness_s * SECOND_US)
        self._event_kinds = frozenset(event_kinds)
        self._positions = positions
        self._reader = Reader([kind.observed_property for kind in kinds], POSITION_PARTS if positions else ())

    def decode(self, messages: Sequence[RawMessage], catalog: Catalog, now_us: int) -> Decoded:
        """Return what the messages say. Never raises: what can't be used is a reject with its count."""
        columns, owners, refused = self._reader.read(messages)
        judge = Judge(refused)
        observations: list[ObservationBatch] = []
        fixes: list[PositionBatch] = []
        for producer, rows in _by_producer(columns, owners, messages, self._feed):
            observations += self._observations(producer, rows, catalog, judge, now_us)
            if self._positions:
                fixes += _fixes(producer, rows, catalog, judge, self._lateness_us, now_us)
        events = tuple(self._events(columns, owners, messages, catalog, judge, now_us))
        return Decoded(
            ObservationBatch.concat(observations) if observations else ObservationBatch.empty(now_us),
            PositionBatch.concat(fixes) if fixes else PositionBatch.empty(now_us),
            events,
            judge.rejects(),
        )

    def _observations(
        self, producer: str, rows: Rows, catalog: Catalog, judge: Judge, now_us: int
    ) -> Iterable[ObservationBatch]:
        """Return one batch for each property that the rows hold."""
        for kind in self._kinds:
            mine, result = rows.column(kind.observed_property)
            if not len(mine):
                continue
            keys = mine.keys(catalog.datastream_keys(producer, kind.observed_property))
            length_us = round(kind.interval_s * SECOND_US) if kind.time_kind is TimeKind.INTERVAL else 0
            verdict = judge.times(mine, self._lateness_us + length_us)
            verdict.unknown(keys)
            verdict.numbers(result, kind.possible, kind.plausible)
            good, flags = verdict.close(kind.observed_property, mine, result)
            yield ObservationBatch(
                keys[good], mine.time_us[good], result[good], flags[good], mine.result_time_us[good], now_us
            )

    def _events(
        self,
        columns: Sequence[Columns],
        owners: Sequence[int],
        messages: Sequence[RawMessage],
        catalog: Catalog,
        judge: Judge,
        now_us: int,
    ) -> Iterable[Event]:
        """Return the events; they are few, so that they are judged one by one."""
        for mine, index in zip(columns, owners, strict=True):
            for sent in mine.events:
                thing = catalog.thing_keys.get(mine.producer or self._feed, {}).get(sent.thing)
                time_us, reason = judge.event_time(sent.t, messages[index].time_us)
                if sent.kind not in self._event_kinds:
                    judge.refuse(index, RejectReason.NOT_DECODABLE, f"kind {sent.kind}: this feed has no such event")
                elif (fault := fault_of_event(sent)) is not None:
                    judge.refuse(index, RejectReason.NOT_DECODABLE, f"{sent.kind} of {sent.thing}: {fault}")
                elif reason is not None:
                    judge.refuse(index, reason, f"{sent.kind} of {sent.thing}: t {sent.t}")
                elif thing is None:
                    judge.refuse(index, RejectReason.UNKNOWN_DATASTREAM, f"thing {sent.thing}")
                elif not (
                    within(sent.longitude, LONGITUDE)
                    and within(sent.latitude, LATITUDE)
                    and within(sent.confidence, _CONFIDENCE)
                ):
                    judge.refuse(
                        index, RejectReason.BEYOND_PHYSICS, f"{sent.kind} of {sent.thing}: place or confidence"
                    )
                else:
                    yield Event(
                        sent.id,
                        self._feed,
                        thing,
                        sent.kind,
                        time_us,
                        now_us,
                        sent.longitude,
                        sent.latitude,
                        sent.confidence,
                        sent.attributes,
                    )


def within(value: float, limits: tuple[float, float]) -> bool:
    """Return whether a number lies between the limits; NaN never does."""
    return limits[0] <= value <= limits[1]


def _by_producer(
    columns: Sequence[Columns], owners: Sequence[int], messages: Sequence[RawMessage], feed: str
) -> Iterable[tuple[str, Rows]]:
    """Return the rows of each producer; nearly always there is one, the feed itself."""
    names = [mine.producer or feed for mine in columns]
    for producer in dict.fromkeys(names):
        chosen = [i for i, name in enumerate(names) if name == producer]
        yield producer, Rows.of([columns[i] for i in chosen], [owners[i] for i in chosen], messages)


def _fixes(
    producer: str, rows: Rows, catalog: Catalog, judge: Judge, lateness_us: int, now_us: int
) -> Iterable[PositionBatch]:
    """Return the fixes; a missing speed or heading is 0 and flagged as estimated."""
    mine, (longitude, latitude, speed, heading) = rows.parts(POSITION_PARTS)
    if not len(mine):
        return
    keys = mine.keys(catalog.thing_keys.get(producer, {}))
    verdict = judge.times(mine, lateness_us)
    verdict.unknown(keys)
    verdict.numbers(longitude, LONGITUDE, LONGITUDE)
    verdict.numbers(latitude, LATITUDE, LATITUDE)
    verdict.implausible((longitude == 0.0) & (latitude == 0.0))  # what a receiver without a fix says
    verdict.numbers(verdict.estimated(speed), POSSIBLE_MPS, PLAUSIBLE_MPS)
    verdict.numbers(verdict.estimated(heading), _HEADING, _HEADING)
    good, flags = verdict.close("position", mine, longitude)
    yield PositionBatch(
        keys[good],
        mine.time_us[good],
        longitude[good],
        latitude[good],
        speed[good],
        heading[good] % 360.0,
        flags[good],
        now_us,
    )
