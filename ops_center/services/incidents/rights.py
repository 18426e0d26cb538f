"""Who may see an incident, and who may do what to it: one rule for board, room, stream, ``/api`` and the field.

An incident belongs to each of its departments, in its district. Whoever is given a task of it takes part in it. A
department that takes part writes, draws and does its own tasks; the one that leads, and who holds the whole picture,
command.
"""

from __future__ import annotations

from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident, Refusal
from ops_center.incidents.task import Task
from ops_center.store.alarm_port import Scopes

INCIDENTS = Rights(see=PICTURE, change=frozenset({Role.OPERATOR, Role.COORDINATOR, Role.COMMANDER, Role.DEPARTMENT}))
"""leaders, displays and administrators read"""
_FIELD = frozenset({Role.FIELD_UNIT, Role.DEPARTMENT, Role.COORDINATOR, Role.COMMANDER})
FIELD = Rights(see=_FIELD, change=_FIELD)
"""tasks and units, those of one's own department"""
INVOLVED = Rights(see=INCIDENTS.see | FIELD.see, change=INCIDENTS.change | FIELD.change)
"""one incident: who has the picture, and who is out there for it"""
_WHOLE_PICTURE = Rights(see=INCIDENTS.see, change=INCIDENTS.change - {Role.DEPARTMENT})

UNKNOWN = Refusal("unknown", Label("没有这起事件", "there is no such incident"))
"""also the answer for one that exists and may not be seen"""
NOT_YOURS = Refusal("forbidden", Label("无权这样处置这起事件", "your roles don't do this to this incident"))


def may_see(asker: Asker, incident: Incident) -> bool:
    """Return whether ``asker`` may see the incident, its tasks and its log."""
    return any(asker.may_see_of(INVOLVED, department, incident.district) for department in _owners(incident))


def may_take_part(asker: Asker, incident: Incident) -> bool:
    """Return whether ``asker`` may write, draw and send their own: their department takes part, or they command."""
    return any(asker.may_change_of(INVOLVED, department, incident.district) for department in _owners(incident))


def may_command(asker: Asker, incident: Incident) -> bool:
    """Return whether ``asker`` may decide about the incident: a department only about one that it leads."""
    if any(asker.may_change_of(_WHOLE_PICTURE, department, incident.district) for department in _owners(incident)):
        return True
    return asker.may_change_of(INCIDENTS, incident.lead_department, incident.district)


def may_do(asker: Asker, incident: Incident, task: Task) -> bool:
    """Return whether ``asker`` may say what becomes of a task: it is their department's, or they command."""
    return may_command(asker, incident) or asker.may_change_of(FIELD, task.department, incident.district)


def scopes_of(asker: Asker) -> Scopes | None:
    """Return the pairs of department and district whose incidents ``asker`` may see; None: all of the city."""
    scopes = [(grant.department, grant.district) for grant in asker.grants if grant.role in INVOLVED.see]
    return None if (None, None) in scopes else tuple(dict.fromkeys(scopes))


def _owners(incident: Incident) -> tuple[str, ...]:
    """Return whose it is; what belongs to none is the whole city's."""
    return incident.departments or ("",)
