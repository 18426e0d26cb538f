"""``run.py city import``: a pack of a real city from files, as a recipe says.

The steps: read every input, shift it to WGS 84, map its columns, cut roads into a graph, find districts, make
datastreams of things, write, check.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import structlog

from ops_center.city import frames
from ops_center.city.datastreams import datastreams_of
from ops_center.city.import_roads import directed, noded
from ops_center.city.import_water import read_water
from ops_center.city.manifest import Manifest
from ops_center.city.map_columns import mapped
from ops_center.city.pack import CityPack, Progress, no_progress
from ops_center.city.read_input import Files, inside_bounds, unique
from ops_center.city.recipe import Input, Recipe, read_recipe
from ops_center.city.schema import LAYERS
from ops_center.city.validate import validate_pack
from ops_center.domain.errors import CityPackError
from ops_center.domain.place import MetricFrame

log = structlog.get_logger(__name__)
RECIPES = Path(__file__).parent / "recipes"
"""recipes that come with the program"""


class Draft(dict[str, list[pd.DataFrame]]):
    """Layer → the parts that inputs made of it so far."""


def import_city(
    recipe: Path | str, folder: Path, data_dir: Path | None = None, progress: Progress = no_progress
) -> CityPack:
    """Import a city, write it to ``folder``, check it and return it.

    ``recipe``: a file, or the name of a recipe that comes with the program. ``data_dir``: what its paths are
    relative to; None: the folder of the recipe. Raises CityPackError for a recipe or file that can't be used,
    and for a pack that comes out wrong, with its first errors.
    """
    recipe_path = find_recipe(recipe)
    plan = read_recipe(recipe_path)
    data_dir = recipe_path.parent if data_dir is None else data_dir
    draft, files = Draft(), Files()
    water_model: str | None = None
    for number, source in enumerate(plan.inputs):
        progress(0.8 * number / len(plan.inputs), f"{source.path} → {source.layer or 'water network'}")
        if source.format == "epanet":
            water_model = _add_water(draft, data_dir / source.path, source, plan)
        else:
            _add_features(draft, files, data_dir / source.path, source, plan)
    layers = _joined(draft, plan)
    pack = CityPack(_manifest(plan), layers, water_model=water_model)
    return pack.write(folder, lambda done, what: progress(0.8 + 0.15 * done, what), check=_refuse_errors)


def _refuse_errors(draft: Path) -> None:
    if errors := validate_pack(draft):
        listed = "\n".join(str(error) for error in errors[:20])
        raise CityPackError(
            f"what the recipe makes has {len(errors)} errors, nothing was written; the first:\n{listed}"
        )


def find_recipe(recipe: Path | str) -> Path:
    """Return the recipe's file: the path as it is if it exists, else the shipped recipe of that name."""
    path, shipped = Path(recipe), RECIPES / f"{recipe}.toml"
    return shipped if not path.exists() and shipped.is_file() else path


def _add_features(draft: Draft, files: Files, path: Path, source: Input, recipe: Recipe) -> None:
    features = files.features(path, source)
    features = inside_bounds(features, recipe.bounds, f"{source.path} → {source.layer}")
    if source.format == "osm_roads":
        features = directed(features)
    frame = mapped(features, source)
    if source.format == "osm_roads":
        frame = noded(frame, MetricFrame(recipe.projected_crs))
    frame = cast(gpd.GeoDataFrame, frame[~shapely.is_missing(np.asarray(frame.geometry))].reset_index(drop=True))
    if source.inside:
        frame = _only_inside(frame, draft, source)
    log.info("city.imported", path=source.path, layer=source.layer, features=len(frame))
    draft.setdefault(source.layer, []).append(frame)


def _only_inside(frame: gpd.GeoDataFrame, draft: Draft, source: Input) -> gpd.GeoDataFrame:
    if source.inside not in draft:
        raise CityPackError(f"{source.path}: inside: no earlier input makes the layer {source.inside!r}")
    area = shapely.union_all(np.concatenate([np.asarray(part["geometry"]) for part in draft[source.inside]]))
    shapely.prepare(area)
    inside = shapely.contains(area, shapely.point_on_surface(np.asarray(frame.geometry)))
    return cast(gpd.GeoDataFrame, frame[inside].reset_index(drop=True))


def _add_water(draft: Draft, path: Path, source: Input, recipe: Recipe) -> str:
    if "pipe_nodes" in draft:
        raise CityPackError(f"{source.path}: a pack has one water model; an earlier input gave one already")
    if not path.is_file():
        raise CityPackError(f"{path}: the file is missing")
    parts = read_water(path, source)
    for layer, frame in (("pipe_nodes", parts.nodes), ("pipe_links", parts.links), ("things", parts.things)):
        inside = inside_bounds(frame, recipe.bounds, f"{source.path} → {layer}")
        if len(inside) < len(frame):
            raise CityPackError(f"{source.path}: {len(frame) - len(inside)} {layer} lie outside the bounds: affine?")
        draft.setdefault(layer, []).append(frame)
    return parts.model


def _joined(draft: Draft, recipe: Recipe) -> dict[str, pd.DataFrame]:
    """Return the layers: the parts of each joined, keys made unique, districts found, datastreams made."""
    layers: dict[str, pd.DataFrame] = {}
    for name, parts in draft.items():
        layer = LAYERS[name]
        joined = pd.concat([frames.conform(part, layer) for part in parts], ignore_index=True)
        for key in layer.key:
            joined[key] = unique(joined[key].astype(str)).astype(object)
        layers[name] = joined
    for name, rows in recipe.rows.items():
        layers[name] = frames.conform(pd.DataFrame([dict(row) for row in rows]), LAYERS[name])
    for name, table in layers.items():
        if "district" in LAYERS[name].by_name and LAYERS[name].geometry is not None and "districts" in layers:
            layers[name] = _with_district(cast(gpd.GeoDataFrame, table), layers["districts"])
    if "things" in layers:
        layers["datastreams"] = datastreams_of(layers["things"])
    return layers


def _with_district(table: gpd.GeoDataFrame, districts: pd.DataFrame) -> gpd.GeoDataFrame:
    """Fill the district of features that have none: the one their middle lies in."""
    middle = shapely.point_on_surface(np.asarray(table.geometry))
    found, district = shapely.STRtree(np.asarray(districts["geometry"])).query(middle, predicate="within")
    names = np.full(len(table), "", dtype=object)
    names[found] = districts["district_id"].to_numpy(object)[district]
    given = table["district"].to_numpy(object)
    return cast(gpd.GeoDataFrame, table.assign(district=np.where(given == "", names, given)))


def _manifest(recipe: Recipe) -> Manifest:
    return Manifest(
        city_id=recipe.city_id,
        name=recipe.name,
        projected_crs=recipe.projected_crs,
        timezone=recipe.timezone,
        bounds=recipe.bounds,
        origin="import",
        recipe=recipe.file_name,
        attribution=recipe.attribution,
    )
