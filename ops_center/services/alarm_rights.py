"""Who may see an alarm, and who may do something about it: one rule for the list, the map, the stream and ``/api``.

An alarm belongs to the department and district of its thing, and as well to the department that it was assigned to:
who is asked to act must see it and be able to answer.
"""

from __future__ import annotations

from alerts.alarm import Alarm, Refusal
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.store.alarm_port import Scopes

ALARMS = Rights(see=PICTURE, change=frozenset({Role.OPERATOR, Role.COORDINATOR, Role.COMMANDER, Role.DEPARTMENT}))
"""leaders, displays and administrators read; a department acts on what is its own"""

UNKNOWN = Refusal("unknown", Label("没有这条报警", "there is no such alarm"))
"""also the answer for one that exists and may not be seen"""
NOT_YOURS = Refusal("forbidden", Label("无权处理这条报警", "your roles change nothing of this alarm"))


def may_see(asker: Asker, alarm: Alarm) -> bool:
    """Return whether ``asker`` may see the alarm."""
    return asker.may_see_of(ALARMS, alarm.department, alarm.district) or (
        bool(alarm.assigned_department) and asker.may_see_of(ALARMS, alarm.assigned_department, alarm.district)
    )


def may_change(asker: Asker, alarm: Alarm) -> bool:
    """Return whether ``asker`` may do something about the alarm."""
    return asker.may_change_of(ALARMS, alarm.department, alarm.district) or (
        bool(alarm.assigned_department) and asker.may_change_of(ALARMS, alarm.assigned_department, alarm.district)
    )


def scopes_of(asker: Asker) -> Scopes | None:
    """Return the pairs of department and district whose alarms ``asker`` may see; None: all of the city."""
    scopes = [(grant.department, grant.district) for grant in asker.grants if grant.role in ALARMS.see]
    return None if (None, None) in scopes else tuple(dict.fromkeys(scopes))
