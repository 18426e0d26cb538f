"""The tree for one area at one moment: every indicator with its value, score, level and what it was made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ops_center.domain.observations import Float64
from ops_center.indicators.evidence import Area, Evidence
from ops_center.indicators.form import Statistic
from ops_center.indicators.loading import Indicator, Tree
from ops_center.indicators.reading import Reading, State, read
from ops_center.indicators.scale import Level, level_of_score, levels_of, scores_of


@dataclass(frozen=True, slots=True)
class Part:
    """What a child brings to a sum."""

    name: str
    weight: float
    score: float
    """NaN: not known; then its weight counts for nothing"""


@dataclass(frozen=True, slots=True)
class Vital:
    """One indicator of one area."""

    indicator: str
    area: Area
    value: float
    """in the indicator's unit; of a sum its score; NaN: not known"""
    score: float
    level: Level
    state: State
    known: float
    """share of the weight below it that is known, 0 to 1; of a formula 0 or 1"""
    time_us: int
    """of the oldest thing that it is made from; 0: none"""
    readings: tuple[Reading, ...] = ()
    parts: tuple[Part, ...] = ()


Vitals = Mapping[str, Vital]
"""name of the indicator → it; only those that the area has"""


def evaluate(tree: Tree, area: Area, evidence: Evidence) -> Vitals:
    """Return all indicators that ``area`` has; a sum none of whose children it has is left out."""
    found: dict[str, Vital] = {}
    for one in tree.upwards:  # children before their parents
        if one.formula is not None:
            if area.kind in one.form.areas:
                found[one.name] = _leaf(one, tree, area, evidence)
            continue
        children = [(child, found[child.name]) for child in tree.children[one.name] if child.name in found]
        if children:
            found[one.name] = _sum(one.name, tree, area, children)
    return {name: found[name] for name in tree.indicators if name in found}


def _leaf(one: Indicator, tree: Tree, area: Area, evidence: Evidence) -> Vital:
    form, formula = one.form, one.formula
    assert formula is not None and form.limits is not None and form.best is not None and form.worst is not None  # noqa: S101 - judged by loading
    readings = tuple(
        read(name, given, area, evidence, tree.statistics.get(given.name) if isinstance(given, Statistic) else None)
        for name, given in form.inputs.items()
    )
    states = {reading.state for reading in readings}
    aged = State.AGED in states
    lost = State.UNKNOWN in states or (aged and form.aged == "unknown")
    value = math.nan if lost else float(formula({r.name: np.asarray(r.value) for r in readings}))
    known = math.isfinite(value)
    state = (State.AGED if aged else State.KNOWN) if known else (State.AGED if aged else State.UNKNOWN)
    array = np.asarray(value)
    return Vital(
        one.name,
        area,
        value,
        float(scores_of(array, form.limits, form.better, form.best, form.worst)) if known else math.nan,
        Level(int(levels_of(array, form.limits, form.better))),
        state,
        float(known),
        min((reading.time_us for reading in readings), default=0),
        readings,
    )


def _sum(name: str, tree: Tree, area: Area, children: Sequence[tuple[Indicator, Vital]]) -> Vital:
    parts = tuple(Part(child.name, child.form.weight, vital.score) for child, vital in children)
    total = sum(part.weight for part in parts)
    share = (
        sum(part.weight * vital.known for part, (_, vital) in zip(parts, children, strict=True)) / total
        if total
        else 0.0
    )
    score = sum_of(
        {part.name: np.asarray(part.score) for part in parts}, {part.name: part.weight for part in parts}, tree
    )
    value = float(score) if share >= tree.form.least_known else math.nan
    times = [vital.time_us for child, vital in children if child.form.weight and math.isfinite(vital.score)]
    state = State.KNOWN if math.isfinite(value) else State.UNKNOWN
    level = Level(int(level_of_score(np.asarray(value))))
    return Vital(name, area, value, value, level, state, share, min(times, default=0), parts=parts)


def sum_of(scores: Mapping[str, Float64], weights: Mapping[str, float], tree: Tree) -> Float64:
    """Return the weighted mean of what is known, at most ``above_worst`` above the worst that counts."""
    counted = [name for name in scores if weights[name] > 0]
    if not counted:
        return np.asarray(math.nan)
    values = np.stack(np.broadcast_arrays(*(scores[name] for name in counted)))
    weight = np.array([weights[name] for name in counted]).reshape(-1, *[1] * (values.ndim - 1))
    there = np.isfinite(values)
    total = (weight * there).sum(axis=0)
    mean = np.divide(
        (weight * np.where(there, values, 0.0)).sum(axis=0), total, out=np.full(total.shape, np.nan), where=total > 0
    )
    worst = np.min(np.where(there, values, np.inf), axis=0)
    return np.asarray(np.minimum(mean, worst + tree.form.above_worst))
