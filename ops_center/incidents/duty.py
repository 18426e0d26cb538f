"""Who is on duty when, by the roster: a day shift from 08:00 to 20:00, a night shift until 08:00. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Shift = Literal["day", "night"]
DAY_BEGINS_H, NIGHT_BEGINS_H = 8, 20


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of the roster."""

    organisation: str
    weekday: int
    """1 Monday to 7 Sunday; a night belongs to the day on which it begins"""
    shift: str
    duty: str
    """``leader`` or ``officer``"""
    person: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift of a day."""

    weekday: int
    shift: Shift


def turn_at(local: datetime) -> Turn:
    """Return the shift at a local time."""
    if DAY_BEGINS_H <= local.hour < NIGHT_BEGINS_H:
        return Turn(local.isoweekday(), "day")
    began = local if local.hour >= NIGHT_BEGINS_H else local - timedelta(days=1)
    return Turn(began.isoweekday(), "night")


def on_duty(roster: Iterable[Duty], turn: Turn) -> dict[str, tuple[Duty, ...]]:
    """Return organisation → who is on duty, the leader first."""
    found: dict[str, list[Duty]] = {}
    for one in roster:
        if (one.weekday, one.shift) == (turn.weekday, turn.shift):
            found.setdefault(one.organisation, []).append(one)
    return {name: tuple(sorted(duties, key=lambda one: one.duty != "leader")) for name, duties in found.items()}
