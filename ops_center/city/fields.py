"""How a layer of a city pack is declared: its geometry, its columns, what each may hold.

The declarations themselves are in the ``columns_*`` modules, gathered by ``schema``. Reading, writing,
checking and the documentation all follow from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ops_center.domain.text import Label

FieldType = Literal["text", "integer", "real", "boolean"]
Geometry = Literal["Point", "LineString", "MultiPolygon"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    In frames text that is not known is ``""`` and a real is NaN; integers and booleans are always known.
    """

    name: str
    type: FieldType
    label: Label
    required: bool = False
    """must be known in every feature"""
    unit: str = ""
    """UCUM code; "" for what has no unit"""
    allowed: Mapping[str, Label] | None = None
    """the values a text may have; None: any"""
    range: tuple[float, float] | None = None
    """least and greatest value, both included"""
    references: str = ""
    """``layer.field`` that a known value must be found in"""


@dataclass(frozen=True)
class Layer:
    """One layer: a table of features with or without geometry (EPSG:4326)."""

    name: str
    label: Label
    geometry: Geometry | None
    key: tuple[str, ...]
    """the fields that together identify a feature; () where nothing does"""
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Return field name → field."""
        return {field.name: field for field in self.fields}

    @cached_property
    def columns(self) -> list[str]:
        """Return the names of the fields in their order, without the geometry."""
        return [field.name for field in self.fields]


def label(zh: str, en: str) -> Label:
    """Return a label; short, because the declarations hold hundreds."""
    return Label(zh=zh, en=en)


def choices(**names: tuple[str, str]) -> Mapping[str, Label]:
    """Return value → label of a column that knows only these values."""
    return {value: Label(zh=zh, en=en) for value, (zh, en) in names.items()}


PROVENANCE = Field(
    "provenance",
    "text",
    label("来源", "provenance"),
    required=True,
    allowed=choices(
        given=("原始数据", "given by the source"),
        class_default=("按类别默认", "some values filled from the defaults of the class"),
        synthetic=("合成", "made by the city generator"),
        derived=("推算", "computed from other layers"),
    ),
)
"""says where the values of a feature are from; the least certain of them counts"""


def names() -> tuple[Field, Field]:
    """Return the two columns of a name."""
    return (
        Field("name_zh", "text", label("中文名", "Chinese name")),
        Field("name_en", "text", label("英文名", "English name")),
    )


def key(name: str, zh: str, en: str) -> Field:
    """Return the identifying column of a layer."""
    return Field(name, "text", label(zh, en), required=True)


def district() -> Field:
    """Return the column that says in which district a feature lies; "" where none does."""
    return Field("district", "text", label("所属区", "district"), references="districts.district_id")
