"""The written table: consequence of doing nothing × time that is left to respond → priority; and what CAP calls it.

Sources: EEMUA publication 191 and ISA-18.2 want priority made of exactly these two, by one table for the whole site,
and about 80 % of alarms of low, 15 % of medium and 5 % of high priority. A city has longer times than a plant: bands of
5, 15 and 60 minutes (a patrol that is near, a crew on call, a crew that is sent for) are assumed, and so are the cells.
Called by ``alerts.turns`` and by what sends public warnings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from alerts.alarm import Priority
from alerts.rule import Rule

_C, _H, _M, _L = Priority
CONSEQUENCES = ("minor", "moderate", "major", "severe")
TABLE: tuple[tuple[float, tuple[Priority, Priority, Priority, Priority]], ...] = (
    (5.0, (_M, _H, _C, _C)),
    (15.0, (_L, _M, _H, _C)),
    (60.0, (_L, _M, _M, _H)),
    (float("inf"), (_L, _L, _M, _H)),
)
"""minutes to respond, at most → priority by consequence, in the order of CONSEQUENCES"""
STEP_LEVEL = 2
"""from this level on (high-high, low-low) an alarm is one step more urgent than its rule says (assumed)"""


class CapWords(NamedTuple):
    """How CAP 1.2 says how bad something is (OASIS CAP 1.2, 3.2.2: urgency, severity, certainty)."""

    urgency: str
    severity: str
    certainty: str


_SEVERITIES = ("Minor", "Moderate", "Severe", "Extreme")
_IMMEDIATE_MIN, _EXPECTED_MIN = 15.0, 60.0
"""CAP: *Immediate* is at once, *Expected* within the next hour; where "at once" ends is assumed"""
_CERTAINTY: Mapping[str, str] = {
    "warning": "Likely",
    "neighbourhood": "Likely",
    "combination": "Likely",
    "sequence": "Likely",
    "several": "Likely",
    "seasonal": "Possible",
    "anomaly": "Possible",
}
"""type of the rule → what is forecast or concluded is likely, what is merely unusual is possible; what is measured or
seen is observed"""


def priority_of(rule: Rule, level: int = 1) -> Priority:
    """Return the priority of an alarm of this rule whose worst finding has this level."""
    form = rule.form.priority
    row = next(row for minutes, row in TABLE if form.respond_min <= minutes)
    base = row[CONSEQUENCES.index(form.consequence)]
    return _more_urgent(base) if level >= STEP_LEVEL and _has_steps(rule) else base


def less_urgent(priority: Priority) -> Priority:
    """Return the priority one step below; the lowest stays."""
    return Priority(min(priority + 1, Priority.LOW))


def cap_of(priority: Priority, rule: Rule) -> CapWords:
    """Return what CAP calls an alarm of this rule that has this priority now."""
    form = rule.form.priority
    severity = CONSEQUENCES.index(form.consequence)
    if priority < priority_of(rule):
        severity = min(severity + 1, len(_SEVERITIES) - 1)
    urgency = (
        "Immediate"
        if form.respond_min <= _IMMEDIATE_MIN
        else "Expected"
        if form.respond_min <= _EXPECTED_MIN
        else "Future"
    )
    return CapWords(urgency, _SEVERITIES[severity], _CERTAINTY.get(rule.type.name, "Observed"))


def _has_steps(rule: Rule) -> bool:
    """Return whether the rule tells worse from bad: its channels have several levels."""
    return len({channel.level for channel in rule.type.channels}) > 1


def _more_urgent(priority: Priority) -> Priority:
    return Priority(max(priority - 1, Priority.CRITICAL))
