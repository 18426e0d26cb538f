"""What is typed of a route is read as it is meant, or said to be wrong at its field."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.route import Hours, Route, read_route
from ops_center.domain.words import Words
from ops_center.screens.route_form import FIELDS, NEW, WHOLE, read, values_of

GOOD: dict[str, Any] = {
    **NEW,
    "name": "water_duty",
    "label_zh": "供水值班",
    "label_en": "water duty",
    "targets": ["duty@water.example"],
    "hours": "1-5 18:00-08:00\n6,7 0:00-23:59",
}


def faults(**changes: Any) -> dict[str, str]:
    form, found = read({**GOOD, **changes}, "", {"there"})
    assert (form is None) == bool(found)
    assert set(found) <= {*FIELDS, WHOLE}
    return {name: label.en for name, label in found.items()}


def test_what_is_typed_is_a_route() -> None:
    form, found = read(GOOD, "", ())
    assert not found and form is not None
    route = read_route(form)
    assert (route.name, route.channel, route.priorities, route.acts) == (
        "water_duty",
        "mail",
        [1, 2],
        ["raised", "escalated"],
    )
    assert route.hours == [Hours([1, 2, 3, 4, 5], "18:00", "08:00"), Hours([6, 7], "00:00", "23:59")]
    assert route.enabled and not route.test_target


def test_what_a_route_holds_is_typed_back_as_it_was() -> None:
    route = Route(
        name="portal",
        label=Words("门户", "portal"),
        channel="folder",
        targets=["portal"],
        acts=["warning"],
        priorities=[],
        rules=["water_burst"],
        departments=["water_company"],
        districts=["D01"],
        hours=[Hours([1, 2, 4, 7], "08:00", "18:00")],
        delay_min=2.5,
        repeat_min=15,
        language="en",
        test_target=True,
        enabled=False,
    )
    form, found = read(values_of(route), route.name, {"portal"})
    assert not found and form is not None
    assert read_route(form) == route


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"name": ""}, "name", "needed"),
        ({"name": "Water Duty"}, "name", "Lower case"),
        ({"name": "there"}, "name", "There is a route"),
        ({"label_en": "  "}, "label_en", "needed"),
        ({"channel": "fax"}, "channel", "Choose"),
        ({"targets": []}, "targets", "needed"),
        ({"targets": ["duty@water.example", "nobody"]}, "targets", "nobody"),
        ({"channel": "webhook", "targets": ["https://x"]}, "targets", "https://x"),
        ({"acts": []}, "acts", "at least one"),
        ({"channel": "folder", "targets": ["portal"]}, "acts", "drop folder"),
        ({"hours": "1-5 18:00-08:00\nalways"}, "hours", "Line 2"),
        ({"hours": "5-1 18:00-08:00"}, "hours", "Line 1"),
        ({"hours": "1 24:00-25:00"}, "hours", "Line 1"),
        ({"delay_min": -1}, "delay_min", "Between"),
        ({"repeat_most": 2.5}, "repeat_most", "whole"),
        ({"per_min": ""}, "per_min", "needed"),
        ({"most": float("nan")}, "most", "Between"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes: dict[str, Any], field: str, says: str) -> None:
    found = faults(**changes)
    assert list(found) == [field] and says in found[field]


def test_whatever_a_browser_sends_is_read_or_refused() -> None:
    for odd in (None, 7, [], {}, [None], [7], "\x00", True, float("inf"), 10**30):
        form, found = read(dict.fromkeys(FIELDS, odd), "", ())
        assert form is None and found
