"""What the signs on a map mean, layer by layer; switches them too, where somebody stands at the keyboard."""

from __future__ import annotations

from typing import Annotated, Any

from dash import html

from layers import palette
from layers.contract import AGED_LABEL, ICONS, Layer, LegendEntry
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import LANGUAGES, Label
from ops_center.people.asking import asker
from ops_center.screens.panels.kind import Layers, PanelKind, PanelOptions, Shown, named
from ops_center.screens.screen import Center, both, marked

_HALF_EM = 8.2
"""what fits into half the width of the legend"""


class LegendOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the legend."""

    layers: Annotated[Layers | None, named("图层", "layers")] = None
    """None: all that there are"""


def render(center: Center, options: LegendOptions) -> Shown:
    """Return a row for each layer, from the top down."""
    who = asker()
    chosen = [
        layer
        for name, layer in reversed(list(center.layers.items()))
        if who.may_see(layer.rights) and (options.layers is None or name in options.layers)
    ]
    if not chosen:
        return Shown([both(Label("没有图层", "there are no layers"))], "empty")
    rows = [layer_row(number, layer) for number, layer in enumerate(chosen, 1)]
    return Shown([html.Div([*rows, _aged_line()], className="sp-legend")])


def layer_row(number: int, layer: Layer) -> Any:
    """Return the switch of a layer and its legend."""
    switch = html.Button(
        [html.Kbd(str(number)), both(layer.label, className="name"), html.Span(className="eye")],
        className="layer-switch",
        **marked(data_act="layer", data_value=layer.name, aria_pressed="true"),
    )
    legend = html.Div([_legend_line(entry) for entry in layer.legend if entry.label != AGED_LABEL], className="legend")
    marks = marked(data_layer=layer.name, data_feed=" ".join(layer.feeds))
    return html.Div([switch, legend], className="layer-row", **marks)


def _aged_line() -> Any:
    """Return what holds for every layer, said once."""
    entry = LegendEntry(palette.AGED, Label("灰色、空心：数据陈旧", "grey, hollow: aged data"), "ring")
    return html.Div(_legend_line(entry), className="legend common")


def _legend_line(entry: LegendEntry) -> Any:
    """Return a line; one that doesn't fit half the panel in a language takes its whole width in that language."""
    wide = [f"wide-{name}" for name in LANGUAGES if _width_em(entry.label.in_language(name)) > _HALF_EM]
    return html.Div([_sign(entry), both(entry.label)], className=" ".join(wide))


def _width_em(text: str) -> float:
    """Estimate how wide a text is: Chinese characters are square, others half as wide."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.56 for character in text)


def _sign(entry: LegendEntry) -> Any:
    """Return the sign as it is drawn on the map, in its colour and about its size."""
    color = f"rgb({','.join(map(str, entry.color))})"
    if entry.icon == "line":
        thickness = f"{0.14 * entry.size:.2f}rem"
        return html.Span(html.I(style={"height": thickness}), className="sign bar", style={"color": color})
    size = min(0.85 * entry.size, 1.15)
    place = ICONS.index(entry.icon)
    mask = {
        "width": f"{size:.2f}rem",
        "height": f"{size:.2f}rem",
        "maskSize": f"{size * len(ICONS):.2f}rem {size:.2f}rem",
        "maskPosition": f"{-size * place:.2f}rem 0",
    }
    return html.Span(html.I(style=mask), className="sign", style={"color": color})


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
