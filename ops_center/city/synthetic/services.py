"""Facilities, units and the duty roster of a synthetic city, as rows of their layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ops_center.city.synthetic.blocks import USES, Blocks
from ops_center.city.synthetic.names import Namer
from ops_center.city.synthetic.plan import Plan, Real


@dataclass(frozen=True)
class _Kind:
    """How many facilities of a kind there are and what they are called."""

    kind: str
    zh: str
    en: str
    initials: str
    people: float
    """residents for each"""
    capacity: tuple[float, float]
    uses: tuple[str, ...]
    organisation: str = ""


_KINDS = (
    _Kind("hospital", "医院", "Hospital", "yy", 45_000, (150, 1500), ("public", "residential", "office"), "health"),
    _Kind("school", "学校", "School", "xx", 9_000, (400, 2200), ("residential", "public"), "education"),
    _Kind(
        "shelter", "应急避难场所", "Emergency Shelter", "yjbncs", 15_000, (500, 8000), ("park", "public"), "emergency"
    ),
    _Kind("plant", "化工厂", "Chemical Plant", "hgc", 60_000, (50, 900), ("industrial",)),
    _Kind("store", "应急物资库", "Emergency Store", "yjwzk", 110_000, (50, 400), ("public", "industrial"), "emergency"),
    _Kind(
        "fire_station",
        "消防站",
        "Fire Station",
        "xfz",
        40_000,
        (20, 60),
        ("public", "residential", "commercial"),
        "fire",
    ),
    _Kind("police_station", "派出所", "Police Station", "pcs", 25_000, (20, 90), ("public", "residential"), "police"),
    _Kind(
        "gas_station",
        "加油站",
        "Filling Station",
        "jyz",
        22_000,
        (60, 160),
        ("commercial", "industrial", "residential"),
    ),
    _Kind("bus_depot", "公交场站", "Bus Depot", "gjcz", 90_000, (40, 220), ("public", "industrial"), "bus_company"),
    _Kind("stadium", "体育场", "Stadium", "tyc", 350_000, (8000, 60000), ("public", "park")),
    _Kind("government", "区政府", "District Government", "qzf", 120_000, (100, 900), ("office", "public")),
    _Kind("commerce", "购物中心", "Shopping Centre", "gwzx", 30_000, (2000, 15000), ("commercial",)),
)
_GOODS = ("UN1005", "UN1017", "UN1203", "UN1965", "UN1830", "UN2055")
"""ammonia, chlorine, petrol, LPG, sulphuric acid, styrene (UN Model Regulations, dangerous goods list)"""
_UNITS = (
    ("traffic_police", "交警中队", "Traffic Police Squad", "traffic_police", 18_000, (6, 14)),
    ("patrol", "巡警队", "Patrol Team", "police", 20_000, (4, 10)),
    ("fire_brigade", "消防救援队", "Fire Brigade", "fire", 30_000, (12, 30)),
    ("ambulance_crew", "急救组", "Ambulance Crew", "health", 35_000, (3, 4)),
    ("water_repair", "供水抢修队", "Water Repair Crew", "water_company", 90_000, (5, 12)),
    ("drainage_crew", "排水抢险队", "Drainage Crew", "water", 90_000, (6, 16)),
    ("gas_repair", "燃气抢修队", "Gas Repair Crew", "gas_company", 120_000, (5, 10)),
    ("sanitation_crew", "环卫队", "Sanitation Crew", "city_management", 60_000, (8, 25)),
    ("inspection_team", "城管执法队", "Urban Inspection Team", "city_management", 40_000, (6, 12)),
    ("environment_team", "环境监测队", "Environment Monitoring Team", "environment", 150_000, (4, 8)),
    ("rescue_team", "应急救援队", "Rescue Team", "emergency", 150_000, (15, 40)),
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超霞平刚英华"


def make_facilities(plan: Plan, blocks: Blocks) -> tuple[pd.DataFrame, Real, list[str]]:
    """Return facilities, their places in local metres, and the pinyin initials of their names."""
    chance, namer = plan.chance("facilities"), Namer(plan, "facilities")
    people = float(blocks.residents.sum())
    rows: list[dict[str, Any]] = []
    block: list[int] = []
    initials: list[str] = []
    for kind in _KINDS:
        suited = np.flatnonzero(np.isin(blocks.use, [USES.index(use) for use in kind.uses]))
        count = min(max(2, round(people / kind.people)), max(len(suited), 1))
        weight = (blocks.residents + blocks.workers + 200.0)[suited]
        chosen = (
            chance.choice(suited, count, replace=False, p=weight / weight.sum()) if len(suited) else np.zeros(0, int)
        )
        for place in chosen.tolist():
            name = namer.draw(kind.zh, kind.en, kind.initials)
            rows.append(_facility(chance, kind, name.zh, name.en))
            block.append(place)
            initials.append(name.initials)
    frame = pd.DataFrame(rows)
    frame.insert(0, "facility_id", [f"F{number:05d}" for number in range(1, len(frame) + 1)])
    xy = shapely.get_coordinates(shapely.point_on_surface(blocks.shapes[block]))
    return frame.assign(block=block, provenance="synthetic"), xy, initials


def _facility(chance: np.random.Generator, kind: _Kind, zh: str, en: str) -> dict[str, Any]:
    low, high = kind.capacity
    hazardous = kind.kind in {"plant", "gas_station"}
    goods = "UN1203" if kind.kind == "gas_station" else str(chance.choice(_GOODS))
    return {
        "kind": kind.kind,
        "name_zh": zh,
        "name_en": en,
        "capacity": float(np.round(np.exp(chance.uniform(np.log(low), np.log(high))))),
        "hazardous_goods": goods if hazardous else "",
        "hazardous_t": float(np.round(chance.uniform(20, 400))) if hazardous else 0.0,
        "organisation": kind.organisation,
    }


def make_units(plan: Plan, blocks: Blocks) -> tuple[pd.DataFrame, Real]:
    """Return units and their bases in local metres: spread as the people are."""
    chance, namer = plan.chance("units"), Namer(plan, "units")
    people = float(blocks.residents.sum())
    rows: list[dict[str, Any]] = []
    for kind, zh, en, organisation, each, (least, most) in _UNITS:
        for _ in range(max(2, round(people / each))):
            name = namer.draw(zh, en, "")
            members = int(chance.integers(least, most + 1))
            row = {"kind": kind, "name_zh": name.zh, "name_en": name.en, "organisation": organisation}
            rows.append({**row, "members": members})
    weight = blocks.residents + blocks.workers + 100.0
    block = chance.choice(len(blocks.shapes), len(rows), p=weight / weight.sum())
    frame = pd.DataFrame(rows).assign(block=block, provenance="synthetic")
    frame.insert(0, "unit_id", [f"U{number:05d}" for number in range(1, len(frame) + 1)])
    return frame, shapely.get_coordinates(shapely.point_on_surface(blocks.shapes[block]))


def make_roster(plan: Plan, organisations: pd.DataFrame) -> pd.DataFrame:
    """Return who is on duty: a leader and an officer of every organisation, day and night, the week round."""
    chance = plan.chance("roster")
    rows = [
        {"organisation": name, "weekday": weekday, "shift": shift, "duty": duty}
        for name in organisations["organisation_id"]
        for weekday in range(1, 8)
        for shift in ("day", "night")
        for duty in ("leader", "officer")
    ]
    picks = chance.integers(0, [len(_SURNAMES), len(_GIVEN), len(_GIVEN)], (len(rows), 3))
    persons = [f"{_SURNAMES[a]}{_GIVEN[b]}{_GIVEN[c]}" for a, b, c in picks]
    phones = [f"8652{number:04d}" for number in chance.integers(0, 10000, len(rows))]
    return pd.DataFrame(rows).assign(person=persons, phone=phones, provenance="synthetic")
