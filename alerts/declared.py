"""What most rule types declare alike. A type's class inherits it and adds ``columns`` and ``judge``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.bounds import Parameters
from alerts.contract import Channel, Column, Source
from ops_center.domain.text import Label

ONE_CHANNEL = (Channel("on", Label("成立", "holds")),)
_NOTHING: Mapping[str, Column] = {}


@dataclass(frozen=True)
class Declared:
    """What most types declare alike; see ``alerts.contract.RuleType``."""

    name: str
    label: Label
    parameters: type[Parameters]
    example: Mapping[str, Any]
    source: Source = "observations"
    subjects: frozenset[str] = frozenset({"datastream"})
    restarts: frozenset[str] = frozenset({"unit"})
    channels: tuple[Channel, ...] = ONE_CHANNEL
    memory: Mapping[str, Column] = field(default_factory=lambda: _NOTHING)
    anew: bool = False
