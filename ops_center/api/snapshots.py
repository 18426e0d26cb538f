"""``/snapshots/<event id>``: the picture that came with a camera's event.

The model city's cameras have no lenses: their picture is a drawing that says so, made from the event. A gateway with
real cameras puts the address of its own picture into the event's attribute ``snapshot`` instead.
"""

from __future__ import annotations

from typing import Annotated
from xml.sax.saxutils import escape

from fastapi import APIRouter, HTTPException, Path, Response

from ops_center.api.scoped import sees
from ops_center.api.system import ApiSystem
from ops_center.domain.catalog import Thing
from ops_center.domain.observations import Event
from ops_center.domain.rights import PICTURE, Rights, allows
from ops_center.domain.text import Label
from ops_center.domain.time import to_datetime

SNAPSHOTS = Rights(see=PICTURE)
_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" font-family="Noto Sans CJK SC, sans-serif">
<rect width="640" height="360" fill="#10161f"/>
<path d="M0 360 250 130h140L640 360z" fill="#1d2735"/>
<path d="M320 150v30M320 205v40M320 275v60" stroke="#5a6b82" stroke-width="6"/>
<rect x="270" y="190" width="100" height="70" fill="none" stroke="#ff5a4d" stroke-width="4"/>
<g fill="#e8eef6"><text x="24" y="44" font-size="26">{name}</text><text x="24" y="78" font-size="20">{kind}</text>
<text x="24" y="340" font-size="18">{when} UTC · {confidence}</text></g>
<text x="616" y="44" font-size="18" text-anchor="end" fill="#ffd24d">模拟画面 simulated picture</text>
</svg>"""


def snapshot_routes(system: ApiSystem) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["snapshots"])

    @router.get("/snapshots/{event_id}", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
    @allows(SNAPSHOTS)
    def snapshot(event_id: Annotated[str, Path(max_length=200)]) -> Response:
        """Return the picture of an event of the last hour as SVG; 404 for one that is older or never was."""
        event = next((one for one in system.frame().events if one.event_id == event_id), None)
        camera = system.catalog().things.get(event.thing) if event else None
        if event is None or camera is None or not sees(system, camera):
            raise HTTPException(404, "no event of the last hour has this id")
        picture = drawing(event, camera, _kind_of(system, event))
        # A drawing can hold script, and this one holds names from outside: shown alone it must not run any.
        headers = {
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
            "cache-control": "private",
        }
        return Response(picture, media_type="image/svg+xml", headers=headers)

    return router


def drawing(event: Event, camera: Thing, kind: Label) -> str:
    """Return the SVG of an event."""
    name = f"{camera.name.zh} {camera.name.en}"
    return _SVG.format(
        name=escape(name),
        kind=escape(f"{kind.zh} {kind.en}"),
        when=to_datetime(event.phenomenon_time_us).strftime("%Y-%m-%d %H:%M:%S"),
        confidence=f"{event.confidence:.0%}",
    )


def _kind_of(system: ApiSystem, event: Event) -> Label:
    feed = system.feeds.get(event.feed)
    named = feed.event_kinds.get(event.kind) if feed is not None else None
    return named or Label(event.kind, event.kind)
