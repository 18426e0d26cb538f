"""What a browser may ask for over ``/live``: decoded and bounded before anything is done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

MAX_MESSAGE_BYTES = 64 * 1024
MAX_LAYERS = 64
MAX_DISTRICTS = 1024
MAX_SINCE = 4096

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Version = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class WallWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What hangs on which wall."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    display: Annotated[int, msgspec.Meta(ge=1, le=128)] | None = None
    """one display of it; None: all of it, for who steers or shows it whole"""


class Subscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cells a browser wants, and which versions it holds."""

    layers: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MAX_LAYERS)]
    districts: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MAX_DISTRICTS)] | None = None
    """None: all"""
    since: Annotated[Mapping[Name, Version], msgspec.Meta(max_length=MAX_SINCE)] = {}
    """cell → version"""
    alarms: bool = False
    """also the open alarms, as text frames"""
    notices: bool = False
    """also what the one who asks is told on the pages, as text frames"""
    alarms_seq: Version | None = None
    """the seq of the last frame of alarms that it took; None: it holds none"""
    incidents: bool = False
    """also the open incidents, as text frames"""
    incidents_seq: Version | None = None
    """the seq of the last frame of incidents that it took; None: it holds none"""
    wall: WallWanted | None = None
    """also what hangs on a wall, as text frames"""


class ClientMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one kind of message that a browser sends."""

    subscribe: Subscription


_DECODER = msgspec.json.Decoder(ClientMessage)


class NotUnderstood(ValueError):
    """The message is not one of ours, or beyond a limit."""


def decode_message(text: str | bytes) -> Subscription:
    """Return the subscription; raises NotUnderstood with a reason that may be shown to the sender."""
    if len(text) > MAX_MESSAGE_BYTES:
        raise NotUnderstood(f"longer than {MAX_MESSAGE_BYTES} bytes")
    try:
        return _DECODER.decode(text).subscribe
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotUnderstood(str(error)[:200]) from None
