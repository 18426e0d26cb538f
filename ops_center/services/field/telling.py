"""Who is told what of a line of an incident's log: tasks, mentions, command handed over, what is late. Values only.

Called by ``planning``. People are told by name and on the pages alone: no incident leaves the center by a notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ops_center.domain.people import Account
from ops_center.domain.rights import Asker, Role
from ops_center.domain.role_words import shown_name
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US
from ops_center.incidents.incident import Act, Incident
from ops_center.incidents.task import Stage, Task
from ops_center.services.notices import TOLD
from ops_center.store.incident_port import LogLine, Standing

_GIVEN = {"given", "begins", "assigned"}
"""what becomes of a task after which somebody is to accept it"""

_LONG_AGO_US = HOUR_US
"""what is over, and was written down so long after it happened, is history: a case that was entered, not news"""


@dataclass(frozen=True, slots=True)
class People:
    """Who there is, as it is now."""

    accounts: Mapping[str, Account]
    """name → account, those that are open"""
    crews: Mapping[str, str]
    """unit → account that signed on to it"""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one person is told."""

    account: str
    said: Label
    priority: int
    """as of alarms: how long it stays on the page, and its mark"""
    task: int = 0


def tellings(line: LogLine, standing: Standing, people: People) -> Iterator[Telling]:
    """Yield who is told what of a line, each once; nobody is told what they did themselves, or may not see."""
    if standing.incident.is_closed and line.recorded_us - line.at_us > _LONG_AGO_US:
        return
    told: set[str] = {line.who}
    for one in _of_line(line, standing, people):
        account = people.accounts.get(one.account)
        if account is None or one.account in told or department_for(account, standing.incident) is None:
            continue
        told.add(one.account)
        yield one


def department_for(account: Account, incident: Incident) -> str | None:
    """Return a department of the incident for which the account is told of it; None: it is told nothing."""
    asker = Asker(account.name, account.grants)
    owners = incident.departments or ("",)
    return next((one for one in owners if asker.may_see_of(TOLD, one, incident.district)), None)


def _of_line(line: LogLine, standing: Standing, people: People) -> Iterator[Telling]:
    incident = standing.incident
    match line.act:
        case Act.TASK:
            task = next((one for one in standing.tasks if one.id == line.detail.get("task")), None)
            yield from _of_task(line, standing, task, people) if task else ()
        case Act.RESOURCE if line.detail.get("did") == "assigned":
            crew = people.crews.get(str(line.detail.get("unit")), "")
            said = _named("您的班组被派往", "Your unit is sent to", incident)
            yield Telling(crew, said, 2, _number(line.detail.get("task")))
        case Act.COMMAND | Act.OPENED:
            said = _named("请您指挥", "You are in command of", incident, line.text)
            yield Telling(incident.commander, said, 2)
    for name in line.mentions:
        who = shown_name(_display(people, line.who))
        zh, en = f"{who.zh}提到您", f"{who.en} mentioned you"
        said = Label(f"{zh}，{incident.title}：{line.text}", f"{en}, {incident.title}: {line.text}")
        yield Telling(name, said, 3)


def _of_task(line: LogLine, standing: Standing, task: Task, people: People) -> Iterator[Telling]:
    incident, did = standing.incident, line.detail.get("did")
    if did in _GIVEN and task.stage is Stage.ASSIGNED:
        said = _of("新任务", "New task", task, incident)
        yield from (Telling(name, said, 3, task.id) for name in _doers(standing, task, people))
    elif did == Stage.REFUSED:
        said = _of("任务被拒绝", "Task refused", task, incident, line.text)
        yield Telling(incident.commander, said, 2, task.id)
    elif did == "escalated":
        step = _number(line.detail.get("step"))
        said = _of(f"任务逾期（第{step}级）", f"Task late (step {step})", task, incident)
        yield from (Telling(name, said, 2, task.id) for name in told_up(step, incident, task, people))


def _doers(standing: Standing, task: Task, people: People) -> Iterable[str]:
    """Return who is to accept it: the person, else the crews that were sent for it, else their department."""
    if task.person:
        return [task.person]
    sent = [one.unit for one in standing.incident.units if one.task == task.id and one.is_held]
    if crews := [people.crews[unit] for unit in sent if unit in people.crews]:
        return crews
    on_shift = set(people.crews.values())

    def does(account: Account) -> bool:
        return _is_of(account, Role.DEPARTMENT, task.department, standing.incident) or (
            account.name in on_shift and _is_of(account, Role.FIELD_UNIT, task.department, standing.incident)
        )

    return _names(people, does)


def told_up(step: int, incident: Incident, task: Task, people: People) -> Sequence[str]:
    """Return who hears at each step that a task is late: its department, then who leads, then the coordinators."""
    if step <= 1:
        return _names(people, lambda one: _is_of(one, Role.DEPARTMENT, task.department, incident))
    if step == 2:
        lead = incident.lead_department
        return [incident.commander, *_names(people, lambda one: _is_of(one, Role.DEPARTMENT, lead, incident))]
    return _names(people, lambda one: _covers(one, Role.COORDINATOR, incident))


def _names(people: People, wanted: Callable[[Account], bool]) -> list[str]:
    return [name for name, account in sorted(people.accounts.items()) if wanted(account)]


def _is_of(account: Account, role: Role, department: str, incident: Incident) -> bool:
    """Return whether the account has the role for this very department; one over all departments is of none."""
    held = [one for one in account.grants if one.role is role and one.department == department]
    return any(one.district in {None, incident.district} for one in held)


def _covers(account: Account, role: Role, incident: Incident) -> bool:
    owners = incident.departments or ("",)
    return any(one.role is role and one.covers(owner, incident.district) for one in account.grants for owner in owners)


def _display(people: People, name: str) -> str:
    account = people.accounts.get(name)
    return account.display_name if account else name or "—"


def _named(zh: str, en: str, incident: Incident, text: str = "") -> Label:
    more = f"。{text}" if text else "", f". {text}" if text else ""
    return Label(f"{zh}：{incident.title}{more[0]}", f"{en}: {incident.title}{more[1]}")


def _of(zh: str, en: str, task: Task, incident: Incident, text: str = "") -> Label:
    more = f"。{text}" if text else "", f". {text}" if text else ""
    return Label(
        f"{zh}：{task.title.zh}（{incident.title}）{more[0]}", f"{en}: {task.title.en} ({incident.title}){more[1]}"
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
