"""Judges the rules that ship on the model city's stories: what operators get on a calm day, how soon each story shows.

    python -m benchmarks.judge_stories [--things 5000] [--seeds 7 8 9] [--calm-h 6] [--json]

For each story and seed: how long after what really happened the alarms that it should raise were raised, how many lines
operators got meanwhile, and how many alarms lie beneath them. For calm days: lines per ten minutes (EEMUA 191: one is
acceptable for one operator), beside what really happened in the streets. In process, accelerated; see ``city_day``.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.city_day import CityDay
from ops_center.city.make import make_city
from ops_center.city.pack import CityPack
from ops_center.domain.time import HOUR_US, MINUTE_US
from ops_center.world.occurrences import Kind
from ops_center.world.world import World

START_US = 1_795_399_200_000_000
"""Monday 2026-11-23, 10:00 in the city"""
WANTED: Mapping[str, Mapping[Kind, tuple[str, ...]]] = {
    "burst": {"pipe_burst": ("water_burst",), "street_flood": ("camera_flooding",)},
    "crash": {"crash": ("traffic_disruption", "camera_stopped_vehicle"), "smoke": ("camera_smoke_fire",)},
    "chemical": {"toxic_release": ("air_chlorine",), "smoke": ("camera_smoke_fire",)},
    "storm": {"rainstorm": ("rainstorm_warning", "rain_heavy"), "street_flood": ("district_flooding",)},
}
"""story → what happens → the rules of which one must be raised"""
LASTS_MIN = {"burst": 20.0, "crash": 20.0, "chemical": 30.0, "storm": 50.0}


def told(pack: CityPack, story: str, seed: int, start_us: int = START_US) -> dict[str, Any]:
    """Return what operators got while a story was told once."""
    day = CityDay(pack, World.from_pack(pack, seed=seed, start_us=start_us, scenario=story))
    day.live(60 * LASTS_MIN[story])
    truth = [one for one in day.world.ground.story.between(start_us, day.world.now_us) if one.story]
    delays = {
        kind: min(
            (
                (alarm.raised_us - next(one.start_us for one in truth if one.kind == kind)) / MINUTE_US
                for alarm in day.alarms.values()
                if alarm.rule in rules
            ),
            default=None,
        )
        for kind, rules in WANTED[story].items()
    }
    lines = Counter(alarm.rule for _, alarm in day.lines)
    return {
        "story": story, "seed": seed, "delay_min": delays, "alarms": len(day.alarms), "lines": len(day.lines),
        "lines_by_rule": dict(lines.most_common()),
    }  # fmt: skip


def calm(pack: CityPack, hours: float, seed: int, start_us: int = START_US) -> dict[str, Any]:
    """Return what operators got on an ordinary day, and what really happened."""
    day = CityDay(pack, World.from_pack(pack, seed=seed, start_us=start_us))
    day.live(3600 * hours)
    happened = Counter(one.kind for one in day.world.ground.story.between(start_us, day.world.now_us))
    return {
        "story": "calm", "seed": seed, "hours": hours, "alarms": len(day.alarms), "lines": len(day.lines),
        "lines_per_10_min": round(len(day.lines) / hours / 6, 2),
        "lines_by_rule": dict(Counter(alarm.rule for _, alarm in day.lines).most_common()),
        "priorities": dict(Counter(alarm.priority.name for _, alarm in day.lines)), "happened": dict(happened),
        "happened_per_10_min": round(sum(happened.values()) / hours / 6, 2),
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge and print, one line of JSON for each story and seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--things", type=int, default=5000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    parser.add_argument("--calm-h", type=float, default=6.0)
    parser.add_argument("--hour", type=int, default=0, help="how many hours after 10:00 it begins")
    parser.add_argument("--stories", nargs="*", default=["calm", *WANTED])
    parser.add_argument("--json", action="store_true", help="accepted for symmetry; the output always is")
    chosen = parser.parse_args(arguments)
    start_us = START_US + chosen.hour * HOUR_US
    with TemporaryDirectory(prefix="ops-judge-") as folder:
        for seed in chosen.seeds:
            pack = make_city(seed, chosen.things, Path(folder) / f"city{seed}")
            for story in chosen.stories:
                found = (
                    calm(pack, chosen.calm_h, seed, start_us) if story == "calm" else told(pack, story, seed, start_us)
                )
                print(json.dumps(found, ensure_ascii=False), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
