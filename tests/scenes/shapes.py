"""Scenes for tests: small ones that are right, to be made wrong in one place."""

from __future__ import annotations

from typing import Any

import msgspec

from ops_center.scenes.reading import Kinds


class NoteOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: str = "calm"


class MapOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    closer: float = 0.0


KINDS: Kinds = {"map": MapOptions, "note": NoteOptions}


def panel(
    id_: str = "note", kind: str = "note", place: tuple[int, int, int, int] = (0, 0, 4, 4), **options: Any
) -> Any:
    x, y, w, h = place
    return {"id": id_, "kind": kind, "x": x, "y": y, "w": w, "h": h, "options": options}


def form(name: str = "night", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": {"zh": "夜间", "en": "Night"},
        "purpose": {"zh": "夜班", "en": "for the night"},
        "columns": 16,
        "rows": 9,
        "panels": [panel("city", "map", (0, 0, 16, 9)), panel()],
        **more,
    }


def window(days: str = "mon", begins: str = "07:00", ends: str = "09:30") -> dict[str, Any]:
    return {"days": days.split(), "begins": begins, "ends": ends}
