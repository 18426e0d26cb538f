"""An answer of comma-separated values that spreadsheets of any language open, and none of them takes for formulas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.responses import StreamingResponse

_PIECE = 64 * 1024
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the lines, the names of the columns first."""
    yield "\ufeff"  # spreadsheets take it for another encoding otherwise
    yield _line(columns)
    for row in rows:
        yield _line(map(_plain, row))


def sent(pieces: Iterator[bytes], kind: str, name: str) -> StreamingResponse:
    """Return an answer that browsers keep as a file of this name, and nobody else keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type=kind, headers=headers)


def in_pieces(parts: Iterator[str]) -> Iterator[bytes]:
    """Join what is small: a piece each for a line would cost more than the lines."""
    held: list[str] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length >= _PIECE:
            yield "".join(held).encode("utf-8", "replace")
            held, length = [], 0
    yield "".join(held).encode("utf-8", "replace")


def _line(values: Iterable[Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue()


def _plain(value: Any) -> str:
    """Return a value as a cell; one that a spreadsheet would take for a formula is marked as text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULAS) else text
