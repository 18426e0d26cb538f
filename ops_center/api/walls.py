"""``/api/walls``: what hangs on the walls, what is sent there and taken back, and what displays say of themselves.

The steering page, the button "send to the wall" of every page, the displays and control-room programs use the same
addresses (docs/walls.md).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel, BeforeValidator, Field

from ops_center.api.parameters import Body, Latitude, Longitude, Word, whole
from ops_center.domain.rights import allows
from ops_center.domain.time import to_datetime
from ops_center.people.asking import asker
from ops_center.services.wall_room import WallRoom
from ops_center.services.walls import ON_A_WALL, WALLS, Refused
from ops_center.store.wall_port import Shows
from ops_center.walls.state import View, WallState
from ops_center.walls.wall import Wall

WallName = Annotated[str, Path(min_length=1, max_length=32, pattern=r"^[a-z][a-z0-9_]*$")]
Number = Annotated[int, Field(ge=0, le=2**53 - 1), BeforeValidator(whole)]
Display = Annotated[
    int, Field(ge=0, le=128, description="from 1, row by row; 0: the whole wall"), BeforeValidator(whole)
]
Expected = Annotated[
    Number | None,
    Field(description="`seq` of what one decides upon; 409 where something else hangs there; null: whatever hangs"),
]
_STATUS = {"unknown": 404, "forbidden": 403, "passed": 409, "followed": 409}


class ViewIn(Body):
    """Where maps look. ``zoom`` as if the map were 1,000 px of CSS high: the same from north to south on all."""

    longitude: Longitude
    latitude: Latitude
    zoom: Annotated[float, Field(ge=0, le=24)]
    pitch: Annotated[float, Field(ge=0, le=85)] = 0.0
    bearing: Annotated[float, Field(ge=-360, le=360)] = 0.0


class SceneIn(Body):
    """A scene to be hung."""

    scene: Word
    expected: Expected = None
    auto: bool = Field(False, description="until another is due, instead of until somebody releases the wall")


class SentIn(Body):
    """Something to be sent."""

    display: Display = 0
    kind: Literal["alarm", "camera", "thing", "view", "incident"]
    subject: Annotated[str, Field(max_length=260)] = Field(
        "", description="number of the alarm or incident, `producer/thing_id`"
    )
    view: ViewIn | None = None
    expected: Expected = None


class TakeBackIn(Body):
    """What is to be taken down, by the ids of what was sent."""

    sent: Annotated[list[Number], Field(min_length=1, max_length=64)]
    expected: Expected = None


class FollowIn(Body):
    """Whether the wall's maps follow the asker's desk."""

    follow: bool
    expected: Expected = None


class ReleaseIn(Body):
    """Give the wall back to its schedule."""

    expected: Expected = None


class ShowsIn(Body):
    """What a display says of itself, every few seconds."""

    page: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
    seq: Number = 0
    scene: Annotated[str, Field(max_length=64)] = ""
    version: Number = 0
    ready: bool = True
    late_ms: Annotated[float, Field(ge=-1e9, le=1e9)] = 0.0
    fault: Annotated[str, Field(max_length=300)] = ""
    release: Annotated[str, Field(max_length=64)] = ""
    dimmed: bool = False


class WallOut(BaseModel):
    """One wall, and what hangs on it."""

    name: str
    label: dict[str, str]
    columns: int
    rows: int
    display_px: tuple[int, int]
    gap_px: tuple[float, float]
    state: dict[str, Any]
    displays: list[dict[str, Any]] = Field(description="those that are on")


class ChangeOut(BaseModel):
    """One decision of the past."""

    act: str
    author: str
    at: datetime
    state: dict[str, Any]


class ReleaseOut(BaseModel):
    """Which product the server is: a display of another loads itself anew at a quiet moment."""

    release: str


def wall_routes(room: WallRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/walls", tags=["walls"])
    _reading(router, room)
    _steering(router, room)
    _displays(router, room)
    return router


def _reading(router: APIRouter, room: WallRoom) -> None:
    desk = room.desk

    @router.get("")
    @allows(WALLS)
    def list_walls() -> list[WallOut]:
        """List the walls, what hangs on them, and which displays are on."""
        return [_out(room, wall) for wall in desk.walls.values()]

    @router.get("/{wall}/history")
    @allows(WALLS)
    def wall_history(wall: WallName, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> list[ChangeOut]:
        """List what was decided about a wall, newest first."""
        if wall not in desk.walls:
            raise HTTPException(404, "there is no such wall")
        return [
            ChangeOut(act=one.act, author=one.author, at=to_datetime(one.at_us), state=msgspec.to_builtins(one.state))
            for one in desk.history(wall, limit)
        ]


def _steering(router: APIRouter, room: WallRoom) -> None:
    desk = room.desk

    @router.post("/{wall}/scene")
    @allows(WALLS)
    def set_scene(wall: WallName, given: SceneIn) -> dict[str, Any]:
        """Have all displays change to a scene in one moment."""
        return _answer(desk.set_scene(asker(), wall, given.scene, given.expected, auto=given.auto))

    @router.post("/{wall}/sent")
    @allows(WALLS)
    def send(wall: WallName, given: SentIn) -> dict[str, Any]:
        """Send an alarm, a camera, a thing or a view to a display or to all of them."""
        what, view = (given.kind, given.subject), _view(given.view)
        return _answer(desk.send(asker(), wall, given.display, what, view, given.expected))

    @router.post("/{wall}/taken-back")
    @allows(WALLS)
    def take_back(wall: WallName, given: TakeBackIn) -> dict[str, Any]:
        """Take down what was sent."""
        return _answer(desk.take_back(asker(), wall, given.sent, given.expected))

    @router.post("/{wall}/follow")
    @allows(WALLS)
    def follow(wall: WallName, given: FollowIn) -> dict[str, Any]:
        """Let the maps of a wall follow the asker's desk, or no longer."""
        return _answer(desk.follow(asker(), wall, given.follow, given.expected))

    @router.post("/{wall}/release")
    @allows(WALLS)
    def release(wall: WallName, given: ReleaseIn) -> dict[str, Any]:
        """Give the wall back to its schedule, with nothing on it that somebody sent."""
        return _answer(desk.release(asker(), wall, given.expected))


def _displays(router: APIRouter, room: WallRoom) -> None:
    desk = room.desk

    @router.put("/{wall}/view")
    @allows(ON_A_WALL)
    def move(wall: WallName, given: ViewIn) -> dict[str, int]:
        """Let the maps of a wall go where a hand moves one of them: on a desk that it follows, or on a display."""
        found = desk.move(asker(), wall, _seen(given))
        if isinstance(found, Refused):
            raise _refused(found)
        return {"view_seq": found}

    @router.put("/{wall}/displays/{display}")
    @allows(ON_A_WALL)
    def report(wall: WallName, display: Annotated[int, Path(ge=0, le=128)], given: ShowsIn) -> ReleaseOut:
        """Say what a display shows and how it is; the answer says which product is served."""
        fields = given.model_dump(exclude={"page"})
        found = desk.report(asker(), wall, display, given.page, Shows(**fields))
        if found is not None:
            raise _refused(found)
        return ReleaseOut(release=room.release)


def _seen(given: ViewIn) -> View:
    return View(**given.model_dump())


def _view(given: ViewIn | None) -> View | None:
    return None if given is None else _seen(given)


def _answer(found: WallState | Refused) -> dict[str, Any]:
    if isinstance(found, Refused):
        raise _refused(found)
    return dict(msgspec.to_builtins(found))


def _refused(refused: Refused) -> HTTPException:
    """Both languages: pages show the reader's half (``zh ⁄ en``)."""
    return HTTPException(_STATUS[refused.code], f"{refused.label.zh} ⁄ {refused.label.en}")


def _out(room: WallRoom, wall: Wall) -> WallOut:
    row = room.desk.state(wall.name)
    return WallOut(
        name=wall.name,
        label={"zh": wall.label.zh, "en": wall.label.en},
        columns=wall.columns,
        rows=wall.rows,
        display_px=wall.display_px,
        gap_px=wall.gap_px,
        state=msgspec.to_builtins(row.state),
        displays=[
            {"display": one.display, "account": one.account, "seen": to_datetime(one.seen_us).isoformat()}
            | msgspec.to_builtins(one.shows)
            for one in room.desk.watch.displays(wall.name)
        ],
    )
