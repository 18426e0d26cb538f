"""What a screen's file holds, and what every screen is given. Judged by tests/contracts/test_every_screen.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from layers.contract import Features, Layer, LiveFrame
from ops_center.city.pack import CityPack
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.groups import Group
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.audit_desk import AuditDesk
from ops_center.services.auditing import Auditor
from ops_center.services.feed_room import FeedRoom
from ops_center.services.field.desk import FieldDesk
from ops_center.services.incidents.room import IncidentRoom
from ops_center.services.leader import LeaderDesk
from ops_center.services.notifications.routes import RouteDesk
from ops_center.services.people import People
from ops_center.services.plans import PlanDesk
from ops_center.services.rule_bench import RuleBench
from ops_center.services.scenes import SceneDesk
from ops_center.services.search.desk import SearchDesk
from ops_center.services.selection.desk import SelectionDesk
from ops_center.services.statistics import StatisticDesk
from ops_center.services.things.desk import CatalogDesk
from ops_center.services.things.imports import Imports
from ops_center.services.things.room import ThingRoom
from ops_center.services.vitals import VitalDesk
from ops_center.services.wall_room import WallRoom
from ops_center.services.warnings import WarningDesk
from ops_center.store.port import HistoryStore


@dataclass(frozen=True, slots=True)
class Office:
    """The services behind the pages of people and audit. They may wait for the database and raise StoreError."""

    people: People
    audit: AuditDesk
    auditor: Auditor
    clock: Clock


@dataclass(frozen=True, slots=True)
class Center:
    """What screens may look at: the city, and the latest values. They hold no connection of their own."""

    pack: CityPack
    realm: Realm
    features: Features
    frame: Callable[[], LiveFrame]
    """returns the latest values, from this process's own arrays: cheap"""
    layers: Mapping[str, Layer]
    """from the ground up; the same that the stream draws"""
    saw: Callable[..., None] = lambda *args, **more: None
    """``services.auditing.Auditor.saw``: a screen says what was shown to whom; never waits"""
    motion: bool = True
    """False where nothing should move by itself: measurements, displays without graphics hardware"""
    office: Office | None = None
    """None in trials and measurements, which have nobody to look after"""
    alarms: AlarmRoom | None = None
    """None in trials and measurements, in which nothing is raised"""
    rules: RuleBench | None = None
    """None in trials and measurements, which judge nothing"""
    feeds: FeedRoom | None = None
    """None in trials and measurements, which take nothing in"""

    notifications: RouteDesk | None = None
    """None in trials and measurements, which tell nobody"""
    search: SearchDesk | None = None
    """None in trials and measurements without a store"""
    selections: SelectionDesk | None = None
    """None in trials and measurements without a store"""
    warnings: WarningDesk | None = None
    """None in trials and measurements, which warn nobody"""
    walls: WallRoom | None = None
    """None in trials and measurements, in which nothing is hung"""

    def wall_room(self) -> WallRoom:
        """Return everything about walls. Raises OpsCenterError where there is none."""
        if self.walls is None:
            raise OpsCenterError("no walls are kept here")
        return self.walls

    statistics: StatisticDesk | None = None
    """what people type in; None where there are no vital signs"""
    leader: LeaderDesk | None = None
    """the leader's page as data; None where there are no vital signs"""
    vitals: VitalDesk | None = None
    """city vital signs; None in trials and measurements, which judge no city"""

    def statistic_desk(self) -> StatisticDesk:
        """Return everything about statistics. Raises OpsCenterError where there is none."""
        if self.statistics is None:
            raise OpsCenterError("no statistics are kept here")
        return self.statistics

    def leader_desk(self) -> LeaderDesk:
        """Return everything of the leader's page. Raises OpsCenterError where there is none."""
        if self.leader is None:
            raise OpsCenterError("no vital signs are kept here")
        return self.leader

    def vital_desk(self) -> VitalDesk:
        """Return everything about vital signs. Raises OpsCenterError where there is none."""
        if self.vitals is None:
            raise OpsCenterError("no vital signs are kept here")
        return self.vitals

    scenes: SceneDesk | None = None
    """None in trials and measurements: the wall then shows what ships"""
    field: FieldDesk | None = None
    """crews, their units and tasks; None in trials and measurements, in which nobody is sent"""
    incidents: IncidentRoom | None = None
    """None in trials and measurements, in which nothing is commanded"""

    def incident_room(self) -> IncidentRoom:
        """Return everything about incidents. Raises OpsCenterError where there is none."""
        if self.incidents is None:
            raise OpsCenterError("no incidents are kept here")
        return self.incidents

    plans: PlanDesk | None = None
    """plans for incidents; None in trials and measurements, in which nothing happens"""

    def plan_desk(self) -> PlanDesk:
        """Return everything about plans. Raises OpsCenterError where there is none."""
        if self.plans is None:
            raise OpsCenterError("no plans are kept here")
        return self.plans

    series: HistoryStore | None = None
    """series of datastreams, for charts; None where nothing is stored"""
    things: ThingRoom | None = None
    """None in trials and measurements, which show no single thing"""
    imports: Imports | None = None
    """the catalog's desk, and files of many things; None in trials and measurements, which register nothing"""

    def catalog_imports(self) -> Imports:
        """Return everything about files of many things. Raises OpsCenterError where there is none."""
        if self.imports is None:
            raise OpsCenterError("nothing is registered here")
        return self.imports

    def catalog_desk(self) -> CatalogDesk:
        """Return everything about the catalog. Raises OpsCenterError where there is none."""
        return self.catalog_imports().desk

    def thing_room(self) -> ThingRoom:
        """Return everything about single things. Raises OpsCenterError where there is none."""
        if self.things is None:
            raise OpsCenterError("no single things are shown here")
        return self.things

    def warning_desk(self) -> WarningDesk:
        """Return everything about public warnings. Raises OpsCenterError where there is none."""
        if self.warnings is None:
            raise OpsCenterError("nobody is warned here")
        return self.warnings

    def notifying(self) -> RouteDesk:
        """Return everything about notifications. Raises OpsCenterError where there is none."""
        if self.notifications is None:
            raise OpsCenterError("nobody is told here")
        return self.notifications

    def bench(self) -> RuleBench:
        """Return everything about rules. Raises OpsCenterError where there is none."""
        if self.rules is None:
            raise OpsCenterError("no rules are kept here")
        return self.rules

    def feed_room(self) -> FeedRoom:
        """Return everything about feeds. Raises OpsCenterError where there is none."""
        if self.feeds is None:
            raise OpsCenterError("nothing is taken in here")
        return self.feeds

    def staffed(self) -> Office:
        """Return the office. Raises OpsCenterError where there is none."""
        if self.office is None:
            raise OpsCenterError("nobody looks after people here")
        return self.office

    def alarm_room(self) -> AlarmRoom:
        """Return everything about alarms. Raises OpsCenterError where there is none."""
        if self.alarms is None:
            raise OpsCenterError("no alarms are kept here")
        return self.alarms


@dataclass(frozen=True, slots=True)
class Screen:
    """One page."""

    name: str
    path: str
    """e.g. ``/wall``"""
    title: Label
    rights: Rights
    layout: Callable[[Center], Any]
    """returns the Dash component; text in both languages (:func:`both`)"""
    connect: Callable[[Callbacks, Center], None]
    """registers the page's callbacks, once, each with its rights"""
    order: int = 50
    """place in the navigation; the first that somebody may see is their home"""
    group: Group | None = None
    """where the navigation has it; None: one's own matter, in the user's menu alone"""
    menu: Label | None = None
    """what the navigation calls it; None: as its title"""
    below: int = 0
    """also answers for addresses so many steps below its own: ``/alarms/17`` (1), ``/things/traffic/T1`` (2)"""
    listed: bool = True
    """stands in the navigation; False where it shows one of many and something else leads there"""


def both(label: Label, **attributes: Any) -> Any:
    """Return a text in both languages; the style sheet shows the one that is spoken."""
    return html.Span(spoken(label), **attributes)


def spoken(label: Label) -> Sequence[Any]:
    """Return the two texts of a label side by side; one where they are the same."""
    if label.zh == label.en:
        return [html.Span(label.zh)]
    return [html.Span(label.zh, className="zh"), html.Span(label.en, className="en")]


def marked(**attributes: str) -> dict[str, Any]:
    """Return attributes whose names Python can't spell: ``aria_hidden`` is ``aria-hidden``."""
    return {name.replace("_", "-"): value for name, value in attributes.items()}


def titled(label: Label) -> dict[str, Any]:
    """Return the attributes of an element whose name only machines and mice read; assets/wall.js fills it in."""
    return {"data-title-zh": label.zh, "data-title-en": label.en}
