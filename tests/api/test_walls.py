"""``/api/walls`` over real HTTP on a real database."""

from __future__ import annotations

import pytest

from tests.api.conftest import Center

VIEW = {"longitude": 118.78, "latitude": 32.06, "zoom": 11}


@pytest.fixture(autouse=True)
def _a_coordinator_asks(center: Center) -> None:
    center.become("coordinator")


def test_a_view_is_sent_listed_and_taken_back(center: Center) -> None:
    sent = center.http.post("/api/walls/main/sent", json={"display": 1, "kind": "view", "view": VIEW})
    assert sent.status_code == 200
    (wall,) = center.http.get("/api/walls").json()
    assert (wall["name"], wall["columns"], wall["state"]["seq"]) == ("main", 1, 1)
    (one,) = wall["state"]["sent"]
    assert (one["kind"], one["view"]["zoom"], one["by"]) == ("view", 11, center.asks[-1].account.name)
    back = {"sent": [one["id"]], "expected": 1}
    assert center.http.post("/api/walls/main/taken-back", json=back).json()["sent"] == []
    again = center.http.post("/api/walls/main/taken-back", json=back)
    assert again.status_code == 409 and "look again" in again.json()["detail"]
    assert [one["act"] for one in center.http.get("/api/walls/main/history").json()] == ["taken_back", "sent"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("side/release", {}, 404),
        ("main/scene", {"scene": "party"}, 404),
        ("main/sent", {"kind": "alarm", "subject": "no number"}, 404),
        ("main/sent", {"kind": "thing", "subject": "water/none"}, 404),
        ("main/sent", {"kind": "view"}, 404),
        ("main/sent", {"kind": "view", "view": {**VIEW, "zoom": 99}}, 422),
        ("main/follow", {"follow": "yes"}, 422),
        ("main/taken-back", {"sent": []}, 422),
    ],
)
def test_what_can_not_be_hung_is_refused_with_a_reason(
    center: Center, path: str, body: dict[str, object], status: int
) -> None:
    assert center.http.post(f"/api/walls/{path}", json=body).status_code == status


def test_a_display_says_how_it_is_and_hears_which_product_is_served(center: Center) -> None:
    center.become("display")
    shows = {"page": "p-1", "seq": 2, "scene": "daily", "version": 1, "ready": True, "late_ms": -0.5}
    answer = center.http.put("/api/walls/main/displays/1", json=shows)
    assert (answer.status_code, answer.json()) == (200, {"release": "tried"})
    assert center.http.put("/api/walls/main/displays/7", json=shows).status_code == 404
    assert center.http.put("/api/walls/main/view", json=VIEW).json() == {"view_seq": 1}
    assert center.http.post("/api/walls/main/release", json={}).status_code == 403


def test_while_a_desk_is_followed_nobody_else_moves_the_map(center: Center) -> None:
    assert center.http.post("/api/walls/main/follow", json={"follow": True}).status_code == 200
    assert center.http.put("/api/walls/main/view", json=VIEW).status_code == 200
    center.become("display")
    refused = center.http.put("/api/walls/main/view", json=VIEW)
    assert refused.status_code == 409 and "follows the map of" in refused.json()["detail"]
