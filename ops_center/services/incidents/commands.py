"""What can be done to an incident, as it comes from a page or a program: one bounded structure for each command.

``{"do": "verify", "text": "…"}``: the field ``do`` says which. What a command means is in ``doing`` and, purely, in
``ops_center.incidents``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ops_center.incidents.incident import Level
from ops_center.incidents.parts import Casualties, DrawingKind, Place, PlaceKind

LAST_ID = 2**53 - 1
"""what every JSON reader holds exactly"""
_LATEST_US = 7_258_118_400_000_000  # the year 2200: later than anything that the database holds

Id = Annotated[int, Meta(ge=1, le=LAST_ID)]
Number = Annotated[int, Meta(ge=0, le=LAST_ID)]
TimeUs = Annotated[int, Meta(ge=0, le=_LATEST_US)]
Text = Annotated[str, Meta(max_length=4000)]
Title = Annotated[str, Meta(max_length=200)]
Word = Annotated[str, Meta(max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Codes = Annotated[tuple[Name, ...], Meta(max_length=100)]
Ids = Annotated[tuple[Id, ...], Meta(max_length=1000)]
Files = Annotated[tuple[Annotated[str, Meta(pattern="^[0-9a-f]{64}$")], ...], Meta(max_length=100)]
Cameras = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=260)], ...], Meta(max_length=1000)]
Minutes = Annotated[float, Meta(gt=0, le=10_080)]
Quantity = Annotated[float, Meta(gt=0, le=1e9)]
People = Annotated[int, Meta(ge=0, le=100_000_000)]
Point = tuple[Annotated[float, Meta(ge=-180, le=180)], Annotated[float, Meta(ge=-90, le=90)]]


class PlaceIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place: longitude and latitude, WGS 84."""

    kind: PlaceKind
    coordinates: Annotated[tuple[Point, ...], Meta(min_length=1, max_length=2000)]
    name: Title = ""

    def place(self) -> Place:
        """Return it as incidents hold places."""
        return Place(self.kind, self.coordinates, self.name)


Places = Annotated[tuple[PlaceIn, ...], Meta(max_length=50)]


class CasualtiesIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People, as they are known."""

    dead: People = 0
    injured: People = 0
    missing: People = 0
    trapped: People = 0
    evacuated: People = 0


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts as they are to be; what is left out stays."""

    title: Title | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    type: Name | UnsetType = UNSET
    level: Annotated[int, Meta(ge=1, le=4)] | UnsetType = UNSET
    occurred_us: TimeUs | UnsetType = UNSET
    lead_department: Word | UnsetType = UNSET
    departments: Codes | UnsetType = UNSET
    district: Word | UnsetType = UNSET
    places: Places | UnsetType = UNSET
    area: PlaceIn | UnsetType | None = UNSET
    casualties: CasualtiesIn | UnsetType = UNSET

    def values(self) -> dict[str, Any]:
        """Return name → value of what is given, of the types of ``Incident``."""
        given = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not UNSET}
        return {name: _value_of(name, value) for name, value in given.items()}


def _value_of(name: str, value: Any) -> Any:
    if name == "level":
        return Level(value)
    if name == "casualties":
        return Casualties(**msgspec.structs.asdict(value))
    if name == "departments":
        return tuple(dict.fromkeys(value))
    if name == "places":
        return tuple(one.place() for one in value)
    return value.place() if isinstance(value, PlaceIn) else value


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new incident; with ``open`` it is opened at once, and its plan's tasks are given."""

    type: Name
    level: Annotated[int, Meta(ge=1, le=4)]
    title: Title
    description: Text = ""
    source: Word = ""
    occurred_us: TimeUs = 0
    """0: now"""
    places: Places = ()
    district: Word = ""
    """where it is left out: that of the first place"""
    lead_department: Word = ""
    departments: Codes = ()
    alarms: Ids = ()
    cameras: Cameras = ()
    open: bool = False
    commander: Word = ""
    """where it is left out: who reports"""
    plan: Word = ""


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


class _Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag=_snake):
    """One command."""


class Verify(_Command, frozen=True):
    """Say that it is so."""

    text: Text = ""


class Dismiss(_Command, frozen=True):
    """Close what was reported in error."""

    reason: Text


class Open(_Command, frozen=True):
    """Set up command, and perhaps open a plan."""

    commander: Word = ""
    """where it is left out: who asks"""
    text: Text = ""
    plan: Word = ""


class Contain(_Command, frozen=True):
    """Say that it grows no more."""

    text: Text = ""


class Resolve(_Command, frozen=True):
    """Say that nothing is left to do on the ground."""

    text: Text = ""


class Close(_Command, frozen=True):
    """End it on paper, with what it teaches."""

    lessons: Text


class RewriteLessons(_Command, frozen=True):
    """Write anew what a case teaches, as of the version ``seen``: refused (``passed``) where it was rewritten since."""

    seen: Number
    lessons: Text


class Reopen(_Command, frozen=True):
    """Lead again what was thought to be over."""

    reason: Text


class Change(_Command, frozen=True):
    """Change facts, as of the version ``seen``: refused (``passed``) where one of them was changed since."""

    seen: Number
    facts: Facts
    text: Text = ""


class HandOver(_Command, frozen=True):
    """Give the command to somebody else, with what they need to know."""

    commander: Name
    text: Text


class Note(_Command, frozen=True):
    """Write a line of the log; ``@account`` mentions somebody."""

    text: Text
    at_us: TimeUs | None = None
    """when it happened; null: now"""
    corrects: Number = 0
    """id of a line that was wrong; 0: none"""


LinkKind = Literal["alarms", "cameras", "files", "links"]
What = Annotated[
    tuple[Id | Annotated[str, Meta(min_length=1, max_length=260)], ...], Meta(min_length=1, max_length=1000)
]


class Link(_Command, frozen=True):
    """Link alarms and other incidents (numbers), cameras (``producer/thing_id``), files (hashes)."""

    kind: LinkKind
    what: What


class Unlink(_Command, frozen=True):
    """Take links back."""

    kind: LinkKind
    what: What


class Merge(_Command, frozen=True):
    """Close it as a part of another, which takes over what it holds and its open tasks."""

    into: Id
    reason: Text


class Split(_Command, frozen=True):
    """Make a new one of a part of it: these alarms move."""

    title: Title
    alarms: Ids
    reason: Text


class OpenPlan(_Command, frozen=True):
    """Open a plan: its steps become tasks, its drawings are drawn."""

    plan: Name


class GiveTask(_Command, frozen=True, kw_only=True):
    """Give a task that is in no plan."""

    title: Title
    text: Text = ""
    department: Name
    person: Word = ""
    accept_minutes: Minutes = 10.0
    done_minutes: Minutes = 60.0


Key = Annotated[str, Meta(max_length=64)]
"""the same for what is sent again: what is done already answers ``done``; "" none"""


class TaskAccept(_Command, frozen=True):
    """Say that one does it."""

    task: Id
    key: Key = ""
    at_us: TimeUs | None = None
    """when it happened; null: now"""


class TaskRefuse(_Command, frozen=True):
    """Say that one can't."""

    task: Id
    reason: Text
    key: Key = ""
    at_us: TimeUs | None = None


class TaskStart(_Command, frozen=True):
    """Say that it is under way."""

    task: Id
    key: Key = ""
    at_us: TimeUs | None = None


class TaskReport(_Command, frozen=True):
    """Say that it is done, with what came of it."""

    task: Id
    result: Text
    files: Files = ()
    key: Key = ""
    at_us: TimeUs | None = None


class TaskPhoto(_Command, frozen=True):
    """Add photos to a task, under the hashes by which they are kept."""

    task: Id
    files: Files
    key: Key = ""
    at_us: TimeUs | None = None


class TaskVerify(_Command, frozen=True):
    """Say that it is done indeed."""

    task: Id


class TaskSendBack(_Command, frozen=True):
    """Say that it isn't done."""

    task: Id
    reason: Text


class TaskAssign(_Command, frozen=True):
    """Give it to another department or person."""

    task: Id
    department: Name
    person: Word = ""


class TaskCancel(_Command, frozen=True):
    """Take it back."""

    task: Id
    reason: Text


class Draw(_Command, frozen=True, kw_only=True):
    """Put a drawing on the shared picture."""

    kind: DrawingKind
    label: Title = ""
    english: Title = ""
    """the label in English, where it isn't somebody's own words"""
    place: PlaceIn


class Erase(_Command, frozen=True):
    """Take a drawing off it."""

    drawing: Id


class AssignUnit(_Command, frozen=True):
    """Send a unit."""

    unit: Name
    task: Number = 0
    """that it goes for; 0: none"""


class UnitUnderWay(_Command, frozen=True):
    """Say that a unit has set out."""

    unit: Name
    at_us: TimeUs | None = None


class UnitArrived(_Command, frozen=True):
    """Say that a unit is there."""

    unit: Name
    at_us: TimeUs | None = None


class ReleaseUnit(_Command, frozen=True):
    """Let a unit go."""

    unit: Name


class TakeStock(_Command, frozen=True):
    """Take something out of a store."""

    store: Name
    item: Name
    quantity: Quantity


class ReturnStock(_Command, frozen=True):
    """Bring something back."""

    store: Name
    item: Name
    quantity: Quantity


class ReportIssued(_Command, frozen=True):
    """Note that a situation report was issued; the report desk says so where it freezes it: nobody sends it."""

    report: Id


Command = (
    Verify | Dismiss | Open | Contain | Resolve | Close | RewriteLessons | Reopen | Change | HandOver | Note | Link
    | Unlink | Merge | Split | OpenPlan | GiveTask | TaskAccept | TaskRefuse | TaskStart | TaskReport | TaskPhoto
    | TaskVerify | TaskSendBack | TaskAssign | TaskCancel | Draw | Erase | AssignUnit | UnitUnderWay | UnitArrived
    | ReleaseUnit | TakeStock | ReturnStock
)  # fmt: skip
"""all that people and programs send; ``msgspec`` reads them as one"""
