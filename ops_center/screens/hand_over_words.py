"""What a hand-over is about, in words and as a browser sends it: rights, periods, scopes."""

from __future__ import annotations

from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.hand_over import HandOvers

HAND_OVERS = Rights(see=PICTURE - {Role.DISPLAY}, change=ALARMS.change)
SPANS = (
    ("last", Label("自上次接班", "since it was taken over")),
    ("8", Label("8 小时", "8 hours")),
    ("12", Label("12 小时", "12 hours")),
    ("24", Label("24 小时", "24 hours")),
)
_HOURS = {value: int(value) for value, _ in SPANS[1:]}
_CITY = Label("全市", "the whole city")
_SLACK_US = 60_000_000
"""a shift of 24 hours stays within what may be handed over while somebody reads the question"""


def since_us(desk: HandOvers, who: Asker, span: object, now_us: int) -> int:
    """Return when the shift began. May wait for the database; raises StoreError."""
    hours = _HOURS.get(str(span))
    if hours is None:
        return desk.begun_us(who)
    return now_us - hours * HOUR_US + (_SLACK_US if hours == 24 else 0)


def scopes(who: Asker) -> list[str]:
    """Return the scopes of what somebody may hand over, ``department/district``; of what they see, without any."""
    for roles in (HAND_OVERS.change, HAND_OVERS.see):
        found = [f"{one.department or ''}/{one.district or ''}" for one in who.grants if one.role in roles]
        if found:
            return ["/"] if "/" in found else list(dict.fromkeys(found))
    return []


def scope_of(value: object) -> tuple[str, str]:
    """Return department and district of what a browser sent; the whole city is both empty."""
    department, _, district = value.partition("/") if isinstance(value, str) else ("", "", "")
    return department[:100].strip(), district[:100].strip()


def scope_label(value: str, names: Names) -> Label:
    """Return what a scope is called."""
    department, district = scope_of(value)
    parts = [*([names.department(department)] if department else []), *([names.district(district)] if district else [])]
    if not parts:
        return _CITY
    return Label(" · ".join(part.zh for part in parts), " · ".join(part.en for part in parts))
