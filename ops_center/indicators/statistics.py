"""Statistics that people type in or import: lines of CSV, checked before anything is kept.

``name,period,value,source`` and, where it is of one district, ``district``. A period is written ``2026-10-31``,
``2026-10``, ``2026-Q3`` or ``2026``, as the tree says of the statistic; one that isn't over yet is refused.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ops_center.domain.text import Label
from ops_center.domain.time import from_datetime
from ops_center.indicators.form import StatisticForm

MAX_LINES = 2000
MAX_CHARACTERS = 200_000
_COLUMNS = ("name", "period", "value", "source")
_MAX_SOURCE = 200
_WRITTEN = {
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "year": re.compile(r"(\d{4})"),
}
EXAMPLES: Mapping[str, str] = {"day": "2026-10-31", "month": "2026-10", "quarter": "2026-Q3", "year": "2025"}


@dataclass(frozen=True, slots=True)
class Entered:
    """One figure as it is to be kept."""

    name: str
    district: str
    """"" the whole city"""
    period: str
    ended_us: int
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line and what becomes of it."""

    number: int
    entered: Entered | None
    fault: Label | None


def end_of(period: str, kind: str, zone: str) -> int | None:
    """Return when a period is over in the city's zone, µs; None: it is not written as its kind is."""
    match = _WRITTEN[kind].fullmatch(period)
    if match is None:
        return None
    parts = [int(part) for part in match.groups()]
    try:
        if kind == "day":
            after = date(*parts) + timedelta(days=1)
        else:
            months = {"month": 0, "quarter": 0, "year": 12}[kind]
            last = parts[1] if kind == "month" else 3 * parts[1] if kind == "quarter" else months
            after = date(parts[0] + last // 12, last % 12 + 1, 1)
            date(parts[0], last, 1)
    except ValueError:
        return None
    return from_datetime(datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone)))


def check(
    text: str, statistics: Mapping[str, StatisticForm], districts: Collection[str], zone: str, now_us: int
) -> Sequence[Line]:
    """Return every line with what is to be kept of it, or why not."""
    if len(text) > MAX_CHARACTERS:
        return [Line(0, None, Label("文字过长", "too long a text"))]
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff").strip()), skipinitialspace=True)
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        names = ", ".join(missing)
        return [Line(1, None, Label(f"首行缺少列：{names}", f"the first line lacks {names}"))]
    found: list[Line] = []
    seen: set[tuple[str, str, str]] = set()
    try:
        for number, row in enumerate(rows, 2):
            if number > MAX_LINES:
                return [*found, Line(number, None, Label("行数过多", "too many lines"))]
            line = _line(number, row, statistics, districts, (zone, now_us))
            if line.entered is not None:
                key = (line.entered.name, line.entered.district, line.entered.period)
                if key in seen:
                    line = Line(number, None, Label("与前面一行重复", "repeats a line above"))
                seen.add(key)
            found.append(line)
    except csv.Error as error:
        found.append(Line(len(found) + 2, None, Label(f"无法读取：{error}", f"can't be read: {error}")))
    return found or [Line(1, None, Label("没有数据行", "there are no lines"))]


def _line(
    number: int,
    row: Mapping[str, str | None],
    statistics: Mapping[str, StatisticForm],
    districts: Collection[str],
    moment: tuple[str, int],
) -> Line:
    name, period, value, source, district = (str(row.get(column) or "").strip() for column in (*_COLUMNS, "district"))
    form = statistics.get(name)
    if form is None:
        return Line(number, None, Label(f"没有名为“{name}”的统计指标", f"there is no statistic {name!r}"))
    ended_us = end_of(period, form.period, moment[0])
    number_of = _number(value)
    fault = None
    if ended_us is None:
        example = EXAMPLES[form.period]
        fault = Label(f"统计期应写作 {example}", f"its period is written like {example}")
    elif ended_us > moment[1]:
        fault = Label("统计期尚未结束", "the period is not over yet")
    elif number_of is None:
        fault = Label("数值不是数字", "the value is no number")
    elif not form.possible[0] <= number_of <= form.possible[1]:
        low, high = form.possible
        fault = Label(f"数值应在{low:g}至{high:g}之间", f"the value lies between {low:g} and {high:g}")
    elif not 1 <= len(source) <= _MAX_SOURCE or not source.isprintable():
        fault = Label("须写明来源", "the source is wanted")
    elif district and district not in districts:
        fault = Label(f"没有辖区“{district}”", f"there is no district {district!r}")
    if fault is not None or ended_us is None or number_of is None:
        return Line(number, None, fault)
    return Line(number, Entered(name, district, period, ended_us, number_of, source), None)


def _number(text: str) -> float | None:
    try:
        found = float(text.removesuffix("%"))
    except ValueError:
        return None
    return found if math.isfinite(found) else None
