"""The ground under the live layers: a MapLibre style, dark or light, and GeoJSON made from the city pack, served by us.

Nothing on the map comes from outside: no tiles, no fonts (labels use the screen's own, Chinese and Latin).
Each document is made once, packed with gzip and zstd, and carries its digest as ETag; called by ``app``.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely
import zstandard
from fastapi import APIRouter, HTTPException, Query, Request, Response

from ops_center.city.pack import CityPack
from ops_center.domain.rights import PICTURE, Rights, allows
from ops_center.domain.text import Language
from ops_center.screens.basemap_style import Theme, style

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "districts": ("district_id", "name_zh", "name_en"),
    "water": ("water_id", "kind", "name_zh", "name_en"),
    "roads": ("road_id", "class", "name_zh", "name_en", "bridge"),
    "buildings": ("height_m",),
}
"""layer of the pack → columns that the style uses; nothing else leaves the server"""
GROUND = Rights(see=PICTURE)
_DIGITS = 6
"""of a degree: ten centimetres"""


@dataclass(frozen=True)
class Document:
    """Bytes that many browsers will ask for, packed once for each encoding."""

    content: bytes
    media_type: str

    @cached_property
    def etag(self) -> str:
        """Return the digest of the content, quoted as HTTP wants it."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:24]}"'

    @cached_property
    def zstd(self) -> bytes:
        """Return the content as zstd packs it."""
        return zstandard.ZstdCompressor(level=9).compress(self.content)

    @cached_property
    def gzip(self) -> bytes:
        """Return the content as gzip packs it, the same each time."""
        return gzip.compress(self.content, compresslevel=6, mtime=0)

    def answer(self, request: Request) -> Response:
        """Return it in the best encoding that the browser takes; 304 if it has it."""
        headers = {"ETag": self.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
        if self.etag in known:
            return Response(status_code=304, headers=headers)
        accepted = {part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
        content = self.content
        for name in ("zstd", "gzip"):
            if name in accepted:
                headers["Content-Encoding"] = name
                content = self.zstd if name == "zstd" else self.gzip
                break
        return Response(content, media_type=self.media_type, headers=headers)


def geojson(pack: CityPack, layer: str) -> bytes:
    """Return a layer of the pack as a FeatureCollection in WGS 84; KeyError for one that isn't drawn."""
    columns = _COLUMNS[layer]
    frame = pack.features(layer)
    rounded = shapely.set_precision(np.asarray(frame.geometry), 10.0**-_DIGITS, mode="pointwise")
    shapes = shapely.to_geojson(rounded)
    rows = frame[list(columns)].to_dict("records")
    features = (
        b'{"type":"Feature","properties":%b,"geometry":%b}' % (orjson.dumps(_known(row)), str(shape).encode())
        for row, shape in zip(rows, shapes, strict=True)
        if shape is not None
    )
    return b'{"type":"FeatureCollection","features":[' + b",".join(features) + b"]}"


def labels(pack: CityPack) -> bytes:
    """Return the points that names are written at: one inside each district, one on each water that has a name."""
    points = []
    for layer in ("districts", "water"):
        frame = pack.features(layer)
        ranks = ["park" if kind == "park" else "water" for kind in frame.get("kind", ())] or ["district"] * len(frame)
        places = shapely.point_on_surface(np.asarray(frame.geometry))
        names = frame[["name_zh", "name_en"]].to_dict("records")
        points += [
            {"type": "Feature", "properties": {"rank": rank, **_known(name)}, "geometry": _point(place)}
            for name, place, rank in zip(names, places, ranks, strict=True)
            if name["name_zh"] and place is not None
        ]
    return orjson.dumps({"type": "FeatureCollection", "features": points})


def _point(place: shapely.Point) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(place.x, _DIGITS), round(place.y, _DIGITS)]}


def _known(row: Mapping[Any, Any]) -> dict[Any, Any]:
    """Leave out what is not known: "" and NaN."""
    return {name: value for name, value in row.items() if value != "" and not pd.isna(value)}


def routes(pack: CityPack) -> APIRouter:
    """Return ``/basemap/style.json`` and ``/basemap/<layer>.geojson``."""
    router = APIRouter(prefix="/basemap", include_in_schema=False)
    made: dict[str, Document] = {}

    def document(name: str, make: Callable[[], bytes], media_type: str) -> Document:
        if name not in made:
            made[name] = Document(make(), media_type)
        return made[name]

    @router.get("/style.json")
    @allows(GROUND)
    def _style(
        request: Request,
        language: Language = "zh",
        scale: float = Query(1.0, ge=0.25, le=8.0),
        theme: Theme = "dark",
    ) -> Response:
        rounded = round(scale * 4) / 4
        return document(
            f"style {language} {rounded} {theme}",
            lambda: orjson.dumps(style(language, rounded, theme)),
            "application/json",
        ).answer(request)

    @router.get("/{layer}.geojson")
    @allows(GROUND)
    def _layer(request: Request, layer: str) -> Response:
        if layer == "labels":
            return document(layer, lambda: labels(pack), "application/geo+json").answer(request)
        if layer not in _COLUMNS:
            raise HTTPException(404, f"no layer {layer!r} on the map")
        return document(layer, lambda: geojson(pack, layer), "application/geo+json").answer(request)

    return router
