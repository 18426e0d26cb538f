"""The catalog in a real Chromium: registered, moved, refused when passed, retired; a file is checked and written."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ops_center.bootstrap import register_pack
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Thing
from ops_center.domain.rights import Grant, Role
from ops_center.services.things.files import template
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    folder, state = Path(small_city.folder), tmp_path_factory.mktemp("state")
    with people_center(admin, valkey_url, folder, state, prepare=lambda s: register_pack(s, folder)) as running:
        yield running


class Registrar(Visitor):
    """Somebody who keeps the catalog."""

    def field(self, path: str) -> str:
        return f'[id*=\'"path":"{path}"\']:is(input, textarea)'

    def fill(self, path: str, text: str) -> None:
        self.page.fill(self.field(path), text)

    def picks(self, path: str, label: str) -> None:
        self.page.click(self.field(path))
        self.page.fill(self.field(path), label)
        self.page.click(f'.mantine-Select-option:visible:has-text("{label}")')

    def edits(self, thing: Thing) -> None:
        self.opens_desk(f"/catalog?thing={thing.producer}/{thing.thing_id}")
        wait_until(lambda: self.page.locator(self.field("x")).count() == 1, "the form is there")
        wait_until(lambda: self.page.text_content("#catalog-judged"), "it is judged")

    def said(self, where: str) -> str:
        return self.page.locator(where).inner_text()

    def saves(self) -> None:
        wait_until(lambda: "differs" in (self.page.get_attribute("#catalog-saving", "class") or ""), "it differs")
        self.page.click("#catalog-save")


def a_thing(center: PeopleCenter, place: int = 0) -> Thing:
    found = (t for t in center.store.catalog.load().things.values() if t.kind == "traffic_sensor" and not t.retired)
    return sorted(found, key=lambda thing: thing.key)[place]


def now(center: PeopleCenter, thing: Thing) -> Thing:
    return center.store.catalog.load().things[thing.key]


@pytest.fixture
def registrar(page: Page, center: PeopleCenter) -> Iterator[Registrar]:
    opened = Registrar(page, center)
    opened.holds(center.secret(f"keeper.{len(center.store.accounts.list())}", Grant(Role.ADMINISTRATOR)))
    yield opened
    assert not opened.errors, opened.errors


def test_a_thing_is_registered_with_a_place_of_another_system_and_what_is_wrong_stands_at_its_field(
    registrar: Registrar, center: PeopleCenter
) -> None:
    page = registrar.page
    registrar.opens_desk("/catalog")
    registrar.sees("#catalog-rows .ag-row")
    page.click("#catalog-new")
    registrar.sees(registrar.field("thing_id"))
    registrar.fill("thing_id", "ts/wrong")
    registrar.fill("x", "east")
    page.locator(registrar.field("x")).press("Tab")
    wait_until(lambda: page.locator(".mantine-InputWrapper-error").count() == 2, "what is wrong is said at its field")
    assert "须为数字" in registrar.said("#catalog-fields")
    page.click("#catalog-save")
    wait_until(lambda: page.locator(".mantine-InputWrapper-error").count() >= 6, "and what is missing, at last")
    registrar.picks("kind", "交通检测器")
    registrar.picks("feed", "交通")
    registrar.fill("producer", "traffic")
    registrar.fill("thing_id", "ts-new")
    registrar.fill("name_zh", "新检测器")
    registrar.fill("name_en", "New sensor")
    page.click(registrar.field("crs"))
    page.click('.mantine-Select-option:visible:has-text("GCJ-02")')
    west, south = a_thing(center).longitude, a_thing(center).latitude
    registrar.fill("x", f"{west:.6f}")
    registrar.fill("y", f"{south:.6f}")
    registrar.fill("datastreams", "vehicle_speed km/h 10 interval")
    page.locator(registrar.field("datastreams")).press("Tab")
    wait_until(lambda: page.locator(".mantine-InputWrapper-error").count() == 0, "nothing is wrong any more")
    registrar.saves()
    wait_until(lambda: "已登记" in registrar.said("#catalog-answer"), "it is registered")
    made = next(t for t in center.store.catalog.load().things.values() if t.thing_id == "ts-new")
    assert 0.002 < abs(made.longitude - west) < 0.01, "the shift of GCJ-02 was taken back"
    assert made.district, "its district is that of its place"
    assert [r.actor for r in center.store.audit.page(action="things.registered") if r.subject == "traffic/ts-new"]
    wait_until(lambda: "thing=traffic/ts-new" in registrar.path().replace("%2F", "/"), "it stays open")


def test_a_thing_is_moved_on_the_map_and_nothing_half_typed_is_lost(registrar: Registrar, center: PeopleCenter) -> None:
    page, thing = registrar.page, a_thing(center, 1)
    registrar.edits(thing)
    registrar.fill("name_zh", "半途")
    wait_until(lambda: "differs" in (page.get_attribute("#catalog-saving", "class") or ""), "a draft is kept")
    registrar.edits(thing)
    assert page.input_value(registrar.field("name_zh")) == "半途"
    assert "草稿" in registrar.said("#catalog-draft-told")
    page.click("#catalog-undo")
    wait_until(lambda: page.input_value(registrar.field("name_zh")) == thing.name.zh, "it is undone")
    box = page.locator("#catalog-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.4)
    wait_until(lambda: page.input_value(registrar.field("x")) != repr(thing.longitude), "the fields follow the map")
    registrar.saves()
    wait_until(lambda: "已保存" in registrar.said("#catalog-answer"), "it is moved")
    assert now(center, thing).longitude != thing.longitude
    assert center.store.audit.page(action="things.moved")[0].subject == f"{thing.producer}/{thing.thing_id}"
    assert center.store.catalog.life(thing.key)[0].action == "moved"


def test_who_was_passed_is_told_by_whom_and_loses_nothing(registrar: Registrar, center: PeopleCenter) -> None:
    page, thing = registrar.page, a_thing(center, 2)
    registrar.edits(thing)
    registrar.fill("name_zh", "甲方的名称")
    wait_until(lambda: "differs" in (page.get_attribute("#catalog-saving", "class") or ""), "it differs")
    other = replace(thing, department="", attributes={**thing.attributes, "note": "先到"})
    center.store.catalog.register([other], [], "zhao")
    page.click("#catalog-save")
    wait_until(lambda: "zhao" in registrar.said("#catalog-answer"), "it says who was faster")
    assert now(center, thing).name.zh == thing.name.zh
    assert page.input_value(registrar.field("name_zh")) == "甲方的名称"
    page.click('button:has-text("以我的改动覆盖")')
    wait_until(lambda: registrar.said("#catalog-answer") == "", "it goes on")
    registrar.saves()
    wait_until(lambda: now(center, thing).name.zh == "甲方的名称", "and is saved over it")


def test_a_thing_is_retired_with_a_reason_and_found_among_the_retired(
    registrar: Registrar, center: PeopleCenter
) -> None:
    page, thing = registrar.page, a_thing(center, 3)
    registrar.edits(thing)
    page.click('[id*="catalog-retire"][id*="it"]')
    page.click("#catalog-retire-yes")
    wait_until(lambda: "请填写原因" in registrar.said("#catalog-retire-answer"), "it wants a reason")
    page.fill("#catalog-retire-why", "撤除")
    page.locator("#catalog-retire-why").press("Tab")
    page.click("#catalog-retire-yes")
    wait_until(lambda: now(center, thing).retired, "it is retired")
    registrar.opens_desk(f"/catalog?state=retired&text={thing.thing_id}")
    wait_until(lambda: page.locator("#catalog-rows .ag-row").count() >= 1, "it is in the list")
    assert "已停用" in registrar.said("#catalog-rows")
    registrar.speaks("en")
    wait_until(lambda: "retired" in registrar.said("#catalog-rows"), "in the other language, too")


def test_a_file_is_checked_then_written_all_at_once(registrar: Registrar, center: PeopleCenter, tmp_path: Path) -> None:
    page, thing = registrar.page, a_thing(center, 4)
    west, south = thing.longitude, thing.latitude
    head = template().splitlines()[0].lstrip("\ufeff")
    rows = [
        f"traffic,ts-f{n},traffic_sensor,traffic,导入{n},Imported {n},{west},{south},,,,"
        for n in range(3)
    ] + [
        f"{thing.producer},{thing.thing_id},,,改名,,,,,,,",
        "traffic,ts-bad,traffic_sensor,traffic,错,Bad,east,32,,,,",
    ]  # fmt: skip
    path = tmp_path / "设备.csv"
    path.write_bytes("\r\n".join([head, *rows]).encode("gb18030"))
    registrar.opens_desk("/catalog")
    page.click("#catalog-many")
    page.set_input_files("#catalog-file", str(path))
    wait_until(lambda: "检查完毕" in registrar.said("#catalog-import-told"), "it is checked")
    told = registrar.said("#catalog-import-told")
    assert "须为数字" in told and "traffic/ts-f0" in told
    assert now(center, thing).name.zh != "改名", "nothing is written yet"
    page.click("#catalog-import-apply")
    wait_until(lambda: "已全部写入" in registrar.said("#catalog-import-told"), "it is written")
    names = {t.thing_id for t in center.store.catalog.load().things.values()}
    assert {"ts-f0", "ts-f1", "ts-f2"} <= names and "ts-bad" not in names
    assert now(center, thing).name.zh == "改名"
    assert now(center, thing).longitude == west, "an empty cell keeps what is there"
    assert center.store.audit.page(action="things.imported")[0].detail["new"] == 3


def test_a_department_changes_what_is_its_own(page: Page, center: PeopleCenter) -> None:
    reader = Registrar(page, center)
    reader.holds(center.secret("police.keeper", Grant(Role.DEPARTMENT, "traffic_police")))
    reader.edits(a_thing(center, 5))
    assert page.locator(reader.field("name_zh")).is_enabled()
    other = next(t for t in center.store.catalog.load().things.values() if t.department == "water_company")
    reader.opens_desk(f"/catalog?thing={other.producer}/{other.thing_id}")
    wait_until(lambda: "没有这个设备" in reader.said("#catalog-fields"), "what isn't theirs isn't there")
    assert not reader.errors, reader.errors


def test_files_come_compressed_and_what_is_none_is_refused(center: PeopleCenter) -> None:
    with center.http(center.secret("sender", Grant(Role.ADMINISTRATOR))) as http:
        begin = {"params": {"name": "x.csv"}, "headers": {"Content-Type": "application/gzip"}}
        assert http.post("/catalog/imports", content=b"plain", **begin).status_code == 422  # type: ignore[arg-type]
        whole = gzip.compress(template().encode())
        assert http.post("/catalog/imports", content=whole[:-9], **begin).status_code == 422  # type: ignore[arg-type]
        bomb = gzip.compress(b"\0" * (100 * 1024 * 1024), 1)
        assert http.post("/catalog/imports", content=bomb, **begin).status_code == 413  # type: ignore[arg-type]
        assert http.post("/catalog/imports", content=whole, **begin).status_code == 202  # type: ignore[arg-type]
        listed = http.get("/catalog/things.csv", params={"kind": "camera"})
        assert listed.text.splitlines()[0].endswith("attributes")
        assert len(listed.text.splitlines()) > 3
        assert http.get("/catalog/template.csv").text.startswith("\ufeffproducer")
    with center.http(center.secret("looker", Grant(Role.OPERATOR))) as http:
        assert http.post("/catalog/imports", content=whole, **begin).status_code == 403  # type: ignore[arg-type]
