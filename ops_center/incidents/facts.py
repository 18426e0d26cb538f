"""The facts of an incident: which there are, what is wrong with them, how the log writes them. Called by ``acts``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident, Level, Refusal
from ops_center.incidents.parts import Casualties, Place

FACTS = (
    "title", "description", "type", "level", "occurred_us", "lead_department", "departments", "district", "places",
    "area", "casualties",
)  # fmt: skip
"""what ``acts.change`` may change; the rest changes by commands of its own"""
MINDED = (*FACTS, "lessons")
"""what is remembered with the version in which it last changed: who changes one that somebody else changed is told"""
LONGEST_TITLE = 200
LONGEST_TEXT = 4000
MOST_PLACES = 50
MOST_POINTS = 2000
_MOST_PEOPLE = 100_000_000
_FEWEST_POINTS = {"point": 1, "line": 2, "area": 3}


def fault_of(incident: Incident) -> Refusal | None:
    """Return the first thing that is wrong with the facts of an incident; None: nothing."""
    return next(_faults(incident), None)


def _faults(incident: Incident) -> Iterator[Refusal]:
    if not 0 < len(incident.title.strip()) <= LONGEST_TITLE:
        said = f"须有标题，不超过{LONGEST_TITLE}字", f"a title of at most {LONGEST_TITLE} characters is wanted"
        yield Refusal("title", Label(*said))
    if len(incident.description) > LONGEST_TEXT:
        said = f"描述不超过{LONGEST_TEXT}字", f"the description has at most {LONGEST_TEXT} characters"
        yield Refusal("description", Label(*said))
    if not incident.type:
        yield Refusal("type", Label("须选择类型", "a type is wanted"))
    if incident.occurred_us > incident.reported_us:
        yield Refusal("occurred", Label("发生时间不能晚于接报时间", "it can't have happened after it was reported"))
    if incident.is_led and not incident.lead_department:
        yield Refusal("lead", Label("处置中的事件须有牵头部门", "an incident that is led has a leading department"))
    if len(incident.places) > MOST_PLACES or any(is_no_place(place) for place in incident.places):
        yield Refusal("places", Label("位置不正确", "a place is not right"))
    if incident.area is not None and (incident.area.kind != "area" or is_no_place(incident.area)):
        yield Refusal("area", Label("影响范围须为面", "the affected area is an area"))
    if not all(0 <= number <= _MOST_PEOPLE for number in asdict(incident.casualties).values()):
        yield Refusal("casualties", Label("人数不正确", "a number of people is not right"))


def plain(value: object) -> object:
    """Return a fact as JSON values, for the log."""
    if isinstance(value, Level):
        return int(value)
    if isinstance(value, Place | Casualties):
        return {name: plain(one) for name, one in asdict(value).items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def is_no_place(place: Place) -> bool:
    """Return whether it has too few or too many points, or points that are nowhere on earth."""
    points = len(place.coordinates)
    few = points < _FEWEST_POINTS[place.kind] or points > MOST_POINTS or (place.kind == "point" and points > 1)
    # NaN compares false with everything: it is no place either.
    return few or not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in place.coordinates)
