"""What the signs on a map mean, layer by layer; switches them too, where somebody stands at the keyboard."""

from __future__ import annotations

from typing import Annotated, Any

from dash import html

from layers.contract import Layer
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.legend import OFF_AT_FIRST, aged_line, in_legend, layer_legend, legends_of_looks
from ops_center.screens.panels.kind import Layers, PanelKind, PanelOptions, Shown, named
from ops_center.screens.screen import Center, both, marked


class LegendOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the legend."""

    layers: Annotated[Layers | None, named("图层", "layers")] = None
    """None: all that there are"""


def render(center: Center, options: LegendOptions) -> Shown:
    """Return a row for each layer, from the top down."""
    who = asker()
    chosen = [one for one in in_legend(center.layers.values(), options.layers) if who.may_see(one.rights)]
    if not chosen:
        return Shown([both(Label("没有图层", "there are no layers"))], "empty")
    extra = OFF_AT_FIRST if options.layers is None else ()
    rows = [layer_row(number, layer, extra=layer.name in extra) for number, layer in enumerate(chosen, 1)]
    return Shown([html.Div([*rows, aged_line()], className="sp-legend")])


def layer_row(number: int, layer: Layer, *, extra: bool = False) -> Any:
    """Return the switch of a layer and its legend."""
    switch = html.Button(
        [html.Kbd(str(number)), both(layer.label, className="name"), html.Span(className="eye")],
        className="layer-switch",
        **marked(data_act="layer", data_value=layer.name, aria_pressed="true"),
    )
    marks = marked(data_layer=layer.name, data_feed=" ".join(layer.feeds))
    legends = legends_of_looks(layer) or [layer_legend(layer)]
    return html.Div([switch, *legends], className=f"layer-row{' extra off' if extra else ''}", **marks)


PANEL = PanelKind(
    "legend",
    Label("图例", "legend"),
    Label("地图符号的含义；也可开关图层", "what the map's signs mean; switches layers too"),
    Rights(see=PICTURE),
    LegendOptions,
    render,
    order=12,
    size=(6, 12),
)
