"""Public warnings: any alarm, text and outline gives a message that is valid against the published schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xmlschema import XMLSchema

from alerts.alarm import Alarm, Finding, Priority, State
from alerts.cap import MAX_CORNERS, MAX_TEXT, NAMESPACE, Circle, Info, Message, MsgType, Outline, cap_time, write_cap
from alerts.loading import shipped_rules
from alerts.public_warning import Draft, Issuing, draft_of, message_of
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, SECOND_US
from tests.alerts.trial import TYPES

SCHEMA = XMLSchema(Path(__file__).parent / "cap" / "CAP-v1.2.xsd")
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW_US = 1_790_000_000 * SECOND_US
RULES = {rule.name: rule for rule in shipped_rules(TYPES)}
SENDER = "warnings@city.example"


def alarm(**changed: object) -> Alarm:
    finding = Finding("LL", 2, NOW_US, 0.08, 0.10)
    values: dict[str, object] = {
        "id": 17,
        "rule": "water_pressure_low",
        "rule_version": 1,
        "subject_kind": 0,
        "subject": 5,
        "state": State.UNACKNOWLEDGED,
        "findings": (finding,),
        "priority": Priority.HIGH,
        "level": 2,
        "value": 0.08,
        "limit": 0.10,
        "raised_us": NOW_US,
        "changed_us": NOW_US,
        "longitude": 118.8,
        "latitude": 32.06,
        "district": "D01",
        "department": "water_company",
    }
    return Alarm(**{**values, **changed})  # type: ignore[arg-type]


def issuing(**changed: object) -> Issuing:
    values: dict[str, object] = {
        "identifier": "nanjing-live-17-1",
        "sender": SENDER,
        "sender_name": Label("市应急指挥中心", "City operations center"),
        "realm": Realm.LIVE,
        "sent_us": NOW_US,
    }
    return Issuing(**{**values, **changed})  # type: ignore[arg-type]


def read(written: bytes) -> ElementTree.Element:
    SCHEMA.validate(ElementTree.fromstring(written))
    return ElementTree.fromstring(written)


def texts(root: ElementTree.Element, path: str) -> list[str]:
    found = root.findall("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))
    return [one.text or "" for one in found]


def test_the_schema_refuses_what_is_no_message() -> None:
    """Without this, the others could not fail."""
    root = ElementTree.fromstring(write_cap(message_of(draft_of(alarm(), None, None), issuing())))
    root.remove(root[0])
    assert not SCHEMA.is_valid(root)


def test_a_warning_drafted_from_an_alarm_says_it_in_both_languages() -> None:
    draft = draft_of(alarm(), RULES["water_pressure_low"], Label("鼓楼区", "Gulou"))
    root = read(write_cap(message_of(draft, issuing()), SHANGHAI))
    assert texts(root, "info/language") == ["zh-CN", "en"]
    assert texts(root, "info/headline") == ["鼓楼区：供水压力低", "low water pressure, Gulou"]
    assert set(texts(root, "info/urgency")) == {"Immediate"} and set(texts(root, "info/severity")) == {"Severe"}
    assert texts(root, "info/area/circle") == ["32.060000,118.800000 1.000"] * 2
    assert texts(root, "info/area/geocode/value") == ["D01"] * 2
    assert texts(root, "sent") == ["2026-09-21T22:13:20+08:00"]
    assert texts(root, "status") == ["Actual"] and texts(root, "scope") == ["Public"]


def test_an_update_and_a_cancel_name_what_they_replace() -> None:
    draft = draft_of(alarm(), None, None)
    first = message_of(draft, issuing())
    for kind in (MsgType.UPDATE, MsgType.CANCEL):
        later = issuing(identifier="second", msg_type=kind, references=[first.as_reference()])
        root = read(write_cap(message_of(draft, later), SHANGHAI))
        assert texts(root, "msgType") == [kind.value]
        assert texts(root, "references") == [f"{SENDER},nanjing-live-17-1,2026-09-21T22:13:20+08:00"]
    assert set(texts(root, "info/urgency")) == {"Past"}


@pytest.mark.parametrize(("realm", "status"), [("drill", "Exercise"), ("simulated", "Test"), ("replay", "Test")])
def test_what_is_not_live_can_t_be_taken_for_it(realm: str, status: str) -> None:
    root = read(write_cap(message_of(draft_of(alarm(), None, None), issuing(realm=Realm(realm)))))
    assert texts(root, "status") == [status]
    banner = Realm(realm).banner
    assert banner is not None and texts(root, "note") == [f"{banner.zh} {banner.en}"]
    assert all(text.startswith("[") for text in texts(root, "info/headline"))


def test_times_have_an_offset_and_never_a_z() -> None:
    assert cap_time(NOW_US) == "2026-09-21T14:13:20-00:00"
    assert cap_time(NOW_US, ZoneInfo("America/St_Johns")) == "2026-09-21T11:43:20-02:30"
    assert cap_time(-60 * 365 * DAY_US, SHANGHAI).endswith("+08:00")


@pytest.mark.parametrize(
    ("ring", "kept"),
    [
        ([], 0),
        ([(118.0, 32.0)], 0),
        ([(118.0, 32.0), (118.1, 32.0)], 0),
        ([(118.0, 32.0)] * 9, 0),
        ([(118.0, 32.0), (118.1, 32.0), (118.0, 32.0), (118.1, 32.0)], 0),
        ([(float("nan"), 32.0), (118.1, 32.0), (118.1, 32.1)], 0),
        ([(118.0, 32.0), (118.1, 32.0), (118.1, 32.1)], 4),
        ([(118.0, 32.0), (118.1, 32.0), (118.1, 32.1), (118.0, 32.0)], 4),
        ([(118 + n / 1e5, 32 + (n % 7) / 1e5) for n in range(50_000)], MAX_CORNERS + 1),
    ],
)
def test_a_polygon_closes_or_is_left_out(ring: Sequence[tuple[float, float]], kept: int) -> None:
    info = Info(language="en", event="x", urgency="Future", severity="Minor", certainty="Possible", area="here")
    root = read(write_cap(plain(info, Outline(polygons=(tuple(ring),)))))
    found = [text.split() for text in texts(root, "info/area/polygon")]
    assert [len(corners) for corners in found] == ([kept] if kept else [])
    assert all(corners[0] == corners[-1] for corners in found)


def test_a_message_without_identifier_or_sender_is_refused() -> None:
    for missing in ({"identifier": "\x00 ,"}, {"sender": ""}):
        with pytest.raises(ValueError, match="identifier and a sender"):
            write_cap(message_of(draft_of(alarm(), None, None), issuing(**missing)))


def plain(info: Info, outline: Outline, **more: str) -> Message:
    values = {"identifier": "a", "sender": "b", **more}
    return Message(
        sent_us=NOW_US, status="Test", msg_type=MsgType.ALERT, infos=(info,), outline=outline, note="", **values
    )


ODD = st.text(st.characters(), max_size=300) | st.sampled_from(["\x00\x0b", "a" * 50_000, "]]>&<", "\ud800", "\u202e"])
NUMBERS = st.floats() | st.floats(-180, 180)
OUTLINES = st.builds(
    Outline,
    polygons=st.lists(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=9).map(tuple), max_size=3).map(tuple),
    circles=st.lists(st.builds(Circle, NUMBERS, NUMBERS, st.floats()), max_size=3).map(tuple),
    geocodes=st.lists(st.tuples(ODD, ODD), max_size=3).map(tuple),
)


@given(event=ODD, headline=ODD, description=ODD, area=ODD, name=ODD, outline=OUTLINES)
def test_whatever_is_said_the_message_is_valid(
    event: str, headline: str, description: str, area: str, name: str, outline: Outline
) -> None:
    info = Info(
        language="zh",
        event=event,
        urgency="Unknown",
        severity="Unknown",
        certainty="Unknown",
        headline=headline,
        description=description,
        instruction=description,
        sender_name=name,
        area=area,
    )
    root = read(write_cap(plain(info, outline, identifier=f"a{name}", sender=f"b{name}"), SHANGHAI))
    assert all(len(text) <= MAX_TEXT for text in texts(root, "info/description"))
    assert not set(" ,&<").intersection(*texts(root, "identifier"))
    assert all(text for text in texts(root, "info/area/areaDesc"))


@given(
    priority=st.sampled_from(Priority),
    rule=st.sampled_from([None, *RULES.values()]),
    longitude=st.floats(-180, 180) | st.just(float("nan")),
    latitude=st.floats(-90, 90) | st.just(float("nan")),
    raised_us=st.integers(0, 200 * 365 * DAY_US),
    stands=st.booleans(),
    district=st.sampled_from(["", "D01"]),
)
def test_any_alarm_gives_a_valid_message(
    priority: Priority,
    rule: object,
    longitude: float,
    latitude: float,
    raised_us: int,
    stands: bool,
    district: str,
) -> None:
    one = alarm(priority=priority, longitude=longitude, latitude=latitude, raised_us=raised_us, district=district)
    if not stands:
        one = alarm(priority=priority, findings=(), state=State.RETURNED)
    draft: Draft = draft_of(one, rule, None)  # type: ignore[arg-type]
    root = read(write_cap(message_of(draft, issuing(sent_us=raised_us)), SHANGHAI))
    assert set(texts(root, "info/urgency")) <= ({"Immediate", "Expected", "Future", "Unknown"} if stands else {"Past"})
