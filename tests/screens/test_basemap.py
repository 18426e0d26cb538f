"""The ground under the live layers: GeoJSON and style from the pack, packed and told apart by digest."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import httpx
import pytest
import zstandard
from fastapi import FastAPI

from layers import palette
from ops_center.city.pack import CityPack
from ops_center.screens import basemap
from tests.servers.webs import served


@pytest.fixture(scope="module")
def client(small_city: CityPack) -> Iterator[httpx.Client]:
    server = FastAPI()
    server.include_router(basemap.routes(small_city))
    with served(server) as url, httpx.Client(base_url=f"http://{url}") as opened:
        yield opened


@pytest.mark.parametrize("layer", ["districts", "water", "roads", "buildings", "labels"])
def test_every_source_of_the_style_is_served(client: httpx.Client, small_city: CityPack, layer: str) -> None:
    answer = client.get(f"/basemap/{layer}.geojson")
    collection = answer.json()
    assert answer.status_code == 200 and collection["type"] == "FeatureCollection"
    if layer != "labels":
        assert len(collection["features"]) == len(small_city.features(layer))
    assert f"/basemap/{layer}.geojson" in client.get("/basemap/style.json").text


def test_it_is_packed_as_the_browser_can_unpack_it_and_is_the_same(client: httpx.Client) -> None:
    plain = client.get("/basemap/roads.geojson", headers={"accept-encoding": "identity"}).content
    unpack = {"gzip": gzip.decompress, "zstd": lambda b: zstandard.ZstdDecompressor().decompress(b, 1 << 26)}
    for name, unpacked in unpack.items():
        with client.stream("GET", "/basemap/roads.geojson", headers={"accept-encoding": name}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == name
        assert len(raw) < len(plain) / 2 and unpacked(raw) == plain


def test_who_has_it_already_is_not_sent_it_again(client: httpx.Client) -> None:
    etag = client.get("/basemap/water.geojson").headers["etag"]
    again = client.get("/basemap/water.geojson", headers={"if-none-match": etag})
    assert again.status_code == 304 and not again.content
    assert client.get("/basemap/water.geojson", headers={"if-none-match": '"other"'}).status_code == 200


def test_the_style_speaks_the_language_and_grows_with_the_screen(client: httpx.Client) -> None:
    small = client.get("/basemap/style.json?language=zh&scale=1").json()
    big = client.get("/basemap/style.json?language=en&scale=2").json()
    sizes = [next(x for x in style["layers"] if x["id"] == "district-name")["layout"] for style in (small, big)]
    assert sizes[1]["text-size"] == 2 * sizes[0]["text-size"]
    near = [next(x for x in style["layers"] if x["id"] == "road-name")["minzoom"] for style in (small, big)]
    assert near[1] == near[0] + 1, "twice as many pixels show the same names of the same ground, not more of them"
    assert "name_zh" in json.dumps(sizes[0]["text-field"]) and "name_en" in json.dumps(sizes[1]["text-field"])


def test_the_ground_is_light_by_day_with_the_same_layers_and_names_that_can_be_read(client: httpx.Client) -> None:
    night, day = (client.get(f"/basemap/style.json?theme={theme}").json()["layers"] for theme in ("dark", "light"))
    assert [layer["id"] for layer in night] == [layer["id"] for layer in day]
    for layers, ground_is_light in ((night, False), (day, True)):
        land = next(layer for layer in layers if layer["id"] == "land")["paint"]["fill-color"]
        assert (_luminance(land) > 0.5) == ground_is_light
        names = [layer["paint"]["text-color"] for layer in layers if layer["type"] == "symbol"]
        assert all(_contrast(name, land) >= 4.5 for name in names), "WCAG 2.1, clause 1.4.3"


def _luminance(color: str) -> float:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return palette.luminance((red, green, blue))


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_style_asks_for_nothing_from_elsewhere(client: httpx.Client) -> None:
    style = client.get("/basemap/style.json").text
    assert "http" not in style and "glyphs" not in style and "sprite" not in style


@pytest.mark.parametrize(
    "address",
    ["secrets.geojson", "things.geojson", "style.json?language=fr", "style.json?scale=99", "style.json?theme=pink"],
)
def test_it_refuses_what_is_not_on_the_map(client: httpx.Client, address: str) -> None:
    assert client.get(f"/basemap/{address}").status_code in {404, 422}
