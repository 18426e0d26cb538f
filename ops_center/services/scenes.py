"""What people do with scenes: look, save, duplicate, revert, delete, schedule; and how shipped files get in.

Called by the wall, by the editor and by ``run.py scenes``; whoever calls has judged that the asker may. Every change is
a new version (``services.versions``). What is wrong with a scene is a value (:class:`Refused`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ops_center.domain.errors import SceneError
from ops_center.domain.faults import Fault
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.scenes.reading import Kinds, judged, read_file, readable, shipped_files
from ops_center.scenes.scene import Scene
from ops_center.scenes.timetable import Due, due
from ops_center.services.versions import Form, Imported, Refused, VersionDesk, said
from ops_center.store.version_port import VersionRow, VersionStore

__all__ = ["SCENES", "Fault", "Imported", "Refused", "SceneDesk"]

SCENES = Rights(see=PICTURE, change=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}))
"""a scene is the whole wall's: who changes one must hold the role over all departments and districts"""
DEFAULT = "daily"
"""what hangs on a wall until somebody says otherwise"""
_TAKEN = Fault("name", Label("已有同名场景", "there is a scene of this name"))


class SceneDesk(VersionDesk):
    """The scenes of one realm; safe to use from any thread."""

    kind = "scene"
    error = SceneError

    def __init__(self, store: VersionStore, clock: Clock, zone: str, kinds: Kinds) -> None:
        """``zone``: the city's, in which windows are meant; ``kinds``: the panels there are, with their options."""
        super().__init__(store, clock)
        self._zone = zone
        self.kinds = kinds

    # ---- looking ----

    def list(self) -> Sequence[VersionRow]:
        """Return the newest version of every scene, in the order of the rotation."""
        return sorted(super().list(), key=lambda row: (row.form.get("order", 500), row.name))

    def scene(self, name: str) -> VersionRow:
        """Return the newest version of a scene. Raises SceneError."""
        return self.at(name)

    def due(self, now_us: int | None = None) -> Due | None:
        """Return the scene that schedule and rotation want now; None: they want none."""
        scenes = [scene for row in self.list() if (scene := readable(row.form))]
        return due(scenes, self._clock.now_us() if now_us is None else now_us, self._zone)

    def validate(self, form: Any) -> tuple[Fault, ...]:
        """Return what is wrong with a scene as JSON; () where nothing is."""
        found = judged(form, self.kinds)
        return () if isinstance(found, Scene) else found

    # ---- changing ----

    def duplicate(self, asker: Asker, name: str, new: str, label: Label, reason: str) -> VersionRow | Refused:
        """Save a copy under a new name, without windows and turn: two would be due at once. Raises SceneError."""
        words = {"zh": label.zh, "en": label.en}
        form = {**self.scene(name).form, "name": new, "label": words, "schedule": [], "rotate_s": 0}
        faults = [*self.validate(form), *said(reason)]
        if any(row.name == new for row in self.list()):
            faults.append(_TAKEN)
        if faults:
            return Refused(tuple(faults))
        return self._add(asker, form, 0, reason, "editor", "duplicated")

    def schedule(
        self, asker: Asker, name: str, windows: Sequence[Mapping[str, Any]], rotate_s: int, expected: int, reason: str
    ) -> VersionRow | Refused:  # fmt: skip
        """Say when a scene is due and how long its turn is. Raises SceneError, SceneChanged."""
        form = {**self.scene(name).form, "schedule": list(windows), "rotate_s": rotate_s}
        faults = [*self.validate(form), *said(reason)]
        if faults:
            return Refused(tuple(faults))
        return self._add(asker, form, expected, reason, "editor", "scheduled")

    def delete(self, asker: Asker, name: str, expected: int, reason: str) -> VersionRow | Refused:
        """Delete a scene that the city made; its versions are kept. Raises SceneError for one that ships."""
        if self.ships(name):
            raise SceneError(f"scene {name} ships: take it out of schedule and rotation instead")
        if faults := said(reason):
            return Refused(faults)
        return self._add(asker, self.scene(name).form, expected, reason, "editor", "deleted", gone=True)

    # ---- files ----

    def _read(self, text: str, file: str) -> Iterable[Form]:
        return [msgspec.to_builtins(read_file(text, file, self.kinds))]

    def shipped_files(self) -> Sequence[tuple[str, str]]:
        """Return (name, text) of the files that ship."""
        return shipped_files()
