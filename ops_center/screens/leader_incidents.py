"""Open incidents on the leader's page: how many of each level, and the gravest of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from ops_center.domain.text import Label
from ops_center.incidents.incident import Level
from ops_center.incidents.task import DONE, Stage
from ops_center.indicators.evidence import Area
from ops_center.screens.screen import both, marked
from ops_center.services.leader_words import moment
from ops_center.store.incident_port import Standing

_MOST = 6
_NOTHING = Label("没有未结的突发事件。", "No incident is open.")
_NUMERALS = {Level.I: "Ⅰ", Level.II: "Ⅱ", Level.III: "Ⅲ", Level.IV: "Ⅳ"}


def incidents(found: Sequence[Standing], area: Area, now_us: int, zone: str) -> list[Any]:
    """Return the open incidents of an area by level, and the first of them; each leads to its room."""
    mine = [one for one in found if _belongs(one, area)]
    mine.sort(key=lambda one: (one.incident.level, one.incident.reported_us))
    counts = [
        html.Li([html.B(f"{sum(one.incident.level is level for one in mine)}"), html.Span(_level(level))])
        for level in Level
    ]
    lines = [html.Li(_line(one, now_us, zone)) for one in mine[:_MOST]]
    nothing = both(_NOTHING, className="leader-empty")
    return [
        html.Ol(counts, className="leader-counts"),
        html.Ol(lines, className="leader-incidents") if lines else nothing,
    ]


def _line(standing: Standing, now_us: int, zone: str) -> Any:
    one = standing.incident
    kept = [task for task in standing.tasks if task.stage is not Stage.CANCELLED]
    done, late = sum(task.stage in DONE for task in kept), sum(task.is_overdue(now_us) for task in kept)
    tasks = Label(f"任务 {done}/{len(kept)}", f"{done} of {len(kept)} tasks done")
    overdue = [" · ", both(Label(f"△ 超时 {late}", f"△ {late} late"), className="leader-waits")] if late else []
    return html.A(
        [
            html.I(_NUMERALS[one.level], className=f"incident-level l{int(one.level)}", **marked(aria_hidden="true")),
            html.Span(one.title, className="leader-name"),
            html.Span(moment(one.reported_us, now_us, zone), className="leader-note"),
            html.Span([both(one.state.label), " · ", both(tasks), *overdue], className="leader-note"),
        ],
        href=f"/incidents/{one.id}",
    )


def _level(level: Level) -> Any:
    numeral = _NUMERALS[level]
    return both(Label(f"{numeral}级", f"level {numeral}"))


def _belongs(standing: Standing, area: Area) -> bool:
    if area.kind == "district":
        return standing.incident.district == area.code
    return area.kind == "city" or area.code in standing.incident.departments
