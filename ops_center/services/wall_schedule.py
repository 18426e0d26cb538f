"""Hangs scenes by schedule and rotation, in every web process that runs: the wall's row lets only one of them.

Each looks once a second what is due, which all compute alike from the clock. Who comes second finds another seq in the
row and has nothing to do any more: no process holds a turn that somebody would have to take over when it dies.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ops_center.domain.errors import StoreError
from ops_center.domain.time import SECOND_US, Clock
from ops_center.services.walls import WallDesk
from ops_center.walls import state as states
from ops_center.walls.state import Doer, WallState

log = structlog.get_logger(__name__)

_EVERY_S = 1.0
FOLLOW_ENDS_S = 45.0
"""a desk whose map hasn't been heard of for so long is followed no more"""


@dataclass(slots=True)
class WallSchedule:
    """What is due on which wall."""

    desk: WallDesk
    due: Callable[[int], str | None]
    """now in µs → name of the scene that is due; None: none is, what hangs there stays"""
    clock: Clock
    _failed: bool = False

    def step(self) -> int:
        """Hang what is due; return how many walls were changed. Raises StoreError."""
        now_us = self.clock.now_us()
        return sum(self._step(wall, now_us) for wall in self.desk.walls)

    def follow(self, stop: threading.Event) -> threading.Thread:
        """Step once a second in a thread of its own until ``stop``."""

        def run() -> None:
            while not stop.wait(_EVERY_S):
                self._step_anyhow()

        thread = threading.Thread(target=run, name="wall schedule", daemon=True)
        thread.start()
        return thread

    def _step(self, wall: str, now_us: int) -> bool:
        row = self.desk.watch.row(wall)
        if not self.desk.watch.looked or now_us < row.state.switch_at_us:
            return False
        if self._is_left_alone(wall, now_us):
            return self.desk.by_itself(wall, states.unfollowed, "wall.let_go")
        return bool(self._hung(row.state, now_us)) and self.desk.by_itself(wall, self._changed, "wall.scene_set")

    def _hung(self, state: WallState, now_us: int) -> tuple[str, int] | None:
        """Return the scene and version to be hung; None: they hang there."""
        scenes = self.desk.scenes()
        name = (self.due(now_us) if state.auto else None) or state.scene
        found = scenes.get(name)
        wanted = (name, found.version) if found else None
        return None if wanted == (state.scene, state.version) else wanted

    def _changed(self, state: WallState, doer: Doer) -> WallState | None:
        wanted = self._hung(state, doer.at_us)
        if wanted is None:
            return None
        return states.with_scene(state, *wanted, doer, self.desk.lead_us, auto=state.auto)

    def _is_left_alone(self, wall: str, now_us: int) -> bool:
        row = self.desk.watch.row(wall)
        if row.state.follow is None:
            return False
        heard_us = max(row.state.follow.since_us, row.moved.at_us if row.moved else 0)
        return now_us - heard_us > FOLLOW_ENDS_S * SECOND_US

    def _step_anyhow(self) -> None:
        try:
            self.step()
        except StoreError as error:
            if not self._failed:
                log.warning("walls.schedule_stands_still", error=str(error))
            self._failed = True
            return
        except Exception:
            log.exception("walls.schedule_failed")
            return
        self._failed = False
