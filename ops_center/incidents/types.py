"""The tree of types of incidents, and how grave one is by the people it hurts. Pure; the tree is ``types.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.text import Label
from ops_center.domain.words import ShortWords
from ops_center.incidents.incident import Level
from ops_center.incidents.parts import Casualties

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


class IncidentType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One type."""

    code: Code
    label: ShortWords
    parent: str = ""
    level: Annotated[int, msgspec.Meta(ge=1, le=4)] = 4
    """what it begins with until somebody knows more"""

    @property
    def name(self) -> Label:
        """Return what it is called."""
        return Label(self.label.zh, self.label.en)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: tuple[IncidentType, ...]


class TypeTree:
    """All types. Immutable."""

    def __init__(self, types: Sequence[IncidentType]) -> None:
        """Raises ConfigurationError for codes that are there twice, parents that are not, and circles."""
        self.types: Mapping[str, IncidentType] = {one.code: one for one in types}
        if len(self.types) < len(types):
            raise ConfigurationError("types of incidents: a code is there twice")
        for one in types:
            self.lineage(one.code)

    def lineage(self, code: str) -> tuple[str, ...]:
        """Return a type and those above it, from it up. Raises ConfigurationError for one that there is not."""
        found: list[str] = []
        while code:
            if code not in self.types or code in found:
                raise ConfigurationError(f"types of incidents: {code!r} is unknown, or above itself")
            found.append(code)
            code = self.types[code].parent
        return tuple(found)

    def below(self, code: str) -> tuple[IncidentType, ...]:
        """Return the types right below one; of "" the roots."""
        return tuple(one for one in self.types.values() if one.parent == code)

    def steps_apart(self, one: str, other: str) -> int:
        """Return how many steps of the tree lead from one type to another; over the top where they share nothing."""
        up, down = self.lineage(one), self.lineage(other)
        shared = next((code for code in up if code in down), None)
        if shared is None:
            return len(up) + len(down)
        return up.index(shared) + down.index(shared)


@cache
def shipped_types() -> TypeTree:
    """Return the tree that ships."""
    text = files(__package__).joinpath("types.toml").read_text("utf-8")
    return TypeTree(msgspec.convert(tomllib.loads(text), _File).type)


def level_by_casualties(casualties: Casualties) -> Level:
    """Return how grave an accident is by the people it hurt.

    生产安全事故报告和调查处理条例 (State Council decree 493, 2007), article 3: from 30 dead or 100 badly hurt on
    extraordinary, from 10 or 50 major, from 3 or 10 serious. Missing and trapped people count as hurt (assumed).
    """
    hurt = casualties.injured + casualties.missing + casualties.trapped
    for level, dead, injured in ((Level.I, 30, 100), (Level.II, 10, 50), (Level.III, 3, 10)):
        if casualties.dead >= dead or hurt >= injured:
            return level
    return Level.IV
