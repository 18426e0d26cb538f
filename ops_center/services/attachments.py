"""What may be attached to an alarm: a closed list of kinds, told by the bytes themselves and not by a name.

A file is shown by browsers of people who trust the center: nothing that runs (HTML, SVG, scripts) is taken, and nothing
whose kind isn't known.
"""

from __future__ import annotations

import hashlib

from alerts.alarm import Refusal
from ops_center.domain.text import Label
from ops_center.store.alarm_port import Attachment

LARGEST_BYTES = 4 * 1024 * 1024
"""no more than the guard lets through (``api.guard``)"""

_TOO_LARGE = Refusal("too_large", Label("文件超过4 MB", "the file is larger than 4 MB"))
_EMPTY = Refusal("empty", Label("文件为空", "the file is empty"))
_KIND = Refusal("kind", Label("只接受图片、PDF、MP4和纯文本", "only pictures, PDF, MP4 and plain text are taken"))

_BEGINNINGS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftyp", "video/mp4"),
)
"""where a mark stands, the mark, the kind that has it"""


def as_attachment(held: bytes) -> Attachment | Refusal:
    """Return the file under the hash of its bytes, or why it isn't taken."""
    if not held:
        return _EMPTY
    if len(held) > LARGEST_BYTES:
        return _TOO_LARGE
    kind = kind_of(held)
    return _KIND if kind is None else Attachment(hashlib.sha256(held).hexdigest(), kind, held)


def kind_of(held: bytes) -> str | None:
    """Return the media type of the bytes; None: none of those that are taken."""
    for place, mark, kind in _BEGINNINGS:
        if held[place : place + len(mark)] == mark and (kind != "image/webp" or held[:4] == b"RIFF"):
            return kind
    return "text/plain; charset=utf-8" if _is_plain_text(held) else None


def _is_plain_text(held: bytes) -> bool:
    """Return whether it is text: it may look like a page, and is served as plain text to be saved, never shown."""
    try:
        text = held.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t\ufeff" for character in text)
