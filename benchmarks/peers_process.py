"""The same dots in the maps that people use with Dash otherwise, as a process: plotly's own and dash-leaflet.

``python -m benchmarks.peers_process plotly|leaflet FEATURES PORT``. Every second all dots take a new colour, by the
shortest way each library has: a patch of the marker's colours; a new GeoJSON, drawn on one canvas. No tiles.
dash-leaflet is no dependency of ours: it is looked for in ``build/peers`` (``make peers``).
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from dash import Dash, Input, Output, Patch, dcc, html

PEERS = Path(__file__).resolve().parents[1] / "build" / "peers"
_COLORS = ("#56b4e9", "#2dbe8c", "#fad64a", "#f7862b", "#ee344b")
_FILL = {"height": "100vh", "width": "100vw"}
_WORDS = "<script>window.peers = {map: {dot: (feature, at) => { const p = feature.properties;"
_INDEX = f"""<!DOCTYPE html><html><head>{{%metas%}}<title>peers</title>{{%favicon%}}{{%css%}}
<style>body {{ margin: 0; background: #0a0f16; }}</style>
{_WORDS} if (p.sent && peers.map.onSent) peers.map.onSent(p.sent);
return L.circleMarker(at, {{radius: 3, stroke: false, fillOpacity: 1, fillColor: p.color}}); }}}}}};</script>
</head><body>{{%app_entry%}}<footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer></body></html>"""


def main(kind: str, count: str, port: str) -> None:
    """Serve."""
    random = np.random.default_rng(7)
    places = np.column_stack([random.uniform(118.6, 119.0, int(count)), random.uniform(31.9, 32.2, int(count))])
    app = Dash(__name__, index_string=_INDEX, serve_locally=True, update_title=None)  # type: ignore[arg-type]
    {"plotly": _plotly, "leaflet": _leaflet}[kind](app, places)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run(host="127.0.0.1", port=int(port), debug=False)


def _colors(count: int) -> Any:
    return np.random.default_rng().integers(0, len(_COLORS), count)


def _plotly(app: Dash, places: Any) -> None:
    scale = [[n / (len(_COLORS) - 1), colour] for n, colour in enumerate(_COLORS)]
    marker = {"size": 6, "color": _colors(len(places)).tolist(), "colorscale": scale, "cmin": 0, "cmax": 4}
    trace = {"type": "scattermap", "lon": places[:, 0].tolist(), "lat": places[:, 1].tolist(), "marker": marker}
    view = {"style": "white-bg", "center": {"lon": 118.8, "lat": 32.05}, "zoom": 10.5}
    layout = {"map": view, "margin": dict.fromkeys("lrtb", 0), "uirevision": 1, "meta": 0}
    app.layout = html.Div(
        [dcc.Graph(id="map", figure={"data": [trace], "layout": layout}, style=_FILL), dcc.Interval(id="tick")]
    )

    @app.callback(Output("map", "figure"), Input("tick", "n_intervals"), prevent_initial_call=True)
    def _tick(_n: int) -> Patch:
        changed = Patch()
        changed["layout"]["meta"] = time.time() * 1000
        changed["data"][0]["marker"]["color"] = _colors(len(places)).tolist()
        return changed


def _leaflet(app: Dash, places: Any) -> None:
    sys.path.append(str(PEERS))
    import dash_leaflet  # type: ignore[import-not-found]

    drawn = dash_leaflet.GeoJSON(id="dots", pointToLayer={"variable": "peers.map.dot"}, data=_dots(places))
    view = {"center": [32.05, 118.8], "zoom": 11, "preferCanvas": True, "style": _FILL}
    app.layout = html.Div([dash_leaflet.Map(drawn, **view), dcc.Interval(id="tick")])

    @app.callback(Output("dots", "data"), Input("tick", "n_intervals"), prevent_initial_call=True)
    def _tick(_n: int) -> dict[str, Any]:
        return _dots(places)


def _dots(places: Any) -> dict[str, Any]:
    sent = time.time() * 1000
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place},
            "properties": {"color": _COLORS[colour]},
        }
        for place, colour in zip(places.tolist(), _colors(len(places)).tolist(), strict=True)
    ]
    features[0]["properties"]["sent"] = sent
    return {"type": "FeatureCollection", "features": features}


if __name__ == "__main__":
    main(*sys.argv[1:])
