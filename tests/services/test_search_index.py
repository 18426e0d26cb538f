"""What somebody may mean by what they type: pinyin, initials, English, ids, mistakes; and that it stays quick."""

from __future__ import annotations

import pytest

from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.text import Label
from ops_center.services.search.entries import Entry, entries_of
from ops_center.services.search.index import STEP, Fit, NameIndex
from ops_center.services.search.spelling import spellings
from tests.screens.wall_process import catalog_of

NAMES = [
    ("road", "R1", "长江路", "Changjiang Road"),
    ("road", "R2", "重庆路", "Chongqing Road"),
    ("district", "D1", "六合区", "Luhe District"),
    ("road", "R3", "滨江大道", "Binjiang Avenue"),
    ("address", "A1", "滨江大道12号", "12 Binjiang Avenue"),
    ("facility", "F1", "绿地大厦", "Greenland Tower"),
    ("road", "R4", "银行街", "Bank Street"),
    ("road", "R5", "朝阳路", "Chaoyang Road"),
    ("thing", "traffic_sensor-000410", "交通检测器0410", "Traffic sensor 0410"),
    ("thing", "P-7", "水压计7", "Pressure gauge 7"),
]


def entry(kind: str, which: str, zh: str, en: str) -> Entry:
    return Entry(kind, f"x:{which}", Label(zh, en), Label("类", "kind"), 118.8, 32.0)


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex([entry(*name) for name in NAMES])


def best(index: NameIndex, typed: str) -> tuple[str, Fit]:
    scores = index.scores(typed)
    row = int(scores.argmax())
    assert scores[row] > 0, f"nothing is meant by {typed}"
    return index.entries[row].name.zh, Fit(int(scores[row] // STEP))


@pytest.mark.parametrize(
    ("typed", "name", "fit"),
    [
        ("长江路", "长江路", Fit.EXACT),
        ("changjianglu", "长江路", Fit.EXACT),
        ("ChangJiang", "长江路", Fit.PREFIX),
        ("cjl", "长江路", Fit.INITIALS),
        ("Chongqing Road", "重庆路", Fit.EXACT),
        ("chong qing", "重庆路", Fit.PREFIX),
        ("luhe", "六合区", Fit.PREFIX),
        ("liuhe", "六合区", Fit.PREFIX),
        ("zhaoyang", "朝阳路", Fit.PREFIX),
        ("yinhang", "银行街", Fit.PREFIX),
        ("ldds", "绿地大厦", Fit.INITIALS),
        ("lvdi", "绿地大厦", Fit.PREFIX),
        ("ludi", "绿地大厦", Fit.PREFIX),
        ("大厦", "绿地大厦", Fit.WITHIN),
        ("dasha", "绿地大厦", Fit.WITHIN),
        ("avenue 12", "滨江大道12号", Fit.WITHIN),
        ("ＢＪＤＤ", "滨江大道", Fit.INITIALS),
        ("p-7", "水压计7", Fit.EXACT),
        ("0410", "交通检测器0410", Fit.WITHIN),
        ("traffic_sensor-000410", "交通检测器0410", Fit.EXACT),
    ],
)
def test_it_is_found_however_it_is_typed(index: NameIndex, typed: str, name: str, fit: Fit) -> None:
    assert best(index, typed) == (name, fit)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("binjang", "滨江大道"),
        ("changjinag", "长江路"),
        ("Chogqing", "重庆路"),
        ("滨大道", "滨江大道"),
        ("宾江", "滨江大道"),
        ("presure gage", "水压计7"),
    ],
)
def test_a_mistake_is_forgiven(index: NameIndex, typed: str, name: str) -> None:
    assert best(index, typed) == (name, Fit.NONE) or best(index, typed)[0] == name
    assert best(index, typed)[1] < Fit.WITHIN, "it is less than what was typed rightly"


def test_the_whole_name_comes_before_those_that_go_on(index: NameIndex) -> None:
    scores = index.scores("滨江大道")
    assert scores[3] > scores[4] > 0


@pytest.mark.parametrize("typed", ["", "   ", "qqqqq", "不存在的地方", "\n", "a" * 500, "'"])
def test_what_nobody_means_finds_nothing(index: NameIndex, typed: str) -> None:
    assert not index.scores(typed).any()


def test_a_name_is_spelled_as_places_are_read() -> None:
    assert spellings("六合区")[0] == ("lu", "he", "qu")
    assert ("liu", "he", "qu") in spellings("六合区")
    assert spellings("a12号线")[0] == ("a", "1", "2", "hao", "xian")
    assert spellings("main street") == ()


def test_a_city_is_found_by_all_its_layers(small_city: CityPack) -> None:
    entries = entries_of(catalog_of(small_city), small_city, scope_names(small_city))
    kinds = {one.kind for one in entries}
    assert {"district", "road", "crossing", "address", "facility", "camera", "thing", "area", "water"} <= kinds
    assert len({one.id for one in entries}) == len(entries)
    roads = [one.name.zh for one in entries if one.kind == "road"]
    assert len(set(roads)) == len(roads), "a road of many segments is one"
    index = NameIndex(entries)
    for one in entries[:: max(1, len(entries) // 60)]:
        found = index.scores(one.name.zh)
        assert found[entries.index(one)] >= STEP * Fit.EXACT, one
    district = next(one for one in entries if one.kind == "district")
    assert district.box is not None and district.box[0] < district.longitude < district.box[2]
    on_road = next(one for one in entries if one.kind == "camera" and one.street is not None)
    assert on_road.street is not None
    by_street = index.scores(f"{on_road.street.zh} 摄像机")
    assert by_street[entries.index(on_road)] > 0, "a camera is found by the road it stands on"
