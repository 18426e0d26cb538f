"""Scenarios: coherent stories as data. Each beat is what happens, how long after the story's start, how strongly.

``Story`` gives a scenario its places and repeats it. Chosen by ``run.py simulate --scenario``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ops_center.domain.text import Label
from ops_center.world.occurrences import Kind

Where = Literal["arterial", "expressway", "pipe", "plant", "low_road"]
"""what the story needs at its site: an arterial, a fast road, a water main under a street, a plant, a low road"""


@dataclass(frozen=True, slots=True)
class Beat:
    """One occurrence of a story, relative to its start."""

    kind: Kind
    after_s: float
    lasts_s: float
    magnitude: float
    rise_s: float = 0.0
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story: told again every ``period_s``, each time at another site."""

    name: str
    label: Label
    where: Where
    period_s: float
    beats: tuple[Beat, ...] = ()


_MINUTE = 60.0

_CALM = Scenario("calm", Label("平日", "an ordinary day"), "arterial", 3600.0)

_BURST = Scenario(
    "burst",
    Label("供水主管爆裂", "a water main bursts"),
    "pipe",
    75 * _MINUTE,
    (
        Beat("pipe_burst", 60, 45 * _MINUTE, 180.0, rise_s=20),
        Beat("street_flood", 150, 50 * _MINUTE, 0.35, rise_s=6 * _MINUTE, radius_m=150),
        Beat("road_closed", 8 * _MINUTE, 40 * _MINUTE, 0.95),
        Beat("response", 5 * _MINUTE, 45 * _MINUTE, 1.0),
    ),
)

_CRASH = Scenario(
    "crash",
    Label("快速路多车相撞", "a pile-up on a fast road"),
    "expressway",
    60 * _MINUTE,
    (
        Beat("crash", 60, 35 * _MINUTE, 0.75, radius_m=60),
        Beat("smoke", 2 * _MINUTE, 12 * _MINUTE, 0.5, rise_s=60, radius_m=80),
        Beat("response", 3 * _MINUTE, 30 * _MINUTE, 2.0),
        Beat("stopped_vehicle", 36 * _MINUTE, 8 * _MINUTE, 0.3),
    ),
)

_CHEMICAL = Scenario(
    "chemical",
    Label("化工厂氯气泄漏", "chlorine escapes from a plant"),
    "plant",
    90 * _MINUTE,
    (
        Beat("toxic_release", 60, 25 * _MINUTE, 0.8, rise_s=60, radius_m=3000),
        Beat("smoke", 90, 20 * _MINUTE, 0.8, rise_s=60, radius_m=300),
        Beat("road_closed", 6 * _MINUTE, 60 * _MINUTE, 0.97),
        Beat("response", 4 * _MINUTE, 60 * _MINUTE, 2.0),
        Beat("crowd", 10 * _MINUTE, 30 * _MINUTE, 150.0, rise_s=5 * _MINUTE, radius_m=1200),
    ),
)

_STORM = Scenario(
    "storm",
    Label("暴雨内涝", "a rainstorm floods an underpass"),
    "low_road",
    150 * _MINUTE,
    (
        Beat("rainstorm", 60, 80 * _MINUTE, 75.0, rise_s=20 * _MINUTE),
        Beat("street_flood", 22 * _MINUTE, 85 * _MINUTE, 0.6, rise_s=15 * _MINUTE, radius_m=120),
        Beat("stopped_vehicle", 28 * _MINUTE, 40 * _MINUTE, 0.5),
        Beat("road_closed", 35 * _MINUTE, 65 * _MINUTE, 0.97),
        Beat("response", 32 * _MINUTE, 60 * _MINUTE, 1.0),
    ),
)

SCENARIOS: Mapping[str, Scenario] = {story.name: story for story in (_CALM, _BURST, _CRASH, _CHEMICAL, _STORM)}
"""name → scenario"""
