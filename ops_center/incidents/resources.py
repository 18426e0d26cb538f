"""Who there is to be sent: units with kind, type, capabilities, shift and status.

Pure. Kinds and types follow the resource typing of NIMS (FEMA 508): the kind says what a resource is, the type how much
it can do, 1 the most. NIMS types by minimum crews and equipment, of which a city pack knows the crew: a unit's type is
that of its crew (``TYPE_SHARES``, assumed). Whether a unit is free follows from the incidents that are not closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident
from ops_center.incidents.parts import Assignment

Category = Literal["police", "fire", "medical", "rescue", "repair", "municipal"]
"""what a sign on the map can tell apart"""


class Status(StrEnum):
    """What a unit does now."""

    FREE = "free"
    ASSIGNED = "assigned"
    UNDER_WAY = "under_way"
    ON_SCENE = "on_scene"
    OFF_SHIFT = "off_shift"

    @property
    def label(self) -> Label:
        """Return its name."""
        return _STATUS_LABELS[self]


_STATUS_LABELS = {
    Status.FREE: Label("待命", "free"),
    Status.ASSIGNED: Label("已派遣", "assigned"),
    Status.UNDER_WAY: Label("赶赴途中", "under way"),
    Status.ON_SCENE: Label("现场处置", "on scene"),
    Status.OFF_SHIFT: Label("非值班", "off shift"),
}


@dataclass(frozen=True, slots=True)
class UnitKind:
    """What units of a kind are and can do."""

    label: Label
    category: Category
    capabilities: tuple[str, ...]
    """codes of :data:`CAPABILITIES`"""
    also: tuple[str, ...] = ()
    """other kinds whose work it can do, if none of those is free"""
    urgent: bool = False
    """drives with siren and light (特种车辆, Road Traffic Safety Law of the PRC, articles 53 and 54)"""
    type_1_members: int = 12
    """how large a crew of type 1 is"""


CAPABILITIES: Mapping[str, Label] = {
    "traffic_control": Label("交通管制", "traffic control"),
    "law_enforcement": Label("执法", "law enforcement"),
    "crowd_control": Label("人群疏导", "crowd control"),
    "firefighting": Label("灭火", "firefighting"),
    "hazmat": Label("危化品处置", "hazardous materials"),
    "search_and_rescue": Label("搜救", "search and rescue"),
    "first_aid": Label("现场急救", "first aid"),
    "transport_of_patients": Label("伤员转运", "transport of patients"),
    "water_mains": Label("供水抢修", "repair of water mains"),
    "pumping": Label("抽排水", "pumping"),
    "gas_mains": Label("燃气抢修", "repair of gas mains"),
    "clearing": Label("清障清扫", "clearing"),
    "measuring": Label("环境监测", "measuring air and water"),
}

KINDS: Mapping[str, UnitKind] = {
    "traffic_police": UnitKind(
        Label("交警", "traffic police"), "police", ("traffic_control", "law_enforcement"), ("patrol",), True, 10
    ),
    "patrol": UnitKind(
        Label("巡警", "patrol"), "police", ("law_enforcement", "crowd_control", "first_aid"), ("traffic_police",),
        True, 8,
    ),
    "fire_brigade": UnitKind(
        Label("消防救援", "fire brigade"), "fire", ("firefighting", "hazmat", "search_and_rescue", "first_aid"),
        ("rescue_team",), True, 24,
    ),
    "ambulance_crew": UnitKind(
        Label("急救", "ambulance"), "medical", ("first_aid", "transport_of_patients"), (), True, 4
    ),
    "water_repair": UnitKind(Label("供水抢修", "water repair"), "repair", ("water_mains", "pumping"), (), False, 10),
    "drainage_crew": UnitKind(
        Label("排水抢险", "drainage"), "repair", ("pumping", "clearing"), (), False, 14
    ),
    "gas_repair": UnitKind(Label("燃气抢修", "gas repair"), "repair", ("gas_mains", "measuring"), (), True, 8),
    "sanitation_crew": UnitKind(Label("环卫", "sanitation"), "municipal", ("clearing",), (), False, 20),
    "inspection_team": UnitKind(
        Label("城管执法", "urban inspection"), "municipal", ("law_enforcement", "crowd_control"), (), False, 10
    ),
    "environment_team": UnitKind(
        Label("环境监测", "environment monitoring"), "municipal", ("measuring", "hazmat"), (), False, 6
    ),
    "rescue_team": UnitKind(
        Label("应急救援", "rescue"), "rescue", ("search_and_rescue", "hazmat", "pumping", "first_aid"),
        ("drainage_crew",), True, 30,
    ),
}  # fmt: skip
"""kind of the pack's layer ``units`` → what it is; ``also`` and the sizes of crews are assumed"""

TYPE_SHARES = (1.0, 0.7, 0.45)
"""share of a full crew from which a unit is of type 1, 2, 3; smaller ones are of type 4 (assumed)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitNow:
    """A unit as it is now; times are µs UTC."""

    id: str
    kind: str
    type: int
    """1 the most capable, to 4 (NIMS)"""
    label: Label
    department: str
    """organisation that it belongs to"""
    district: str
    members: int
    vehicle: str
    """id of its vehicle as a thing; "" where it has none"""
    capabilities: tuple[str, ...]
    longitude: float
    latitude: float
    at_us: int
    """when its vehicle said so; 0: where it is based"""
    shift: str
    """``day`` or ``night``"""
    status: Status
    incident: int = 0
    """that holds it; 0 none"""
    task: int = 0
    eta_us: int = 0
    """when it was expected as it was sent"""


@dataclass(frozen=True, slots=True)
class Held:
    """Which incident holds a unit, and how."""

    incident: int
    by: Assignment


def holders(incidents: Iterable[Incident]) -> dict[str, Held]:
    """Return unit → who holds it, of the incidents that are not closed."""
    return {
        one.unit: Held(incident.id, one)
        for incident in incidents
        if not incident.is_closed
        for one in incident.units
        if one.is_held
    }


def status_of(held: Held | None, on_shift: bool) -> Status:
    """Return what a unit does; who is with an incident stays there when the shift ends."""
    if held is None:
        return Status.FREE if on_shift else Status.OFF_SHIFT
    if held.by.arrived_us:
        return Status.ON_SCENE
    return Status.UNDER_WAY if held.by.under_way_us else Status.ASSIGNED


def type_of(kind: str, members: int) -> int:
    """Return the type of a unit by its crew, 1 to 4; 4 where nothing is known of either."""
    if kind not in KINDS:
        return 4
    share = members / KINDS[kind].type_1_members
    return next((number for number, least in enumerate(TYPE_SHARES, 1) if share >= least), 4)
