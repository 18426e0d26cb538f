"""Who of several rules workers works: one has the turn, the others wait for it. Called by ``bootstrap``.

Only who has the turn joins the bus's group, so that it reads every partition: a feed that is silent, the events of a
district and the time that passed can only be judged by somebody who sees all of them.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping

import structlog

from ops_center.bus.port import Bus
from ops_center.bus.worker import Worker
from ops_center.domain.errors import StoreError
from ops_center.domain.messages import TopicPartition
from ops_center.domain.time import Clock
from ops_center.domain.topics import CANONICAL
from ops_center.rules_worker.judging import RHYTHM, RulesHandler
from ops_center.store.pulses import this_process
from ops_center.store.rule_port import LaneStore
from ops_center.store.rule_watching import RuleWatch
from ops_center.store.watching import CatalogWatch

log = structlog.get_logger(__name__)

_ASK_EVERY_S = 0.5


def run_rules(
    bus: Bus,
    store: LaneStore,
    catalog: CatalogWatch,
    rules: RuleWatch,
    lateness_s: Mapping[str, float],
    clock: Clock,
    stop: threading.Event,
) -> None:
    """Run the rules worker until ``stop``; ``store`` is closed at the end, the bus is the caller's."""
    partitions = frozenset(
        TopicPartition(topic, number) for topic in CANONICAL for number in range(bus.partitions(topic))
    )
    owner = f"{this_process()}:{uuid.uuid4().hex[:8]}"
    handler = RulesHandler(store, catalog, rules, lateness_s, partitions, clock, owner)
    worker = Worker(bus, handler, RHYTHM)
    handler.unread = worker.unread
    try:
        while not stop.is_set():
            stop.wait(worker.turn() if handler.has_turn or _begins(handler) else _ASK_EVERY_S)
        worker.leave()
        handler.finish()
    finally:
        store.close()


def _begins(handler: RulesHandler) -> bool:
    try:
        return handler.begin()
    except StoreError as error:
        if not error.retriable:
            raise
        log.debug("rules.store_away", why=str(error))
        return False
