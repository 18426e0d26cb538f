"""Which type of incident an alarm speaks for: by the rules of its group. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

SURE: Mapping[str, str] = {
    "water_burst": "water_main_burst",
    "water_pressure_drop": "water_main_burst",
    "water_pressure_low": "water_main_burst",
    "air_chlorine": "hazardous_goods",
    "camera_smoke_fire": "fire",
    "traffic_disruption": "traffic_accident",
    "camera_stopped_vehicle": "traffic_accident",
    "camera_wrong_way": "traffic_accident",
    "rainstorm_warning": "urban_flooding",
    "district_flooding": "urban_flooding",
    "camera_flooding": "urban_flooding",
    "drain_surcharge": "urban_flooding",
    "river_rising": "river_flood",
    "water_chlorine_low": "water_quality",
    "water_turbid": "water_quality",
    "camera_crowding": "crowding",
    "people_surge": "crowding",
    "wind_strong": "storm",
    "camera_intrusion": "public_order",
}
"""rule → type that it tells of by itself (assumed)"""
PERHAPS: Mapping[str, str] = {
    "rain_heavy": "urban_flooding",
    "drain_rising": "urban_flooding",
    "air_pm25": "severe_air_pollution",
    "air_pm10": "severe_air_pollution",
    "air_o3": "severe_air_pollution",
    "air_no2": "environmental",
    "air_so2": "environmental",
    "air_co": "environmental",
    "air_hour_unusual": "environmental",
    "water_night_flow": "utility_failure",
    "water_tank_level": "utility_failure",
    "traffic_slow": "traffic_accident",
    "traffic_breakdown": "traffic_accident",
    "traffic_occupied": "traffic_accident",
    "traffic_network_congested": "traffic_accident",
    "people_unusual": "crowding",
    "truck_speeding": "traffic_accident",
    "bus_speeding": "traffic_accident",
}
"""rule → type that it may be a sign of; what else lies in its group knows better"""
ELSE = "accident"


def type_of(rule: str, others: Iterable[str] = ()) -> str:
    """Return the type that an alarm of ``rule`` speaks for, with those of the rules that it explains.

    A rule that is sure counts before one that isn't, the alarm's own before what lies under it, the more frequent of
    these before the rarer. A crash that several vehicles are seen standing in is one of several vehicles.
    """
    counted = Counter(others)
    rules = (rule, *(name for name, _ in counted.most_common()))
    found = next((table[name] for table in (SURE, PERHAPS) for name in rules if name in table), ELSE)
    several = counted["camera_stopped_vehicle"] + (rule == "camera_stopped_vehicle") > 1
    return "multi_vehicle_crash" if found == "traffic_accident" and several else found
