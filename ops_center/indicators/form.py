"""The tree of indicators as it is written in a TOML file: strict structures, judged by ``loading``."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from ops_center.domain.text import Label

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=600)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
AreaKind = Literal["city", "district", "department"]
Direction = Literal["lower", "higher"]
"""which values are better"""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: Text
    en: Text

    def label(self) -> Label:
        """Return it as the center passes texts around."""
        return Label(self.zh, self.en)


class Figure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="figure", tag_field="from"):
    """A figure of the feed ``city_figures``: of the area itself, or of a subject that only the whole city has."""

    property: Code
    subject: Code | None = None
    """``network:water``, ``road_class:expressway``; None: the city, or the district that is asked for"""


class Live(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="live", tag_field="from"):
    """The latest values of one observed property, of all things of the area, made into one number."""

    property: Code | None = None
    """None: of every property (only ``share_in_time``)"""
    feeds: list[Code] | None = None
    kinds: list[Code] | None = None
    """of things; None: all"""
    take: Literal["mean", "least", "greatest", "share_within", "share_in_time", "greatest_above"]
    """``share_within``: per cent of what is in time; ``share_in_time``: per cent of all that ever reported"""
    low: float | None = None
    high: float | None = None
    attribute: Code | None = None
    """of the thing: ``greatest_above`` is the greatest value minus it"""
    least_in_time: Share = 0.5
    """less than this share of its datastreams in time: not known"""


class Alarms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="alarms", tag_field="from"):
    """Open alarms of the area that want somebody: not set aside, not explained by another."""

    rules: list[Code] | None = None
    """names, ``camera_*`` for a family; None: all"""
    but: tuple[Code, ...] = ()
    """names that don't count"""
    priorities: list[Annotated[int, msgspec.Meta(ge=1, le=4)]] | None = None
    take: Literal["count", "waiting", "longest_wait_min", "raised_10min"]
    """``waiting``: not yet acknowledged; ``raised_10min``: raised within the last ten minutes and still open"""


class Statistic(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="statistic", tag_field="from"
):
    """A figure that people type in or import."""

    name: Name


class Incidents(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="incidents", tag_field="from"
):
    """Incidents of the area and what was done about them: how many, or the median of the window's steps."""

    take: Literal["open", "closed", "verify_min", "accept_min", "arrive_min", "tasks_in_time"]
    """``verify_min``: from the report; ``accept_min``: from when a task can begin; ``arrive_min``: from when a unit is
    sent; ``tasks_in_time``: per cent of tasks, counted when done or when their time is over"""
    levels: list[Annotated[int, msgspec.Meta(ge=1, le=4)]] | None = None
    """of open or closed ones; None: all"""
    days: Annotated[float, msgspec.Meta(gt=0, le=366)] = 30.0
    """the window; ``open`` has none"""


Input = Figure | Live | Alarms | Statistic | Incidents


class StatisticForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statistic that may be typed in."""

    name: Name
    label: Words
    unit: Code
    period: Literal["day", "month", "quarter", "year"]
    possible: tuple[float, float]
    """beyond this it is refused"""
    aged_days: Annotated[float, msgspec.Meta(gt=0, le=2000)]
    """so long after the end of its period it counts as aged"""
    source: Words
    """who publishes it"""


class IndicatorForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One indicator; without a formula it is made of its children, by their weights."""

    name: Name
    parent: Name | None = None
    label: Words
    short: Words | None = None
    """where there is little room"""
    weight: Annotated[float, msgspec.Meta(ge=0, le=100)] = 1.0
    """among its parent's children; 0: shown beside them, counts for nothing"""
    formula: str | None = None
    inputs: dict[Name, Input] = {}
    unit: Code = "1"
    digits: Annotated[int, msgspec.Meta(ge=0, le=4)] = 0
    better: Direction = "lower"
    limits: tuple[float, float, float, float] | None = None
    """the ends of good, fair, notice and poor; what lies beyond the last is severe"""
    best: float | None = None
    worst: float | None = None
    """where the score is 100 and 0"""
    areas: tuple[AreaKind, ...] = ("city",)
    aged: Literal["unknown", "keep"] = "unknown"
    """what an input that is too old makes of it; ``keep`` shows the old value and says its age"""
    source: Words
    """where limits and weight come from"""
    about: Words | None = None
    """one sentence: what it tells"""


class TreeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file."""

    edition: Text
    least_known: Share = 0.6
    """a sum of which a smaller share of the weight is known is not known"""
    above_worst: Annotated[float, msgspec.Meta(gt=0, le=100)] = 40.0
    """a sum is at most so many points above its worst part: a mean must not hide what is bad"""
    indicator: list[IndicatorForm]
    statistic: tuple[StatisticForm, ...] = ()
