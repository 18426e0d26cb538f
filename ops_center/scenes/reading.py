"""Scenes from JSON and from the TOML files that ship: strict, and every fault by field and in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import combinations
from typing import Any

import msgspec

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.faults import Fault, converted
from ops_center.domain.text import Label
from ops_center.scenes.scene import GROUND, Panel, Scene

Kinds = Mapping[str, type[msgspec.Struct]]
"""kind of panel → the structure of its options"""


def judged(form: Any, kinds: Kinds) -> Scene | tuple[Fault, ...]:
    """Return the scene of decoded JSON or TOML, or everything that is wrong with it."""
    scene = converted(form, Scene)
    if isinstance(scene, Fault):
        return (scene,)
    faults = (*_faults_of_places(scene), *_faults_of_kinds(scene, kinds))
    return faults or scene


def readable(form: Any) -> Scene | None:
    """Return a scene of the database as far as it has a scene's form at all; None: a newer program wrote it."""
    scene = converted(form, Scene)
    return None if isinstance(scene, Fault) else scene


def options_of(panel: Panel, kinds: Kinds) -> msgspec.Struct | Fault:
    """Return a panel's options in its kind's structure, or what is wrong with them."""
    kind = kinds.get(panel.kind)
    if kind is None:
        return Fault("kind", Label(f"没有“{panel.kind}”这种面板", f"there is no kind of panel {panel.kind!r}"))
    return converted(panel.options, kind, "options")


def read_file(text: str, origin: str, kinds: Kinds) -> Scene:
    """Return the scene of one TOML file. Raises ConfigurationError that names file and field."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{origin}: {error}") from error
    found = judged(document, kinds)
    if isinstance(found, Scene):
        return found
    raise ConfigurationError("; ".join(f"{origin}: {fault.field}: {fault.what.en}" for fault in found))


def shipped_files() -> Sequence[tuple[str, str]]:
    """Return (name, text) of the files of scenes that ship, by name."""
    folder = files("ops_center.scenes") / "shipped"
    found = [(entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return sorted(found)


def _faults_of_places(scene: Scene) -> Iterator[Fault]:
    known: set[str] = set()
    for place, panel in enumerate(scene.panels):
        if panel.id in known:
            words = Label(f"面板编号“{panel.id}”重复", f"two panels are called {panel.id!r}")
            yield Fault(f"panels[{place}].id", words)
        known.add(panel.id)
        if panel.x + panel.w > scene.columns or panel.y + panel.h > scene.rows:
            words = Label(f"面板“{panel.id}”超出网格", f"panel {panel.id!r} reaches beyond the grid")
            yield Fault(f"panels[{place}]", words)
    for (_, one), (place, other) in combinations(enumerate(scene.panels), 2):
        if one.overlaps(other) and not _may_overlap(one, other):
            words = Label(f"面板“{one.id}”与“{other.id}”重叠", f"panels {one.id!r} and {other.id!r} overlap")
            yield Fault(f"panels[{place}]", words)


def _may_overlap(one: Panel, other: Panel) -> bool:
    """A panel may lie over a map that is all around it; half over its edge it would hide what it doesn't mean."""
    if (one.kind == GROUND) == (other.kind == GROUND):
        return False
    ground, above = (one, other) if one.kind == GROUND else (other, one)
    return ground.holds(above)


def _faults_of_kinds(scene: Scene, kinds: Kinds) -> Iterator[Fault]:
    for place, panel in enumerate(scene.panels):
        found = options_of(panel, kinds)
        if isinstance(found, Fault):
            yield Fault(f"panels[{place}].{found.field}", found.what)
