"""The course of one of the demo's incidents, from the report to the closed case, by the same acts as a real one; pure.

What happens is put in a queue by its time and done in that order: the log reads as people would have written it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US
from ops_center.domain.words import Words
from ops_center.incidents import acts, sending, task
from ops_center.incidents.incident import SIMULATED, Incident, State
from ops_center.incidents.parts import Assignment, Casualties, Place
from ops_center.incidents.plan import tasks_of
from ops_center.incidents.task import DONE, Stage, Task, TaskChange
from ops_center.services.demo_incidents import times, wording
from ops_center.services.demo_incidents.form import filled, in_paragraphs, on_a_line
from ops_center.services.demo_incidents.running import Running

CENTER = "city_command"
_LAST_US = 30 * MINUTE_US
"""so long before now the youngest is closed"""


class Course(Running):
    """One incident, from its report on."""

    # --- the incident

    def _begin(self, number: int) -> None:
        one, spot = self._occasion, self._occasion.spot
        at_us = one.occurred_us + times.REPORT.draw_us(self._chance)
        title = self._said(one.cause.title)
        wanted = (one.kind.lead, *(step.department for step in self._plan.steps if one.level in step.levels))
        incident = Incident(
            id=number, version=0, state=State.REPORTED, type=one.cause.type, level=one.level,
            title=f"{wording.MARK}{title.zh} · {title.en} (simulated)",
            description=in_paragraphs(self._said(one.cause.description)), source=f"{SIMULATED}{one.key}",
            occurred_us=one.occurred_us, reported_us=at_us, reported_by=self._ground.on_duty(CENTER, at_us),
            lead_department=one.kind.lead, district=spot.district,
            departments=tuple(dict.fromkeys(name for name in wanted if name in self._ground.organisations)),
            places=(Place("point", ((spot.longitude, spot.latitude),), spot.place.zh),),
            area=Place("area", self._ground.ring(spot, one.kind.area_m)), cameras=self._ground.cameras(spot),
        )  # fmt: skip
        self._keep(acts.report(incident, on_a_line(title)))
        self._after(at_us, times.VERIFY, self._verify)

    def _verify(self, at_us: int) -> None:
        said = self._one_of(wording.VERIFIED)
        self._keep(acts.verify(self._incident, self._incident.reported_by, at_us, said))
        self._after(at_us, times.OPEN, self._open)

    def _open(self, at_us: int) -> None:
        by, commander = self._incident.reported_by, self._ground.on_duty(CENTER, at_us, "leader")
        self._keep(acts.open_(self._incident, by, at_us, commander, self._one_of(wording.OPENED)))
        one = self._occasion
        given = tasks_of(self._plan, one.level, self._incident.id, self._ground.organisations, one.kind.lead, at_us)
        self._keep(acts.opened_plan(self._incident, by, at_us, self._plan.name, 1, len(given)))
        for made in given:
            self._tell(TaskChange(replace(made, id=self._next_task()), "given"), by, at_us)
        for made in [one for one in self._tasks.values() if one.stage is Stage.ASSIGNED]:
            self._begun(made, at_us)
        for number, words in enumerate(one.cause.notes):
            self._at(at_us + round((6 + 9 * number + 5 * self._chance.random()) * MINUTE_US), self._note(words))
        if any(most for _, most in (one.cause.injured, one.cause.trapped, one.cause.evacuated)):
            self._at(at_us + round((10 + 15 * self._chance.random()) * MINUTE_US), self._count_people)
        self._at(self._next_shift(at_us), self._hand_over)

    def _note(self, words: Words) -> Callable[[int], None]:
        text = on_a_line(self._said(words))
        return lambda at_us: self._keep(
            acts.note(self._incident, self._ground.on_duty(self._occasion.kind.lead, at_us), at_us, text)
        )

    def _count_people(self, at_us: int) -> None:
        cause = self._occasion.cause
        injured, trapped, evacuated = (
            int(self._chance.integers(least, most + 1))
            for least, most in (cause.injured, cause.trapped, cause.evacuated)
        )
        people = Casualties(injured=injured, trapped=trapped, evacuated=evacuated)
        if people != self._incident.casualties:
            who, text = self._incident.commander, on_a_line(filled(wording.PEOPLE))
            facts = {"casualties": people}
            self._keep(acts.change(self._incident, who, at_us, self._incident.version, facts, text))

    def _hand_over(self, at_us: int) -> None:
        if not self._incident.is_led:
            return
        commander = self._ground.on_duty(CENTER, at_us, "leader")
        if commander != self._incident.commander:
            text = on_a_line(filled(wording.HANDED_OVER))
            self._keep(acts.hand_over_command(self._incident, self._incident.commander, at_us, commander, text))
        self._at(self._next_shift(at_us), self._hand_over)

    def _contain(self, at_us: int) -> None:
        self._keep(acts.contain(self._incident, self._incident.commander, at_us, self._one_of(wording.CONTAINED)))

    def _resolve(self, at_us: int) -> None:
        self._keep(acts.resolve(self._incident, self._incident.commander, at_us, 0, self._one_of(wording.RESOLVED)))
        closed_us = at_us + times.REVIEW.draw_us(self._chance)
        self._at(max(at_us + MINUTE_US, min(closed_us, self._now_us - _LAST_US)), self._close)

    def _close(self, at_us: int) -> None:
        own, found = self._said(self._occasion.lesson), self._measured()
        lessons = in_paragraphs(Label(own.zh + found.zh, f"{own.en} {found.en}"))
        self._keep(acts.close(self._incident, self._incident.commander, at_us, lessons))

    # --- its tasks

    def _begun(self, one: Task, at_us: int) -> None:
        accepted_us = at_us + round(times.ACCEPT.draw(self._chance) * one.accept_minutes * MINUTE_US)
        refuses = self._chance.random() < times.REFUSED
        self._at(accepted_us, lambda at: (self._refuse if refuses else self._accept)(one.id, at))
        for wait_us in (one.accept_by_us, one.done_by_us):
            self._at(wait_us + 1, lambda at: self._escalate(one.id, at))

    def _accept(self, number: int, at_us: int) -> None:
        one = self._tasks[number]
        who = self._ground.on_duty(one.department, at_us)
        self._tell(task.accept(one, who, at_us), who, at_us)
        self._send(self._tasks[number], who, at_us)
        self._after(at_us, times.START, lambda at: self._start(number, at))

    def _refuse(self, number: int, at_us: int) -> None:
        who = self._ground.on_duty(self._tasks[number].department, at_us)
        self._tell(task.refuse(self._tasks[number], self._one_of(wording.REFUSALS)), who, at_us)
        wait_us = times.REASSIGN.draw_us(self._chance)
        self._refused = (self._tasks[number].title, max(1, round(wait_us / MINUTE_US)))
        self._at(at_us + wait_us, lambda at: self._reassign(number, at))

    def _reassign(self, number: int, at_us: int) -> None:
        one = self._tasks[number]
        other = self._ground.within(one.department, self._incident.district)
        if other == one.department:
            other = self._occasion.kind.lead
        self._tell(task.assign(one, at_us, other), self._incident.commander, at_us)
        self._after(at_us, times.START, lambda at: self._accept(number, at))

    def _start(self, number: int, at_us: int) -> None:
        one = self._tasks[number]
        self._tell(task.start(one, one.person, at_us), one.person, at_us)
        there_us = self._drive(one, at_us)
        done_us = one.begins_us + round(times.DONE.draw(self._chance) * one.done_minutes * MINUTE_US)
        self._at(max(done_us, there_us + MINUTE_US), lambda at: self._done(number, at))

    def _done(self, number: int, at_us: int) -> None:
        one = self._tasks[number]
        result = on_a_line(self._said(self._occasion.kind.results[one.step]))
        self._tell(task.report_done(one, one.person, at_us, result), one.person, at_us)
        for ready in task.begin_ready(tuple(self._tasks.values()), at_us):
            self._tell(ready, "", at_us)
            self._begun(ready.task, at_us)
        self._after(at_us, times.CHECK, lambda at: self._check(number, at))
        done = sum(each.stage in DONE for each in self._tasks.values())
        if self._incident.state is State.OPEN and done >= times.CONTAINED_AT * len(self._tasks):
            self._contain(at_us)

    def _check(self, number: int, at_us: int) -> None:
        one, by = self._tasks[number], self._incident.commander
        if self._chance.random() < times.SENT_BACK:
            self._tell(task.send_back(one, self._one_of(wording.SENT_BACK)), by, at_us)
            again_us = at_us + round(0.2 * one.done_minutes * MINUTE_US)
            self._at(again_us, lambda at: self._done(number, at))
            return
        by = by if by != one.person else self._incident.reported_by
        self._tell(task.verify(one, by, at_us), by, at_us)
        if (sent := self._sent(number)) is not None:
            self._keep(sending.release_unit(self._incident, by, at_us, sent.unit))
        if all(each.is_over for each in self._tasks.values()):
            self._after(at_us, times.RESOLVE, self._resolve)

    def _escalate(self, number: int, at_us: int) -> None:
        if (told := task.escalate(self._tasks[number], at_us)) is not None:
            self._tell(told, "", at_us)

    # --- units

    def _send(self, one: Task, who: str, at_us: int) -> None:
        """Send the nearest crew, where the step wants one and the department has one."""
        kinds = next(step.units for step in self._plan.steps if step.id == one.step)
        away = [each.unit for each in self._incident.units if each.is_held]
        found = self._ground.crew(one.department, kinds, self._occasion.spot, away)
        if found is not None:
            eta_us = at_us + round((2 + 60 * found[1] / times.DRIVE_KMH.median) * MINUTE_US)
            sent = Assignment(unit=found[0], task=one.id, assigned_us=at_us, eta_us=eta_us, by=who)
            self._keep(sending.assign_unit(self._incident, sent))

    def _drive(self, one: Task, at_us: int) -> int:
        """Let the task's crew set out; return when it is there."""
        sent = self._sent(one.id)
        if sent is None:
            return at_us
        self._keep(sending.unit_under_way(self._incident, one.person, at_us, sent.unit))
        way_us = (sent.eta_us - sent.assigned_us) * times.DRIVE_KMH.median / times.DRIVE_KMH.draw(self._chance)
        there_us = at_us + round(way_us)
        self._at(there_us, lambda at: self._keep(sending.unit_arrived(self._incident, one.person, at, sent.unit)))
        return there_us

    def _sent(self, number: int) -> Assignment | None:
        return next((each for each in self._incident.units if each.task == number and each.is_held), None)

    def _measured(self) -> Label:
        late = [
            (each.title, round((each.reported_us - each.done_by_us) / MINUTE_US))
            for each in self._tasks.values()
            if each.reported_us >= each.done_by_us + MINUTE_US
        ]
        held = max(1, round((self._incident.contained_us - self._incident.opened_us) / MINUTE_US))
        worst = max(late, key=lambda one: one[1], default=None)
        return wording.measured(self._chance, worst, self._refused, (len(self._tasks), held))
