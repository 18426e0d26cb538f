"""Public warnings as CAP 1.2 messages (OASIS Common Alerting Protocol Version 1.2, 1 July 2010): values in, XML out.

Whatever texts and outlines come in, what comes out is valid against the published schema and keeps the standard's rules
that the schema can't say: times without ``Z`` (3.3.2), identifiers without spaces, commas and markup (3.2.1), polygons
that close (3.2.4). Called by ``alerts.public_warning``, which makes the values of an alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from math import isfinite
from typing import Literal
from xml.etree import ElementTree

from ops_center.domain.time import to_datetime

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MAX_HEADLINE = 160
"""characters; what the standard suggests for devices that show little (3.2.2)"""
MAX_TEXT = 20_000
"""characters of a description or instruction"""
MAX_CORNERS = 1_000
"""of a polygon; what is finer is thinned out, since messages go over narrow lines too"""
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Status = Literal["Actual", "Exercise", "System", "Test", "Draft"]
CAP_LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""language of ours → RFC 3066"""

# What XML 1.0 has no way to write, and the invisible characters that turn text around.
_UNWRITABLE = re.compile(
    "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]"
)
_NOT_IN_IDENTIFIERS = re.compile(r"[\s,<&]+")


class MsgType(StrEnum):
    """What a message does."""

    ALERT = "Alert"
    UPDATE = "Update"
    """replaces the messages it refers to"""
    CANCEL = "Cancel"
    """takes them back"""


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message, as the extended identifier names it."""

    sender: str
    identifier: str
    sent_us: int


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within a distance of a point."""

    longitude: float
    latitude: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a warning holds: each part adds to it."""

    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    """rings of (longitude, latitude), WGS 84, closed or not; fewer than three corners are no area and left out"""
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()
    """(system of codes, code): (``district``, ``D01``)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What a message says in one language."""

    language: Literal["zh", "en"]
    categories: tuple[str, ...] = ("Safety",)
    event: str
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    headline: str = ""
    description: str = ""
    instruction: str = ""
    sender_name: str = ""
    area: str = ""
    """the place in words"""
    responses: tuple[str, ...] = ()
    """what people should do, as one of the standard's words: ``Shelter``, ``Avoid`` …"""
    onset_us: int = 0
    """µs UTC; 0: not said"""
    expires_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a warning."""

    identifier: str
    """unique for ever: of the alarm, and which message of its warning it is"""
    sender: str
    sent_us: int
    status: Status
    msg_type: MsgType
    infos: tuple[Info, ...]
    outline: Outline = Outline()
    references: tuple[Reference, ...] = ()
    note: str = ""

    def as_reference(self) -> Reference:
        """Return how later messages name this one."""
        return Reference(self.sender, self.identifier, self.sent_us)


def write_cap(message: Message, zone: tzinfo = UTC) -> bytes:
    """Return the message as XML in UTF-8, times in the city's ``zone``. Raises ValueError for one without a name."""
    root = ElementTree.Element("alert", xmlns=NAMESPACE)
    _add(root, "identifier", _identifier(message.identifier))
    _add(root, "sender", _identifier(message.sender))
    _add(root, "sent", cap_time(message.sent_us, zone))
    _add(root, "status", message.status)
    _add(root, "msgType", message.msg_type.value)
    _add(root, "scope", "Public")
    _add_text(root, "note", message.note)
    _add_text(root, "references", " ".join(_reference(one, zone) for one in message.references))
    for info in message.infos:
        _add_info(root, info, message.outline, zone)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return written


def cap_time(us: int, zone: tzinfo = UTC) -> str:
    """Return µs UTC as the standard writes times: whole seconds, with an offset, UTC as ``-00:00``."""
    moment = to_datetime(us).astimezone(zone)
    text = moment.isoformat(timespec="seconds")
    # Offsets of seconds are history, and have no form in RFC 3339.
    whole = moment.utcoffset() is not None and len(text) == len("2026-01-01T00:00:00+08:00")
    return f"{text[:19]}-00:00" if text.endswith("+00:00") else text if whole else cap_time(us)


def readable(text: str, most: int = MAX_TEXT) -> str:
    """Return what of a text can be written in XML and read by people, at most so many characters."""
    clean = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return clean if len(clean) <= most else f"{clean[: most - 1].rstrip()}…"


def _add_info(root: ElementTree.Element, info: Info, outline: Outline, zone: tzinfo) -> None:
    block = ElementTree.SubElement(root, "info")
    _add(block, "language", CAP_LANGUAGES[info.language])
    for category in info.categories or ("Other",):
        _add(block, "category", category)
    _add(block, "event", readable(info.event, MAX_HEADLINE) or "-")
    for response in info.responses:
        _add(block, "responseType", response)
    _add(block, "urgency", info.urgency)
    _add(block, "severity", info.severity)
    _add(block, "certainty", info.certainty)
    for name, us in (("onset", info.onset_us), ("expires", info.expires_us)):
        if us:
            _add(block, name, cap_time(us, zone))
    _add_text(block, "senderName", info.sender_name)
    _add_text(block, "headline", info.headline, MAX_HEADLINE)
    _add_text(block, "description", info.description)
    _add_text(block, "instruction", info.instruction)
    _add_area(block, info, outline)


def _add_area(block: ElementTree.Element, info: Info, outline: Outline) -> None:
    polygons = [ring for ring in map(_ring, outline.polygons) if ring]
    circles = [text for text in map(_circle, outline.circles) if text]
    codes = [(readable(name, 100), readable(code, 100)) for name, code in outline.geocodes]
    codes = [(name, code) for name, code in codes if name and code]
    described = readable(info.area, 1000)
    if not (described or polygons or circles or codes):
        return
    area = ElementTree.SubElement(block, "area")
    _add(area, "areaDesc", described or "-")
    for ring in polygons:
        _add(area, "polygon", ring)
    for circle in circles:
        _add(area, "circle", circle)
    for name, code in codes:
        entry = ElementTree.SubElement(area, "geocode")
        _add(entry, "valueName", name)
        _add(entry, "value", code)


def _ring(corners: Sequence[tuple[float, float]]) -> str:
    """Return a closed ring as ``latitude,longitude`` pairs; "" for what encloses nothing."""
    found = [f"{lat:.6f},{lon:.6f}" for lon, lat in corners if _on_earth(lon, lat)]
    distinct = list(_without_repeats(found))
    if len(distinct) > 1 and distinct[0] == distinct[-1]:
        distinct.pop()
    if len(set(distinct)) < 3:
        return ""
    step = -(-len(distinct) // MAX_CORNERS)
    kept = distinct[::step]
    return " ".join([*kept, kept[0]]) if len(set(kept)) >= 3 else ""


def _circle(circle: Circle) -> str:
    if not (_on_earth(circle.longitude, circle.latitude) and isfinite(circle.radius_m)) or circle.radius_m < 0:
        return ""
    return f"{circle.latitude:.6f},{circle.longitude:.6f} {circle.radius_m / 1000:.3f}"


def _on_earth(longitude: float, latitude: float) -> bool:
    return -180 <= longitude <= 180 and -90 <= latitude <= 90


def _without_repeats(texts: Iterable[str]) -> Iterable[str]:
    before = None
    for text in texts:
        if text != before:
            yield text
        before = text


def _reference(reference: Reference, zone: tzinfo) -> str:
    sent = cap_time(reference.sent_us, zone)
    return f"{_identifier(reference.sender)},{_identifier(reference.identifier)},{sent}"


def _identifier(text: str) -> str:
    """Return a name that can stand in a list of references."""
    found = _NOT_IN_IDENTIFIERS.sub("-", readable(text, 200)).strip("-")
    if not found:
        raise ValueError("a CAP message needs an identifier and a sender")
    return found


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _add_text(parent: ElementTree.Element, name: str, text: str, most: int = MAX_TEXT) -> None:
    if clean := readable(text, most):
        _add(parent, name, clean)
