"""What is known of a place or an alarm before an incident is opened there: the opening proposes it all.

From memory but for the cases, which wait for the database when one has closed since. What somebody may not see is left
out. Answers within a fraction of a second, since a person waits for it with the keyboard in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.alarm import Alarm
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.incidents import plan
from ops_center.incidents.cases import Alike
from ops_center.incidents.duty import Duty
from ops_center.incidents.incident import Incident, Level, State
from ops_center.incidents.parts import Place
from ops_center.incidents.proposing import ELSE, type_of
from ops_center.services.alarm_cards import Nearby
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.incidents.cases import CaseDesk
from ops_center.services.incidents.conditions import roads_of, weather_of
from ops_center.services.incidents.inside import Contents, Inside
from ops_center.services.incidents.known import Known
from ops_center.services.incidents.rights import may_see
from ops_center.services.incidents.watch import IncidentWatch
from ops_center.services.selection.areas import Area
from ops_center.services.selection.desk import SelectionDesk
from ops_center.services.selection.here import Surroundings
from ops_center.store.alarm_port import AlarmQuery

AROUND_M = 500
_CHILDREN = 200


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody on duty now."""

    organisation: str
    label: Label
    duty: Duty


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an opening proposes."""

    longitude: float
    latitude: float
    place: Label
    """in words: the road, and the district"""
    district: str
    """code; "" outside all"""
    cameras: tuple[Nearby, ...]
    weather: Label | None
    """as the nearest stations measure it; None: nobody does, or not lately"""
    roads: Label | None
    """how traffic moves within 500 m; None: nobody measures it there"""
    suggested_type: str
    suggested_level: Level
    suggested_lead: str
    """code of the department that would lead; "" nobody fits"""
    title: Label
    plans: tuple[plan.Plan, ...]
    """those that fit, the most special first"""
    on_duty: tuple[OnDuty, ...]
    alarms: tuple[int, ...]
    """the alarm and what it explains"""
    already: tuple[int, ...]
    """open incidents that have one of these alarms"""
    alike: Sequence[Alike]
    around: Contents
    """people and facilities within 500 m"""


class OpeningContext:
    """Answers; safe to use from any thread. Raises StoreError, and CityPackError where the pack is damaged."""

    def __init__(
        self, known: Known, selection: SelectionDesk, surroundings: Surroundings, alarms: AlarmRoom,
        cases: CaseDesk, watch: IncidentWatch, clock: Clock,
    ) -> None:  # fmt: skip
        self._known = known
        self._selection = selection
        self._surroundings = surroundings
        self._alarms = alarms
        self._cases = cases
        self._watch = watch
        self._clock = clock
        self._inside = Inside(known.pack)
        self.on_duty: Callable[[str], Sequence[Duty]] = lambda _: ()
        """organisation → who of it is on duty now (``Resources.on_duty``); given before anybody asks"""

    def prepare(self) -> None:
        """Make what is made once, seconds on a slow machine: whoever asks first need not wait for it."""
        self.at(Asker(""), *self._known.pack.manifest.bounds.centre)

    def at(self, asker: Asker, lon: float, lat: float) -> Context:
        """Return what is known of a place."""
        return self._made(asker, (lon, lat), ELSE, ())

    def of_alarm(self, asker: Asker, number: int) -> Context | None:
        """Return what is known of an alarm with what it explains; None: there is none that ``asker`` may see.

        An alarm that another explains is taken for that one.
        """
        alarm = self._alarms.desk.find(asker, number)
        if alarm is not None and alarm.parent:
            alarm = self._alarms.desk.find(asker, alarm.parent) or alarm
        if alarm is None:
            return None
        children = self._alarms.desk.search(asker, AlarmQuery(parent=alarm.id, limit=_CHILDREN))
        place = self._place_of(alarm)
        return self._made(asker, place, type_of(alarm.rule, (one.rule for one in children)), (alarm, *children))

    def _place_of(self, alarm: Alarm) -> tuple[float, float]:
        """Return where an alarm is; the city's middle for one that is nowhere."""
        known = alarm.longitude == alarm.longitude and alarm.latitude == alarm.latitude  # NaN is not itself
        return (alarm.longitude, alarm.latitude) if known else self._known.pack.manifest.bounds.centre

    def _made(self, asker: Asker, at: tuple[float, float], type_: str, alarms: Sequence[Alarm]) -> Context:
        here = self._surroundings.at(asker, *at)
        level = Level(self._known.types.types[type_].level)
        plans = self._fitting(type_, level)
        lead = self._lead(plans, alarms)
        words = self._named(here.road, here.district)
        name = self._known.types.types[type_].name
        title = Label(f"{words.zh}{name.zh}"[:200], f"{name.en[:1].upper()}{name.en[1:]}, {words.en}"[:200])
        ids = tuple(alarm.id for alarm in alarms)
        frame, seen = self._selection.frame(), self._selection.seen(asker)
        return Context(
            longitude=at[0], latitude=at[1], place=words, district=here.district, cameras=here.cameras,
            weather=weather_of(frame, seen, *at), roads=roads_of(frame, seen, *at, AROUND_M),
            suggested_type=type_, suggested_level=level, suggested_lead=lead, title=title, plans=plans,
            on_duty=self._duty(plans[:1], level, lead, here.district), alarms=ids, already=self._already(asker, ids),
            alike=self._alike(asker, at, type_, level, title, here.district),
            around=self._inside.of(asker, Area.parse(f"circle:{at[0]:.7f},{at[1]:.7f},{AROUND_M}")),
        )  # fmt: skip

    def _fitting(self, type_: str, level: Level) -> tuple[plan.Plan, ...]:
        known = {name: one for name, (one, _) in self._known.plans().items()}
        return tuple(known[name] for name in plan.fitting(known, self._known.types.lineage(type_), level))

    def _lead(self, plans: Sequence[plan.Plan], alarms: Sequence[Alarm]) -> str:
        """Return who would lead: who does the plan's first step, else whose the alarm is."""
        first = [plans[0].steps[0].department] if plans else []
        named = [*first, *(alarm.department for alarm in alarms[:1])]
        return next((code for code in named if code in self._known.organisations), "")

    def _named(self, road: Label | None, district: str) -> Label:
        name = self._known.districts.get(district)
        parts = [one for one in (name, road) if one is not None]
        if not parts:
            return Label("无名地点", "a place without a name")
        return Label("".join(one.zh for one in parts), ", ".join(one.en for one in reversed(parts)))

    def _duty(self, plans: Sequence[plan.Plan], level: Level, lead: str, district: str) -> tuple[OnDuty, ...]:
        """Return who is on duty of those concerned: who leads first, then as the plan's steps need them."""
        steps = (step.department for one in plans for step in one.steps if level in step.levels)
        wanted = dict.fromkeys(code for code in (lead, *steps, f"government_{district}"))
        there = [self._known.organisations[code] for code in wanted if code in self._known.organisations]
        return tuple(OnDuty(one.code, one.label, duty) for one in there for duty in self.on_duty(one.code))

    def _already(self, asker: Asker, alarms: Sequence[int]) -> tuple[int, ...]:
        wanted = set(alarms)
        seen = (one.incident for one in self._watch.open() if may_see(asker, one.incident))
        return tuple(one.id for one in seen if not wanted.isdisjoint(one.alarms))

    def _alike(
        self, asker: Asker, at: tuple[float, float], type_: str, level: Level, title: Label, district: str
    ) -> Sequence[Alike]:
        now_us = self._clock.now_us()
        draft = Incident(
            id=0, version=0, state=State.REPORTED, type=type_, level=level, title=f"{title.zh} {title.en}"[:200],
            occurred_us=now_us, reported_us=now_us, reported_by=asker.account, district=district,
            places=(Place("point", (at,)),),
        )  # fmt: skip
        return self._cases.alike(asker, draft)
