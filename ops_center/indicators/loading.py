"""A tree of indicators from TOML text: strict, and precise about what is wrong. Called by services and tests."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import pairwise

import msgspec

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.text import Label
from ops_center.domain.units import UNITS
from ops_center.indicators.expression import Formula, parse
from ops_center.indicators.form import Figure, IndicatorForm, Live, Statistic, StatisticForm, TreeForm


@dataclass(frozen=True)
class Indicator:
    """One indicator that was checked."""

    form: IndicatorForm
    formula: Formula | None
    """None: a sum of its children"""

    @property
    def name(self) -> str:
        """Return its unique name."""
        return self.form.name

    @cached_property
    def label(self) -> Label:
        """Return its name for people."""
        return self.form.label.label()

    @property
    def sign(self) -> str:
        """Return its unit as screens write it."""
        return "" if self.formula is None else UNITS[self.form.unit].sign


@dataclass(frozen=True)
class Tree:
    """All indicators of a city, the root first, parents before their children."""

    form: TreeForm
    indicators: Mapping[str, Indicator]
    statistics: Mapping[str, StatisticForm]

    @cached_property
    def children(self) -> Mapping[str, Sequence[Indicator]]:
        """Return name → its children in the order of the file."""
        found: dict[str, list[Indicator]] = {name: [] for name in self.indicators}
        for one in self.indicators.values():
            if one.form.parent is not None:
                found[one.form.parent].append(one)
        return found

    @cached_property
    def upwards(self) -> Sequence[Indicator]:
        """Return all of them, children before their parents."""
        return [*self.indicators.values()][::-1]

    @cached_property
    def root(self) -> Indicator:
        """Return what everything is summed up in."""
        return next(one for one in self.indicators.values() if one.form.parent is None)

    @cached_property
    def leaves(self) -> Sequence[Indicator]:
        """Return what has a formula."""
        return [one for one in self.indicators.values() if one.formula is not None]


def shipped_tree() -> Tree:
    """Return the tree that ships."""
    return load_tree((files("ops_center.indicators") / "tree.toml").read_text("utf-8"), "tree.toml")


def load_tree(text: str, origin: str) -> Tree:
    """Return the tree of a TOML file. Raises ConfigurationError that names file, indicator and field."""
    try:
        form = msgspec.convert(tomllib.loads(text), TreeForm)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise ConfigurationError(f"{origin}: {error}") from error
    statistics = _unique({one.name: one for one in form.statistic}, len(form.statistic), f"{origin}, statistics")
    for one in form.statistic:
        _unit(one.unit, f"{origin}, statistic {one.name}")
        if one.possible[0] >= one.possible[1]:
            raise ConfigurationError(f"{origin}, statistic {one.name}: possible: low and high in this order")
    made: dict[str, Indicator] = {}
    for entry in form.indicator:
        where = f"{origin}, indicator {entry.name}"
        if entry.name in made:
            raise ConfigurationError(f"{where}: there are two of this name")
        made[entry.name] = _checked(entry, made, statistics, where)
    _judge_shape(made, origin)
    return Tree(form, made, statistics)


def _unique(found: dict[str, StatisticForm], count: int, where: str) -> dict[str, StatisticForm]:
    if len(found) != count:
        raise ConfigurationError(f"{where}: two have the same name")
    return found


def _checked(
    form: IndicatorForm, before: Mapping[str, Indicator], statistics: Mapping[str, StatisticForm], where: str
) -> Indicator:
    if form.parent is not None and form.parent not in before:
        raise ConfigurationError(f"{where}: parent: {form.parent!r} does not stand before it")
    if form.parent is not None and before[form.parent].formula is not None:
        raise ConfigurationError(f"{where}: parent: {form.parent!r} has a formula and takes no children")
    _unit(form.unit, where)
    if form.formula is None:
        if form.inputs or form.limits:
            raise ConfigurationError(f"{where}: inputs and limits go with a formula")
        return Indicator(form, None)
    try:
        formula = parse(form.formula)
    except ValueError as error:
        raise ConfigurationError(f"{where}: formula: {error}") from error
    if formula.names != form.inputs.keys():
        raise ConfigurationError(
            f"{where}: the formula speaks of {sorted(formula.names)}, not of {sorted(form.inputs)}"
        )
    _judge_scale(form, where)
    _judge_inputs(form, statistics, where)
    return Indicator(form, formula)


def _judge_scale(form: IndicatorForm, where: str) -> None:
    if form.limits is None or form.best is None or form.worst is None:
        raise ConfigurationError(f"{where}: limits, best and worst are wanted")
    side = 1 if form.better == "lower" else -1
    line = [side * value for value in (form.best, *form.limits, form.worst)]
    if any(a > b for a, b in pairwise(line)) or any(a >= b for a, b in pairwise(line[1:-1])):
        raise ConfigurationError(f"{where}: best, limits and worst go one way, from better to worse")
    if len(form.areas) != len(set(form.areas)) or not form.areas:
        raise ConfigurationError(f"{where}: areas: each once, at least one")


def _judge_inputs(form: IndicatorForm, statistics: Mapping[str, StatisticForm], where: str) -> None:
    for name, given in form.inputs.items():
        if isinstance(given, Statistic) and given.name not in statistics:
            raise ConfigurationError(f"{where}: inputs.{name}: there is no statistic {given.name!r}")
        if isinstance(given, Figure) and (given.subject is not None or "department" in form.areas):
            allowed = {"city"} if given.subject is not None else {"city", "district"}
            if not set(form.areas) <= allowed:
                raise ConfigurationError(f"{where}: inputs.{name}: such a figure exists for {sorted(allowed)} alone")
        if isinstance(given, Live):
            _judge_live(given, f"{where}: inputs.{name}")


def _judge_live(given: Live, where: str) -> None:
    if given.property is None and given.take != "share_in_time":
        raise ConfigurationError(f"{where}: property is wanted")
    if (given.take == "share_within") != (given.low is not None or given.high is not None):
        raise ConfigurationError(f"{where}: low and high go with share_within")
    if (given.take == "greatest_above") != (given.attribute is not None):
        raise ConfigurationError(f"{where}: attribute goes with greatest_above")


def _judge_shape(made: Mapping[str, Indicator], origin: str) -> None:
    roots = [one.name for one in made.values() if one.form.parent is None]
    if len(roots) != 1 or made[roots[0]].formula is not None:
        raise ConfigurationError(f"{origin}: one indicator, without a formula, is the root; found {roots}")
    parents = {one.form.parent for one in made.values()}
    for one in made.values():
        if one.formula is None and one.name not in parents:
            raise ConfigurationError(f"{origin}, indicator {one.name}: has neither a formula nor children")


def _unit(code: str, where: str) -> None:
    if code not in UNITS:
        raise ConfigurationError(f"{where}: unit: {code!r} is none of {', '.join(UNITS)}")
