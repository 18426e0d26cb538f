"""The leader's page as data: everything of one area that somebody may see, compared, forecast, ranked and said."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from alerts.alarm import Alarm
from ops_center.domain.errors import StoreError
from ops_center.domain.observations import Float64, Int64
from ops_center.domain.rights import Asker, Rights, Role
from ops_center.domain.role_words import Names
from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, Clock
from ops_center.indicators.evaluating import Vital
from ops_center.indicators.evidence import Area
from ops_center.indicators.findings import Sentence, sentences
from ops_center.indicators.forecast import Outlook
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.leader_words import Told, situation_of
from ops_center.services.vitals import KNOWN, Now, VitalDesk, observed_of
from ops_center.store.port import HistoryStore

LEADERS = Rights(see=frozenset({Role.LEADER, Role.COMMANDER, Role.COORDINATOR, Role.ADMINISTRATOR}))
"""who sees the page"""
_RECORD_US = 400 * DAY_US
"""how far back is looked for the first record"""
BACK: Mapping[str, int] = {"yesterday": DAY_US, "week": 7 * DAY_US, "year": 364 * DAY_US}
"""what now is compared with: the same hour then; 364 days ago was the same day of the week"""
_COMPARABLE = 5.0
"""points by which the known share of a sum may differ from then, that it can be compared"""
_HELD_S = 60


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How an indicator came here and where it is expected to go."""

    time_us: Int64
    """begins of the last 24 full hours that are known"""
    mean: Float64
    then: Mapping[str, float]
    """of BACK: its mean in the same hour then; NaN: not known, or not comparable"""
    outlook: Outlook | None
    since_us: int | None = None
    """since when it has had its level or a worse one; None: not known; 0: longer than a day"""
    recorded_us: int | None = None
    """where something of ``then`` is not known: since when it is recorded at all; None: it isn't"""


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A district or a department among its like."""

    area: Area
    vital: Vital
    worst: Vital | None
    """its worst indicator"""


@dataclass(frozen=True, slots=True, eq=False)
class LeaderPage:
    """Everything that the page shows."""

    now: Now
    courses: Mapping[str, Course]
    sentences: Sequence[Sentence]
    districts: Sequence[Ranked]
    departments: Sequence[Ranked]
    alarms: Sequence[Alarm]
    """that want somebody, the most urgent first"""
    past_lost: bool = False
    """the database is away: what is shown is now alone"""
    unjudged_s: float = 0.0
    """for how long what happens has not become alarms; 0: it does"""


@dataclass
class LeaderDesk:
    """Safe to use from any thread; may wait for the database."""

    vitals: VitalDesk
    history: HistoryStore
    room: AlarmRoom
    names: Names
    zone: str
    clock: Clock
    _held: dict[tuple[int, str, Area], Course] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, asker: Asker, area: Area | None) -> LeaderPage | None:
        """Return the page of an area, or of the widest; None: there is none that ``asker`` may see."""
        now = self.vitals.now(asker, area)
        if now is None:
            return None
        lost = False
        courses: dict[str, Course] = {}
        try:
            courses = {name: self._course(asker, vital) for name, vital in now.vitals.items()}
        except StoreError:
            lost = True
        alarms = self._alarms(asker, now.area)
        districts, departments = (self._ranked(asker, kind) for kind in ("district", "department"))
        told = Told(self.vitals.tree(), now, courses, self._worst(districts), alarms, self.names, self.zone)
        said = sentences(situation_of(told, self.room.words))
        unjudged_s = 0.0 if lost else self.room.judging.unjudged_s
        return LeaderPage(now, courses, said, districts, departments, alarms, lost, unjudged_s)

    def course(self, asker: Asker, vital: Vital) -> Course:
        """Return how one indicator came here. Raises StoreError."""
        return self._course(asker, vital)

    def _worst(self, districts: Sequence[Ranked]) -> Mapping[str, tuple[Area, Vital]]:
        """Return for each indicator the district where it is worst."""
        found: dict[str, tuple[Area, Vital]] = {}
        for one in districts:
            now = self.vitals.evaluated(one.area)
            for name, vital in now.items():
                if math.isfinite(vital.score) and (name not in found or vital.score < found[name][1].score):
                    found[name] = (one.area, vital)
        return found

    def _ranked(self, asker: Asker, kind: str) -> Sequence[Ranked]:
        root = self.vitals.tree().root.name
        found = []
        for area in self.vitals.areas(asker):
            if area.kind == kind:
                vitals = self.vitals.evaluated(area)
                if root in vitals or vitals:
                    leaves = [vital for vital in vitals.values() if not vital.parts and math.isfinite(vital.score)]
                    worst = min(leaves, key=lambda vital: vital.score, default=None)
                    if (top := vitals.get(root)) is not None:
                        found.append(Ranked(area, top, worst))
        return sorted(found, key=lambda one: (math.isnan(one.vital.score), one.vital.score))

    def _alarms(self, asker: Asker, area: Area) -> Sequence[Alarm]:
        picture = self.room.desk.picture(asker)
        mine = [alarm for alarm in picture.alarms if alarm.wants_somebody and _belongs(alarm, area)]
        return sorted(mine, key=lambda alarm: (alarm.priority, not alarm.waiting_us, alarm.raised_us))

    def _course(self, asker: Asker, vital: Vital) -> Course:
        minute = self.clock.now_us() // (_HELD_S * 1_000_000)
        asked = (minute, vital.indicator, vital.area)
        with self._lock:
            held = self._held.get(asked)
        if held is None:
            held = self._read(asker, vital)
            with self._lock:
                self._held = {key: one for key, one in self._held.items() if key[0] == minute}
                self._held[asked] = held
        return held

    def _read(self, asker: Asker, vital: Vital) -> Course:
        one = self.vitals.tree().indicators[vital.indicator]
        key = self.vitals.stream(vital.indicator, vital.area, observed_of(one))
        if key is None:
            return Course(np.zeros(0, np.int64), np.zeros(0), dict.fromkeys(BACK, math.nan), None)
        now_us = self.clock.now_us()
        hour_us = now_us // HOUR_US * HOUR_US
        day = self.history.series(key, hour_us - DAY_US, now_us, "1h")
        then = {name: self._at(key, hour_us - back_us) for name, back_us in BACK.items()}
        if one.formula is None:
            then = self._comparable(vital, then, hour_us)
        return Course(
            day.time_us,
            day.mean,
            then,
            self.vitals.forecast(asker, vital.indicator, vital.area),
            self._since(vital, now_us),
            self._recorded(key, now_us) if any(map(math.isnan, then.values())) else None,
        )

    def _at(self, key: int, hour_us: int) -> float:
        found = self.history.series(key, hour_us, hour_us + HOUR_US, "1h")
        return float(found.mean[0]) if len(found.mean) else math.nan

    def _recorded(self, key: int, now_us: int) -> int | None:
        days = self.history.series(key, now_us - _RECORD_US, now_us, "1d")
        begins_us = int(days.time_us[0]) if len(days.time_us) else now_us // DAY_US * DAY_US
        first = self.history.series(key, begins_us, min(begins_us + DAY_US, now_us), "raw")
        if len(first.time_us):
            return int(first.time_us[0])
        return begins_us if len(days.time_us) else None

    def _comparable(self, vital: Vital, then: Mapping[str, float], hour_us: int) -> dict[str, float]:
        """Return what was then where about as much of it was known as now: else it is another sum."""
        key = self.vitals.stream(vital.indicator, vital.area, KNOWN)
        known = {name: self._at(key, hour_us - back) if key is not None else math.nan for name, back in BACK.items()}
        near = {name: abs(share - 100.0 * vital.known) <= _COMPARABLE for name, share in known.items()}
        return {name: value if near[name] else math.nan for name, value in then.items()}

    def _since(self, vital: Vital, now_us: int) -> int | None:
        """Return since when its level is what it is or worse, from the minutes of the last day."""
        key = self.vitals.stream(vital.indicator, vital.area, "indicator_level")
        if key is None or vital.level < 3:
            return None
        found = self.history.series(key, now_us - DAY_US, now_us, "raw")
        if not len(found.time_us):
            return None
        better = np.flatnonzero(found.mean < int(vital.level) - 0.5)
        if not len(better):
            return 0 if found.time_us[0] < now_us - DAY_US + 2 * MINUTE_US else int(found.time_us[0])
        after = int(better[-1]) + 1
        return int(found.time_us[after]) if after < len(found.time_us) else now_us // MINUTE_US * MINUTE_US


def _belongs(alarm: Alarm, area: Area) -> bool:
    if area.kind == "city":
        return True
    department = alarm.assigned_department or alarm.department
    return area.code == (alarm.district if area.kind == "district" else department)
