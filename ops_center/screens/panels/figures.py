"""A few figures, written large: each with its unit, and how much it differs from the same time yesterday."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from dash import html

from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.words import ShortWords
from ops_center.people.asking import asker
from ops_center.screens.panels.figures_of import Figure, Reference, a_day_ago, find, written
from ops_center.screens.panels.kind import Decimals, PanelKind, PanelOptions, Shown, named
from ops_center.screens.screen import Center, both, marked, spoken

_STEADY = 0.02
"""less than this share of yesterday's value is no change"""


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure."""

    of: Reference
    label: ShortWords | None = None
    decimals: Decimals | None = None


class FiguresOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the figures."""

    lines: Annotated[tuple[Line, ...], named("指标", "figures", min_length=1, max_length=12)]
    across: Annotated[bool, named("横排", "side by side")] = False


def render(center: Center, options: FiguresOptions) -> Shown:
    """Return the figures. Raises StoreError."""
    who = asker()
    found = [(line, figure) for line in options.lines if (figure := find(center, who, line.of))]
    if not found:
        return Shown([both(Label("没有这些指标", "there are no such figures"))], "empty")
    lines = [_line(center, line, figure) for line, figure in found]
    state = "aged" if all(figure.aged for _, figure in found) else "ok"
    return Shown([html.Div(lines, className=f"sp-figures{' across' if options.across else ''}")], state)  # type: ignore[arg-type]


def _line(center: Center, line: Line, figure: Figure) -> Any:
    label = line.label.label() if line.label else figure.name
    before = a_day_ago(center, figure)
    value = [html.B(written(figure.value, line.decimals), className="num"), html.Span(figure.unit, className="unit")]
    return html.Div(
        [
            html.Div(spoken(label), className="name"),
            html.Div(value, className="value"),
            html.Div(_against(figure.value, before, line.decimals), className="against num"),
        ],
        className="sp-figure",
        **marked(data_aged="yes" if figure.aged else "no"),
    )


def _against(value: float | None, before: float | None, decimals: int | None) -> Any:
    """Return the difference to yesterday as a sign and a number: an arrow says it without colour."""
    if value is None or before is None:
        return "\u00a0"
    difference = value - before
    if abs(difference) <= _STEADY * max(abs(before), 1e-9):
        return [html.I("＝", className="sign-of"), both(Label("与昨日持平", "as yesterday"))]
    arrow = "▲" if difference > 0 else "▼"
    amount = written(abs(difference), decimals)
    return [html.I(arrow, className="sign-of"), html.Span(amount), both(Label("较昨日", "on yesterday"))]


PANEL = PanelKind(
    "figures",
    Label("指标数字", "figures"),
    Label("几个关键数字，与昨日同时刻相比", "a few figures, large, against the same time yesterday"),
    Rights(see=PICTURE),
    FiguresOptions,
    render,
    refresh_s=15.0,
    order=32,
    size=(8, 5),
)
