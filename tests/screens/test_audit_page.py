"""The audit page in a real Chromium, and the copies of the audit that are taken along."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import pairwise

import psycopg
import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from ops_center.domain.audit import by
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import SystemClock
from tests.screens.live_city import wait_until
from tests.screens.people_center import CHIEF, PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with people_center(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state")) as running:
        now_us = SystemClock().now_us()
        running.store.audit.append([by(CHIEF, now_us, "things.registered", f"thing {n}") for n in range(230)])
        yield running


@pytest.fixture(scope="module")
def secret(center: PeopleCenter) -> str:
    return center.secret("zhou", Grant(Role.AUDITOR))


class Reader(Visitor):
    """An auditor in front of the page."""

    def column(self, name: str) -> list[str]:
        return self.page.locator(f"#audit-rows .ag-row [col-id={name}]").all_inner_texts()

    def numbers(self) -> list[int]:
        return sorted((int(number) for number in self.column("seq")), reverse=True)


@pytest.fixture
def reader(page: Page, center: PeopleCenter, secret: str) -> Iterator[Reader]:
    opened = Reader(page, center)
    opened.holds(secret).opens_desk("/audit")
    opened.sees("#audit-rows .ag-row")
    yield opened
    assert not opened.errors, opened.errors


def test_what_happened_is_listed_the_newest_first_and_found_again(reader: Reader) -> None:
    page = reader.page
    page.fill("#audit-who", "chief")
    wait_until(lambda: set(reader.column("who")) == {"chief"}, "only what chief did")
    page.click("#audit-what")
    page.click('.mantine-Select-option:has-text("设备目录")')
    wait_until(lambda: set(reader.column("action")) == {"登记设备"}, "and only in the catalog")
    newest = reader.numbers()[0]
    page.click("#audit-older")
    wait_until(lambda: reader.numbers()[0] == newest - 100, "a hundred further back")
    page.click("#audit-older")
    wait_until(lambda: reader.numbers()[0] == newest - 200, "two hundred")
    wait_until(page.locator("#audit-older").is_disabled, "that is all")
    page.click("#audit-newer")
    page.click("#audit-newer")
    wait_until(lambda: reader.numbers()[0] == newest, "back at the newest")
    page.fill("#audit-who", "nobody.at.all")
    wait_until(lambda: "没有符合条件的记录" in reader.text(), "it says that there is nothing")


def test_a_row_opens_with_everything_it_says(reader: Reader) -> None:
    reader.page.fill("#audit-who", "chief")
    wait_until(lambda: set(reader.column("who")) == {"chief"}, "only what chief did")
    reader.picks_row('#audit-rows .ag-row:has-text("thing 229")')
    reader.sees(".details dl")
    details = reader.page.locator(".details").inner_text()
    assert "things.registered" in details and "thing 229" in details
    assert len(reader.page.locator(".details code").last.inner_text()) == 64, "its hash"


def test_looking_is_in_the_audit_too(reader: Reader, center: PeopleCenter) -> None:
    reader.page.fill("#audit-who", "somebody")
    wait_until(
        lambda: any(row.subject == "somebody" for row in center.store.audit.page(action="audit.searched")),
        "that somebody was looked for is written",
        15,
    )


def test_csv_is_what_was_looked_at_and_opens_as_text(center: PeopleCenter, secret: str) -> None:
    now_us = SystemClock().now_us()
    center.store.audit.append([by(CHIEF, now_us, "things.registered", "=HYPERLINK(evil)")])
    with center.http(secret) as http:
        answer = http.get("/audit/export.csv", params={"who": "chief", "what": "things.", "period": "day"})
    assert (
        answer.headers["content-type"].startswith("text/csv") and "attachment" in answer.headers["content-disposition"]
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 231 and {row["actor"] for row in rows} == {"chief"}
    assert rows[0]["subject"] == "'=HYPERLINK(evil)", "a spreadsheet must not run it"
    assert any(row.action == "audit.exported" for row in center.store.audit.page(limit=5))


def test_json_lines_are_the_whole_chain_with_its_heads(center: PeopleCenter, secret: str) -> None:
    with center.http(secret) as http:
        lines = [json.loads(line) for line in http.get("/audit/export.jsonl").text.splitlines()]
    rows = [line for line in lines if line["kind"] == "row"]
    assert lines[0]["kind"] == "audit" and len(lines[0]["public_key"]) == 64
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(one["hash"] == two["previous"] for one, two in pairwise(rows))
    assert any(line["kind"] == "head" for line in lines)


@pytest.mark.parametrize("path", ["/audit/export.csv", "/audit/export.jsonl", "/audit"])
def test_nobody_else_reads_it(center: PeopleCenter, path: str) -> None:
    with center.http(center.secret(f"curious{len(path)}", Grant(Role.COMMANDER))) as http:
        assert http.get(path).status_code == 403
    with center.http() as http:
        assert http.get(path, follow_redirects=False).status_code == 401


def test_the_other_language_leaves_nothing_of_the_first(reader: Reader, center: PeopleCenter) -> None:
    names = {account.name for account in center.people.accounts.list()}
    names |= {account.display_name for account in center.people.accounts.list()}
    names |= {"中", "EN", "chief", "CSV", "JSON", "thing", "HYPERLINK", "evil"}
    reader.page.click("#audit-what")
    reader.page.click('.mantine-Select-option:has-text("设备目录")')
    wait_until(lambda: set(reader.column("action")) == {"登记设备"}, "only in the catalog")
    assert not reader.leftovers("zh", names)
    reader.speaks("en")
    wait_until(lambda: not reader.leftovers("en", names), "it is all English")


def test_verifying_says_that_all_is_well_and_finds_what_was_changed(reader: Reader, center: PeopleCenter) -> None:
    page = reader.page
    page.click("#audit-verify")
    wait_until(lambda: page.locator("#audit-verdict .good").count() == 1, "it is untouched", 60)
    assert "前后相扣" in page.locator("#audit-verdict").inner_text()
    url = center.settings.database_url
    assert url is not None
    with psycopg.connect(url.get_secret_value(), autocommit=True) as connection:
        connection.execute("ALTER TABLE center.audit DISABLE TRIGGER USER")  # as a superuser can
        connection.execute("UPDATE center.audit SET subject = 'thing 999' WHERE subject = 'thing 99'")
    page.click("#audit-verify")
    wait_until(lambda: page.locator("#audit-verdict .wrong").count() == 1, "it was found", 60)
    assert "changed at" in page.locator("#audit-verdict").inner_text()
