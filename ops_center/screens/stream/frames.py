"""The wire format of the data plane: what ``/live`` sends, what a browser sends back, what geometry looks like.

Written by this package, read by ``assets/live.js``. A binary WebSocket message is one or more frames back to back
(what changed together travels together); an answer of ``GET /live/geometry/…`` is one frame. All numbers are
little-endian::

    offset 0     4 bytes   magic ``OPSF``
    offset 4     uint32    H: length of the header in bytes, a multiple of 8
    offset 8     uint32    L: length of the whole frame in bytes, a multiple of 8; the next frame starts there
    offset 12    4 bytes   zero
    offset 16    H bytes   header: UTF-8 JSON object, padded with spaces
    offset 16+H  …         arrays, each where the header says

A header has ``kind`` and, where arrays follow, ``arrays``: name → ``{"dtype", "size", "offset", "length"}``.
``offset`` counts bytes from the start of the frame and is a multiple of 8, so that a browser makes typed arrays
without copying: ``new Float32Array(message, start_of_frame + offset, length)``. ``length`` counts elements, ``size``
elements per row: an array has ``length / size`` rows. dtypes: ``uint8``, ``uint32``, ``int32``, ``float32``,
``float64``.

Kinds that the server sends over ``/live``:

``cell`` — one version of one cell (layer × district × department), complete: it replaces the one before. ::

    {"kind": "cell", "cell": "traffic_sensors/D03/traffic_police", "layer": "traffic_sensors", "district": "D03",
     "shape": "points", "version": 1763721600123, "geometry": "9f2c41d07a33b810", "n": 1234,
     "now_us": 1763721600123000, "options": {…}, "text": ["…", …] or null,
     "arrays": {"color": uint8 ×4, "size": float32 ×1, "time_s": uint32 ×1,
                "angle": float32 ×1, "icon": uint8 ×1 (each only if the layer has them),
                "positions": float32 ×2 (only if the layer's features move)}}

  ``cell``     layer, district and department whose things it shows; the codes are percent-encoded, ``-`` for features
               that belong to none, so that it can stand in an address as it is. Who may see a cell may see all of it.
  ``version``  only ever compared for equality; larger is newer within one run of the server.
  ``geometry`` names the geometry that row i belongs to. If the browser doesn't hold it, it asks
               ``GET /live/geometry/<cell>/<geometry>`` and draws the cell when both are there.
  ``time_s``   whole seconds since the epoch of what is shown; 0: nothing was ever received.
  ``positions`` replaces those of the geometry, one row for each feature: features that move.
  ``text``     one string for each row, or null.
  ``options``  as the layer gave them; ``pulse`` lists rows of this cell.

``gone`` — ``{"kind": "gone", "cell": …}``: the cell is no more (its last feature was retired); remove it.

``subscribed`` — the answer to a subscription, before its first cell. ``unknown``: layers that don't exist or that
  this client may not see. ``cells``: all that will be sent, so that a browser can drop what it holds beyond them. ::

    {"kind": "subscribed", "layers": ["traffic_sensors"], "unknown": [],
     "cells": {"traffic_sensors/D03/traffic_police": 1763721600123, …}}     null: not drawn yet, comes at once

  ``alarms``, ``wall``: whether alarms, and what hangs on the wall, are sent from now on.

``heartbeat`` — every second, even when nothing changes. ::

    {"kind": "heartbeat", "sequence": 4711, "server_time_us": 1763721600123000,
     "live": {"status": "ok", "age_s": 0.2}, "alarms": {"age_s": 0.3, "unjudged_s": 0.0},
     "feeds": {"traffic": {"age_s": 1.4, "aged": false}, …}}

  ``sequence`` grows by one each second for all clients together; a gap, or nothing for 3 seconds, means that this
  screen has lost data, and it must say so itself. ``server_time_us`` is the clock that ages are counted against.
  ``live.status``: ``ok``; ``aged`` (the live worker says nothing); ``lost`` (no cache: the picture is what it was).
  ``alarms.age_s``: how long ago the alarms were last compared with the database; null: never (yet).
  ``alarms.unjudged_s``: for how long what happens has not become alarms, since rules worker or book hang; 0: it does.
  ``feeds.*.age_s``: since the newest phenomenon time; null: nothing was ever received.

``refused`` — ``{"kind": "refused", "reason": …}``: the message was not understood or beyond a limit; the earlier
  subscription stands. Repeated nonsense closes the connection (code 1008).

Alarms are *text* messages, since a list wants objects: what changed since the last one of them, of what this client may
see, at most five a second. ::

    {"alarms": {"seq": 4711, "all": false, "set": [{"id": 7, "rule": …, "label": {"zh": …, "en": …}, …}], "gone": [3]}}

  ``set``   open alarms as they are now, new or changed: the fields of ``alerts.alarm.Alarm``, ``label`` (of the rule),
            ``name`` (of the thing, or null), ``unit`` (of value and limit, or null); numbers that are none are null.
  ``gone``  ids that are closed, or that this client may see no more; also of some it never saw.
  ``all``   everything there is: forget what you hold. The first one, and whenever too much happened in between.
  ``seq``   to be given as ``alarms_seq`` when subscribing again, so that only the rest is sent.

So is what hangs on a wall, whenever that changes, at most 25 times a second while a map is dragged; always all of it::

    {"wall": {"name": "main", "display": 2, "seq": 17, "scene": "daily", "version": 3, "switch_at_us": …,
              "show": {"kind": "alarm", "subject": "4711", "name": {"zh": …, "en": …}, "by": …, "at_us": …} or null,
              "sent_at_us": …, "view": {"longitude", "latitude", "zoom", "pitch", "bearing"} or null, "view_seq": 9,
              "moving": true, "follow": {"by", "by_name", "since_us"} or null, "mine": false}}

  ``switch_at_us`` when all displays change to the scene, ``sent_at_us`` when ``show`` and ``view`` are there; both by
            the server's clock, and a little ahead of the frame.
  ``view``  where the maps look; null: where the scene has them. ``moving``: it follows a hand, go there at once.
  ``mine``  it is this client's own desk that the wall follows.
  Who asked for no display gets the whole wall: ``display`` null, ``sent`` (all that hangs there), ``auto``,
  ``displays`` (which are on, and what they say of themselves), ``act``, ``by``, ``by_name``, ``at_us`` (the last act).

Notifications on the pages are text messages too, to who subscribes with ``"notices": true``: what the one who asks is
told and has not read, first all of it, then what changed. ::

    {"notices": {"unread": 3, "new": [{"id": 7, "act": "raised", "alarm": 4, "subject": …, "priority": 1, "at_us": …}],
                 "read": [5]}}

  ``new``     at most 20, the newest; ``unread`` counts all.
  ``read``    ids that were new before and are read by now, here or on another page.

What a browser sends is JSON text of at most 64 KiB; each subscription replaces the one before::

    {"subscribe": {"layers": ["traffic_sensors", "vehicles"],
                   "districts": ["D03"],                       optional: all
                   "since": {"traffic_sensors/D03/traffic_police": 1763721600123},    optional: versions it holds
                   "alarms": true, "alarms_seq": 4711,                                optional: alarms too
                   "wall": {"name": "main", "display": 2}}}                           optional: what hangs on a wall

A cell whose version equals ``since`` is not sent again. After a reconnect a browser therefore subscribes with what it
holds. A slow browser gets the newest version of each cell when it is ready for it; versions in between are skipped.

Geometry, ``GET /live/geometry/<cell>/<geometry>`` (gzip, ETag, cacheable for ever; 404 when it is no longer current:
wait for the next cell frame)::

    {"kind": "geometry", "cell": …, "geometry": …, "layer": …, "shape": "paths", "n": 1234, "ids": ["…", …],
     "arrays": {"positions": float32 ×2 or ×3, "starts": uint32 ×1}}

Feature i of paths and polygons owns the rows ``starts[i]`` to ``starts[i + 1]`` of ``positions`` (n + 1 starts); points
own one row each. ``ids`` are thing ids in the order of the features: what a click answers.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

MAGIC = b"OPSF"
_PREFIX = struct.Struct("<4sII4x")
_ALIGNMENT = 8
_DTYPES = {np.dtype(name): name for name in ("uint8", "uint32", "int32", "float32", "float64")}

Header = Mapping[str, Any]
Array = NDArray[Any]


def encode_frame(header: Header, arrays: Mapping[str, Array] | None = None) -> bytes:
    """Return one frame. ``arrays``: name → [rows] or [rows, size], of a dtype of the format (else ValueError)."""
    laid_out = [(name, np.ascontiguousarray(array)) for name, array in (arrays or {}).items()]
    head = _head(header, laid_out)
    parts = [head]
    for _, array in laid_out:
        parts += (array.tobytes(), bytes(_padding(array.nbytes)))
    length = _PREFIX.size + sum(map(len, parts))
    return b"".join((_PREFIX.pack(MAGIC, len(head), length), *parts))


def decode_frames(message: bytes) -> list[tuple[dict[str, Any], dict[str, Array]]]:
    """Return header and arrays of each frame of a message, the arrays views into it: clients in Python.

    Raises ValueError for bytes that are not frames.
    """
    frames = []
    while message:
        if len(message) < _PREFIX.size or message[:4] != MAGIC:
            raise ValueError(f"not a frame: {message[:16]!r}")
        _, head, length = _PREFIX.unpack_from(message)
        if not _PREFIX.size + head <= length <= len(message):
            raise ValueError(f"a frame of {length} bytes, a header of {head}, in a message of {len(message)}")
        header = msgspec.json.decode(message[_PREFIX.size : _PREFIX.size + head])
        frames.append((header, {name: _view(message, place) for name, place in header.get("arrays", {}).items()}))
        message = message[length:]
    return frames


def _view(frame: bytes, place: Mapping[str, Any]) -> Array:
    flat = np.frombuffer(frame, place["dtype"], place["length"], place["offset"])
    return flat if place["size"] == 1 else flat.reshape(-1, place["size"])


def _head(header: Header, arrays: list[tuple[str, Array]]) -> bytes:
    """Return the padded header. Offsets need its length, which needs the offsets: room is left for ten digits."""
    if not arrays:
        return _padded(msgspec.json.encode(dict(header)))
    draft = _padded(msgspec.json.encode({**header, "arrays": _places(arrays, 9_999_999_999)}))
    real = msgspec.json.encode({**header, "arrays": _places(arrays, _PREFIX.size + len(draft))})
    return real.ljust(len(draft))


def _places(arrays: list[tuple[str, Array]], start: int) -> dict[str, Any]:
    places = {}
    offset = start
    for name, array in arrays:
        if array.dtype not in _DTYPES:
            raise ValueError(f"{name}: {array.dtype} can't travel in a frame")
        size = array.shape[1] if array.ndim > 1 else 1
        places[name] = {"dtype": _DTYPES[array.dtype], "size": size, "offset": offset, "length": array.size}
        offset += array.nbytes + _padding(array.nbytes)
    return places


def _padded(head: bytes) -> bytes:
    return head + b" " * _padding(len(head))


def _padding(length: int) -> int:
    return -length % _ALIGNMENT
