"""Series, quarantine and the document that describes them all."""

from __future__ import annotations

import numpy as np
import pytest

from ops_center.domain.messages import RawMessage, RejectReason, TopicPartition
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.time import SystemClock, to_datetime
from ops_center.store.opening import open_stream_store
from ops_center.store.port import Advance, FeedCount, Quarantined
from tests.api.conftest import REALM, Center
from tests.api.test_things import SENSOR


def test_a_series_comes_as_columns(center: Center, plain_database: str) -> None:
    center.http.post("/api/things", json=SENSOR)
    key = center.http.get("/api/things/traffic/ts-9").json()["datastreams"][0]["id"]
    now_us = SystemClock().now_us()
    times = now_us - np.arange(3, 0, -1) * 60_000_000
    keys, quality = np.full(3, key, np.int32), np.array([0, 1, 0], np.uint8)
    batch = ObservationBatch(keys, times, np.array([10.0, 20.0, 30.0]), quality, times, now_us)
    here = TopicPartition("observations", 0)
    writing = open_stream_store(plain_database, REALM)
    writing.commit_data(Advance("writer", {here: None}, {here: "1-0/0"}), batch, PositionBatch.empty(), ())
    writing.close()
    series = center.http.get(f"/api/datastreams/{key}/series", params={"resolution": "raw"}).json()
    assert (series["unit"], series["mean"], series["quality"]) == ("km/h", [10.0, 20.0, 30.0], [0, 1, 0])
    assert series["time_us"] == times.tolist()
    span = {"from": to_datetime(int(times[1])).isoformat(), "to": to_datetime(int(times[2])).isoformat()}
    part = center.http.get(f"/api/datastreams/{key}/series", params={"resolution": "raw", **span}).json()
    assert part["mean"] == [20.0], "the end is not included"


def test_a_series_that_would_be_too_much_is_refused(center: Center) -> None:
    center.http.post("/api/things", json=SENSOR)
    key = center.http.get("/api/things/traffic/ts-9").json()["datastreams"][0]["id"]
    url = f"/api/datastreams/{key}/series"
    assert center.http.get(url, params={"from": "2001-01-01T00:00:00Z", "resolution": "1m"}).status_code == 422
    assert center.http.get(url, params={"from": "2001-01-01T00:00:00"}).status_code == 422, "a time without a zone"
    backwards = {"from": "2025-01-02T00:00:00Z", "to": "2025-01-01T00:00:00Z"}
    assert center.http.get(url, params=backwards).status_code == 422
    assert center.http.get(url, params={"resolution": "5m"}).status_code == 422


@pytest.mark.parametrize(
    "span",
    [
        {"from": "0001-01-01T00:00:00+23:59"},
        {"to": "0001-01-01T00:00:00Z"},
        {"from": "9999-12-31T23:59:59-23:59"},
        {"to": "1764000000"},
        {"to": "0.5"},
        {"from": "2026-11-23"},
    ],
)
def test_a_time_that_no_database_holds_or_that_is_none_is_refused(center: Center, span: dict[str, str]) -> None:
    center.http.post("/api/things", json=SENSOR)
    key = center.http.get("/api/things/traffic/ts-9").json()["datastreams"][0]["id"]
    answer = center.http.get(f"/api/datastreams/{key}/series", params=span)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_a_feed_that_can_be_none_is_no_fault_of_ours(center: Center) -> None:
    assert center.http.get("/api/quarantine", params={"feed": "\0"}).status_code == 422
    assert center.http.post("/api/quarantine/release", json={"limit": True}).status_code == 422
    assert center.http.post("/api/quarantine/release", json={"limit": 5.0}).status_code == 200


def test_the_quarantine_is_listed_and_released(center: Center, plain_database: str) -> None:
    writing = open_stream_store(plain_database, REALM)
    here = TopicPartition("raw.traffic", 0)
    message = RawMessage("raw.traffic", 0, "5-0/0", b"", b"\xff not json" + b"x" * 5000, 1_700_000_000_000_000)
    refused = Quarantined("traffic", message, RejectReason.NOT_DECODABLE, 1, "byte 0")
    counts = {("traffic", 0): FeedCount(received=1, quarantined=1)}
    writing.commit_intake(Advance("intake", {here: None}, {here: "5-0/0"}), counts, [refused])
    writing.close()
    (row,) = center.http.get("/api/quarantine", params={"feed": "traffic"}).json()
    assert (row["reason"]["code"], row["reason"]["zh"], row["count"]) == ("not_decodable", "无法解码", 1)
    assert row["payload"].startswith("\\xff not json")
    assert len(row["payload"]) == 2000
    assert row["payload_bytes"] == 5010
    assert center.http.get("/api/quarantine", params={"feed": "water"}).json() == []
    assert center.http.post("/api/quarantine/release", json={"limit": 7}).json() == {"released": 3}
    assert center.http.post("/api/quarantine/release").json() == {"released": 3}
    assert center.released == [7, 1000]
    assert center.http.get("/api/health").json()["feeds"]["traffic"]["quarantined"] == 1


def test_the_document_describes_every_route_and_bounds_every_input(center: Center) -> None:
    document = center.http.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.")
    operations = [(path, verb, op) for path, verbs in document["paths"].items() for verb, op in verbs.items()]
    assert {path for path, _, _ in operations} >= {
        "/api/health",
        "/api/things",
        "/api/things/{producer}/{thing_id}",
        "/api/datastreams/{id}",
        "/api/datastreams/{id}/series",
        "/api/quarantine",
        "/api/quarantine/release",
    }
    assert all(operation.get("description") for _, _, operation in operations)
    for path, verb, operation in operations:
        for parameter in operation.get("parameters", ()):
            assert _is_bounded(parameter["schema"]), f"{verb} {path}: {parameter['name']} has no bound"
    assert center.http.get("/docs").status_code == 404, "its scripts would come from outside"


def _is_bounded(schema: dict[str, object]) -> bool:
    options = schema.get("anyOf", [schema])
    return all(
        option.get("type") in {"boolean", "null"}
        or option.get("format") == "date-time"
        or "enum" in option
        or "maxLength" in option
        or "maximum" in option
        or "maxItems" in option
        or ("minimum" in option and option["type"] == "integer")
        for option in options  # type: ignore[attr-defined]
    )
