"""A report on paper: Chinese that prints anywhere, nothing that runs or is fetched; frozen once issued."""

from __future__ import annotations

import io
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec
import psycopg
import pypdf
import pytest

from ops_center.city.pack import CityPack
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.embedded.postgres import PostgresServer
from ops_center.incidents import acts
from ops_center.incidents.incident import Act, Change, Refusal
from ops_center.incidents.parts import Drawing, Place
from ops_center.incidents.report import make_report
from ops_center.services.incidents.report_map import Seen, draw_map
from ops_center.services.incidents.report_print import as_html, as_pdf
from ops_center.services.incidents.reports import Report
from ops_center.store.incident_port import Locked, Work
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from ops_center.store.report_port import Issued, Issuing
from tests.incidents.given import T0, opened
from tests.incidents.test_report import told
from tests.servers.databases import empty_database
from tests.services.audits import entry

EVIL = '<script src="http://evil.example/x.js"></script><img src="file:///etc/passwd">'


@pytest.fixture(scope="module")
def url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as made:
        migrate(made)
        yield made


@pytest.fixture(scope="module")
def store(url: str) -> Iterator[Store]:
    opened_store = open_store(url, Realm.SIMULATED)
    yield opened_store
    opened_store.close()


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_the_print_holds_chinese_with_its_fonts(small_city: CityPack) -> None:
    report = make_report(told(city=Label("宁州市", "Ningzhou")), "zh")
    pdf = as_pdf(report, draw_map(small_city, told().incident, (), "zh"))
    assert "宁州市" in text_of(pdf) and "超时" in text_of(pdf)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index,attr-defined]
    below = [one.get_object() for font in fonts for one in font.get("/DescendantFonts", [])]
    assert below and all({"/FontFile2", "/FontFile3"} & set(one["/FontDescriptor"].get_object()) for one in below)


def test_what_people_wrote_is_text_and_nothing_is_fetched(small_city: CityPack) -> None:
    lon, lat = small_city.manifest.bounds.centre
    drawn = Drawing(id=1, kind="text", label=EVIL, place=Place("point", ((lon, lat),)), by="li", at_us=T0)
    incident = replace(opened(), title=EVIL[:150], description=EVIL, drawings=(drawn,))
    picture = draw_map(small_city, incident, [Seen(Label(EVIL, EVIL), lon, lat)], "en")
    tags = {one.tag.rpartition("}")[2] for one in ET.fromstring(picture).iter()}
    assert tags <= {"svg", "path", "rect", "circle", "text"}
    page = as_html(make_report(told(incident=incident), "en"), picture)
    assert "<script" not in page and "<img" not in page and "&lt;script" in page
    assert "evil.example" in text_of(as_pdf(make_report(told(incident=incident), "en"), picture))


def test_an_incident_without_a_place_shows_the_whole_city(small_city: CityPack) -> None:
    assert draw_map(small_city, replace(opened(), places=()), (), "en").count("<path") > 3


@pytest.fixture
def incident(store: Store) -> int:
    """A new one, led."""
    number = 7 + len(store.incidents.open().standing)
    led = acts.note(replace(opened(), id=number), "li", T0, "水位上升")
    assert isinstance(led, Change)
    assert isinstance(store.incidents.command([], lambda _: Work((led,)), None), Work)
    return number


def content(number: int) -> bytes:
    return msgspec.json.encode(Report({"zh": make_report(told(number=number), "zh")}, {"zh": "<svg/>"}, 4))


def says(locked: Locked, number: int) -> Work:
    ((_, standing),) = locked.standing.items()
    return Work((acts.told(standing.incident, Act.REPORT, "wang", T0, "", {"report": number}),))


def issue(store: Store, incident: int, tell: Callable[[Locked, int], Work | Refusal] = says) -> Issued | Refusal:
    return store.reports.issue(Issuing(incident, "wang", T0, content, tell), entry(1))


def said(store: Store, incident: int) -> list[object]:
    return [one.detail["report"] for one in store.incidents.log(incident) if one.act is Act.REPORT]


def test_what_is_issued_at_once_is_numbered_frozen_and_told_in_one_order(store: Store, url: str, incident: int) -> None:
    threads = [threading.Thread(target=issue, args=(store, incident)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [one.number for one in store.reports.issued(incident)] == [4, 3, 2, 1] and store.reports.issued(999) == []
    assert said(store, incident) == [1, 2, 3, 4]
    held = store.reports.content(incident, 2)
    assert held and msgspec.json.decode(held, type=Report).documents["zh"].number == 2
    assert store.reports.content(incident, 5) is None
    for table in ("incident_report", "incident_report_content"):
        with pytest.raises(psycopg.errors.RestrictViolation), psycopg.connect(url) as connection:
            connection.execute(f"DELETE FROM realm_simulated.{table}")


def test_a_report_whose_line_is_refused_or_fails_is_not_there_and_commands_go_on_meanwhile(
    store: Store, incident: int
) -> None:
    no = Refusal("forbidden", Label("不可", "no"))
    audited = len(store.audit.page(action="incident."))
    assert issue(store, incident, lambda *_: no) == no
    with pytest.raises(ZeroDivisionError):
        issue(store, incident, lambda *_: 1 // 0)  # type: ignore[arg-type, return-value]
    assert store.reports.issued(incident) == [] and said(store, incident) == []
    assert len(store.audit.page(action="incident.")) == audited

    def make(number: int) -> bytes:
        """While it is made somebody writes: nobody waits for a picture to be drawn."""
        add = store.incidents.command([incident], lambda locked: Work((noted(locked),)), None)
        assert isinstance(add, Work)
        return content(number)

    made = store.reports.issue(Issuing(incident, "wang", T0, make, says), entry(1))
    assert isinstance(made, Issued) and made.number == 1, "the number that was refused is free"
    assert [one.act for one in store.incidents.log(incident)][-2:] == [Act.NOTED, Act.REPORT]


def noted(locked: Locked) -> Change:
    ((_, standing),) = locked.standing.items()
    answer = acts.note(standing.incident, "zhao", T0, "阀门已关")
    assert isinstance(answer, Change)
    return answer
