"""What each command does to an incident, and who may do it. Called by the desk while the incident's row is locked.

A command is one function here: it goes through :class:`Steps`, and what can't be done raises ``Refused``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ops_center.incidents import acts, drawing, field, learning, sending, task
from ops_center.incidents.acts import CLOSED
from ops_center.incidents.incident import Act, Incident, Refusal, State
from ops_center.incidents.parts import Assignment, Drawing
from ops_center.incidents.plan import tasks_of
from ops_center.incidents.sending import Taking
from ops_center.incidents.task import DONE, Stage, Task
from ops_center.services.incidents import commands as c
from ops_center.services.incidents.known import Known
from ops_center.services.incidents.refusals import LED_FIRST, NO_PLACE, NO_STOCK, NO_UNIT, TOO_LITTLE
from ops_center.services.incidents.rights import FIELD, NOT_YOURS, UNKNOWN, may_command, may_do, may_see, may_take_part
from ops_center.services.incidents.steps import Refused, Steps

Does = Callable[[Steps, Known, Any], None]


@dataclass(frozen=True, slots=True)
class Doing:
    """How a command is done."""

    does: Does
    action: str
    """in the audit, behind ``incident.``"""
    may: Callable[[Steps, Any], bool]


# ---- who may ----


def _command(steps: Steps, _given: Any) -> bool:
    return may_command(steps.asker, steps.incident)


def _part(steps: Steps, _given: Any) -> bool:
    return may_take_part(steps.asker, steps.incident)


def _of_task(steps: Steps, given: Any) -> bool:
    found = steps.tasks.get(given.task)
    # What isn't there is said by whoever looks for it.
    return may_do(steps.asker, steps.incident, found) if found else may_take_part(steps.asker, steps.incident)


def _assigning(steps: Steps, given: c.TaskAssign) -> bool:
    """Return whether a task may be given to somebody: by who commands, or within the department that has it."""
    found = steps.tasks.get(given.task)
    within = found is not None and found.department == given.department and may_do(steps.asker, steps.incident, found)
    return within or may_command(steps.asker, steps.incident)


# ---- from report to case ----


def _open(steps: Steps, known: Known, given: c.Open) -> None:
    steps.take(acts.open_(steps.incident, steps.who, steps.now_us, given.commander or steps.who, given.text))
    if given.plan:
        open_plan(steps, known, given.plan)


def _resolve(steps: Steps, _known: Known, given: c.Resolve) -> None:
    unfinished = sum(one.stage not in DONE | {Stage.CANCELLED} for one in steps.tasks.values())
    steps.take(acts.resolve(steps.incident, steps.who, steps.now_us, unfinished, given.text))


def _merge(steps: Steps, _known: Known, given: c.Merge) -> None:
    standing = steps.locked.standing.get(given.into)
    if standing is None or not may_see(steps.asker, standing.incident):
        raise Refused(UNKNOWN)
    into = standing.incident
    if not may_command(steps.asker, into):
        raise Refused(NOT_YOURS)
    if steps.incident.is_led and not into.is_led and not into.is_closed:
        raise Refused(LED_FIRST)
    both = acts.merge(steps.incident, into, steps.who, steps.now_us, given.reason)
    if isinstance(both, Refusal):
        raise Refused(both)
    for one in both:
        steps.take(one)
    for moved in [one for one in steps.tasks.values() if not one.is_over]:
        steps.move_task(moved, given.into)


def _split(steps: Steps, _known: Known, given: c.Split) -> None:
    old = steps.incident
    new = Incident(
        id=steps.locked.next_id, version=0, state=State.REPORTED, type=old.type, level=old.level, title=given.title,
        source=f"incident:{old.id}", occurred_us=old.occurred_us, reported_us=steps.now_us, reported_by=steps.who,
        lead_department=old.lead_department, departments=old.departments, district=old.district, places=old.places,
    )  # fmt: skip
    both = acts.split(old, new, steps.who, steps.now_us, given.alarms, given.reason)
    if isinstance(both, Refusal):
        raise Refused(both)
    for one in both:
        steps.take(one)


# ---- plans and tasks ----


def open_plan(steps: Steps, known: Known, name: str) -> None:
    """Open a plan: its line, its drawings around the incident, a task for each step; who is given one takes part."""
    plan, version = known.plans()[name]
    incident, departments = steps.incident, known.organisations.keys()
    tasks = tasks_of(plan, incident.level, incident.id, departments, incident.lead_department, steps.now_us)
    steps.take(acts.opened_plan(incident, steps.who, steps.now_us, name, version, len(tasks)))
    steps.join(*(one.department for one in tasks))
    if (place := incident.place) is not None:
        for one in plan.drawings:
            if incident.level in one.levels:
                _draw(steps, one.kind, one.label.zh, one.label.en, known.circle(place, one.radius_m))
    for made in tasks:
        steps.give(made)


def _open_plan(steps: Steps, known: Known, given: c.OpenPlan) -> None:
    open_plan(steps, known, given.plan)


def _give_task(steps: Steps, _known: Known, given: c.GiveTask) -> None:
    if not steps.incident.is_led:
        raise Refused(acts.wrong(steps.incident))
    made = task.given(
        steps.incident.id, (given.title, given.text), (given.department, given.person),
        (given.accept_minutes, given.done_minutes), steps.now_us,
    )  # fmt: skip
    if isinstance(made, Refusal):
        raise Refused(made)
    steps.join(given.department)
    steps.give(made)


def _tasked(act: Callable[[Task, Steps, Any], task.Answer]) -> Does:
    def does(steps: Steps, _known: Known, given: Any) -> None:
        if steps.incident.is_closed:
            raise Refused(CLOSED)
        steps.take_task(act(steps.task(given.task), steps, given))

    return does


def _from_field(act: Callable[[Task, Steps, Any, int], task.Answer]) -> Does:
    """Do what may come late and twice: once, as of when it happened."""

    def does(steps: Steps, _known: Known, given: Any) -> None:
        if steps.incident.is_closed:
            raise Refused(CLOSED)
        found = steps.task(given.task)
        at_us = field.happened_us(given.at_us, steps.now_us, found)
        steps.take_task(field.once(found, given.key, lambda one: act(one, steps, given, at_us)), at_us)

    return does


def _assign_task(steps: Steps, _known: Known, given: c.TaskAssign) -> None:
    if steps.incident.is_closed:
        raise Refused(CLOSED)
    steps.take_task(task.assign(steps.task(given.task), steps.now_us, given.department, given.person))
    steps.join(given.department)


# ---- the shared picture, units, stocks ----


def _draw(steps: Steps, kind: Any, label: str, english: str, place: Any) -> None:
    drawn = Drawing(id=0, kind=kind, label=label, english=english, place=place, by=steps.who, at_us=steps.now_us)
    steps.take(drawing.draw(steps.incident, drawn))


def _drawn(steps: Steps, _known: Known, given: c.Draw) -> None:
    _draw(steps, given.kind, given.label, given.english, given.place.place())


def _own_unit(steps: Steps, given: Any, known: Known) -> None:
    """A department that doesn't lead moves its own units, nobody else's."""
    entry = known.fleet.unit(given.unit)
    if entry is None and steps.incident.held(given.unit) is None:
        raise Refused(NO_UNIT)
    mine = entry is not None and steps.asker.may_change_of(FIELD, entry.department, steps.incident.district)
    if not (mine or may_command(steps.asker, steps.incident)):
        raise Refused(NOT_YOURS)


def _assign_unit(steps: Steps, known: Known, given: c.AssignUnit) -> None:
    entry = known.fleet.unit(given.unit)
    if entry is None:
        raise Refused(NO_UNIT)
    _own_unit(steps, given, known)
    if given.task:
        steps.task(given.task)
    holder = steps.locked.holder(given.unit)
    if holder not in {0, steps.incident.id}:
        raise Refused(sending.busy(entry.label, holder))
    if steps.incident.place is None:
        raise Refused(NO_PLACE)
    way = known.fleet.way(given.unit, steps.incident, steps.now_us)
    sent = Assignment(
        unit=given.unit, task=given.task, assigned_us=steps.now_us, eta_us=way.eta_us, by=steps.who, route=way.route
    )
    steps.take(sending.assign_unit(steps.incident, sent))
    steps.join(entry.department)


def _moved(act: Callable[[Incident, str, int, str], acts.Answer]) -> Does:
    def does(steps: Steps, known: Known, given: Any) -> None:
        _own_unit(steps, given, known)
        at_us = field.happened_us(getattr(given, "at_us", None), steps.now_us)
        steps.take(act(steps.incident, steps.who, at_us, given.unit))

    return does


def _take_stock(steps: Steps, known: Known, given: c.TakeStock) -> None:
    stock = known.fleet.stock(given.store, given.item)
    if stock is None:
        raise Refused(NO_STOCK)
    # Asked in the transaction: two who take in the same moment take turns, and the second sees what is left.
    if given.quantity > stock.total - steps.locked.taken(given.store, given.item):
        raise Refused(TOO_LITTLE)
    taking = Taking(given.store, given.item, given.quantity, stock.unit)
    steps.take(sending.take_stock(steps.incident, steps.who, steps.now_us, taking))


def _return_stock(steps: Steps, _known: Known, given: c.ReturnStock) -> None:
    taking = Taking(given.store, given.item, given.quantity)
    steps.take(sending.return_stock(steps.incident, steps.who, steps.now_us, taking))


def _report_issued(steps: Steps, _known: Known, given: c.ReportIssued) -> None:
    steps.take(acts.told(steps.incident, Act.REPORT, steps.who, steps.now_us, "", {"report": given.report}))


def _pure(act: Callable[[Incident, str, int, Any], acts.Answer]) -> Does:
    """Do what needs the incident and the clock alone."""

    def does(steps: Steps, _known: Known, given: Any) -> None:
        steps.take(act(steps.incident, steps.who, steps.now_us, given))

    return does


def _unlinked(steps: Steps, _known: Known, given: c.Unlink) -> None:
    for one in given.what:
        steps.take(acts.unlink(steps.incident, steps.who, steps.now_us, given.kind, one))


DOINGS: Mapping[type, Doing] = {
    c.Verify: Doing(_pure(lambda i, who, at, g: acts.verify(i, who, at, g.text)), "verified", _command),
    c.Dismiss: Doing(_pure(lambda i, who, at, g: acts.dismiss(i, who, at, g.reason)), "dismissed", _command),
    c.Open: Doing(_open, "opened", _command),
    c.Contain: Doing(_pure(lambda i, who, at, g: acts.contain(i, who, at, g.text)), "contained", _command),
    c.Resolve: Doing(_resolve, "resolved", _command),
    c.Close: Doing(_pure(lambda i, who, at, g: acts.close(i, who, at, g.lessons)), "closed", _command),
    c.RewriteLessons: Doing(
        _pure(lambda i, who, at, g: learning.rewrite_lessons(i, who, at, g.seen, g.lessons)),
        "lessons_rewritten",
        _command,
    ),
    c.Reopen: Doing(_pure(lambda i, who, at, g: acts.reopen(i, who, at, g.reason)), "reopened", _command),
    c.Change: Doing(
        _pure(lambda i, who, at, g: acts.change(i, who, at, g.seen, g.facts.values(), g.text)), "changed", _command
    ),
    c.HandOver: Doing(
        _pure(lambda i, who, at, g: acts.hand_over_command(i, who, at, g.commander, g.text)), "handed_over", _command
    ),
    c.Note: Doing(_pure(lambda i, who, at, g: acts.note(i, who, at, g.text, g.at_us, g.corrects)), "noted", _part),
    c.Link: Doing(_pure(lambda i, who, at, g: acts.link(i, who, at, g.kind, g.what)), "linked", _command),
    c.Unlink: Doing(_unlinked, "unlinked", _command),
    c.Merge: Doing(_merge, "merged", _command),
    c.Split: Doing(_split, "split", _command),
    c.OpenPlan: Doing(_open_plan, "plan_opened", _command),
    c.GiveTask: Doing(_give_task, "task_given", _command),
    c.TaskAccept: Doing(_from_field(lambda t, s, g, at: task.accept(t, s.who, at)), "task_accepted", _of_task),
    c.TaskRefuse: Doing(_from_field(lambda t, s, g, at: task.refuse(t, g.reason)), "task_refused", _of_task),
    c.TaskStart: Doing(_from_field(lambda t, s, g, at: task.start(t, s.who, at)), "task_started", _of_task),
    c.TaskReport: Doing(
        _from_field(lambda t, s, g, at: task.report_done(t, s.who, at, g.result, g.files)), "task_reported", _of_task
    ),
    c.TaskPhoto: Doing(_from_field(lambda t, s, g, at: field.photo(t, g.files)), "task_photo", _of_task),
    c.TaskVerify: Doing(_tasked(lambda t, s, g: task.verify(t, s.who, s.now_us)), "task_verified", _command),
    c.TaskSendBack: Doing(_tasked(lambda t, s, g: task.send_back(t, g.reason)), "task_sent_back", _command),
    c.TaskAssign: Doing(_assign_task, "task_assigned", _assigning),
    c.TaskCancel: Doing(_tasked(lambda t, s, g: task.cancel(t, g.reason)), "task_cancelled", _command),
    c.Draw: Doing(_drawn, "drawn", _part),
    c.Erase: Doing(_pure(lambda i, who, at, g: drawing.erase(i, who, at, g.drawing)), "erased", _part),
    c.AssignUnit: Doing(_assign_unit, "unit_assigned", _part),
    c.UnitUnderWay: Doing(_moved(sending.unit_under_way), "unit_under_way", _part),
    c.UnitArrived: Doing(_moved(sending.unit_arrived), "unit_arrived", _part),
    c.ReleaseUnit: Doing(_moved(sending.release_unit), "unit_released", _part),
    c.TakeStock: Doing(_take_stock, "stock_taken", _command),
    c.ReturnStock: Doing(_return_stock, "stock_returned", _command),
    c.ReportIssued: Doing(_report_issued, "report_issued", _command),
}
"""every command there is"""
