"""What looks at an incident and measures it: its nearest cameras, and the series that its alarms are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from dash import Input, Output, dcc, html, no_update

from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident
from ops_center.people.asking import asker
from ops_center.screens.alarm_surroundings import camera_views
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import said
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both
from ops_center.screens.thing_picture import MOST_SERIES, Ask, Wanted, pair, picture
from ops_center.services.alarm_cards import CAMERAS, nearest
from ops_center.services.incidents.rights import INCIDENTS

_LONGEST_MS = 7 * 86_400_000
_MOST_SHOWN = 4
_NO_PLACE = Label(
    "事件尚无位置：标出后显示最近的摄像机。", "The incident has no place yet; its nearest cameras appear with it."
)
_NO_CAMERA = Label("附近没有您可查看的摄像机。", "No camera is near that you may see.")

Number = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=7_258_118_400_000)]


class CamerasAsked(msgspec.Struct, frozen=True):
    """Which incident's cameras."""

    id: Number
    n: int = 0


class ChartsAsked(msgspec.Struct, frozen=True):
    """Which incident's series, over which span, for a picture how wide."""

    id: Number
    since: Moment
    until: Moment
    width: Annotated[int, msgspec.Meta(ge=10, le=8000)]
    n: int = 0
    again: bool = False


def stores() -> list[Any]:
    """Return where the page says what it wants."""
    names = ("incident-cameras-ask", "incident-charts-ask", "incident-charts-shown", "incident-charts-drawn")
    return [dcc.Store(id=name) for name in names]


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""

    @callbacks.add(Output("incident-cameras", "children"), Input("incident-cameras-ask", "data"), rights=INCIDENTS)
    def _cameras(asked: CamerasAsked | None) -> Any:
        if asked is None:
            return no_update
        try:
            return cameras(center, asker(), asked.id)
        except OpsCenterError as error:
            return said(refusal(error), "wrong")

    @callbacks.add(Output("incident-charts-shown", "data"), Input("incident-charts-ask", "data"), rights=INCIDENTS)
    def _charts(asked: ChartsAsked | None) -> Any:
        if asked is None or not 0 < asked.until - asked.since <= _LONGEST_MS:
            return no_update
        return charts(center, asker(), asked)

    callbacks.in_browser(
        "incidents", "charts", Output("incident-charts-drawn", "data"), Input("incident-charts-shown", "data"),
        Input("language", "data"),
    )  # fmt: skip


def cameras(center: Center, who: Asker, number: int) -> Any:
    """Return the cameras nearest to an incident, each with the picture of its last event. Raises StoreError."""
    incident = _incident(center, who, number)
    place = incident.place if incident else None
    if place is None:
        return html.P(both(_NO_PLACE), className="quiet")
    room = center.thing_room()
    seen = (one for one in room.catalog().things.values() if one.kind == "camera" and room.sees(who, one))
    found = nearest(*place, seen, CAMERAS)
    return camera_views(center, found) if found else html.P(both(_NO_CAMERA), className="quiet")


def charts(center: Center, who: Asker, asked: ChartsAsked) -> Any:
    """Return what is to be drawn of the series that the incident's alarms are about. Raises StoreError."""
    incident = _incident(center, who, asked.id)
    concerned = _concerned(center, who, incident.alarms if incident else ())
    if not concerned:
        return {"n": asked.n, "series": []}
    wanted = [Wanted(stream.key) for _, stream in concerned]
    ask = Ask(asked.since, asked.until, asked.width, wanted, asked.n, asked.again)
    drawn = picture(center, concerned[0][0], ask)
    for series in drawn["series"]:
        of = next(thing for thing, stream in concerned if stream.key == series["key"])
        series["label"] = [f"{a} · {b}" for a, b in zip(pair(of.name), series["name"], strict=True)]
    return drawn


def _concerned(center: Center, who: Asker, alarms: Sequence[int]) -> list[tuple[Thing, Datastream]]:
    """Return the things and datastreams that alarms judge, each once, at most as many as a picture holds."""
    if center.alarms is None:
        return []
    found: dict[int, tuple[Thing, Datastream]] = {}
    for number in alarms[: 4 * MOST_SERIES]:
        card = center.alarms.cards.card(who, number)
        if card is not None and card.thing is not None and card.datastream is not None:
            found.setdefault(card.datastream.key, (card.thing, card.datastream))
        if len(found) == _MOST_SHOWN:
            break
    return list(found.values())


def _incident(center: Center, who: Asker, number: int) -> Incident | None:
    found = center.incident_room().desk.one(who, number)
    return found.incident if found else None
