"""The search of the center: what somebody may mean, cut by what they may see, the most useful first.

How well a name fits comes first; among equals what is in alarm, then what is near the middle of the picture, then what
is large. The index is made once for each version of the catalog, beside what goes on; until it is there the former
answers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import structlog
from numpy.typing import NDArray

from alerts.alarm import Alarm
from feeds.contract import Feed
from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.catalog import Catalog
from ops_center.domain.rights import PICTURE, Asker, Rights
from ops_center.domain.text import Label
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.search.entries import KINDS, Entry, entries_of
from ops_center.services.search.index import STEP, Fit, NameIndex, Scores
from ops_center.services.search.sources import Source

log = structlog.get_logger(__name__)

SEARCH = Rights(see=PICTURE)
MOST = 50
_MOST_ALARMS = 5
_MOST_HELD = 16
"""indexes of few entries: by what people may see"""
_METRES_PER_DEGREE = 111_195.0
_NEAR_M = 3000.0
_NEAR, _IN_ALARM = 150.0, 60.0
"""how much nearness and each step of an alarm's priority count, against ``STEP``"""
_LARGE: Mapping[str, float] = {
    "district": 250, "road": 130, "facility": 100, "area": 90, "water": 90, "bridge": 90, "place": 80, "camera": 60,
    "thing": 50, "crossing": 40, "address": 20, "incident": 400, "vital": 120, "case": 70,
}  # fmt: skip

Place = tuple[float, float]
"""longitude, latitude"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer."""

    entry: Entry
    fit: Fit
    alarm: Alarm | None = None
    """the most urgent open alarm of a thing; or the alarm itself"""


@dataclass(slots=True)
class _Made:
    """Indexes of few entries, each made once: who sees the same asks the same one."""

    held: dict[tuple[Entry, ...], NameIndex] = field(default_factory=dict)

    def of(self, entries: tuple[Entry, ...]) -> NameIndex:
        found = self.held.get(entries)
        if found is None:
            if len(self.held) >= _MOST_HELD:
                self.held = {}
            found = self.held[entries] = NameIndex(entries)
        return found


class SearchDesk:
    """Answers; safe to use from any thread."""

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        pack: CityPack,
        feeds: Mapping[str, Feed],
        alarms: AlarmRoom,
        sources: Sequence[Source] = (),
    ) -> None:
        self._catalog = catalog
        self._pack = pack
        self._feeds = feeds
        self._alarms = alarms
        self._sources = sources
        self._making = threading.Lock()
        self._version: int | None = None
        self._index = NameIndex(())
        self._scopes = _Scopes(())
        self._rules, self._few = _Made(), _Made()

    def prepare(self) -> None:
        """Begin to make the index, beside what goes on, unless it is there."""
        if self._version != self._catalog().version:
            threading.Thread(target=self._make, name="search index", daemon=True).start()

    def find(self, who: Asker, query: str, limit: int = 20, at: Place | None = None) -> list[Hit]:
        """Return what ``query`` may mean, the best first. Waits for the first index. Raises CityPackError."""
        if self._version is None:
            self._make()
        else:
            self.prepare()
        index, scopes = self._index, self._scopes
        worst = self._worst(who)
        found = [*self._alarms_meant(who, query), *self._elsewhere(who, query)]
        scores = index.scores(query)
        rows = np.flatnonzero(scores * scopes.seen(who, self._feeds))
        rank = scores[rows] + scopes.large[rows] + _nearness(scopes.places[rows], at)
        for thing, alarm in worst.items():
            row = index.row_of_thing.get(thing)
            if row is not None and scores[row]:
                rank[np.searchsorted(rows, row)] += _IN_ALARM * (5 - int(alarm.priority))
        best = rows[_greatest(rank, limit)]
        found += [
            (
                float(rank[np.searchsorted(rows, row)]),
                Hit(index.entries[row], _fit(scores[row]), worst.get(index.entries[row].thing)),
            )
            for row in best.tolist()
        ]
        found.sort(key=lambda one: -one[0])
        return [hit for _, hit in found[:limit]]

    def entry(self, which: str) -> Entry | None:
        """Return what has this id, as :class:`Entry` has it; whether somebody may see it is not asked here."""
        if self._version is None:
            self._make()
        row = self._scopes.row_of.get(which)
        return None if row is None else self._index.entries[row]

    def _make(self) -> None:
        with self._making:
            catalog = self._catalog()
            if self._version == catalog.version:
                return
            entries = entries_of(catalog, self._pack, scope_names(self._pack))
            index, scopes = NameIndex(entries), _Scopes(entries)
            self._index, self._scopes, self._version = index, scopes, catalog.version
        log.info("search.indexed", entries=len(index), catalog=catalog.version)

    def _worst(self, who: Asker) -> dict[int, Alarm]:
        """Return thing → its most urgent open alarm that ``who`` may see."""
        worst: dict[int, Alarm] = {}
        for alarm in self._alarms.desk.picture(who).alarms:
            held = worst.get(alarm.thing)
            if alarm.thing >= 0 and (held is None or alarm.priority < held.priority):
                worst[alarm.thing] = alarm
        return worst

    def _alarms_meant(self, who: Asker, query: str) -> list[tuple[float, Hit]]:
        """Return open alarms that are named by number, or by what their rule is called."""
        number = query.strip().lstrip("#")
        alarms = self._alarms.desk.picture(who).alarms
        if number.isdecimal():
            named = [alarm for alarm in alarms if alarm.id == int(number)]
            return [(Fit.EXACT * STEP + 500, Hit(self._alarm_entry(alarm), Fit.EXACT, alarm)) for alarm in named]
        rules = sorted({alarm.rule for alarm in alarms})
        index = self._rules.of(tuple(_entry_of_rule(rule, self._alarms.words.rule_label(rule)) for rule in rules))
        scores = dict(zip(rules, index.scores(query).tolist(), strict=True))
        meant = [alarm for alarm in alarms if scores.get(alarm.rule, 0) > 0]
        meant.sort(key=lambda alarm: (-scores[alarm.rule] // STEP, int(alarm.priority), -alarm.raised_us))
        return [
            (
                scores[alarm.rule] + _IN_ALARM * (5 - int(alarm.priority)),
                Hit(self._alarm_entry(alarm), _fit(scores[alarm.rule]), alarm),
            )
            for alarm in meant[:_MOST_ALARMS]
        ]

    def _alarm_entry(self, alarm: Alarm) -> Entry:
        label, where = self._alarms.words.label(alarm), self._alarms.words.thing_name(alarm)
        said = Label(f"报警 · {where.zh}", f"alarm · {where.en}") if where else KINDS["alarm"]
        return Entry("alarm", str(alarm.id), label, said, alarm.longitude, alarm.latitude)

    def _elsewhere(self, who: Asker, query: str) -> list[tuple[float, Hit]]:
        entries = [entry for source in self._sources for entry in source(who)]
        scores = self._few.of(tuple(entries)).scores(query)
        found = ((_LARGE.get(e.kind, 0.0), float(s), e) for e, s in zip(entries, scores, strict=True) if s > 0)
        hits = [(large + score, Hit(entry, _fit(score))) for large, score, entry in found]
        return sorted(hits, key=lambda one: -one[0])[:MOST]


class _Scopes:
    """To whom entries belong, where they are and how large: arrays beside the index."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        known: dict[tuple[str, str, str], int] = {}
        codes = [known.setdefault(_scope(entry), len(known)) for entry in entries]
        self._scopes = list(known)
        self._codes = np.array(codes, np.intp)
        self.places = np.array([(e.longitude, e.latitude) for e in entries], np.float64).reshape(-1, 2)
        self.large = np.array([_LARGE.get(entry.kind, 0.0) for entry in entries], np.float32)
        self.row_of = {entry.id: row for row, entry in enumerate(entries)}

    def seen(self, who: Asker, feeds: Mapping[str, Feed]) -> NDArray[np.bool_]:
        """Return which entries ``who`` may see: things as their feed says, places as whoever sees the picture."""
        seen = [_may_see(who, feeds, *scope) for scope in self._scopes]
        return np.array(seen, bool)[self._codes]


def _scope(entry: Entry) -> tuple[str, str, str]:
    return (entry.feed, entry.department, entry.district) if entry.thing >= 0 else ("", "", "")


def _may_see(who: Asker, feeds: Mapping[str, Feed], feed: str, department: str, district: str) -> bool:
    if not feed:
        return who.may_see(SEARCH)
    known = feeds.get(feed)
    return who.may_see_of(known.rights if known else SEARCH, department, district)


def _nearness(places: NDArray[np.float64], at: Place | None) -> Scores:
    if at is None:
        return np.zeros(len(places), np.float32)
    east = (places[:, 0] - at[0]) * np.cos(np.radians(at[1]))
    far_m = _METRES_PER_DEGREE * np.hypot(east, places[:, 1] - at[1])
    return np.asarray(_NEAR * np.exp(-far_m / _NEAR_M), np.float32)


def _greatest(rank: Scores, count: int) -> NDArray[np.intp]:
    if len(rank) > count:
        few = np.argpartition(-rank, count)[:count]
        return few[np.argsort(-rank[few], kind="stable")]
    return np.argsort(-rank, kind="stable")


def _fit(score: float) -> Fit:
    return Fit(max(1, min(int(Fit.EXACT), int(score // STEP))))


def _entry_of_rule(name: str, label: Label) -> Entry:
    return Entry("rule", f":{name}", label, KINDS["alarm"], 0.0, 0.0)
