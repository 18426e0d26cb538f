"""The legend of a layer: each sign as it is drawn, with words. Called by the pages that show maps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from dash import html

from layers import palette
from layers.contract import AGED_LABEL, ICONS, Layer, LegendEntry
from ops_center.domain.text import LANGUAGES, Label
from ops_center.screens.screen import both, marked

OFF_AT_FIRST = ("districts", "wind", "crowds", "units")
"""layers for one question: switched on when it is asked"""
_HALF_EM = 10.0
"""what fits into half the width of the legend"""


def in_legend(layers: Iterable[Layer], chosen: Collection[str] | None = None) -> list[Layer]:
    """Return layers as a legend lists and numbers them: from the eye down, those for one question last."""
    found = (layer for layer in layers if chosen is None or layer.name in chosen)
    return sorted(found, key=lambda layer: (chosen is None and layer.name in OFF_AT_FIRST, -layer.order))


def layer_legend(layer: Layer) -> Any:
    """Return the lines of a layer's legend; what is aged is said once for all (:func:`aged_line`)."""
    return html.Div(_lines(layer.legend), className="legend")


def looks_of(layer: Layer) -> Mapping[str, Label]:
    """Return the looks that a map may give a layer: name → label, the layer's own first; {}: it has but one."""
    labels: Mapping[str, Label] = getattr(layer, "look_labels", {})
    return labels


def legends_of_looks(layer: Layer) -> list[Any]:
    """Return the legend of each look of a layer, all but the first hidden: the page shows that which its map wears."""
    legends: Mapping[str, Sequence[LegendEntry]] = getattr(layer, "looks", {})
    return [
        html.Div(
            [both(label, className="look-name"), *_lines(legends[name])],
            className="legend",
            hidden=place > 0,
            **marked(data_look=name),
        )
        for place, (name, label) in enumerate(looks_of(layer).items())
    ]


def aged_line() -> Any:
    """Return what holds for every layer, said once."""
    entry = LegendEntry(palette.AGED, Label("灰色、空心：数据陈旧", "grey, hollow: aged data"), "ring")
    return html.Div(_legend_line(entry), className="legend common")


def _lines(entries: Sequence[LegendEntry]) -> list[Any]:
    return [_legend_line(entry) for entry in entries if entry.label != AGED_LABEL]


def _legend_line(entry: LegendEntry) -> Any:
    """Return a line; one that doesn't fit half the panel in a language takes its whole width in that language."""
    wide = [f"wide-{name}" for name in LANGUAGES if _width_em(entry.label.in_language(name)) > _HALF_EM]
    return html.Div([_sign(entry), both(entry.label)], className=" ".join(wide))


def _width_em(text: str) -> float:
    """Estimate how wide a text is: Chinese characters are square, others about half as wide."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.515 for character in text)


def _sign(entry: LegendEntry) -> Any:
    """Return the sign as it is drawn on the map, in its colour and about its size."""
    color = {
        f"--{name}": f"rgb({','.join(map(str, shade))})"
        for name, shade in (("night", entry.color), ("day", palette.by_day(entry.color)))
    }
    if entry.icon == "line":
        thickness = f"{0.14 * entry.size:.2f}rem"
        return html.Span(html.I(style={"height": thickness}), className="sign bar", style=color)
    size = min(0.85 * entry.size, 1.15)
    place = ICONS.index(entry.icon)
    mask = {
        "width": f"{size:.2f}rem",
        "height": f"{size:.2f}rem",
        "maskSize": f"{size * len(ICONS):.2f}rem {size:.2f}rem",
        "maskPosition": f"{-size * place:.2f}rem 0",
    }
    return html.Span(html.I(style=mask), className="sign", style=color)
