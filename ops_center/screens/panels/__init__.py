"""Kinds of panels, one file each with ``PANEL``: what it may be told (its options), and what it shows.

Adding one is adding a file; outsiders use the entry-point group ``ops_center.panel``. Judged by
tests/contracts/test_every_panel.py; docs/scenes.md says how one is written.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

from ops_center.domain.registry import scan
from ops_center.scenes.reading import Kinds
from ops_center.screens.panels.kind import PanelKind


@cache
def registry() -> Mapping[str, PanelKind]:
    """Return name → kind, in the order in which an editor offers them."""
    found = scan(sys.modules[__name__], "PANEL", PanelKind)
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


def options_by_kind() -> Kinds:
    """Return kind → the structure of its options, by which scenes are judged."""
    return {name: kind.options for name, kind in registry().items()}
