"""City vital signs: the root of the tree and what it is made of, each with its score and level in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from dash import html

from ops_center.domain.text import Label
from ops_center.indicators.evaluating import Vital
from ops_center.indicators.loading import Tree
from ops_center.people.asking import asker
from ops_center.screens.panels.figures_of import written
from ops_center.screens.panels.kind import Codes, PanelKind, PanelOptions, Shown, named
from ops_center.screens.screen import Center, both, marked, spoken
from ops_center.services.vitals import VITALS

_NOTHING = Label("暂无体征数据", "no vital signs are known")


class IndicatorsOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the vital signs."""

    of: Annotated[Codes, named("指标（空：第一层）", "indicators (none: the first level)")] = ()
    root: Annotated[bool, named("总分", "the whole city's score")] = True


def render(center: Center, options: IndicatorsOptions) -> Shown:
    """Return the scores; nothing where this center keeps no vital signs."""
    found = center.vitals.now(asker()) if center.vitals else None
    if center.vitals is None or found is None:
        return Shown([both(_NOTHING)], "empty")
    tree = center.vitals.tree()
    root = next(iter(tree.indicators), "")
    names = options.of or tuple(one.name for one in tree.children.get(root, ()))
    lines = [_line(tree, found.vitals, name) for name in names if name in found.vitals and name in tree.indicators]
    if not lines:
        return Shown([both(_NOTHING)], "empty")
    parts = [_whole(found.vitals[root])] if options.root and root in found.vitals else []
    return Shown([html.Div([*parts, html.Div(lines, className="sp-signs")], className="sp-vitals")])


def _whole(vital: Vital) -> Any:
    return html.Div(
        [html.B(_score(vital), className="num"), html.Span([f"{vital.level.sign} ", both(vital.level.label)])],
        className="sp-whole",
        **marked(data_level=vital.level.name.lower()),
    )


def _line(tree: Tree, vitals: Mapping[str, Vital], name: str) -> Any:
    vital = vitals[name]
    share = 0.0 if math.isnan(vital.score) else max(0.0, min(100.0, vital.score))
    return html.Div(
        [
            html.Span(spoken(tree.indicators[name].label), className="name"),
            html.Span([f"{vital.level.sign} ", both(vital.level.label)], className="level"),
            html.B(_score(vital), className="num"),
            html.I(html.I(style={"width": f"{share:.1f}%"}), className="sp-share"),
        ],
        className="sp-sign",
        **marked(data_level=vital.level.name.lower()),
    )


def _score(vital: Vital) -> str:
    return written(None if math.isnan(vital.score) else vital.score, 0)


PANEL = PanelKind(
    "indicators",
    Label("城市体征", "vital signs"),
    Label("城市运行体征：总分与各分项的得分和等级", "the city's vital signs: scores and levels"),
    VITALS,
    IndicatorsOptions,
    render,
    refresh_s=15.0,
    order=36,
    size=(7, 6),
    offered=lambda center: center.vitals is not None,
)
