"""docs/rights.md: who may do what, written from the declarations. ``run.py rights`` prints it, a test compares it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ops_center.api.access import Row
from ops_center.domain.rights import Role

_HEAD = """# Rights

Who may do what. Written by `python run.py rights` from what every page, route, stream, callback, layer and feed
declares where it is written; `tests/contracts/test_every_right.py` compares this page with them, asks for every line as
every role, and fails where something declares nothing (it is closed to everybody).

A role counts within its scope: a grant is `role/department/district`, and what belongs to another department or
district is left out of every answer as if it did not exist ([people.md](people.md)). What belongs to none is the whole
city's.
"""
_MARK = re.compile(r"@[0-9a-f]{64}")
_KINDS = (
    ("page", "Pages"),
    ("route", "Addresses"),
    ("stream", "Streams (WebSocket)"),
    ("callback", "Callbacks of pages"),
    ("layer", "Layers on the map (cells of the stream and their geometry)"),
    ("feed", "Feeds (things, their datastreams and series over `/api`)"),
)


def rights_table(rows: Sequence[Row]) -> str:
    """Return the page."""
    parts = [_HEAD]
    for kind, title in _KINDS:
        lines = sorted({_line(row) for row in rows if row.kind == kind})
        if lines:
            parts += [f"\n## {title}\n", _columns(), *lines]
    return "\n".join(parts) + "\n"


def _columns() -> str:
    names = " | ".join(role.value.replace("_", " ") for role in Role)
    return f"| | anybody | {names} |\n|---|{':-:|' * (len(Role) + 1)}"


def _line(row: Row) -> str:
    marks = " | ".join("•" if role in row.roles else "" for role in Role)
    return f"| `{_shown(row.name)}` | {'•' if row.anonymous else ''} | {marks} |"


def _shown(name: str) -> str:
    """Return a callback's name as people read it: what it changes, without the marks of those who share an output."""
    return _MARK.sub("", name).strip(".").replace("...", ", ")
