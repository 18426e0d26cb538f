"""The tables of docs/city-packs.md, made from the schema. A test compares the page with them.

``python -m ops_center.city.document docs/city-packs.md`` writes them into the page anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from ops_center.city.fields import Field, Layer
from ops_center.city.kinds import THING_KINDS
from ops_center.city.schema import LAYERS

START, END = "<!-- tables: generated from ops_center/city -->", "<!-- end of tables -->"


def tables() -> str:
    """Return the tables of all layers and of the kinds of things, as Markdown."""
    return "\n".join([*(line for layer in LAYERS.values() for line in _layer(layer)), *_kinds()])


def with_tables(page: str) -> str:
    """Return the page with the tables between its marks made anew; ValueError if it has no marks."""
    before, mark, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise ValueError(f"the page has no {START} … {END}")
    return f"{before}{START}\n\n{tables()}\n{END}{after}"


def _layer(layer: Layer) -> Iterator[str]:
    yield f"### {layer.name}"
    yield ""
    key = ", ".join(layer.key)
    yield f"{layer.label.zh} · {layer.label.en}. Geometry: {layer.geometry or 'none'}. Key: {key}."
    yield ""
    yield "| column | type | must be known | what it is | values |"
    yield "|---|---|---|---|---|"
    for field in layer.fields:
        must = "yes" if field.required else ""
        what = f"{field.label.zh} · {field.label.en}"
        yield f"| {field.name} | {field.type} | {must} | {what} | {_values(field)} |"
    yield ""


def _values(field: Field) -> str:
    parts = []
    if field.allowed is not None:
        parts.append(", ".join(field.allowed))
    if field.range is not None:
        parts.append(f"{field.range[0]:g} to {field.range[1]:g}")
    if field.unit:
        parts.append(field.unit)
    if field.references:
        parts.append(f"→ {field.references}")
    return " ".join(parts)


def _kinds() -> Iterator[str]:
    yield "### Kinds of things and what they observe"
    yield ""
    yield "| kind | name | feed | department | observed properties (unit, interval, time) |"
    yield "|---|---|---|---|---|"
    for kind in THING_KINDS.values():
        streams = "; ".join(
            f"{stream.observed_property} ({stream.unit}, {stream.interval_s:g} s, {stream.time_kind.value})"
            for stream in kind.streams
        )
        name = f"{kind.label.zh} · {kind.label.en}"
        yield f"| {kind.name} | {name} | {kind.feed} | {kind.department} | {streams or 'positions'} |"
    yield ""


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
