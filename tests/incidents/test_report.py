"""A situation report says what is known, in both languages, and says in words what is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from ops_center.domain.text import LANGUAGES, Label, Language
from ops_center.domain.time import MINUTE_US
from ops_center.incidents.drawing import draw
from ops_center.incidents.incident import Act, Change
from ops_center.incidents.parts import Assignment, Casualties, Drawing, Place
from ops_center.incidents.report import MOST_LINES, Told, make_report
from ops_center.incidents.report_document import Document, Section
from ops_center.incidents.report_words import Names
from ops_center.incidents.task import Stage
from tests.incidents.given import HERE, T0, opened, task

NOW = T0 + 60 * MINUTE_US
NAMES = Names({"wang": Label("王", "Wang")}, {"water_company": Label("自来水公司", "Water Company")}, {}, {}, {}, {})


@dataclass(frozen=True)
class Line:
    at_us: int
    act: Act
    who: str
    text: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


def told(lines: tuple[Line, ...] = (), **more: object) -> Told:
    done = replace(task(), stage=Stage.REPORTED, begins_us=T0, result="closed")
    late = replace(task(), id=2, title=Label("封控", "cordon"), stage=Stage.ASSIGNED, begins_us=T0)
    sent = Assignment(unit="U1", assigned_us=T0, eta_us=T0 + MINUTE_US, by="wang")
    there = replace(sent, unit="U2", arrived_us=T0 + 1)
    closed = Drawing(id=1, kind="closure", label="滨江大道", place=Place("line", (*HERE.coordinates, (118.81, 32.05))), by="wang", at_us=T0)  # fmt: skip  # noqa: E501
    incident = replace(opened(), units=(sent, there), drawings=(closed,), casualties=Casualties(injured=2))
    given = {
        "incident": incident, "tasks": (done, late), "lines": lines, "names": NAMES, "city": Label("宁州", "Ningzhou"),
        "clock": lambda us: f"{(us - T0) // MINUTE_US} min", "now_us": NOW, **more,
    }  # fmt: skip
    return Told(**given)  # type: ignore[arg-type]


def section(document: Document, name: str) -> Section:
    return next(one for one in document.sections if one.id == name)


@pytest.mark.parametrize(
    ("language", "late", "done"), [("zh", "超时", "已上报完成"), ("en", "OVERDUE", "reported done")]
)
def test_tasks_and_units_say_what_is_late(language: Language, late: str, done: str) -> None:
    report = make_report(told(), language)
    tasks, units = section(report, "tasks").table, section(report, "units").table
    assert tasks and units
    assert [(row.mark, late in row.cells[2]) for row in tasks.rows] == [("done", False), ("late", True)]
    assert tasks.rows[0].cells[2] == done and tasks.rows[0].cells[5] == "closed"
    assert [(row.mark, late in row.cells[2]) for row in units.rows] == [("late", True), ("done", False)]


def test_both_languages_have_the_same_parts_and_none_is_empty() -> None:
    both = [make_report(told(), language) for language in LANGUAGES]
    parts = [[(one.id, len(one.facts), len(one.text)) for one in report.sections] for report in both]
    assert parts[0] == parts[1]
    assert [one.id for one in both[0].sections if not (one.facts or one.text or one.table)] == ["map"]
    assert "2" in [fact.value for fact in section(both[1], "people").facts]
    assert section(both[1], "closures").table is not None


def test_it_is_live_until_it_has_a_number() -> None:
    assert make_report(told(), "en").state == "live, as of 60 min"
    issued = make_report(told(number=3, author="wang", outlook="by noon"), "en")
    assert issued.state == "No. 3, issued 60 min by Wang"
    assert section(issued, "outlook").text[0] == "by noon"


def test_a_long_log_is_cut_and_says_so() -> None:
    lines = tuple(Line(T0 + n, Act.NOTED, "wang", f"line {n}") for n in range(MOST_LINES + 7))
    found = section(make_report(told(lines, lines_before=3), "en"), "timeline")
    assert found.table and len(found.table.rows) == MOST_LINES
    assert found.text == ("10 earlier lines are in the log.",)
    assert found.table.rows[-1].cells[1] == f"noted: line {MOST_LINES + 6}"


@pytest.mark.parametrize(
    ("act", "detail", "says"),
    [
        (Act.TASK, {"did": "accepted", "title": {"zh": "关阀", "en": "close"}}, "task · close · accepted"),
        (Act.RESOURCE, {"did": "arrived", "unit": "U9"}, "resource · U9 · arrived"),
        (Act.CHANGED, {"level": {}, "casualties": {}}, "facts changed · level, people"),
        (Act.COMMAND, {"from": "li", "to": "wang"}, "command handed over · → Wang"),
        (Act.DRAWN, {"kind": "cordon", "label": "A"}, "drawn · cordon · A"),
        (Act.REPORT, {"report": 2}, "report issued · 2"),
        (Act.TASK, {"did": 7, "title": None}, "task · 7"),
    ],
)
def test_lines_are_told_in_words_whatever_their_detail_holds(act: Act, detail: dict[str, object], says: str) -> None:
    found = section(make_report(told((Line(T0, act, "wang", "", detail),)), "en"), "timeline").table
    assert found and found.rows[0].cells[1] == says


@pytest.mark.parametrize(("language", "called"), [("zh", "热区"), ("en", "hot zone")])
def test_what_a_plan_drew_is_called_in_the_language_of_the_report(language: Language, called: str) -> None:
    ring = Place("area", ((118.8, 32.05), (118.81, 32.05), (118.81, 32.06)))
    drawn = draw(
        opened(), Drawing(id=0, kind="cordon", label="热区", english="hot zone", place=ring, by="wang", at_us=T0)
    )
    assert isinstance(drawn, Change)
    report = make_report(
        told((Line(T0, Act.DRAWN, "wang", "", drawn.entries[0].detail),), incident=drawn.incident), language
    )
    closures, timeline = section(report, "closures").table, section(report, "timeline").table
    assert closures and closures.rows[0].cells[1] == called
    assert timeline and timeline.rows[0].cells[1].endswith(f" · {called}")
