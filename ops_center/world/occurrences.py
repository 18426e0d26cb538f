"""What can happen in the city: kinds of occurrences with their units, and one occurrence at one place and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

Kind = Literal[
    "crash",
    "stopped_vehicle",
    "wrong_way",
    "road_closed",
    "roadworks",
    "pipe_burst",
    "street_flood",
    "toxic_release",
    "smoke",
    "rainstorm",
    "crowd",
    "intrusion",
    "illegal_dumping",
    "response",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

MAGNITUDES: Mapping[Kind, Label] = {
    "crash": Label("受阻通行能力比例，0 至 1", "share of the road's capacity that is blocked, 0 to 1"),
    "stopped_vehicle": Label("受阻通行能力比例，0 至 1", "share of the road's capacity that is blocked, 0 to 1"),
    "wrong_way": Label("逆行车辆数", "vehicles that drive the wrong way"),
    "road_closed": Label("受阻通行能力比例，0 至 1", "share of the road's capacity that is blocked, 0 to 1"),
    "roadworks": Label("受阻通行能力比例，0 至 1", "share of the road's capacity that is blocked, 0 to 1"),
    "pipe_burst": Label("30 m 水头下的漏损流量，L/s", "leak at a head of 30 m, L/s"),
    "street_flood": Label("积水深度，m", "depth of the water on the street, m"),
    "toxic_release": Label("氯气泄漏速率，kg/s", "release of chlorine, kg/s"),
    "smoke": Label("烟雾浓度，0 至 1", "density of the smoke, 0 to 1"),
    "rainstorm": Label("雨强峰值，mm/h", "greatest intensity of the rain, mm/h"),
    "crowd": Label("人数", "people more than usual"),
    "intrusion": Label("人数", "people where nobody may be"),
    "illegal_dumping": Label("倾倒量，t", "what is dumped, t"),
    "response": Label("出动车辆数，每类", "vehicles of each kind that go there"),
}
"""what ``magnitude`` of each kind means"""

TRAFFIC_DISRUPTIONS: frozenset[Kind] = frozenset(
    {"crash", "stopped_vehicle", "road_closed", "roadworks", "street_flood"}
)
"""what cuts the capacity of the road it is on"""


@dataclass(frozen=True, slots=True)
class Site:
    """A place with what is there; "" where there is none."""

    longitude: float
    latitude: float
    road_id: str = ""
    """road that it is on"""
    reverse: bool = False
    """it concerns the direction against the line of the road"""
    along_m: float = 0.0
    """metres from the start of the road's line"""
    pipe_link: str = ""
    """water pipe that is there"""
    facility_id: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happens from ``start_us`` to ``end_us`` at a site."""

    occurrence_id: str
    """unique within (seed, start, scenario)"""
    kind: Kind
    start_us: int
    end_us: int
    site: Site
    magnitude: float
    """see MAGNITUDES"""
    rise_s: float = 0.0
    """how long it takes to reach its magnitude, and to fade before its end"""
    radius_m: float = 0.0
    """how far around its site it reaches"""
    story: str = ""
    """the scenario it belongs to; "" for what happens every day"""

    def strength(self, now_us: int) -> float:
        """Return how much of the magnitude is there at ``now_us``, 0 to 1: rises, stays, fades."""
        if not self.start_us <= now_us < self.end_us:
            return 0.0
        if self.rise_s <= 0:
            return 1.0
        return min(
            1.0, (now_us - self.start_us) / SECOND_US / self.rise_s, (self.end_us - now_us) / SECOND_US / self.rise_s
        )

    def at(self, now_us: int) -> float:
        """Return the magnitude at ``now_us``."""
        return self.magnitude * self.strength(now_us)
