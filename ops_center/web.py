"""The web process, put together: pages, stream and open interfaces behind gate and guard.

``bootstrap`` connects what it stands on and calls :func:`build_web`; it names no concrete server itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

import alerts
import layers
from alerts.city_networks import surroundings_of
from alerts.rule import Rule
from feeds import all_feeds
from layers.contract import Layer
from ops_center.api.access import Access, Row
from ops_center.api.app import OWN_ROUTES, build_api
from ops_center.api.authentication import Authentication
from ops_center.api.catalog_files import catalog_file_routes
from ops_center.api.gate import Doorkeeper, Gate
from ops_center.api.guard import Guard, content_security_policy
from ops_center.api.journal_export import journal_export_routes
from ops_center.api.limits import RateLimits
from ops_center.api.series_export import series_export_routes
from ops_center.api.serving import site_of
from ops_center.api.system import ApiSystem
from ops_center.city.scope_names import scope_names
from ops_center.domain.rights import Asker
from ops_center.incidents.incident import Incident
from ops_center.incidents.types import shipped_types
from ops_center.intake.releasing import Releaser
from ops_center.release import release_of
from ops_center.screens.app import ASSETS, DASH_ROUTES, build_app, page_rights
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.map_features import read_features
from ops_center.screens.panels import options_by_kind
from ops_center.screens.screen import Center
from ops_center.screens.stream.alarm_line import AlarmPlane
from ops_center.screens.stream.endpoint import build_live_router, lifespan
from ops_center.screens.stream.hub import Hub
from ops_center.screens.stream.incident_line import IncidentPlane
from ops_center.screens.stream.notice_line import NoticePlane
from ops_center.screens.stream.past import Past
from ops_center.screens.stream.picture import Picture, PictureSources
from ops_center.screens.stream.wall_line import WallPlane
from ops_center.services.alarm_room import AlarmRoom, make_alarm_room
from ops_center.services.feed_room import FeedRoom
from ops_center.services.field.desk import FieldDesk
from ops_center.services.field.units import Units
from ops_center.services.incidents.case_room import CaseRoom
from ops_center.services.incidents.fleet import LiveFleet
from ops_center.services.incidents.report_map import Seen
from ops_center.services.incidents.reports import ReportDesk, Sources
from ops_center.services.incidents.rights import may_command
from ops_center.services.incidents.room import IncidentRoom, make_incident_room
from ops_center.services.incidents.sending_room import LiveIncidents, SendingRoom
from ops_center.services.leader import LeaderDesk
from ops_center.services.notices import NoticeWatch
from ops_center.services.notifications.routes import RouteDesk
from ops_center.services.plans import PlanDesk
from ops_center.services.response import ResponseBoard
from ops_center.services.rule_bench import make_rule_bench
from ops_center.services.scene_watch import SceneWatch
from ops_center.services.scenes import SceneDesk
from ops_center.services.search.desk import SearchDesk
from ops_center.services.search.sources import incident_source, scene_source, vital_source
from ops_center.services.selection.desk import SelectionDesk
from ops_center.services.statistics import StatisticBoard, StatisticDesk
from ops_center.services.things.desk import CatalogDesk
from ops_center.services.things.imports import Imports
from ops_center.services.things.listing import Listing
from ops_center.services.things.room import ThingRoom
from ops_center.services.vital_tree import tree_of
from ops_center.services.vitals import VitalDesk
from ops_center.services.wall_room import Scenes, WallRoom, make_wall_room, subject_names
from ops_center.services.walls import SceneName
from ops_center.services.warnings import Issuer, WarningDesk
from ops_center.store.listening import NOTICES
from ops_center.store.rule_watching import RuleWatch
from ops_center.store.watching import CatalogWatch
from ops_center.web_people import Ground, make_office, people_routes


@dataclass(frozen=True)
class Web:
    """The whole application, and what its parts declare about who may use them."""

    application: Guard
    access: Access
    callbacks: Callbacks
    layers: Mapping[str, Layer]

    def rows(self) -> list[Row]:
        """Return a line for everything that can be asked for."""
        return [*self.access.rows(), *self._callback_rows(), *self._data_rows()]

    def _callback_rows(self) -> Iterator[Row]:
        for name, declared in self.callbacks.declared().items():
            rights = declared.rights if declared else None
            yield Row.of("callback", name, rights, changes=bool(declared and declared.changes))

    def _data_rows(self) -> Iterator[Row]:
        yield from (Row.of("layer", name, layer.rights) for name, layer in self.layers.items())
        yield from (Row.of("feed", name, feed.rights) for name, feed in all_feeds().items())


def build_web(ground: Ground, stop: threading.Event) -> Web:
    """Return the guarded application; what runs beside it ends with ``stop``."""
    drawn = layers.registry()
    watch = CatalogWatch(ground.store.catalog)
    watch.look()
    watch.follow(stop)
    features = read_features(ground.pack)
    picture = Picture(PictureSources(drawn, features, lambda: watch.catalog, ground.mirror, ground.clock))
    feeds, zone = all_feeds(), ground.pack.manifest.timezone
    rules = _rules(ground, stop)
    room = make_alarm_room(ground.store, lambda: watch.catalog, rules, feeds, ground.clock, zone)
    room.follow(ground.store, stop)
    notices = NoticeWatch(ground.store.notices, ground.clock)
    notices.follow(ground.store.listen(NOTICES), stop)
    alarms = AlarmPlane(room.desk, room.watch, room.judging, room.words)
    plans = PlanDesk(ground.store.plans, ground.clock, shipped_types())
    selections = SelectionDesk(picture.frame, ground.pack, feeds, room)
    incidents, sending = _command(ground, picture, room, selections, plans, stop)
    walls = _walls(ground, watch, room, incidents, stop)
    hub = Hub(
        picture,
        alarms=alarms,
        walls=WallPlane(walls.desk),
        notices=NoticePlane(notices),
        incidents=IncidentPlane(incidents),
    )
    board = StatisticBoard(ground.store.statistics)
    vitals = VitalDesk(
        tree_of(ground.settings.indicators_file),
        picture.frame,
        room.watch,
        board.newest,
        ground.store.history,
        ground.clock,
        ResponseBoard(ground.store.incidents, ground.clock).newest,
    )
    system = _api_system(ground, watch, picture, hub, room, walls, notices)
    cases = _cases(ground, room, plans, incidents, sending)
    field = FieldDesk(Units(ground.pack, ground.store.sign_ons, ground.clock), incidents, ground.store.desk)
    system = replace(system, selections=selections, incidents=incidents, field=field, sending=sending, cases=cases)
    system = replace(system, search=_search(ground, watch, room, walls, vitals, incidents))
    server = build_api(system, lambda app: lifespan(hub, app))
    server.include_router(build_live_router(hub, Past(picture, ground.store.history.moment)))
    office = make_office(ground)
    server.include_router(people_routes(ground, office))
    server.include_router(journal_export_routes(room, lambda: watch.catalog, ground.auditor, ground.clock))
    things = ThingRoom(ground.pack, ground.store, lambda: watch.catalog, feeds, room.desk, rules, picture.frame)
    server.include_router(series_export_routes(things, ground.auditor, ground.clock))
    listing = Listing(lambda: watch.catalog, picture.frame, feeds)
    imports = Imports(CatalogDesk(ground.pack, ground.store, things, listing, watch.look, ground.clock))
    server.include_router(catalog_file_routes(imports.desk, imports, ground.auditor))
    saw = ground.auditor.saw
    entering = (scope_names(ground.pack).districts, zone)
    center = Center(
        ground.pack,
        ground.settings.realm,
        features,
        picture.frame,
        drawn,
        saw=saw,
        office=office,
        alarms=room,
        rules=make_rule_bench(ground.store, lambda: watch.catalog, ground.clock, partial(surroundings_of, ground.pack)),
        notifications=RouteDesk(ground.store, ground.settings.realm, ground.clock),
        warnings=system.warnings,
        walls=walls,
        vitals=vitals,
        statistics=StatisticDesk(ground.store.statistics, board, vitals.tree().statistics, entering, ground.clock),
        leader=LeaderDesk(vitals, ground.store.history, room, scope_names(ground.pack), zone, ground.clock),
        scenes=SceneDesk(ground.store.scenes, ground.clock, zone, options_by_kind()),
        incidents=incidents,
        field=field,
        plans=plans,
        series=ground.store.history,
        things=things,
        search=system.search,
        selections=system.selections,
        imports=imports,
        feeds=FeedRoom(system.feeds, system.store, system.feed_ages, system.release, system.audit),
    )
    app, callbacks = build_app(server, center)
    access = Access(server.routes, page_rights(), {**OWN_ROUTES, **DASH_ROUTES})
    limits = RateLimits(ground.settings.requests_per_s)
    gate = Gate(server, access, _doorkeeper(ground, limits))
    ground.people.sessions.follow(stop)
    ground.audit.start(stop)
    guard = Guard(gate, content_security_policy(app.csp_hashes()), site_of(ground.settings), limits)
    return Web(guard, access, callbacks, drawn)


def _rules(ground: Ground, stop: threading.Event) -> Callable[[], Mapping[str, Rule]]:
    """Return what gives the rules as this process knows them; they are followed until ``stop``."""
    watch = RuleWatch(ground.store.rules, alerts.registry())
    watch.look()
    watch.follow(stop)
    return lambda: watch.by_name


def _doorkeeper(ground: Ground, limits: RateLimits) -> Doorkeeper:
    sessions = ground.people.sessions

    def refused(asker: Asker, path: str, address: str) -> None:
        ground.auditor.saw(asker, "address.asked", path, address=address, outcome="refused")

    return Doorkeeper(Authentication(sessions), sessions.is_current, limits, refused)


def _walls(
    ground: Ground, catalog: CatalogWatch, alarms: AlarmRoom, incidents: IncidentRoom, stop: threading.Event
) -> WallRoom:
    """Return the walls as this process knows them; they are followed, and hung by schedule, until ``stop``."""
    names = subject_names(alarms, lambda: catalog.catalog, all_feeds(), incidents.desk.title)
    lead_s = ground.settings.wall_lead_s
    scenes = SceneWatch(ground.store.scenes, ground.pack.manifest.timezone)
    may_hang = Scenes(
        lambda: {name: SceneName(one.version, one.label.label()) for name, one in scenes.scenes().items()}, scenes.due
    )
    room = make_wall_room(ground.store, ground.walls, may_hang, names, ground.clock, lead_s, release_of(ASSETS))
    room.follow(ground.store, stop)
    return room


def _command(
    ground: Ground,
    picture: Picture,
    alarms: AlarmRoom,
    selections: SelectionDesk,
    plans: PlanDesk,
    stop: threading.Event,
) -> tuple[IncidentRoom, SendingRoom]:
    """Return incidents and who is sent to them; what they close and send shows in the picture from now on."""
    realm = ground.settings.realm
    room = make_incident_room(ground.store, ground.pack, plans.all, alarms, selections, ground.clock, realm)
    live = LiveIncidents(lambda: [one.incident for one in room.watch.open()], room.desk.one, room.plans)
    sending = SendingRoom(ground.pack, picture.frame, live, ground.clock)
    room.known.fleet = LiveFleet(sending.resources, sending.dispatch)
    room.context.on_duty = sending.resources.on_duty
    picture.sources = replace(picture.sources, closed_roads=sending.closed_roads, unit_status=sending.unit_status)
    room.follow(ground.store, stop)
    return room, sending


def _cases(
    ground: Ground, alarms: AlarmRoom, plans: PlanDesk, incidents: IncidentRoom, sending: SendingRoom
) -> CaseRoom:
    """Return what is told of incidents, and learnt from them."""

    def sent(asker: Asker, incident: Incident) -> Sequence[Seen]:
        here = {one.unit for one in incident.units if one.is_held}
        return [
            Seen(one.label, one.longitude, one.latitude) for one in sending.resources.units(asker) if one.id in here
        ]

    note, realm = incidents.desk.note_report, ground.settings.realm
    sources = Sources(ground.pack, ground.store, alarms, plans, realm, ground.clock, sent, note, may_command)
    return CaseRoom(ReportDesk(incidents.desk, sources), incidents.cases, incidents.desk)


def _api_system(
    ground: Ground,
    watch: CatalogWatch,
    picture: Picture,
    hub: Hub,
    room: AlarmRoom,
    walls: WallRoom,
    notices: NoticeWatch,
) -> ApiSystem:
    feeds = all_feeds()
    return ApiSystem(
        ground.settings.realm,
        ground.clock,
        feeds,
        ground.store,
        ground.bus,
        catalog=lambda: watch.catalog,
        look=watch.look,
        frame=picture.frame,
        live=ground.mirror.health,
        feed_ages=picture.ages.ages,
        clients=lambda: hub.clients,
        release=Releaser(feeds, ground.bus, ground.store.quarantine, watch, ground.clock).release,
        audit=ground.auditor,
        audit_fault=ground.audit.fault,
        warnings=WarningDesk(
            ground.store,
            _issuer(ground),
            ground.clock,
            room.words.rule,
            lambda alarm: watch.catalog.name_of(alarm.thing),
        ),
        notices=notices,
        alarms=room,
        walls=walls,
    )


def _search(
    ground: Ground, watch: CatalogWatch, alarms: AlarmRoom, walls: WallRoom, vitals: VitalDesk, incidents: IncidentRoom
) -> SearchDesk:
    names = scope_names(ground.pack)
    sources = (scene_source(walls.desk.scenes), vital_source(vitals, names), incident_source(incidents))
    return SearchDesk(lambda: watch.catalog, ground.pack, all_feeds(), alarms, sources)


def _issuer(ground: Ground) -> Issuer:
    settings, manifest = ground.settings, ground.pack.manifest
    public = site_of(settings).public
    sender = settings.warnings_sender or f"ops-center@{public.name if public else 'localhost'}"
    return Issuer(manifest.city_id, sender, manifest.name, settings.realm, ZoneInfo(manifest.timezone))
