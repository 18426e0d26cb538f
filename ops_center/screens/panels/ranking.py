"""The highest or lowest values of one observed property: who is worst off, as bars with names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from dash import html

from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.panels.figures_of import Figure, figure_of, name_of, written
from ops_center.screens.panels.kind import Decimals, PanelKind, PanelOptions, Shown, named
from ops_center.screens.screen import Center, both, marked, spoken

Property = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[a-z0-9_]+$")]


class RankingOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the ranking."""

    property: Annotated[Property, named("观测属性", "observed property")]
    things: Annotated[str, named("对象编号以…开头", "things whose id begins with", max_length=100)] = ""
    order: Annotated[Literal["highest", "lowest"], named("次序", "order")] = "highest"
    most: Annotated[int, named("最多几条", "at most so many", ge=1, le=30)] = 6
    decimals: Annotated[Decimals | None, named("小数位", "decimals")] = None
    notable: Annotated[float | None, named("达到此值即醒目", "stands out from this value on")] = None


def render(center: Center, options: RankingOptions) -> Shown:
    """Return the bars."""
    ranked = _ranked(center, options)
    title = name_of(options.property)
    if not ranked:
        return Shown([both(Label("暂无数据", "nothing was received"))], "empty", title)
    longest = max(abs(one.value or 0.0) for one in ranked) or 1.0
    rows = [_row(one, longest, options) for one in ranked]
    return Shown([html.Div(rows, className="sp-ranking")], "ok", title, aside=[html.Span(ranked[0].unit)])


def _ranked(center: Center, options: RankingOptions) -> list[Figure]:
    """Return the first of those whose value is current and may be seen."""
    who, frame = asker(), center.frame()
    keys = frame.catalog.of_property(options.property)
    keys = keys[keys < len(frame.time_us)]
    fresh = keys[(frame.time_us[keys] > 0) & np.isfinite(frame.result[keys])]
    sign = -1.0 if options.order == "highest" else 1.0
    ranked: list[Figure] = []
    for key in fresh[np.argsort(sign * frame.result[fresh], kind="stable")].tolist():
        found = figure_of(frame, who, key)
        if found and not found.aged and found.thing.thing_id.startswith(options.things):
            ranked.append(found)
        if len(ranked) == options.most:
            break
    return ranked


def _row(one: Figure, longest: float, options: RankingOptions) -> Any:
    value = one.value or 0.0
    beyond = options.notable is not None and (
        value >= options.notable if options.order == "highest" else value <= options.notable
    )
    share = f"{100 * min(abs(value) / longest, 1.0):.1f}%"
    return html.Div(
        [
            html.Span(spoken(one.thing.name), className="name"),
            html.B(["▲ " if beyond else "", written(value, options.decimals)], className="num"),
            html.I(html.I(style={"width": share}), className="sp-share"),
        ],
        className="sp-rank",
        **marked(data_notable="yes" if beyond else "no"),
    )


PANEL = PanelKind(
    "ranking",
    Label("排行", "ranking"),
    Label("某项观测最高或最低的对象", "who has the highest or lowest value"),
    Rights(see=PICTURE),
    RankingOptions,
    render,
    refresh_s=15.0,
    order=34,
    size=(8, 6),
)
