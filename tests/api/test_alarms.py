"""``/api/alarms``: what is asked, done and refused, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.alarm import State
from ops_center.domain.audit import AuditEntry
from ops_center.domain.people import Account, Credentials
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from ops_center.store.alarm_port import BookWork
from ops_center.store.booking import PostgresBookStore
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from tests.api.conftest import REALM, Center, running_center
from tests.servers.databases import empty_database
from tests.store.alarm_shapes import alarm, raised, taken_book, without_alarms
from tests.store.shapes import T0

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture(scope="module")
def alarms_url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def center(alarms_url: str, redis_url: str) -> Iterator[Center]:
    without_alarms(alarms_url)
    store, book = open_store(alarms_url, REALM), taken_book(alarms_url)
    with running_center(store, redis_url) as running:
        have(book)
        running.become("operator")
        yield running
    book.close()
    store.close()


def have(book: PostgresBookStore) -> None:
    police = alarm(3, department="police", district="gulou", rule="traffic_jam", longitude=float("nan"), thing=-1)
    closed = alarm(4, state=State.NORMAL, findings=())
    book.commit(lambda _: BookWork(raised(alarm(1), alarm(2, priority=4), police, closed)))


def get(center: Center, path: str, **query: Any) -> Any:
    answer = center.http.get(f"/api/alarms{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def command(center: Center, name: str, **body: Any) -> dict[int, str]:
    answer = center.http.post(f"/api/alarms/commands/{name}", json=body)
    assert answer.status_code == 200, answer.text
    return {one["id"]: one["code"] if not one["done"] else "done" for one in answer.json()["outcomes"]}


def ids(page: Any) -> list[int]:
    return [one["id"] for one in page["alarms"]]


def test_alarms_are_listed_filtered_and_paged(center: Center) -> None:
    assert ids(get(center, "")) == [4, 3, 2, 1]
    assert ids(get(center, "", state=["unacknowledged"], priority=2)) == [3, 1]
    assert ids(get(center, "", department="police")) == [3]
    first = get(center, "", limit=3)
    assert (ids(first), first["next"]) == ([4, 3, 2], 2)
    rest = get(center, "", limit=3, before=first["next"])
    assert (ids(rest), rest["next"]) == ([1], None)


def test_one_alarm_comes_with_its_journal(center: Center) -> None:
    found = get(center, "/3")
    assert (found["alarm"]["longitude"], found["alarm"]["thing"], found["alarm"]["closed"]) == (None, None, None)
    assert [line["act"] for line in found["journal"]] == ["raised"]
    assert center.http.get("/api/alarms/99").status_code == 404
    assert get(center, "/3/conditions") == []
    assert center.http.get("/api/alarms/99/conditions").status_code == 404


def test_a_bulk_says_what_became_of_each(center: Center) -> None:
    assert command(center, "acknowledge", ids=[1, 2, 4, 99], comment="看到") == {
        1: "done", 2: "done", 4: "closed", 99: "unknown",
    }  # fmt: skip
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert command(center, "shelve", ids=[1], until=until, reason="works") == {1: "done"}
    assert command(center, "unshelve", ids=[1]) == {1: "done"}
    assert command(center, "out-of-service", ids=[1], reason="x") == {1: "done"}
    assert command(center, "in-service", ids=[1]) == {1: "done"}
    assert command(center, "assign", ids=[2], department="fire", person="f1") == {2: "done"}
    assert command(center, "comment", ids=[2], text="y") == {2: "done"}
    assert command(center, "reset", ids=[2]) == {2: "stands"}
    lines = get(center, "/journal", alarm=1)["lines"]
    acts = ["in_service", "out_of_service", "unshelved", "shelved", "acknowledged", "raised"]
    assert [line["act"] for line in lines] == acts
    assert {line["actor"] for line in lines} == {"tester1", ""}


def test_scopes_hold_for_reading_and_for_changing(center: Center) -> None:
    center.become("department/water")
    assert ids(get(center, "")) == [4, 2, 1]
    assert center.http.get("/api/alarms/3").status_code == 404
    assert command(center, "acknowledge", ids=[1, 3]) == {1: "done", 3: "unknown"}
    center.become("leader")
    answer = center.http.post("/api/alarms/commands/acknowledge", json={"ids": [2]})
    assert answer.status_code == 403


def test_files_come_back_as_they_were_and_never_as_a_page(center: Center) -> None:
    answer = center.http.post("/api/alarms/1/attachments", params={"name": "泵.png"}, content=PNG,
                              headers={"content-type": "application/octet-stream"})  # fmt: skip
    assert answer.json()["outcomes"][0]["done"], answer.text
    digest = get(center, "/journal", alarm=1, limit=1)["lines"][0]["detail"]["hash"]
    file = center.http.get(f"/api/alarms/1/attachments/{digest}")
    assert (file.content, file.headers["content-disposition"]) == (PNG, "attachment")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert center.http.get(f"/api/alarms/2/attachments/{digest}").status_code == 404


def test_the_figures_are_of_what_one_may_see(center: Center) -> None:
    span = {"since": "2023-11-14T20:00:00Z", "until": "2023-11-15T00:00:00Z"}
    assert get(center, "/figures", **span)["alarms"] == 4
    center.become("department/police")
    found = get(center, "/figures", **span, operators=2)
    assert (found["alarms"], found["acknowledge_p50_s"], found["worst"][0]["rule"]) == (1, None, "traffic_jam")
    assert (
        center.http.get("/api/alarms/figures", params={"since": span["until"], "until": span["since"]}).status_code
        == 422
    )


def test_a_shift_is_handed_over(center: Center) -> None:
    refused = center.http.post("/api/alarms/hand-overs", json={"to": "nobody-here"})
    assert (refused.status_code, "no such account" in refused.json()["detail"]) == (422, True)
    assert get(center, "/hand-overs") == []
    wang = Account(0, "wang", "Wang", (Grant(Role.OPERATOR),), "local", "zh", T0)
    center.store.accounts.add(wang, Credentials(), AuditEntry(T0, "test", "account.added", "wang"))
    command(center, "assign", ids=[1], department="water", person="tester1")
    answer = center.http.post("/api/alarms/hand-overs", json={"to": "wang", "remark": "泵 2 在修"})
    assert answer.status_code == 201, answer.text
    (record,) = get(center, "/hand-overs")
    assert (record["from_account"], record["to_account"], record["remark"]) == ("tester1", "wang", "泵 2 在修")
    assert record["figures"]["standing"] == [1, 3, 2]
    assert get(center, "/1")["alarm"]["assigned_person"] == "wang"
