"""Pictures of camera events: drawn from the event, harmless whatever its texts hold."""

from __future__ import annotations

from xml.etree import ElementTree

from ops_center.api.snapshots import drawing
from ops_center.domain.catalog import Thing
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.text import Label
from tests.api.conftest import Center
from tests.servers.webs import until


def event(center: Center, event_id: str = "e-1") -> Event:
    now_us = center.system.clock.now_us()
    return Event(event_id, "video", 1, "video.smoke_fire", now_us, now_us, 118.7, 32.0, 0.87, {})


CAMERA = {
    "producer": "video",
    "thing_id": "c-1",
    "kind": "camera",
    "feed": "video",
    "name": {"zh": "路口", "en": "Crossing"},
    "longitude": 118.7,
    "latitude": 32.0,
    "district": "D01",
    "department": "traffic_police",
}


def test_an_event_of_the_last_hour_has_a_picture_and_no_other(center: Center) -> None:
    center.http.post("/api/things", json=CAMERA).raise_for_status()
    center.writer.apply(ObservationBatch.empty(), PositionBatch.empty(), [event(center)])
    center.writer.flush()
    until(lambda: center.http.get("/snapshots/e-1").status_code == 200, 20)
    answer = center.http.get("/snapshots/e-1")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    texts = "".join(ElementTree.fromstring(answer.text).itertext())
    assert "87%" in texts
    assert "simulated" in texts
    assert center.http.get("/snapshots/e-2").status_code == 404
    center.become("department/traffic_police/D01")
    assert center.http.get("/snapshots/e-1").status_code == 200
    for other in ("department/water_company", "operator/*/D02", "operator/traffic_police/D02"):
        center.become(other)
        assert center.http.get("/snapshots/e-1").status_code == 404, other


def test_names_from_outside_can_t_become_markup(center: Center) -> None:
    hostile = '</text><script>alert(1)</script>&"'
    camera = Thing(1, "video", "c", "camera", "video", Label(hostile, hostile), 118.7, 32.0)
    picture = drawing(event(center), camera, Label(hostile, "{kind.__class__}"))
    root = ElementTree.fromstring(picture)
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    assert hostile in "".join(root.itertext())
    assert "{kind.__class__}" in "".join(root.itertext())
