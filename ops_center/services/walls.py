"""The wall desk: what coordinators hang on walls and take down again, and what displays say of themselves.

Who asks comes first. Each command is one transaction with its entry in the audit, against the state that the asker saw
(``expected``): whoever was passed is told by whom and with what, and nothing is changed. What a command can't do is a
value (:class:`Refused`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.errors import WallChanged
from ops_center.domain.rights import COMMAND_CENTER, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, Clock
from ops_center.services.wall_watch import WallWatch
from ops_center.store.wall_port import ChangeRow, DisplayRow, Shows, WallRow, WallStore
from ops_center.walls import state as states
from ops_center.walls.state import WHOLE, Doer, Kind, Sent, View, WallState
from ops_center.walls.wall import Wall

WALLS = Rights(see=COMMAND_CENTER, change=frozenset({Role.OPERATOR, Role.COORDINATOR, Role.COMMANDER}))
"""a wall is the whole center's: who steers one must hold the role over all departments and districts"""
ON_A_WALL = Rights(see=COMMAND_CENTER, change=COMMAND_CENTER)
"""who may show a wall: its displays say how they are, and who stands before one may drag its map"""

_SEND_LEAD_US = 400_000
"""what is sent needs no preparing: long enough to reach every display"""
_TRIES = 5

Names = Callable[[Asker, Kind, str], Label | None]
"""what something is called; None: there is none of it that the asker may see"""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed; ``code``: unknown, forbidden, passed, followed."""

    code: str
    label: Label


@dataclass(frozen=True, slots=True)
class SceneName:
    """A scene that may be hung."""

    version: int
    label: Label


_NO_WALL = Refused("unknown", Label("没有这面大屏或这块屏幕", "there is no such wall or display"))
_NO_SCENE = Refused("unknown", Label("没有这个场景", "there is no such scene"))
_NOTHING = Refused("unknown", Label("没有可显示的对象", "there is nothing of this name to show"))
_GONE = Refused("unknown", Label("大屏上已没有这项内容", "this no longer hangs on the wall"))
_NOT_YOURS = Refused("forbidden", Label("无权控制大屏", "your roles do not steer walls"))


class WallDesk:
    """The walls of a center. Safe to use from any thread; commands raise StoreError and StoreUnavailable."""

    def __init__(
        self,
        store: WallStore,
        watch: WallWatch,
        walls: Mapping[str, Wall],
        clock: Clock,
        scenes: Callable[[], Mapping[str, SceneName]],
        names: Names,
        lead_s: float = 1.5,
    ) -> None:
        """``lead_s``: how long displays have to prepare a scene before all change to it."""
        self._store = store
        self._clock = clock
        self._names = names
        self._lead_us = round(lead_s * SECOND_US)
        self.watch = watch
        self.walls = walls
        self.scenes = scenes

    def state(self, wall: str) -> WallRow:
        """Return what hangs on a wall, as this process knows it."""
        return self.watch.row(wall)

    def history(self, wall: str, limit: int = 50) -> Sequence[ChangeRow]:
        """Return the decisions of the past, newest first."""
        return self._store.history(wall, limit)

    def set_scene(
        self, asker: Asker, wall: str, scene: str, expected: int | None = None, *, auto: bool = False
    ) -> WallState | Refused:
        """Have all displays change to a scene at once; it stays until somebody releases the wall, or, ``auto``, until
        another is due.
        """
        found = self.scenes().get(scene)
        if wall not in self.walls or found is None:
            return _NO_WALL if wall not in self.walls else _NO_SCENE

        def change(state: WallState, doer: Doer) -> WallState:
            return states.with_scene(state, scene, found.version, doer, self._lead_us, auto=auto)

        detail = {"scene": scene, "version": found.version}
        return self._steer(asker, wall, expected, change, "wall.scene_set", detail)

    def send(
        self, asker: Asker, wall: str, display: int, what: tuple[Kind, str], view: View | None = None,
        expected: int | None = None,
    ) -> WallState | Refused:  # fmt: skip
        """Send an alarm, an incident, a camera, a thing or a view to a display, or (WHOLE) to all."""
        if not self._is_there(wall, display):
            return _NO_WALL
        kind, subject = what
        name = self._names(asker, kind, subject)
        if name is None or (kind == "view") != (view is not None):
            return _NOTHING
        words = {"zh": name.zh, "en": name.en}

        def change(state: WallState, doer: Doer) -> WallState:
            sent = Sent(0, display, kind, subject, words, doer.account, doer.name, doer.at_us, view)
            return states.with_sent(state, sent, doer, _SEND_LEAD_US)

        detail = {"display": display, "kind": kind, "subject": subject}
        return self._steer(asker, wall, expected, change, "wall.sent", detail)

    def take_back(
        self, asker: Asker, wall: str, numbers: Sequence[int], expected: int | None = None
    ) -> WallState | Refused:
        """Take down what was sent under ``numbers``."""

        def change(state: WallState, doer: Doer) -> WallState | None:
            return states.without_sent(state, frozenset(numbers), doer, _SEND_LEAD_US)

        return self._steer(asker, wall, expected, change, "wall.taken_back", {"sent": list(numbers)})

    def follow(self, asker: Asker, wall: str, follows: bool, expected: int | None = None) -> WallState | Refused:
        """Let the wall's maps follow the asker's desk, or nobody's any more."""

        def change(state: WallState, doer: Doer) -> WallState:
            return states.followed(state, doer) if follows else states.unfollowed(state, doer)

        return self._steer(asker, wall, expected, change, "wall.followed" if follows else "wall.let_go", {})

    def release(self, asker: Asker, wall: str, expected: int | None = None) -> WallState | Refused:
        """Give the wall back to its schedule, with nothing on it that somebody sent."""

        def change(state: WallState, doer: Doer) -> WallState:
            return states.released(state, doer, _SEND_LEAD_US)

        return self._steer(asker, wall, expected, change, "wall.released", {})

    def move(self, asker: Asker, wall: str, view: View) -> int | Refused:
        """Let the maps of the wall follow: the desk that it follows, or, while it follows none, who drags one of them.

        Returns the seq of the view. No entry in the audit: who was followed when is in it.
        """
        if wall not in self.walls:
            return _NO_WALL
        follow = self.watch.row(wall).state.follow
        if follow is not None and follow.by != asker.account:
            who = follow.by_name or follow.by
            return Refused("followed", Label(f"大屏正跟随{who}的地图", f"the wall follows the map of {who}"))
        if follow is None and not (_may_steer(asker) or asker.may_see_of(ON_A_WALL, "", "")):
            return _NOT_YOURS
        seq = self._store.move(wall, view, asker.account, self._clock.now_us())
        self.watch.look()
        return seq

    def report(self, asker: Asker, wall: str, display: int, page: str, shows: Shows) -> Refused | None:
        """Keep what a display says of itself."""
        if not self._is_there(wall, display):
            return _NO_WALL
        self._store.report(DisplayRow(wall, display, page, asker.account, self._clock.now_us(), shows))
        return None

    def by_itself(self, wall: str, change: Callable[[WallState, Doer], WallState | None], action: str) -> bool:
        """Change a wall in nobody's name: the schedule. Return whether it was changed; another process may be first."""
        state = self.watch.row(wall).state
        doer = Doer(states.SYSTEM, "", self._clock.now_us())
        after = change(state, doer)
        if after is None:
            return False
        detail = {"scene": after.scene, "version": after.version}
        try:
            self._store.write(
                wall, state.seq, after, AuditEntry(doer.at_us, states.SYSTEM, action, wall, detail=detail)
            )
        except WallChanged:
            return False
        finally:
            self.watch.look()
        return True

    @property
    def lead_us(self) -> int:
        """Return how long displays have to prepare a scene."""
        return self._lead_us

    def _is_there(self, wall: str, display: int) -> bool:
        found = self.walls.get(wall)
        return found is not None and WHOLE <= display <= found.displays

    def _steer(
        self,
        asker: Asker,
        wall: str,
        expected: int | None,
        change: Callable[[WallState, Doer], WallState | None],
        action: str,
        detail: Mapping[str, object],
    ) -> WallState | Refused:
        """Change a wall; ``expected`` None: whatever hangs there now, since the asker hasn't looked at it."""
        if wall not in self.walls:
            return _NO_WALL
        if not _may_steer(asker):
            return _NOT_YOURS
        for _ in range(_TRIES):
            self.watch.look()
            state = self.watch.row(wall).state
            if expected is not None and state.seq != expected:
                return passed_by(state)
            doer = Doer(asker.account, asker.display_name or asker.account, self._clock.now_us())
            after = change(state, doer)
            if after is None:
                return _GONE
            try:
                self._store.write(wall, state.seq, after, by(asker, doer.at_us, action, wall, detail=detail))
            except WallChanged:
                continue
            self.watch.look()
            return after
        return passed_by(self.watch.row(wall).state)


ACTS: Mapping[str, Label] = {
    "scene_set": Label("切换了场景", "set a scene"),
    "sent": Label("发送了内容", "sent something"),
    "taken_back": Label("撤回了内容", "took something back"),
    "followed": Label("让大屏跟随自己的地图", "let the wall follow their map"),
    "released": Label("释放了大屏", "released the wall"),
}


def passed_by(state: WallState) -> Refused:
    """Return what is said to somebody who decided on what hung there before."""
    act = ACTS.get(state.act) or Label("改动了大屏", "changed the wall")
    zh, en = (state.by_name, state.by_name) if state.by_name else ("排程", "the schedule")
    return Refused(
        "passed", Label(f"{zh}刚刚{act.zh}，请看清后再操作", f"{en} {act.en} just now: look again before you do")
    )


def _may_steer(asker: Asker) -> bool:
    return asker.may_change_of(WALLS, "", "")
