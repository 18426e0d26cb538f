"""An indicator over the past, through the formula of the present: from the hourly figures of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.indicators.evaluating import sum_of
from ops_center.indicators.evidence import Area
from ops_center.indicators.form import Figure, Incidents, Input
from ops_center.indicators.loading import Indicator, Tree
from ops_center.indicators.reading import subject_of
from ops_center.indicators.response import Response, past_in
from ops_center.indicators.scale import scores_of

FigureOf = Callable[[str, str], Float64 | None]
"""(subject, property) → hourly means on the grid, NaN where nothing is known; None: there is no such series"""


@dataclass(frozen=True, slots=True, eq=False)
class PastOf:
    """One indicator over the hours of a grid."""

    value: Float64
    score: Float64
    known: Float64
    """share of the weight below it that is known, 0 to 1"""


def has_past(one: Indicator) -> bool:
    """Return whether figures or incidents are all its inputs: live values, alarms and statistics have no series."""
    return one.formula is not None and all(isinstance(given, Figure | Incidents) for given in one.form.inputs.values())


def past_of(
    tree: Tree, area: Area, hours: Int64, figure: FigureOf, response: Response | None = None
) -> Mapping[str, PastOf]:
    """Return name → its past, of what has one in ``area``; sums where enough of their weight is known."""
    sources = _Sources(hours, figure, response)
    found: dict[str, PastOf] = {}
    unknown = np.full(len(hours), np.nan)
    nothing = PastOf(unknown, unknown, np.zeros(len(hours)))
    for one in tree.upwards:
        if one.formula is not None:
            if area.kind in one.form.areas:
                found[one.name] = (_leaf(one, area, sources) if has_past(one) else None) or nothing
            continue
        children = [child for child in tree.children[one.name] if child.name in found]
        if children:
            found[one.name] = _sum(tree, children, found)
    return {name: past for name, past in found.items() if np.isfinite(past.value).any()}


@dataclass(frozen=True, slots=True, eq=False)
class _Sources:
    """Where the hours of an input come from."""

    hours: Int64
    figure: FigureOf
    response: Response | None

    def series(self, given: Input, area: Area) -> Float64 | None:
        """Return an input over the hours; None: it has none."""
        if isinstance(given, Figure):
            return self.figure(subject_of(given, area), given.property)
        if isinstance(given, Incidents) and self.response is not None:
            return past_in(given, area, self.response, self.hours)
        return None


def _leaf(one: Indicator, area: Area, sources: _Sources) -> PastOf | None:
    form, values = one.form, {}
    for name, given in form.inputs.items():
        series = sources.series(given, area)
        if series is None:
            return None
        values[name] = series
    if one.formula is None or form.limits is None or form.best is None or form.worst is None:
        return None
    value = one.formula(values)
    score = scores_of(value, form.limits, form.better, form.best, form.worst)
    return PastOf(value, score, np.isfinite(value).astype(np.float64))


def _sum(tree: Tree, children: list[Indicator], found: Mapping[str, PastOf]) -> PastOf:
    weights = {child.name: child.form.weight for child in children}
    total = sum(weights.values())
    known = sum((weights[name] * found[name].known for name in weights), np.zeros(1)) / total if total else np.zeros(1)
    score = sum_of({name: found[name].score for name in weights}, weights, tree)
    score = np.where(known >= tree.form.least_known, score, np.nan)
    return PastOf(score, score, np.broadcast_to(known, score.shape))
