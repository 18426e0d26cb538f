"""The rules worker: canonical records become conditions, each said once.

The handler of the loop that all stream workers share. One stage for the whole city, since events of a district and the
silence of a feed lie across partitions. What it found, how far it has read and, every few seconds, what it remembers
are one transaction. Who takes over begins with the memory and reads the log again from there: what was said already is
recognised by its identity, and what stands in the database but not in memory is withdrawn (ADR 40).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import structlog

from alerts.carrying import Change
from alerts.conditions import ConditionBatch, Reason
from alerts.stage_one import StageOne
from ops_center.bus.worker import Rhythm
from ops_center.domain.errors import PartitionLost, StoreError, WireError
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.time import Clock
from ops_center.domain.topics import CANONICAL
from ops_center.rules_worker.reading import Batches, Progress
from ops_center.store.port import Advance
from ops_center.store.rule_port import LaneState, LaneStore, Remembered, SetAside
from ops_center.store.rule_watching import RuleWatch
from ops_center.store.watching import CatalogWatch

log = structlog.get_logger(__name__)

WORKER = "rules"
RHYTHM = Rhythm(commit_at=50_000, commit_after_s=0.1, stop_reading_at=500_000)
"""in observations, fixes and events"""
LEASE_S = 6.0
"""as the bus's: a worker that is killed is replaced after this time"""
_SAVE_EVERY_S = 2.0
_SAVE_SHARE = 0.02
"""of the time is spent on keeping memory: a large one is kept more seldom, and more of the log is read again"""


@dataclass(slots=True, eq=False)
class Lane:
    """What a worker holds while it is its turn."""

    stage: StageOne
    step: int
    committed: dict[TopicPartition, str]
    start: Mapping[TopicPartition, str]
    """where reading begins in each partition: what lies before is in memory"""
    before: ConditionBatch | None
    """what stood in the database when the turn was taken, until it was compared with memory"""
    behind: set[TopicPartition]
    """partitions that are read again and have not come to where the last worker was"""
    built: tuple[int, int]
    """versions of rules and catalog that the stage has"""
    read: dict[TopicPartition, str] = field(default_factory=dict)
    found: list[ConditionBatch] = field(default_factory=list)
    rows: int = 0
    must_save: bool = False
    save_due_s: float = 0.0
    failed: dict[str, SetAside] = field(default_factory=dict)
    """types that were said to have raised"""


class RulesHandler:
    """Takes canonical records, commits conditions. Used by one thread; ``unread`` is the loop's."""

    name = WORKER
    topics = CANONICAL

    def __init__(  # noqa: PLR0913, PLR0917 - what a worker of the city needs
        self,
        store: LaneStore,
        catalog: CatalogWatch,
        rules: RuleWatch,
        lateness_s: Mapping[str, float],
        partitions: frozenset[TopicPartition],
        clock: Clock,
        owner: str,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._rules = rules
        self._lateness_s = lateness_s
        self._partitions = partitions
        self._clock = clock
        self._owner = owner
        self._now_s = monotonic_s
        self._lane: Lane | None = None
        self._progress = Progress(partitions)
        self._done: dict[TopicPartition, str] = {}
        self.damaged = 0
        """records that were none of ours"""
        self.unread: Callable[[], Mapping[TopicPartition, int]] = dict

    @property
    def has_turn(self) -> bool:
        """Return whether this worker is the one that works."""
        return self._lane is not None

    def begin(self) -> bool:
        """Take the turn with everything that belongs to it; False: another has it. Raises StoreError."""
        self._catalog.must_load()
        self._rules.must_load()
        self._catalog.look()
        self._rules.look()
        state = self._store.take(self._owner, LEASE_S)
        if state is None:
            return False
        self._progress = Progress(self._partitions)
        self._done.clear()
        self._lane = self._opened(state)
        log.info("rules.turn_taken", rows=self._lane.stage.rows, step=state.step, standing=len(state.standing))
        return True

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Begin where memory ends. Raises PartitionLost where the turn is another's."""
        lane = self._mine()
        return {partition: lane.read.get(partition, lane.start.get(partition)) for partition in partitions}

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Start over: only who reads everything knows what is silent. Raises PartitionLost."""
        if self._lane is not None and partitions:
            raise PartitionLost("another rules worker reads some of the partitions")

    def reset(self) -> None:
        """Drop everything; the database knows how far it is."""
        self._lane = None

    def take(self, messages: Sequence[RawMessage]) -> None:
        """Show records to the rules."""
        lane, batches = self._mine(), Batches(messages)
        (observations, seen_in), (positions, fixed_in), events = batches.observations, batches.positions, batches.events
        parts = []
        if len(observations):
            parts.append(lane.stage.observations(observations, seen_in))
        if len(positions):
            parts.append(lane.stage.positions(positions, fixed_in))
        if events:
            parts.append(lane.stage.events(events))
        tell_failed("rules", lane.stage.failed, lane.failed, self._clock.now_us())
        lane.found += [part for part in parts if len(part)]
        lane.rows += max(1, len(observations) + len(positions) + len(events))
        self._count_damaged(batches.damaged)
        self._progress.saw(messages)
        for message in messages:
            place = TopicPartition(message.topic, message.partition)
            lane.read[place] = message.position
            if place in lane.behind and lane.committed.get(place) == message.position:
                lane.behind.discard(place)

    @property
    def pending(self) -> int:
        """Return how many observations, fixes and events were judged and are not committed."""
        return self._lane.rows if self._lane is not None else 0

    def commit(self) -> Mapping[TopicPartition, str]:
        """Commit what was found; return how far memory is: what lies behind that, the log has to keep.

        While it reads again what the last worker had read, nothing is committed. Raises Fenced, StoreUnavailable.
        """
        lane = self._mine()
        if lane.behind:
            lane.rows = 0
            return {}
        self._compare(lane)
        after = {place: position for place, position in lane.read.items() if lane.committed.get(place) != position}
        remembered, began_s = self._remembered(lane), self._now_s()
        if after or lane.found or remembered:
            before = {place: lane.committed.get(place) for place in after}
            self._store.commit(lane.step, LEASE_S, Advance(WORKER, before, after), lane.found, remembered)
            lane.step += 1
            lane.committed.update(after)
        lane.found, lane.rows = [], 0
        if remembered is not None:
            lane.must_save = False
            cost_s = self._now_s() - began_s
            lane.save_due_s = self._now_s() + max(_SAVE_EVERY_S, cost_s / _SAVE_SHARE)
            self._done.update(remembered.positions)
        done, self._done = self._done, {}
        return done

    def idle(self) -> None:
        """Look for new rules and things, let time pass, say how far behind we are, keep the turn."""
        lane = self._mine()
        asked_us, unread = self._clock.now_us(), self.unread()
        lane.behind -= {place for place, count in unread.items() if not count}
        self._rules.look()
        self._catalog.look()
        if not lane.behind:
            if lane.built != self._versions():
                self._rebuild(lane)
            if until_us := self._progress.until_us(unread, asked_us):
                lane.found.append(lane.stage.tick(until_us))
                tell_failed("rules", lane.stage.failed, lane.failed, self._clock.now_us())
            lane.found = [batch for batch in lane.found if len(batch)]
        self._speak(lane, unread, asked_us)

    def finish(self) -> None:
        """Keep memory and let the next worker begin at once; what fails is made up for by reading the log again."""
        lane = self._lane
        if lane is None:
            return
        lane.must_save = True
        try:
            self.commit()
            self._store.release(lane.step)
        except StoreError as error:
            log.warning("rules.not_kept_at_the_end", why=str(error))
        self._lane = None

    def _mine(self) -> Lane:
        if self._lane is None:
            raise PartitionLost("it is another rules worker's turn")
        return self._lane

    def _versions(self) -> tuple[int, int]:
        return self._rules.version, self._catalog.catalog.version

    def _opened(self, state: LaneState) -> Lane:
        rules, catalog = self._rules.rules, self._catalog.catalog
        stage, start = StageOne(self._lateness_s), state.remembered
        try:
            changes = stage.restore(state.memory, rules, catalog) if state.memory is not None else None
        except WireError as error:
            log.error("rules.memory_unreadable", why=str(error))
            stage, changes = StageOne(self._lateness_s), None
        if changes is None:
            start = state.committed
            changes = stage.rebuild(rules, catalog, self._clock.now_us()).changes
        _tell(changes)
        behind = {place for place, position in state.committed.items() if start.get(place) != position}
        committed = dict(state.committed)
        return Lane(stage, state.step, committed, start, state.standing, behind, self._versions())

    def _rebuild(self, lane: Lane) -> None:
        rebuilt = lane.stage.rebuild(self._rules.rules, self._catalog.catalog, self._clock.now_us())
        _tell(rebuilt.changes)
        lane.found.append(rebuilt.conditions)
        lane.built, lane.must_save = self._versions(), True

    def _compare(self, lane: Lane) -> None:
        """Withdraw what stands in the database and nowhere else: rules changed while nobody worked, or late data."""
        before, lane.before = lane.before, None
        if before is None or not len(before):
            return
        left = {
            identity
            for batch in lane.found
            for identity, entered in zip(batch.identities(), batch.entered.tolist(), strict=True)
            if not entered
        }
        known = lane.stage.standing() | left
        gone = before.take(np.array([identity not in known for identity in before.identities()], bool))
        if len(gone):
            log.info("rules.withdrawn", conditions=len(gone))
            size, when = len(gone), np.maximum(gone.onset_us + 1, self._clock.now_us())
            reason = np.full(size, Reason.WITHDRAWN, np.uint8)
            lane.found.append(replace(gone, entered=np.zeros(size, np.uint8), reason=reason, time_us=when))

    def _remembered(self, lane: Lane) -> Remembered | None:
        if not lane.must_save and self._now_s() < lane.save_due_s:
            return None
        return Remembered(lane.stage.dump(), {**lane.start, **lane.read})

    def _speak(self, lane: Lane, unread: Mapping[TopicPartition, int], asked_us: int) -> None:
        """Commit what time brought, else keep the turn; and say how far behind we are."""
        try:
            if not lane.behind and (lane.found or lane.must_save or lane.before is not None):
                self._done.update(self.commit())
            else:
                self._store.keep(lane.step, self._owner, LEASE_S)
            lag_s = self._progress.lag_s(unread, asked_us)
            self._store.pulse(WORKER, self._owner, asked_us, sum(unread.values()), lag_s, list(lane.failed.values()))
        except StoreError as error:
            if not error.retriable:
                raise
            log.debug("rules.store_away", why=str(error))

    def _count_damaged(self, damaged: int) -> None:
        if damaged and not self.damaged:
            log.error("rules.records_damaged", records=damaged, note="passed by; the writer keeps them in quarantine")
        self.damaged += damaged


def tell_failed(worker: str, failed: Mapping[str, str], told: dict[str, SetAside], now_us: int) -> None:
    """Log types that raised, once each until they raise something else; ``told`` is what is set aside, since when."""
    for name in told.keys() - failed.keys():
        del told[name]
    for name, why in failed.items():
        if name not in told or told[name].why != why:
            log.error(f"{worker}.type_failed", type=name, why=why, note="its rules judge nothing for now")
            told[name] = SetAside(name, why, now_us)


def _tell(changes: Sequence[Change]) -> None:
    """Log what became of memory: each rule that did not simply stay; where all are new, how many they are."""
    count = Counter(change.what for change in changes)
    beginning = count["new"] + count["left_out"] == len(changes)
    for change in changes:
        if change.what != "kept" and not (beginning and change.what == "new"):
            told = {"rule": change.rule, "version": change.version, "rows": change.rows, "because": change.because}
            log.info(f"rules.{change.what}", **{name: value for name, value in told.items() if value != ""})
    log.info("rules.built", rules=len(changes), **{str(what): number for what, number in count.items()})
