"""What the demo's incidents are made of, as ``causes/*.toml`` says it: one file for each plan that ships; pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from ops_center.domain.text import Label
from ops_center.domain.words import Words

Where = Literal["water", "gas", "drain", "roads", "buildings", "plants", "venues", "air"]
Weights = Annotated[tuple[float, ...], msgspec.Meta(min_length=12, max_length=12)]
Range = tuple[int, int]


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why such an incident happens, and what people write about it; texts name ``{place}``, ``{road}``, ``{goods}``."""

    type: str
    title: Words
    description: Words
    lessons: Annotated[tuple[Words, ...], msgspec.Meta(min_length=1)]
    notes: tuple[Words, ...] = ()
    months: tuple[int, ...] = ()
    """in which it happens; () in any"""
    injured: Range = (0, 0)
    trapped: Range = (0, 0)
    evacuated: Range = (0, 0)


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Incidents of one plan: how many, where, when, how grave."""

    plan: str
    count: int
    lead: str
    """code of the leading department"""
    where: Where
    area_m: float
    """radius of what it affects"""
    months: Weights
    """January first"""
    hours: tuple[tuple[int, int, float], ...]
    """(from, to, weight of each hour), local time"""
    levels: Mapping[int, float]
    results: Mapping[str, Words]
    """step of the plan → what who does it reports"""
    causes: tuple[Cause, ...]
    recent_days: tuple[float, ...] = ()
    """so many days ago the first ones happened, whatever the month"""


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds of incidents, by plan."""
    folder = files(__package__).joinpath("causes")
    found = [one for one in folder.iterdir() if one.name.endswith(".toml")]
    texts = [one.read_text("utf-8") for one in sorted(found, key=lambda one: one.name)]
    return tuple(msgspec.convert(tomllib.loads(text), Kind, strict=False) for text in texts)


def filled(words: Words, **names: Label) -> Label:
    """Return a text with its names, each language with its own."""
    return Label(
        words.zh.format(**{key: name.zh for key, name in names.items()}),
        words.en.format(**{key: name.en for key, name in names.items()}),
    )


def on_a_line(label: Label) -> str:
    """Return both languages as one line of the log, as a bilingual command writes it."""
    return f"{label.zh} / {label.en}"


def in_paragraphs(label: Label) -> str:
    """Return both languages, one after the other."""
    return f"{label.zh}\n{label.en}"
