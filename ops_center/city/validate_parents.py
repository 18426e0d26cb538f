"""Whether what lies under something comes out at a top: areas and organisations are trees. Called by ``validate``."""

from __future__ import annotations

import pandas as pd

from ops_center.city.fields import Layer


def circles(table: pd.DataFrame, layer: Layer) -> list[tuple[str, int, str]]:
    """Return column, row and what is wrong for each row that lies under itself, directly or through others."""
    own = [field.name for field in layer.fields if field.references == f"{layer.name}.{layer.key[0]}"]
    found = []
    for column in own:
        if {column, layer.key[0]} <= set(table):
            above = dict(zip(table[layer.key[0]], table[column], strict=True))
            rows = [row for row, key in enumerate(table[layer.key[0]]) if _lies_under_itself(key, above)]
            found += [(column, row, "lies under itself") for row in rows]
    return found


def _lies_under_itself(key: str, above: dict[str, str]) -> bool:
    """Return whether going up from ``key`` comes back to it; a circle further up belongs to those in it."""
    seen: set[str] = set()
    upper = above.get(key, "")
    while upper and upper not in seen and upper != key:
        seen.add(upper)
        upper = above.get(upper, "")
    return bool(upper) and upper == key
