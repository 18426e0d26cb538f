"""What is typed of a public warning becomes a draft, or is refused at its field; what came otherwise is not lost."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.public_warning import Area, Draft, Round
from ops_center.domain.words import Words
from ops_center.screens.warning_form import read, values_of

TEXT = Words("文字", "text")
TRIANGLE = [(118.0, 32.0), (118.1, 32.0), (118.1, 32.1)]
BASE = Draft(
    event=TEXT,
    headline=TEXT,
    description=TEXT,
    instruction=TEXT,
    area=Area(TEXT, [TRIANGLE], [Round(118.7, 32.0, 1500.0), Round(118.8, 32.1, 500.0)], ["D01"]),
    urgency="Expected",
    severity="Severe",
    certainty="Likely",
    responses=["Shelter"],
    expires_min=90,
)


def test_what_the_form_shows_is_read_back_as_it_was() -> None:
    assert read(values_of(BASE), BASE, {"D01"}) == (BASE, {})


@pytest.mark.parametrize(
    ("change", "faulty"),
    [
        ({"headline_zh": "  "}, {"headline_zh"}),
        ({"headline_en": "x" * 131}, {"headline_en"}),
        ({"place_en": None, "event_zh": ["x"]}, {"place_en", "event_zh"}),
        ({"severity": "Awful"}, {"severity"}),
        ({"category": ["Met"]}, {"category"}),
        ({"expires_min": 4}, {"expires_min"}),
        ({"expires_min": float("nan")}, {"expires_min"}),
        ({"expires_min": ""}, {"expires_min"}),
        ({"districts": ["D99"]}, {"districts"}),
        ({"radius_km": ""}, {"radius_km"}),
        ({"longitude": None, "latitude": ""}, {"longitude", "latitude"}),
        ({"latitude": 91}, {"latitude"}),
        ({"radius_km": [1]}, {"radius_km"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(change: dict[str, Any], faulty: set[str]) -> None:
    draft, faults = read({**values_of(BASE), **change}, BASE, {"D01"})
    assert draft is None and set(faults) == faulty


def test_a_warning_holds_somewhere() -> None:
    nowhere = {"districts": [], "longitude": "", "latitude": "", "radius_km": ""}
    assert set(read({**values_of(BASE), **nowhere}, None, {"D01"})[1]) == {"districts"}
    draft, faults = read({**values_of(BASE), **nowhere}, BASE, {"D01"})
    assert draft is not None and not faults
    assert (draft.area.polygons, draft.area.circles) == (BASE.area.polygons, BASE.area.circles[1:])
