"""Extending the center is one file: a registry scans a package, and an entry-point group for outsiders.

A module of the package takes part by having the attribute that its kind asks for (``FEED``, ``LAYER`` …).
Called by ``feeds``, ``layers``, later ``alerts`` and the screens.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType
from typing import Protocol, TypeVar, cast

from ops_center.domain.errors import ConfigurationError


class Named(Protocol):
    """Whatever is registered has a name that is unique within its kind."""

    @property
    def name(self) -> str:
        """Return the unique name, lower case with underscores."""
        ...


T = TypeVar("T", bound=Named)


def scan(package: ModuleType, attribute: str, kind: type[T]) -> Mapping[str, T]:
    """Return name → object of every module in ``package`` that has ``attribute``, and of the entry points.

    Raises ConfigurationError for a name given twice. ``kind`` is only for the type checker: the contract
    suites in tests/contracts judge what is found.
    """
    found: dict[str, T] = {}
    for origin, candidate in _candidates(package, attribute):
        registered = cast(T, candidate)
        if registered.name in found:
            raise ConfigurationError(f"{origin}: the {attribute.lower()} {registered.name!r} exists already")
        found[registered.name] = registered
    return MappingProxyType(found)


def _candidates(package: ModuleType, attribute: str) -> Iterator[tuple[str, object]]:
    for module_info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{module_info.name}")
        if hasattr(module, attribute):
            yield module.__name__, getattr(module, attribute)
    for entry_point in entry_points(group=f"ops_center.{attribute.lower()}"):
        yield entry_point.name, entry_point.load()
