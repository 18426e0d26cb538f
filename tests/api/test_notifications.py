"""``/api/notifications``, ``/api/notification-routes`` and ``/api/warnings`` over real HTTP on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.alarm import Act, Turn
from alerts.notification_text import Content
from alerts.notifying import Wanted
from ops_center.store.alarm_port import BookWork
from tests.api.conftest import Center
from tests.store.alarm_shapes import alarm, entry, taken_book
from tests.store.shapes import T0

ROUTE: dict[str, Any] = {
    "label": {"zh": "值班", "en": "duty"},
    "channel": "browser",
    "targets": ["*"],
    "acts": ["raised", "warning"],
    "priorities": [1, 2.0],
}
WORDS = {"zh": "内涝", "en": "flooding"}


@pytest.fixture
def raised(center: Center, plain_database: str) -> None:
    book = taken_book(plain_database)
    book.commit(lambda _: BookWork([Turn(alarm(1), (entry(alarm(1), Act.RAISED),))]))
    book.close()


def told(center: Center, key: str, **changed: Any) -> None:
    values: dict[str, Any] = {
        "route": "duty",
        "route_version": 1,
        "channel": "browser",
        "target": "*",
        "alarm": 7,
        "act": "raised",
        "content": Content("报警", "报警", {"department": "water", "district": "xuanwu"}),
    }
    wanted = Wanted(key=key, due_us=T0, **{**values, **changed})
    center.store.notifications.add([wanted], T0)
    for one in center.store.notifications.take(T0, 1_000_000, 100):
        center.store.notifications.settle(one, "sent", T0, "on the pages")


def test_a_route_is_saved_listed_and_tried(center: Center) -> None:
    saved = center.http.put("/api/notification-routes/duty", json=ROUTE)
    assert (saved.status_code, saved.json()["version"], saved.json()["priorities"]) == (200, 1, [1, 2])
    assert center.http.put("/api/notification-routes/duty", json=ROUTE).json()["version"] == 1
    assert center.http.put("/api/notification-routes/duty", json={**ROUTE, "most": 5}).json()["version"] == 2
    assert [one["name"] for one in center.http.get("/api/notification-routes").json()] == ["duty"]
    tried = center.http.post("/api/notification-routes/duty/test")
    (number,) = tried.json()["notifications"]
    (row,) = center.http.get("/api/notifications").json()
    assert (row["id"], row["act"], row["state"]) == (number, "test", "waiting")
    assert row["subject"] == "[模拟数据] 测试通知"
    assert center.http.get(f"/api/notifications/{number}/attempts").json() == []
    assert center.http.post("/api/notification-routes/other/test").status_code == 404


WRONG: list[dict[str, Any]] = [
    {"channel": "mail", "targets": ["not an address"]},
    {"channel": "mail", "targets": ["a@b@c"]},
    {"channel": "webhook", "targets": ["https://inside/"]},
    {"acts": ["danced"]},
    {"label": {"zh": " ", "en": "x"}},
    {"label": {"zh": "\x00", "en": "x"}},
    {"most": True},
    {"colour": "red"},
]


def test_a_route_that_can_t_be_meant_is_refused(center: Center) -> None:
    for wrong in WRONG:
        answer = center.http.put("/api/notification-routes/duty", json={**ROUTE, **wrong})
        assert answer.status_code == 422, (wrong, answer.text)
    assert center.http.get("/api/notification-routes").json() == []


def test_everybody_sees_what_is_theirs_of_the_journal_and_of_the_pages(center: Center) -> None:
    told(center, "a")
    told(center, "b", content=Content("x", "x", {"department": "fire", "district": "xuanwu"}))
    told(center, "c", target="somebody")
    assert len(center.http.get("/api/notifications").json()) == 3
    assert len(center.http.get("/api/notifications/mine").json()) == 2
    newest = center.http.get("/api/notifications/mine").json()[0]["id"]
    assert center.http.get("/api/notifications/mine", params={"after": newest}).json() == []
    center.become("operator/water")
    assert [one["subject"] for one in center.http.get("/api/notifications").json()] == ["报警", "报警"]
    assert len(center.http.get("/api/notifications/mine").json()) == 1
    theirs = center.http.get(f"/api/notifications/{newest}/attempts")
    assert theirs.status_code == 404, "what is another's looks as if it did not exist"


def test_a_warning_is_drafted_issued_changed_and_taken_back(center: Center, raised: None) -> None:
    center.http.put("/api/notification-routes/duty", json=ROUTE)
    center.become("commander")
    draft = center.http.post("/api/warnings/draft", json={"alarm": 1}).json()
    assert draft["area"]["circles"] == [{"longitude": 118.7, "latitude": 32.0, "radius_m": 1000.0}]
    draft["headline"] = WORDS
    ring = [[118.7, 32.0], [118.8, 32.0], [118.8, 32.1]]
    draft["area"]["polygons"] = [ring]
    issued = center.http.post("/api/warnings", json={"alarm": 1, "draft": draft})
    assert issued.status_code == 201, issued.text
    first = issued.json()["identifier"]
    assert "<headline>[SIMULATED DATA] flooding</headline>" in issued.json()["message"]
    assert "<polygon>32.000000,118.700000 32.000000,118.800000" in issued.json()["message"]
    assert center.http.post(f"/api/warnings/{first}/update", json=draft).status_code == 201
    cancelled = center.http.post(f"/api/warnings/{first}/cancel", json={"note": "over"})
    assert cancelled.json()["msg_type"] == "Cancel"
    assert center.http.post(f"/api/warnings/{first}/cancel", json={"note": "over"}).status_code == 409
    assert [one["msg_type"] for one in center.http.get("/api/warnings").json()] == ["Cancel", "Update", "Alert"]
    assert [one["act"] for one in center.http.get("/api/notifications").json()] == ["warning"] * 3


def test_who_may_not_warn_is_told_no_more_than_that(center: Center, raised: None) -> None:
    center.become("commander")
    draft = center.http.post("/api/warnings/draft", json={"alarm": 1}).json()
    first = center.http.post("/api/warnings", json={"alarm": 1, "draft": draft}).json()["identifier"]
    center.become("commander/fire")
    assert center.http.post("/api/warnings/draft", json={"alarm": 1}).status_code == 404
    assert center.http.post("/api/warnings", json={"alarm": 1, "draft": draft}).status_code == 404
    assert center.http.post("/api/warnings", json={"draft": draft}).status_code == 403
    assert center.http.post(f"/api/warnings/{first}/update", json=draft).status_code == 404
    assert center.http.get("/api/warnings").json() == []
    wrong = {**draft, "area": {"description": WORDS, "polygons": [[[1.0, 95.0], [2.0, 2.0], [3.0, 3.0]]]}}
    center.become("commander")
    assert center.http.post("/api/warnings", json={"alarm": 1, "draft": wrong}).status_code == 422
