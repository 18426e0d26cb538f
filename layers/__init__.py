"""Layers, one file each: live values and static features in, our own layer specs out (contract.py).

Adding one is adding a file with ``LAYER``; outsiders use the entry-point group ``ops_center.layer``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from layers.contract import Layer
from ops_center.domain.registry import scan


def registry() -> Mapping[str, Layer]:
    """Return name → layer, in the order they are drawn: the last is nearest to the eye."""
    found = scan(sys.modules[__name__], "LAYER", Layer)  # type: ignore[type-abstract]
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))
