"""Registrations as outsiders send them: one JSON object for a thing and its datastreams (docs/feeds.md).

The same object comes by the ``catalog`` topic, by HTTP and from files of the command line. Called by
``ops_center/intake/registering.py`` and ``ops_center/services/registration.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from ops_center.domain.catalog import Datastream, Thing, TimeKind
from ops_center.domain.errors import CatalogError
from ops_center.domain.json_values import fault_of_json
from ops_center.domain.text import Label
from ops_center.domain.units import UNITS

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]


class Names(msgspec.Struct, frozen=True):
    """A name in both languages."""

    zh: Name
    en: Name


class StreamRegistration(msgspec.Struct, frozen=True):
    """One datastream of the thing."""

    observed_property: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[a-z][a-z0-9_]*$")]
    unit: str
    """UCUM code, one of ``ops_center.domain.units``"""
    interval_s: Annotated[float, msgspec.Meta(gt=0, le=31 * 86_400)]
    """how often it will report"""
    time_kind: Literal["instant", "interval"] = "instant"


class Registration(msgspec.Struct, frozen=True):
    """One thing and its datastreams; also the request body of ``POST /api/things``."""

    producer: Code
    thing_id: Code
    kind: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[a-z][a-z0-9_]*$")]
    feed: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[a-z][a-z0-9_]*$")]
    """the feed whose raw topic its messages will come by"""
    name: Names
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    """degrees, WGS 84"""
    district: str = ""
    department: str = ""
    attributes: dict[str, Any] = {}
    datastreams: list[StreamRegistration] = []

    def thing(self) -> Thing:
        """Return the thing, not registered yet. Raises CatalogError."""
        return Thing(
            -1,
            self.producer,
            self.thing_id,
            self.kind,
            self.feed,
            self._label(),
            self.longitude,
            self.latitude,
            self.district,
            self.department,
            self.attributes,
        )

    def streams(self) -> list[tuple[str, str, Datastream]]:
        """Return its datastreams as ``CatalogStore.register`` takes them. Raises CatalogError."""
        return [(self.producer, self.thing_id, self._stream(stream)) for stream in self.datastreams]

    def _label(self) -> Label:
        try:
            return Label(self.name.zh, self.name.en)
        except ValueError as error:
            raise CatalogError(f"{self.producer}/{self.thing_id}: {error}") from error

    def _stream(self, stream: StreamRegistration) -> Datastream:
        if stream.unit not in UNITS:
            where = f"{self.producer}/{self.thing_id}, {stream.observed_property}"
            raise CatalogError(f"{where}: {stream.unit!r} is none of the UCUM units that are known here")
        kind = TimeKind(stream.time_kind)
        return Datastream(-1, -1, stream.observed_property, stream.unit, self.feed, stream.interval_s, kind)


class Retirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing that goes out of service; it keeps its history and accepts nothing more."""

    producer: Code
    thing_id: Code
    retired: Literal[True]


class _Head(msgspec.Struct):
    retired: bool = False


_DECODER = msgspec.json.Decoder(Registration)
_RETIREMENT = msgspec.json.Decoder(Retirement)
_HEAD = msgspec.json.Decoder(_Head)
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError)
"""what a decoder raises for bytes of others; msgspec.ValidationError is a DecodeError"""


def read_change(record: bytes) -> Registration | Retirement:
    """Return what one record of the ``catalog`` topic says; raises CatalogError that names the field."""
    try:
        if _HEAD.decode(record).retired:
            return _RETIREMENT.decode(record)
    except _UNREADABLE as error:
        raise CatalogError(f"not a registration: {error}") from error
    return read_registration(record)


def read_registration(record: bytes) -> Registration:
    """Return what one JSON object says; raises CatalogError that names the field."""
    try:
        return _checked(_DECODER.decode(record))
    except _UNREADABLE as error:
        raise CatalogError(f"not a registration: {error}") from error


def as_registration(value: Mapping[str, Any]) -> Registration:
    """Return what a decoded JSON object says; raises CatalogError that names the field."""
    try:
        return _checked(msgspec.convert(value, Registration))
    except _UNREADABLE as error:
        raise CatalogError(f"not a registration: {error}") from error


def _checked(registration: Registration) -> Registration:
    registration.thing()
    registration.streams()
    fault = fault_of_json(registration.attributes)
    if fault:
        raise CatalogError(f"{registration.producer}/{registration.thing_id}: attributes: {fault}")
    return registration


def as_things(
    registrations: Iterable[Registration],
) -> tuple[Sequence[Thing], Sequence[tuple[str, str, Datastream]]]:
    """Return things and datastreams as ``CatalogStore.register`` takes them."""
    given = list(registrations)
    return [one.thing() for one in given], [stream for one in given for stream in one.streams()]
