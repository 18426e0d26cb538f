"""Files from outside, damaged: city packs, recipes, settings, EPANET models. Refused in our words, never otherwise."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import tomllib
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from ops_center.city.import_ import RECIPES
from ops_center.city.import_water import read_water
from ops_center.city.manifest import FILE_NAME, read_manifest
from ops_center.city.pack import GEOPACKAGE, WATER_MODEL, CityPack
from ops_center.city.recipe import Input, read_recipe
from ops_center.city.schema import LAYERS
from ops_center.city.validate import validate_pack
from ops_center.domain.errors import CityPackError, ConfigurationError
from ops_center.services.registration import things_of
from ops_center.settings import load_settings
from tests.feeds import cities
from tests.fuzz.mutating import mutated_bytes

SEED = 20_261_127
PACKS = int(os.environ.get("OPS_FUZZ_PACKS", "12"))
"""damaged packs; each is read whole, which takes seconds"""
TOML = (
    "nan", "inf", "-inf", "1e400", "-0.0", "9" * 30, '""', '" "', '"\\u0000"', '"\\U0010ffff"', "[]", "{}", "[[]]",
    "true", "1979-05-27T07:32:00Z", "07:32:00", "[" * 2000 + "]" * 2000,
    "{ a = { b = 1 } }", '["a", 1]', "-1", "0x7fff",
    '"EPSG:4326"',
    '"EPSG:999999"', '"Nowhere/City"', '"../../etc/passwd"', '"' + "x" * 5000 + '"', "1e308", "90.1", "180.5",
)  # fmt: skip
CELLS = (
    "NULL", "''", "'x'", "'nan'", "'\U0001f600'", "x'00'", "x'ff'", "-1", "1e308", "-1e308", "9e999", "-9e999", "0",
    "9223372036854775807", "'2026-01-01'", "1.5", "char(0)", "printf('%.*c', 100000, 'y')", "'D01'", "'none'",
)  # fmt: skip


def mutated_toml(text: bytes, chance: Random) -> bytes:
    """Return the file with another value here and there, a line less or twice, or a few wrong bytes."""
    lines = text.decode().splitlines()
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(lines))
        name, is_pair, _ = lines[at].partition("=")
        match chance.randrange(5):
            case 0:
                del lines[at]
                lines = lines or [""]
            case 1:
                lines.insert(at, lines[at])
            case 2 | 3 if is_pair:
                lines[at] = f"{name}= {chance.choice(TOML)}"
            case _:
                return mutated_bytes("\n".join(lines).encode(), [text], chance)
    return "\n".join(lines).encode()


def refused_or_read(
    path: Path, values: Iterator[bytes], read: Callable[[Path], object], error: type[Exception]
) -> None:
    """Let ``read`` see each of ``values``: both a good end and ours happen, and no other."""
    read_well = refused = 0
    for value in values:
        path.write_bytes(value)
        try:
            read(path)
            read_well += 1
        except error as why:
            assert str(why)
            refused += 1
    assert refused > 0 < read_well, (read_well, refused)


@pytest.fixture(scope="module")
def pack_folder() -> Path:
    folder = cities.city().folder
    assert folder is not None
    return folder


def test_a_damaged_manifest_is_refused_by_its_name(pack_folder: Path, tmp_path: Path) -> None:
    whole, chance = (pack_folder / FILE_NAME).read_bytes(), Random(SEED)
    values = (mutated_toml(whole, chance) for _ in range(600))
    refused_or_read(tmp_path / FILE_NAME, values, read_manifest, CityPackError)


def test_a_damaged_recipe_is_refused_by_its_name(tmp_path: Path) -> None:
    whole, chance = (RECIPES / "nanjing.toml").read_bytes(), Random(SEED)
    values = (mutated_toml(whole, chance) for _ in range(600))
    refused_or_read(tmp_path / "city.toml", values, read_recipe, CityPackError)


SETTINGS = b"""
mode = "standard"
realm = "simulated"
web_host = "127.0.0.1"
web_port = 8050
partitions = 4
requests_per_s = 50
session_hours = 12
log_level = "info"
state_dir = "/tmp/x"
oidc_grants = { "ops-water" = ["department/water_company"] }
"""


def test_damaged_settings_are_refused_by_the_name_of_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS_CONFIG", str(tmp_path / "ops.toml"))
    chance = Random(SEED)
    values = (mutated_toml(SETTINGS, chance) for _ in range(400))
    refused_or_read(tmp_path / "ops.toml", values, lambda path: load_settings(), ConfigurationError)


def test_a_damaged_water_model_is_refused(pack_folder: Path, tmp_path: Path) -> None:
    whole, chance = (pack_folder / WATER_MODEL).read_bytes(), Random(SEED)
    source = Input(WATER_MODEL, "", "EPSG:4549", "epanet", affine=(1, 0, 0, 1, 0, 0), pressure_mark="x", flow_mark="y")
    values = (mutated_lines(whole, chance) for _ in range(120))
    refused_or_read(tmp_path / WATER_MODEL, values, lambda path: read_water(path, source), CityPackError)


def mutated_lines(text: bytes, chance: Random) -> bytes:
    """Return an EPANET file with words of some lines exchanged for odd ones, lines missing or twice, or bad bytes."""
    lines = text.splitlines()
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(len(lines))
        words = lines[at].split()
        match chance.randrange(4):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2 if words:
                words[chance.randrange(len(words))] = chance.choice(
                    (b"nan", b"inf", b"-1", b"1e400", b"x", b"[END]", b";")
                )
                lines[at] = b" ".join(words)
            case _:
                lines[at] = mutated_bytes(lines[at], lines[:50], chance)
    return b"\n".join(lines)


def use(folder: Path) -> int:
    """Read everything of a pack as the center does; return how many errors the validation lists."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL says of a damaged file what it thinks
        errors = validate_pack(folder)
        assert all(str(error) for error in errors)
        pack = CityPack.read(folder)
        for name in LAYERS:
            pack.table(name)
        things_of(pack)
    return len(errors)


@pytest.fixture
def copy(pack_folder: Path, tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """Make a copy of the pack, in the place of the one before."""

    def again() -> Path:
        shutil.rmtree(tmp_path / "pack", ignore_errors=True)
        return Path(shutil.copytree(pack_folder, tmp_path / "pack"))

    yield again


def test_a_pack_with_damaged_bytes_is_refused(copy: Callable[[], Path]) -> None:
    chance = Random(SEED)
    for _ in range(2 * PACKS):
        folder = copy()
        path = folder / GEOPACKAGE
        whole = bytearray(path.read_bytes())
        for _ in range(chance.choice((1, 5, 50))):
            at = chance.choice((chance.randrange(4096), chance.randrange(len(whole))))
            whole[at : at + 8] = chance.randbytes(8)
        path.write_bytes(whole[: chance.choice((len(whole), chance.randrange(len(whole)), 0, 100))])
        refused_or_used(folder)


def refused_or_used(folder: Path) -> bool:
    """Return whether anything was wrong with it: listed by the validation, or CityPackError when it is read."""
    try:
        return use(folder) > 0
    except CityPackError as why:
        assert str(why)
        return True


def test_a_pack_with_odd_cells_columns_and_shapes_is_refused_or_listed(copy: Callable[[], Path]) -> None:
    chance = Random(SEED)
    listed = 0
    for _ in range(PACKS):
        folder = copy()
        with closing(sqlite3.connect(folder / GEOPACKAGE, isolation_level=None)) as connection:
            for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{trigger}"')
            for _ in range(chance.choice((1, 1, 2, 4))):
                damage(connection, chance)
        listed += refused_or_used(folder)
    assert listed > PACKS // 4


def damage(connection: sqlite3.Connection, chance: Random) -> None:
    """Change something of one layer, past all checks of its format."""
    layer = chance.choice(list(LAYERS))
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{layer}")')]
    column = chance.choice([name for name in columns if name not in {"fid", "geom"}])
    some = f'rowid IN (SELECT rowid FROM "{layer}" ORDER BY rowid LIMIT {chance.choice((1, 3, 100000))})'
    match chance.randrange(8):
        case 0 | 1 | 2:
            connection.execute(f'UPDATE "{layer}" SET "{column}" = {chance.choice(CELLS)} WHERE {some}')
        case 3 if "geom" in columns:
            shape = chance.choice((b"", b"GP", geometry(1, b"\xff" * 8), geometry(9, b""), point(1e308, -1e308)))
            connection.execute(f'UPDATE "{layer}" SET geom = ? WHERE {some}', (shape,))
        case 4 if "geom" in columns:
            shape = chance.choice(
                (point(float("nan"), 1.0), point(float("inf"), 1.0), geometry(2, struct.pack("<I", 2**31)))
            )
            connection.execute(f'UPDATE "{layer}" SET geom = ? WHERE {some}', (shape,))
        case 5:
            connection.execute(f'ALTER TABLE "{layer}" RENAME COLUMN "{column}" TO "{column}_x"')
        case 6:
            connection.execute(f'DELETE FROM "{layer}"')
        case _:
            connection.execute(f'INSERT INTO "{layer}" SELECT * FROM "{layer}" WHERE 0')
            connection.execute("UPDATE gpkg_contents SET srs_id = 99999 WHERE table_name = ?", (layer,))


def geometry(kind: int, body: bytes) -> bytes:
    """A geometry as GeoPackage writes it: header, then well-known binary."""
    return b"GP\0\x01" + struct.pack("<i", 4326) + b"\x01" + struct.pack("<I", kind) + body


def point(x: float, y: float) -> bytes:
    return geometry(1, struct.pack("<dd", x, y))


def test_every_mutation_of_settings_is_text_that_was_toml() -> None:
    assert tomllib.loads(SETTINGS.decode())
