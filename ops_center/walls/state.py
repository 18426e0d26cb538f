"""What hangs on a wall, and what a command makes of it. Pure: the time and who commands are arguments.

``seq`` counts what somebody decided; where the hand that moves a map is now is kept beside it (:class:`Moved`), since a
map that is dragged changes many times a second and contradicts nobody's decision.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from ops_center.domain.text import Label

WHOLE = 0
"""the number that stands for all displays"""
MOST_SENT = 64
STANDARD_HEIGHT_PX = 1000
"""a map of H pixels of CSS adds log2(H / STANDARD_HEIGHT_PX) to the zoom of a view"""

Kind = Literal["alarm", "camera", "thing", "view", "incident"]
Act = Literal["scene_set", "sent", "taken_back", "followed", "released"]


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a map looks."""

    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    zoom: Annotated[float, msgspec.Meta(ge=0, le=24)]
    """as if the map were STANDARD_HEIGHT_PX high: the same from north to south on a small map and on a large one"""
    pitch: Annotated[float, msgspec.Meta(ge=0, le=85)] = 0.0
    bearing: Annotated[float, msgspec.Meta(ge=-360, le=360)] = 0.0


class Moved(msgspec.Struct, frozen=True):
    """The newest view of a map that follows a hand."""

    seq: int
    view: View
    by: str
    """name of the account"""
    at_us: int


class Sent(msgspec.Struct, frozen=True):
    """Something that was sent to a display, or to all of them, and hangs there until it is taken back or replaced."""

    id: int
    """the seq of the change that sent it"""
    display: int
    """WHOLE: on every display"""
    kind: Kind
    subject: str
    """number of the alarm, ``producer/thing id``; "" for a view"""
    name: dict[str, str]
    """what people call it, by language"""
    by: str
    by_name: str
    at_us: int
    view: View | None = None


class Follow(msgspec.Struct, frozen=True):
    """The desk whose map the wall follows."""

    by: str
    by_name: str
    since_us: int


class WallState(msgspec.Struct, frozen=True):
    """What hangs on one wall."""

    seq: int = 0
    scene: str = ""
    """"": none was ever set; each display shows the scene of its address"""
    version: int = 0
    """of the scene"""
    switch_at_us: int = 0
    """when the scene is there: all displays change to it in this moment, server time"""
    auto: bool = True
    """scenes come by schedule; False: somebody has chosen one, and it stays"""
    sent: tuple[Sent, ...] = ()
    sent_at_us: int = 0
    """when what was sent last is there"""
    follow: Follow | None = None
    act: str = ""
    """what was done last"""
    by: str = ""
    by_name: str = ""
    at_us: int = 0


class Doer(msgspec.Struct, frozen=True):
    """Who commands, and when."""

    account: str
    name: str
    at_us: int


SYSTEM = "system"
"""who sets scenes by schedule"""


def with_scene(state: WallState, scene: str, version: int, doer: Doer, lead_us: int, *, auto: bool) -> WallState:
    """Return the state with another scene, which is there after ``lead_us``; what was sent goes with the old one."""
    at_us = doer.at_us + lead_us
    same = (scene, version) == (state.scene, state.version)
    sent = state.sent if state.scene == scene else ()
    return _done(
        state, "scene_set", doer, scene=scene, version=version, auto=auto, sent=sent, sent_at_us=at_us,
        switch_at_us=state.switch_at_us if same else at_us,
    )  # fmt: skip


def with_sent(state: WallState, sent: Sent, doer: Doer, lead_us: int) -> WallState:
    """Return the state with something more; it replaces what it would cover.

    A view takes the place of views, all else of all else: on its own display, or, sent to the whole wall, everywhere.
    """
    kept = [one for one in state.sent if not _covers(sent, one)]
    now = (*kept, msgspec.structs.replace(sent, id=state.seq + 1))[-MOST_SENT:]
    return _done(state, "sent", doer, sent=now, sent_at_us=doer.at_us + lead_us)


def without_sent(state: WallState, numbers: frozenset[int], doer: Doer, lead_us: int) -> WallState | None:
    """Return the state without what was sent under ``numbers``; None where none of it hangs there any more."""
    kept = tuple(one for one in state.sent if one.id not in numbers)
    if len(kept) == len(state.sent):
        return None
    return _done(state, "taken_back", doer, sent=kept, sent_at_us=doer.at_us + lead_us)


def followed(state: WallState, doer: Doer) -> WallState:
    """Return the state in which the wall's maps follow the doer's desk; views that were sent give way."""
    kept = tuple(one for one in state.sent if one.kind != "view")
    return _done(state, "followed", doer, follow=Follow(doer.account, doer.name, doer.at_us), sent=kept)


def released(state: WallState, doer: Doer, lead_us: int) -> WallState:
    """Return the state in which nobody holds the wall: no desk is followed, nothing hangs, scenes come by schedule."""
    return _done(state, "released", doer, follow=None, auto=True, sent=(), sent_at_us=doer.at_us + lead_us)


def unfollowed(state: WallState, doer: Doer) -> WallState:
    """Return the state in which no desk is followed any more."""
    return _done(state, "released", doer, follow=None)


def _covers(new: Sent, old: Sent) -> bool:
    return (new.kind == "view") == (old.kind == "view") and new.display in {WHOLE, old.display}


def _done(state: WallState, act: Act, doer: Doer, **changes: object) -> WallState:
    return msgspec.structs.replace(
        state, seq=state.seq + 1, act=act, by=doer.account, by_name=doer.name, at_us=doer.at_us, **changes
    )


def label_of(name: dict[str, str]) -> Label:
    """Return the two texts as a label."""
    return Label(name.get("zh") or "—", name.get("en") or "—")


class Hanging(msgspec.Struct, frozen=True):
    """What hangs on one display beside its scene."""

    show: Sent | None
    """an alarm, a camera, a thing"""
    view: View | None
    """None: each map where its scene has it"""
    view_seq: int
    """tells one view from the one before"""
    is_moving: bool
    """the view follows a hand: go there at once; else all displays fly there at ``sent_at_us``"""


def hanging(state: WallState, moved: Moved | None, display: int) -> Hanging:
    """Return what hangs on a display (WHOLE: on a page that shows the whole wall): what came last counts."""
    mine = [one for one in state.sent if one.display in {WHOLE, display}]
    show = next((one for one in reversed(mine) if one.kind != "view"), None)
    sent = next((one for one in reversed(mine) if one.kind == "view"), None)
    if moved is not None and moved.at_us > max(state.switch_at_us, sent.at_us if sent else 0):
        return Hanging(show, moved.view, moved.seq, True)
    return Hanging(show, sent.view if sent else None, sent.id if sent else 0, False)
