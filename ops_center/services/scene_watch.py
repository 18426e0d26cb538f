"""A process's copy of the scenes, for whoever asks often: walls by schedule. Read again when there is a new version."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import structlog

from ops_center.domain.errors import StoreError
from ops_center.scenes.reading import readable
from ops_center.scenes.scene import Scene
from ops_center.scenes.timetable import due
from ops_center.store.version_port import VersionStore

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0


class SceneWatch:
    """The newest scenes that are known; safe to use from any thread. Looks by itself, at most once a second."""

    def __init__(self, store: VersionStore, zone: str) -> None:
        """``zone``: the city's, in which windows are meant."""
        self._store = store
        self._zone = zone
        self._lock = threading.Lock()
        self._looked_s = float("-inf")
        self._version = -1
        self._failed = False
        self._scenes: Mapping[str, Scene] = {}

    def scenes(self) -> Mapping[str, Scene]:
        """Return the scenes by name; what is known while the database is away."""
        with self._lock:
            if time.monotonic() - self._looked_s >= _LOOK_EVERY_S:
                self._looked_s = time.monotonic()
                self._look()
            return self._scenes

    def due(self, now_us: int) -> str | None:
        """Return the scene that schedule and rotation want at ``now_us``; None: they want none."""
        found = due(self.scenes().values(), now_us, self._zone)
        return None if found is None else found.name

    def _look(self) -> None:
        try:
            version = self._store.version()
            if version != self._version:
                found = (readable(row.form) for row in self._store.load().rows)
                self._scenes, self._version = {scene.name: scene for scene in found if scene}, version
        except StoreError as error:
            if not self._failed:
                log.warning("scenes.cannot_look", error=str(error), version=self._version)
            self._failed = True
            return
        self._failed = False
