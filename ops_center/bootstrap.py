"""Puts a center together from its settings: the only module that names concrete Kafka, Timescale and Redis classes.

Each function is what one command of the command line needs. Nothing connects before it is called.
"""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from ops_center.bus.port import Bus
from ops_center.domain.errors import BusError, ConfigurationError, ServerError, StoreError
from ops_center.domain.realms import Realm
from ops_center.domain.time import SECOND_US, SystemClock
from ops_center.domain.topics import CANONICAL, CATALOG, raw
from ops_center.intake.releasing import Releaser
from ops_center.live.port import LiveMirror
from ops_center.settings import Settings
from ops_center.store.port import Store, StreamStore

if TYPE_CHECKING:
    from alerts.alarm import Alarm
    from alerts.relations import Relations
    from alerts.rule import Rule
    from ops_center.domain.audit import AuditEntry
    from ops_center.domain.people import Account
    from ops_center.domain.text import Label
    from ops_center.services.accounts import WithPassword
    from ops_center.services.audit_desk import AuditDesk
    from ops_center.services.audit_running import RunningAudit
    from ops_center.services.notifications.sending import Sender
    from ops_center.services.people import People
    from ops_center.services.plans import PlanDesk
    from ops_center.services.scenes import SceneDesk
    from ops_center.services.single_sign_on import SingleSignOn
    from ops_center.services.vital_signs import VitalSigns
    from ops_center.walls.wall import Wall
    from ops_center.web import Web

log = structlog.get_logger(__name__)

_RETRY_S = 1.0

Report = Callable[[float, str], None]


def make_bus(settings: Settings) -> Bus:
    """Return the bus of the settings' realm with all its topics made. Raises BusUnavailable."""
    bus = _connect_bus(settings)
    bus.ensure_topics([*_raw_topics(), CATALOG, *CANONICAL], settings.partitions)
    return bus


def _connect_bus(settings: Settings) -> Bus:
    if settings.kafka_bootstrap:
        from ops_center.bus.kafka import KafkaBus

        return KafkaBus(settings.kafka_bootstrap, settings.realm)
    from ops_center.bus.redis_streams import RedisStreamsBus

    return RedisStreamsBus(_redis_url(settings), settings.realm)


def _raw_topics() -> list[str]:
    from feeds import all_feeds

    return [raw(name) for name in all_feeds()]


def make_store(settings: Settings) -> Store:
    """Return the doors of the store, for services and screens."""
    from ops_center.store.opening import open_store

    return open_store(_database_url(settings), settings.realm)


def make_people(settings: Settings, store: Store) -> People:
    """Return sessions, ways in and accounts on ``store``. Raises ConfigurationError."""
    from ops_center.domain.addresses import PublicAddress, is_loopback
    from ops_center.people.keys import load_keys
    from ops_center.services.people import build_people, roles_of
    from ops_center.services.session_memory import Limits
    from ops_center.services.signing_in import Rules

    # A proxy in front would make the whole network of this machine's own.
    is_public = settings.public_url is not None and not PublicAddress.parse(settings.public_url).is_loopback
    is_alone = is_loopback(settings.web_host) and not is_public and not settings.trusted_proxies
    rules = Rules(roles_of(settings.totp_roles, "OPS_TOTP_ROLES"), demo=settings.mode == "demo" and is_alone)
    limits = Limits(settings.session_idle_minutes * 60.0, settings.session_hours * 3600.0)
    return build_people(store, load_keys(settings.center_key_file), SystemClock(), limits, rules)


def make_single_sign_on(settings: Settings, store: Store, people: People) -> SingleSignOn | None:
    """Return the city's single sign-on; None: the settings name none. Raises ConfigurationError."""
    from ops_center.people.keys import load_keys
    from ops_center.services.single_sign_on import SingleSignOn
    from ops_center.services.sso_provider import Provider

    if (sign_on := settings.sign_on) is None:
        return None
    keys = load_keys(settings.center_key_file)
    return SingleSignOn(Provider(sign_on), store, people.sessions, people.signing_in, keys, SystemClock())


def prepare_people(settings: Settings) -> WithPassword | None:
    """Make the first administrator where there is none, and return it with its one-time password."""
    from ops_center.domain.rights import Asker

    with closing(make_store(settings)) as store:
        return make_people(settings, store).accounts.first_administrator(Asker("system"))


def with_running_database(settings: Settings) -> Settings:
    """Return settings with the address of the database that a center runs on this machine, where none is set."""
    from pydantic import SecretStr

    from ops_center.embedded.places import server_home
    from ops_center.embedded.postgres import PostgresServer

    if settings.database_url is not None:
        return settings
    try:
        url = PostgresServer(server_home(settings.state_dir) / "postgres").url_while_running
    except (ServerError, OSError, ValueError):
        raise ConfigurationError("OPS_DATABASE_URL is not set, and no center runs in the state folder") from None
    return settings.model_copy(update={"database_url": SecretStr(url)})


def make_stream_store(settings: Settings, worker: str) -> StreamStore:
    """Return the door of one stream worker."""
    from ops_center.store.opening import open_stream_store

    return open_stream_store(_database_url(settings), settings.realm, f"ops-center {worker}")


def run_worker(name: str, settings: Settings, stop: threading.Event) -> None:
    """Run one stream worker until ``stop``: ``intake``, ``writer``, ``live`` or ``rules``."""
    _calm_collector()
    with _bus_when_it_answers(settings, stop) as bus:
        if bus is not None:
            _WORKERS[name](settings, bus, stop)


def _calm_collector() -> None:
    """Let Python look for garbage cycles seldom: a batch is many small tuples that live and die together, without any.

    By default every 700 of them make the collector walk through the young, and again and again through the catalog:
    a third of what decoding costs where messages hold one observation each.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _run_intake(settings: Settings, bus: Bus, stop: threading.Event) -> None:
    """Run intake, and beside it the registrar of the topic ``catalog`` and the releaser of the quarantine."""
    from feeds import all_feeds
    from ops_center.intake import decoding, registering
    from ops_center.intake.speaking import speaking_worker

    store, clock = make_store(settings), SystemClock()
    stream_stores = [make_stream_store(settings, name) for name in ("intake", "registrar")]
    intake = decoding.Intake(all_feeds(), bus, stream_stores[0], store.catalog, clock)
    registering_handler = registering.RegisteringHandler(stream_stores[1], store.catalog)
    registrar = speaking_worker(bus, registering_handler, registering.RHYTHM, stream_stores[1], clock)
    # One copy of the catalog for both; a large one takes seconds to load, in which the other would stand still.
    releaser = Releaser(all_feeds(), bus, store.quarantine, intake.watch, clock)
    beside = [threading.Thread(target=run, args=(stop,), name="beside") for run in (registrar.run, releaser.run)]
    for thread in beside:
        thread.start()
    try:
        speaking_worker(bus, intake, decoding.RHYTHM, stream_stores[0], clock).run(stop)
    finally:
        stop.set()
        for thread in beside:
            thread.join()
        for stream_store in stream_stores:
            stream_store.close()
        store.close()


def _run_writer(settings: Settings, bus: Bus, stop: threading.Event) -> None:
    """Run the writer, and beside it the upkeep of what is written: rollups and retention."""
    from ops_center.intake.storing import run_writer
    from ops_center.services.upkeep import Upkeep
    from ops_center.store.port import Keep
    from ops_center.store.upkeep import PostgresUpkeepStore

    keep = Keep(
        settings.keep_raw_days,
        settings.keep_1m_days,
        settings.keep_15m_days,
        settings.keep_notifications_days,
        settings.keep_changes_days,
    )
    store = PostgresUpkeepStore(_database_url(settings), settings.realm)
    clock = SystemClock()
    upkeep = Upkeep(store, keep, clock).start(stop)
    try:
        run_writer(bus, make_stream_store(settings, "writer"), clock, stop)
    finally:
        stop.set()
        upkeep.join(30)


def _run_live(settings: Settings, bus: Bus, stop: threading.Event) -> None:
    from ops_center.intake.publishing import run_live
    from ops_center.live.writer import RedisLiveWriter

    clock = SystemClock()
    writer = RedisLiveWriter(_redis_url(settings), settings.realm, clock)
    with closing(make_store(settings)) as store:
        run_live(bus, writer, store.history, clock, stop)


def _run_rules(settings: Settings, bus: Bus, stop: threading.Event) -> None:
    """Run the rules worker, and beside it who measures the center itself and who records vital signs."""
    import alerts
    from feeds import all_feeds
    from ops_center.rules_worker.running import run_rules
    from ops_center.services.center_health import CenterHealth
    from ops_center.store.opening import open_lane_store
    from ops_center.store.rule_watching import RuleWatch
    from ops_center.store.watching import CatalogWatch

    lateness_s, clock = {name: feed.lateness_s for name, feed in all_feeds().items()}, SystemClock()
    with closing(make_store(settings)) as store:
        health = CenterHealth(store, bus, settings.state_dir, socket.gethostname(), clock)
        signs = _vital_signs(settings, store, bus)
        beside = [threading.Thread(target=run, args=(stop,), name="beside") for run in (health.run, signs.run)]
        for thread in beside:
            thread.start()
        catalog, rules = CatalogWatch(store.catalog), RuleWatch(store.rules, alerts.registry())
        lanes = open_lane_store(_database_url(settings), settings.realm)
        try:
            run_rules(bus, lanes, catalog, rules, lateness_s, clock, stop)
        finally:
            stop.set()
            for thread in beside:
                thread.join()


def _vital_signs(settings: Settings, store: Store, bus: Bus) -> VitalSigns:
    from ops_center.city.pack import CityPack
    from ops_center.city.scope_names import scope_names
    from ops_center.services.vital_signs import VitalSigns
    from ops_center.services.vital_tree import tree_of
    from ops_center.store.turns import PostgresTurn

    turn = PostgresTurn(_database_url(settings), settings.realm, "vital signs")
    names = scope_names(CityPack.read(settings.pack_folder))
    tree = tree_of(settings.indicators_file)
    return VitalSigns(tree, store, make_live_mirror(settings), bus, turn, names, SystemClock())


_WORKERS = {"intake": _run_intake, "writer": _run_writer, "live": _run_live, "rules": _run_rules}


def run_book(settings: Settings, stop: threading.Event) -> None:
    """Make alarms of conditions until ``stop``; where another process does, wait until it ends."""
    import alerts
    from alerts.city_networks import surroundings_of
    from feeds import all_feeds
    from ops_center.city.pack import CityPack
    from ops_center.rules_worker.book_worker import BookWorker, Custom
    from ops_center.store.listening import CONDITIONS
    from ops_center.store.opening import open_book_store
    from ops_center.store.rule_watching import RuleWatch
    from ops_center.store.watching import CatalogWatch

    _calm_collector()
    around = partial(surroundings_of, CityPack.read(settings.pack_folder))
    with closing(make_store(settings)) as store:
        book, ear = open_book_store(_database_url(settings), settings.realm), store.listen(CONDITIONS)
        rules, catalog = RuleWatch(store.rules, alerts.registry()), CatalogWatch(store.catalog)
        custom = Custom(read_relations(settings), settings.escalate_after)
        BookWorker(book, ear, rules, catalog, all_feeds(), around, SystemClock(), custom=custom).run(stop)


def read_relations(settings: Settings) -> Relations:
    """Return what explains what: a city's own table before the one that ships. Raises ConfigurationError."""
    from alerts.relations import joined, load_relations, shipped_relations

    if settings.relations_file is None:
        return shipped_relations()
    try:
        text = settings.relations_file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"OPS_RELATIONS_FILE: {error}") from None
    own = load_relations(text, str(settings.relations_file))
    return joined([own, shipped_relations()], str(settings.relations_file))


def run_notifier(settings: Settings, stop: threading.Event) -> None:
    """Plan and send notifications until ``stop``."""
    import alerts
    from feeds import all_feeds
    from ops_center.city.pack import CityPack
    from ops_center.services.alarm_words import feed_names, group_name
    from ops_center.services.field.escalating import Escalations
    from ops_center.services.field.planning import IncidentPlanner
    from ops_center.services.notifications.planning import Planner
    from ops_center.services.notifications.running import Heart, Notifier
    from ops_center.store.listening import ALARMS
    from ops_center.store.rule_watching import RuleWatch
    from ops_center.store.watching import CatalogWatch

    zone, clock = CityPack.read(settings.pack_folder).manifest.timezone, SystemClock()
    with closing(make_store(settings)) as store, make_sender(settings) as sender:
        catalog, rules = CatalogWatch(store.catalog), RuleWatch(store.rules, alerts.registry())
        groups = feed_names(all_feeds())
        for watch in (catalog, rules):
            watch.look()
            watch.follow(stop)

        def place_of(alarm: Alarm) -> Label | None:
            return catalog.catalog.name_of(alarm.thing) or group_name(alarm, groups)

        def rule_of(name: str) -> Rule | None:
            return rules.by_name.get(name)

        planner = Planner(store, settings.realm, zone, clock, rule_of, place_of)
        incidents = (Escalations(store, clock), IncidentPlanner(store, settings.realm, clock))
        Notifier((planner, *incidents), sender, store.listen(ALARMS), Heart(store, clock)).run(stop)


@contextmanager
def make_sender(settings: Settings) -> Iterator[Sender]:
    """Give what sends through the ways out that the settings name."""
    from ops_center.city.pack import CityPack
    from ops_center.domain.mail_server import MailServer
    from ops_center.services.notifications.building import WaysOut, build_doors
    from ops_center.services.notifications.sending import Sender

    address, clock = settings.smtp_url, SystemClock()
    ways = WaysOut(
        MailServer.parse(address.get_secret_value()) if address else None,
        settings.mail_from or "",
        frozenset(domain.strip().lower() for domain in settings.mail_domains.split(",") if domain.strip()),
        settings.webhooks_file,
        settings.warnings_folder,
    )
    zone = CityPack.read(settings.pack_folder).manifest.timezone
    with closing(make_store(settings)) as store:
        sender = Sender(store, build_doors(ways, clock), settings.realm, zone, clock)
        try:
            yield sender
        finally:
            sender.close()


@contextmanager
def _bus_when_it_answers(settings: Settings, stop: threading.Event) -> Iterator[Bus | None]:
    """Give the bus as soon as it answers: stages start in any order. None if ``stop`` came first."""
    failed = False
    while not stop.is_set():
        try:
            bus = make_bus(settings)
        except BusError as error:
            if not error.retriable:
                raise
            if not failed:
                log.warning("bus.cannot_reach", error=str(error))
            failed = True
            stop.wait(_RETRY_S)
            continue
        if failed:
            log.info("bus.reached")
        with bus:
            yield bus
        return
    yield None


def run_simulation(settings: Settings, speed: float, stop: threading.Event) -> None:
    """Let the model city live until ``stop``."""
    from feeds import all_feeds
    from ops_center.city.pack import CityPack
    from ops_center.services.simulation import Simulation
    from ops_center.world.world import World

    clock = SystemClock()
    pack = CityPack.read(settings.pack_folder)
    start_us = clock.now_us() - round(settings.scenario_ago_s * SECOND_US)
    world = World.from_pack(pack, seed=settings.city_seed, start_us=start_us, scenario=settings.scenario)
    with _bus_when_it_answers(settings, stop) as bus:
        if bus is not None:
            Simulation(world, all_feeds(), bus, clock).run(speed, stop, settings.scenario_ago_s)


def run_replay(settings: Settings, series: str, speed: float, stop: threading.Event) -> None:
    """Send a real series of the past through the topics of the settings' realm."""
    from ops_center.city.pack import CityPack
    from ops_center.services.replay import read_series, replay_series

    found, pack, store = (
        read_series(series, settings.trial_data),
        CityPack.read(settings.pack_folder),
        make_store(settings),
    )
    with _bus_when_it_answers(settings, stop) as bus:
        if bus is not None:
            sent = replay_series(found, bus, store.catalog, pack, SystemClock(), speed, stop)
            log.info("replay.finished", series=series, sent=sent)


def serve_web(settings: Settings) -> None:
    """Serve pages, stream and open interfaces until the process is asked to end."""
    import uvicorn

    from ops_center.api.serving import server_options
    from ops_center.screens.stream.endpoint import SERVER_OPTIONS

    options = {**SERVER_OPTIONS, **server_options(settings)}
    stop = threading.Event()
    set_up_demo(settings)
    with open_web(settings, stop) as web:
        uvicorn.run(web.application, host=settings.web_host, port=settings.web_port, **options)


def set_up_demo(settings: Settings) -> None:
    """Open the demo's accounts, or close them where this is no demo: the web server's own settings say which.

    They open nothing where they should be closed anyway, so that a database that is away is no reason not to start.
    """
    from ops_center.city.pack import CityPack
    from ops_center.services.demo_accounts import close_demo, open_demo, scopes_of

    with closing(make_store(settings)) as store:
        try:
            if make_people(settings, store).rules.demo:
                open_demo(store.accounts, scopes_of(CityPack.read(settings.pack_folder)), SystemClock())
            elif closed := close_demo(store.accounts, SystemClock()):
                log.warning("demo.closed", accounts=closed)
        except StoreError as error:
            log.warning("demo.not_set_up", error=str(error))


@contextmanager
def open_web(settings: Settings, stop: threading.Event) -> Iterator[Web]:
    """Yield the web process's application. Afterwards ``stop`` is set: its helpers end, what is left of the audit is
    written and signed, and nothing of it is connected to anything any more.
    """
    from ops_center.city.pack import CityPack
    from ops_center.web import build_web
    from ops_center.web_people import Ground

    store, clock = make_store(settings), SystemClock()
    pack, bus, mirror = CityPack.read(settings.pack_folder), _connect_bus(settings), make_live_mirror(settings)
    people, audit = make_people(settings, store), make_audit(settings, store)
    sign_on = make_single_sign_on(settings, store, people)
    ground = Ground(settings, pack, store, bus, mirror, people, audit, clock, sign_on, read_walls(settings))
    with closing(store), closing(mirror), bus:
        try:
            yield build_web(ground, stop)
        finally:
            stop.set()
            audit.finish()


def make_live_mirror(settings: Settings) -> LiveMirror:
    """Return a mirror of the live values."""
    from ops_center.live.mirror import RedisLiveMirror

    return RedisLiveMirror(_redis_url(settings), settings.realm, SystemClock())


def migrate_database(settings: Settings) -> str:
    """Bring the database to this program's version and return it."""
    from ops_center.store.migrate import migrate

    version = migrate(_database_url(settings))
    log.info("database.migrated", version=version)
    return version


def import_rules(settings: Settings) -> None:
    """Bring the rules that ship into the database; what people edited stays as they left it."""
    from ops_center.services.rules import RuleDesk

    with closing(make_store(settings)) as store:
        found = RuleDesk(store, SystemClock()).import_shipped()
    log.info("rules.imported", new=len(found.new), renewed=len(found.renewed), left_as_edited=len(found.left))


def import_scenes(settings: Settings) -> None:
    """Bring the scenes that ship into the database; what people edited stays as they left it."""
    with closing(make_store(settings)) as store:
        found = make_scene_desk(store, "UTC").import_shipped()  # no window is judged here
    log.info("scenes.imported", new=len(found.new), renewed=len(found.renewed), left_as_edited=len(found.left))


def import_plans(settings: Settings) -> None:
    """Bring the plans that ship into the database; what people edited stays as they left it."""
    with closing(make_store(settings)) as store:
        found = make_plan_desk(store).import_shipped()
    log.info("plans.imported", new=len(found.new), renewed=len(found.renewed), left_as_edited=len(found.left))


def make_plan_desk(store: Store) -> PlanDesk:
    """Return the plans of ``store``, for the types of incidents that ship."""
    from ops_center.incidents.types import shipped_types
    from ops_center.services.plans import PlanDesk

    return PlanDesk(store.plans, SystemClock(), shipped_types())


def make_scene_desk(store: Store, zone: str) -> SceneDesk:
    """Return the scenes of ``store``, judged by the kinds of panels that there are; ``zone``: the city's."""
    from ops_center.screens.panels import options_by_kind
    from ops_center.services.scenes import SceneDesk

    return SceneDesk(store.scenes, SystemClock(), zone, options_by_kind())


def register_pack(settings: Settings, folder: Path) -> int:
    """Register the things of a pack and, for the demo city, its aggregates; return the catalog's version."""
    from ops_center.city.pack import CityPack
    from ops_center.services import registration
    from ops_center.services.history import aggregates_of

    pack = CityPack.read(folder)
    with closing(make_store(settings)) as store:
        version = registration.register_pack(store.catalog, pack)
        if settings.realm is Realm.SIMULATED:
            version = store.catalog.register(*aggregates_of(pack), "aggregates", only_new=True)
    return version


def register_json(settings: Settings, lines: Iterable[bytes], origin: str, entry: AuditEntry) -> int:
    """Register things given as JSON lines; return the catalog's version. Raises CatalogError."""
    from ops_center.services.registration import register_lines

    with closing(make_store(settings)) as store:
        return register_lines(store.catalog, lines, origin, entry)


def backfill_history(settings: Settings, folder: Path, report: Report) -> int:
    """Write the simulated past of a demo city; return how many rows were new. Nothing is done twice."""
    from ops_center.city.pack import CityPack
    from ops_center.city.scope_names import scope_names
    from ops_center.services.demo_incidents.writing import write_incidents
    from ops_center.services.demo_statistics import write_statistics
    from ops_center.services.history import history_rows
    from ops_center.services.vital_past import write_past
    from ops_center.services.vital_tree import tree_of
    from ops_center.world.world import World

    pack, now_us = CityPack.read(folder), SystemClock().now_us()
    world = World.from_pack(pack, seed=settings.city_seed, start_us=now_us)
    with closing(make_store(settings)) as store:
        new = write_incidents(store.incidents, pack, settings.city_seed, now_us) if settings.mode == "demo" else 0
        for number, (grain, rows) in enumerate(history_rows(world, store.catalog.load())):
            new += store.history.backfill(grain, rows)
            report(min(0.9, number / 30), f"{new} rows")
        tree, now_us = tree_of(settings.indicators_file), SystemClock().now_us()
        new += write_past(tree, store, scope_names(pack), now_us)
        new += write_statistics(store.statistics, tree, settings.city_seed, pack.manifest.timezone, now_us)
        report(1.0, f"{new} rows")
    return new


@contextmanager
def audit_desk(settings: Settings) -> Iterator[AuditDesk]:
    """Give what an auditor works with, connected to the center's database and key. Raises ConfigurationError.

    A key that is missing is not made here: heads that another key signed would all look forged.
    """
    from ops_center.people.audit_heads import HeadSigner
    from ops_center.people.keys import load_keys
    from ops_center.services.audit_desk import AuditDesk

    if not settings.center_key_file.exists():
        raise ConfigurationError(f"OPS_KEY_FILE: the center's key is not in {settings.center_key_file}")
    signer = HeadSigner(load_keys(settings.center_key_file))
    with closing(make_store(settings)) as store:
        yield AuditDesk(store.audit, settings.audit_folder, signer, SystemClock())


def make_audit(settings: Settings, store: Store) -> RunningAudit:
    """Return the audit of a process that serves people; it does nothing before it is started."""
    from ops_center.people.audit_heads import HeadSigner
    from ops_center.people.keys import load_keys
    from ops_center.services.audit_running import RunningAudit

    signer = HeadSigner(load_keys(settings.center_key_file))
    return RunningAudit(store.audit, settings.audit_folder, signer, SystemClock())


def sign_audit(settings: Settings) -> None:
    """Sign what a command of the command line wrote; where that fails, a web process does when it runs."""
    with audit_desk(settings) as desk:
        desk.sign_what_is_new()


def describe_audit(settings: Settings) -> str:
    """Ask how the audit stands. Raises StoreError, and AuditError where heads contradict the rows."""
    with audit_desk(settings) as desk:
        return desk.describe()


def describe_database(settings: Settings) -> str:
    """Ask the database what it is. Raises StoreError."""
    with closing(make_store(settings)) as store:
        found = store.health.capabilities()
    return f"{found.edition}, PostgreSQL {found.server_version}, TimescaleDB {found.timescaledb_version or 'none'}"


def list_accounts(settings: Settings) -> Sequence[Account]:
    """Return all accounts. Raises StoreError."""
    with closing(make_store(settings)) as store:
        return store.accounts.list()


def describe_bus(settings: Settings) -> str:
    """Ask the bus whether it answers. Raises BusError."""
    with _connect_bus(settings) as bus:
        bus.ping()
        return bus.name


def describe_single_sign_on(settings: Settings) -> str:
    """Ask the single sign-on what it is. Raises SingleSignOnError, ConfigurationError."""
    from ops_center.services.sso_provider import Provider

    if (sign_on := settings.sign_on) is None:
        raise ConfigurationError("OPS_OIDC_ISSUER is not set")
    with closing(Provider(sign_on)) as provider:
        found, keys = provider.metadata(), provider.keys()
    said = [sign_on.issuer, f"{len(keys)} keys"]
    said += ["signs out there too"] if found.end_session else []
    said += ["tells us who left"] if found.logs_out else []
    return ", ".join(said)


def read_walls(settings: Settings) -> Mapping[str, Wall]:
    """Return the walls by name. Raises ConfigurationError that names each fault."""
    from ops_center.walls.configuration import read_walls, without_file

    if settings.walls_file is None:
        return without_file()
    try:
        text = settings.walls_file.expanduser().read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"OPS_WALLS_FILE: {error}") from None
    return read_walls(text, f"OPS_WALLS_FILE {settings.walls_file.name}")


def describe_walls(settings: Settings) -> str:
    """Say what each wall is, and from where it can be read. Raises ConfigurationError."""
    from ops_center.walls.wall import in_words

    return "; ".join(in_words(wall) for wall in read_walls(settings).values())


def describe_relations(settings: Settings) -> str:
    """Read what explains what. Raises ConfigurationError that names file and field."""
    found = read_relations(settings)
    return f"{len(found.relations)} relations, {len(found.families)} families, {settings.relations_file}"


def describe_pack(settings: Settings) -> str:
    """Read the city pack's manifest. Raises CityPackError."""
    from ops_center.city.manifest import FILE_NAME, read_manifest

    manifest = read_manifest(settings.pack_folder / FILE_NAME)
    return f"{manifest.name.zh} {manifest.name.en}, {settings.pack_folder}"


def describe_rights(settings: Settings) -> str:
    """Return the table of rights of the center as it is installed here, with the feeds and layers that others added."""
    from ops_center.api.rights_table import rights_table

    stop = threading.Event()
    stop.set()
    with open_web(settings, stop) as web:
        return rights_table(web.rows())


def _database_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise ConfigurationError("OPS_DATABASE_URL is not set: `python run.py` starts a database and sets it")
    return settings.database_url.get_secret_value()


def _redis_url(settings: Settings) -> str:
    if settings.redis_url is None:
        raise ConfigurationError("OPS_REDIS_URL is not set: `python run.py` starts a server and sets it")
    return settings.redis_url.get_secret_value()
