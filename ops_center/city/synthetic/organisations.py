"""Organisations of a synthetic city: its departments, what its districts have of them, and the offices of its streets.

A task may be given to any of them. Who is above whom is ``parent``: a street's office is under its district's
government, which is under the city; a district's bureau is under the city's bureau of the same work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

DEPARTMENTS = (
    ("city_command", "城市运行指挥中心", "City Operations Center"),
    ("police", "公安局", "Public Security Bureau"),
    ("traffic_police", "公安局交通管理局", "Traffic Management Bureau"),
    ("fire", "消防救援支队", "Fire and Rescue Brigade"),
    ("emergency", "应急管理局", "Emergency Management Bureau"),
    ("environment", "生态环境局", "Ecology and Environment Bureau"),
    ("water", "水务局", "Water Affairs Bureau"),
    ("weather", "气象局", "Meteorological Bureau"),
    ("city_management", "城市管理局", "Urban Management Bureau"),
    ("housing", "住房和城乡建设局", "Housing and Construction Bureau"),
    ("transport", "交通运输局", "Transport Bureau"),
    ("health", "卫生健康委员会", "Health Commission"),
    ("education", "教育局", "Education Bureau"),
    ("water_company", "自来水公司", "Water Supply Company"),
    ("gas_company", "燃气公司", "Gas Company"),
    ("bus_company", "公交公司", "Bus Company"),
)
"""organisation id, Chinese and English name; the kinds of things name them as their departments"""
_COMMAND = "city_command"
_COMPANIES = {"water_company", "gas_company", "bus_company"}
_BUREAUS = (
    ("emergency", "应急管理局", "Emergency Management Office"),
    ("city_management", "城市管理局", "Urban Management Office"),
)
"""what every district has of the city's departments, under them"""


def make_organisations(
    district_ids: Sequence[str], district_names: Sequence[tuple[str, str]], streets: pd.DataFrame
) -> pd.DataFrame:
    """Return the city's departments, the bureaus and the government of each district, and the office of each street.

    ``streets``: rows of ``areas`` of that kind.
    """
    rows = [_department(number, *names) for number, names in enumerate(DEPARTMENTS, start=1)]
    for number, (district, (zh, en)) in enumerate(zip(district_ids, district_names, strict=True)):
        for work, office_zh, office_en in _BUREAUS:
            phone = f"8651{len(rows) + number:04d}"
            rows.append(
                _row(f"{work}_{district}", (zh + office_zh, f"{en} {office_en}"), "district", work, phone, district)
            )
    # What was added to the list later stands behind it: those before keep their telephones and who is on duty.
    for number, (district, (zh, en)) in enumerate(zip(district_ids, district_names, strict=True)):
        name = (f"{zh}人民政府", f"{en} People's Government")
        rows.append(_row(f"government_{district}", name, "district", _COMMAND, f"8653{number:04d}", district))
    rows += _street_offices(streets)
    return pd.DataFrame(rows).assign(provenance="synthetic")


def _department(number: int, organisation: str, zh: str, en: str) -> dict[str, Any]:
    level = "company" if organisation in _COMPANIES else "city"
    return _row(organisation, (zh, en), level, "" if organisation == _COMMAND else _COMMAND, f"8650{number:04d}")


def _street_offices(streets: pd.DataFrame) -> Iterable[dict[str, Any]]:
    columns = (streets[name] for name in ("area_id", "name_zh", "name_en", "district"))
    for number, (area, zh, en, district) in enumerate(zip(*columns, strict=True)):
        name = (f"{zh}办事处", f"{en} Office")
        yield _row(f"street_{area}", name, "street", f"government_{district}", f"8654{number:04d}", district)


def _row(
    organisation: str, names: tuple[str, str], level: str, parent: str, phone: str, district: str = ""
) -> dict[str, Any]:
    return {
        "organisation_id": organisation, "name_zh": names[0], "name_en": names[1], "level": level, "parent": parent,
        "district": district, "phone": phone,
    }  # fmt: skip
