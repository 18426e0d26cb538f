"""What people do with scenes: look, save, duplicate, revert, delete, schedule; and how shipped files get in.

Called by the wall, by the editor and by ``run.py scenes``; whoever calls has judged that the asker may. Every change is
a new version with its entry in the audit, in one transaction. What is wrong with a scene is a value (:class:`Refused`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.errors import SceneError
from ops_center.domain.faults import Fault
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.scenes.reading import Kinds, judged, read_file, readable, shipped_files
from ops_center.scenes.scene import Scene
from ops_center.scenes.timetable import Due, due
from ops_center.store.scene_port import NewScene, SceneRow, SceneStore

__all__ = ["SCENES", "Fault", "Imported", "Refused", "SceneDesk"]

SCENES = Rights(see=PICTURE, change=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}))
"""a scene is the whole wall's: who changes one must hold the role over all departments and districts"""
DEFAULT = "daily"
"""what hangs on a wall until somebody says otherwise"""
_NO_REASON = Fault("reason", Label("请说明原因", "say why"))
_TAKEN = Fault("name", Label("已有同名场景", "there is a scene of this name"))


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was saved."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the scenes in files."""

    new: tuple[str, ...]
    renewed: tuple[str, ...]
    """nobody had edited them, and the file says something else now"""
    left: tuple[str, ...]
    """the file says something else, and the database wins since somebody edited them"""


class SceneDesk:
    """The scenes of one realm; safe to use from any thread."""

    def __init__(self, store: SceneStore, clock: Clock, zone: str, kinds: Kinds) -> None:
        """``zone``: the city's, in which windows are meant; ``kinds``: the panels there are, with their options."""
        self._store = store
        self._clock = clock
        self._zone = zone
        self.kinds = kinds

    # ---- looking ----

    def version(self) -> int:
        """Return a number that grows with every change of any scene: cheap."""
        return self._store.version()

    def list(self) -> Sequence[SceneRow]:
        """Return the newest version of every scene, in the order of the rotation."""
        return sorted(self._store.load(), key=lambda row: (row.form.get("order", 500), row.name))

    def scene(self, name: str) -> SceneRow:
        """Return the newest version of a scene. Raises SceneError."""
        newest = self.history(name)[0]
        if newest.gone:
            raise SceneError(f"there is no scene {name}")
        return newest

    def history(self, name: str) -> Sequence[SceneRow]:
        """Return all versions of a scene, newest first. Raises SceneError."""
        found = self._store.history(name)
        if not found:
            raise SceneError(f"there is no scene {name}")
        return found

    def at(self, name: str, version: int | None) -> SceneRow:
        """Return one version of a scene, the newest where none is named. Raises SceneError."""
        if version is None:
            return self.scene(name)
        row = next((row for row in self.history(name) if row.version == version), None)
        if row is None:
            raise SceneError(f"there is no version {version} of scene {name}")
        return row

    def due(self, now_us: int | None = None) -> Due | None:
        """Return the scene that schedule and rotation want now; None: they want none."""
        scenes = [scene for row in self.list() if (scene := readable(row.form))]
        return due(scenes, self._clock.now_us() if now_us is None else now_us, self._zone)

    def validate(self, form: Any) -> tuple[Fault, ...]:
        """Return what is wrong with a scene as JSON; () where nothing is."""
        found = judged(form, self.kinds)
        return () if isinstance(found, Scene) else found

    # ---- changing ----

    def save(
        self, asker: Asker, form: Mapping[str, Any], expected: int, reason: str, origin: str = "editor"
    ) -> SceneRow | Refused:
        """Save a scene as its next version; ``expected``: the newest that its author saw, 0 for a scene that is new.

        Raises SceneChanged where somebody saved another meanwhile.
        """
        faults = [*self.validate(form), *_reason(reason)]
        return Refused(tuple(faults)) if faults else self._add(asker, form, expected, reason, origin, "scene.saved")

    def duplicate(self, asker: Asker, name: str, new: str, label: Label, reason: str) -> SceneRow | Refused:
        """Save a copy under a new name, without windows and turn: two would be due at once. Raises SceneError."""
        words = {"zh": label.zh, "en": label.en}
        form = {**self.scene(name).form, "name": new, "label": words, "schedule": [], "rotate_s": 0}
        faults = [*self.validate(form), *_reason(reason)]
        if any(row.name == new for row in self._store.load()):
            faults.append(_TAKEN)
        if faults:
            return Refused(tuple(faults))
        return self._add(asker, form, 0, reason, "editor", "scene.duplicated")

    def revert(self, asker: Asker, name: str, version: int, expected: int, reason: str) -> SceneRow | Refused:
        """Make an old version the newest. Raises SceneError, SceneChanged."""
        old = self.at(name, version)
        faults = [*self.validate(old.form), *_reason(reason)]
        if faults:
            return Refused(tuple(faults))
        return self._add(asker, old.form, expected, reason, "editor", "scene.reverted")

    def as_shipped(self, asker: Asker, name: str, expected: int, reason: str) -> SceneRow | Refused:
        """Make what its file says the newest version, and follow the file again. Raises SceneError, SceneChanged."""
        file, scene = next(((file, one) for file, one in self._shipped() if one.name == name), (None, None))
        if scene is None:
            raise SceneError(f"no scene {name} ships")
        if faults := _reason(reason):
            return Refused(faults)
        return self._add(asker, msgspec.to_builtins(scene), expected, reason, f"file:{file}", "scene.reverted")

    def schedule(
        self, asker: Asker, name: str, windows: Sequence[Mapping[str, Any]], rotate_s: int, expected: int, reason: str
    ) -> SceneRow | Refused:  # fmt: skip
        """Say when a scene is due and how long its turn is. Raises SceneError, SceneChanged."""
        form = {**self.scene(name).form, "schedule": list(windows), "rotate_s": rotate_s}
        faults = [*self.validate(form), *_reason(reason)]
        if faults:
            return Refused(tuple(faults))
        return self._add(asker, form, expected, reason, "editor", "scene.scheduled")

    def delete(self, asker: Asker, name: str, expected: int, reason: str) -> SceneRow | Refused:
        """Delete a scene that the city made; its versions are kept. Raises SceneError for one that ships."""
        if self.ships(name):
            raise SceneError(f"scene {name} ships: take it out of schedule and rotation instead")
        if faults := _reason(reason):
            return Refused(faults)
        return self._add(asker, self.scene(name).form, expected, reason, "editor", "scene.deleted", gone=True)

    def ships(self, name: str) -> bool:
        """Return whether a file of this name ships: it can be reverted to, and not deleted."""
        return any(scene.name == name for _, scene in self._shipped())

    # ---- files ----

    def import_shipped(self) -> Imported:
        """Import the files that ship. Raises SceneChanged where somebody edits at this very moment: try again."""
        return self.import_files(shipped_files(), Asker("system"))

    def import_files(self, files: Iterable[tuple[str, str]], asker: Asker) -> Imported:
        """Import files (name, text): what is new, and what changed where nobody edited it since its last import.

        Raises ConfigurationError that names file and field, and SceneChanged.
        """
        scenes = [(file, read_file(text, file, self.kinds)) for file, text in files]
        rows = {row.name: row for row in self._store.load()}
        news: list[str] = []
        renewed: list[str] = []
        left: list[str] = []
        versions: list[NewScene] = []
        for file, scene in scenes:
            row, form = rows.get(scene.name), msgspec.to_builtins(scene)
            digest = _hash(form)
            if row is not None and row.hash == digest:
                continue
            if row is not None and not row.is_as_shipped:
                left.append(scene.name)
                continue
            (news if row is None else renewed).append(scene.name)
            now_us, seen = self._clock.now_us(), row.version if row else 0
            versions.append(NewScene(form, f"file:{file}", digest, asker.account, f"file {file}", now_us, seen))
        if versions:
            detail = {"new": news, "renewed": renewed, "left": left}
            entry = by(asker, self._clock.now_us(), "scene.imported", f"{len(versions)}", detail=detail)
            self._store.add(versions, [entry])
        return Imported(tuple(news), tuple(renewed), tuple(left))

    def _shipped(self) -> Sequence[tuple[str, Scene]]:
        return [(file, read_file(text, file, self.kinds)) for file, text in shipped_files()]

    def _add(
        self,
        asker: Asker,
        form: Mapping[str, Any],
        expected: int,
        reason: str,
        origin: str,
        action: str,
        gone: bool = False,
    ) -> SceneRow:
        now_us, name = self._clock.now_us(), str(form["name"])
        version = NewScene(form, origin, _hash(form), asker.account, reason.strip(), now_us, expected, gone)
        detail = {"expected": expected, "reason": reason.strip(), "hash": version.hash.hex()}
        entry = AuditEntry(now_us, asker.account, action, name, session=asker.session, detail=detail)
        return self._store.add([version], [entry])[0]


def _reason(reason: str) -> tuple[Fault, ...]:
    return () if reason.strip() else (_NO_REASON,)


def _hash(form: Mapping[str, Any]) -> bytes:
    """Return what tells apart what scenes say, whatever their number."""
    said = {name: value for name, value in form.items() if name != "version"}
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).digest()
