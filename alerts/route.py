"""A route as data: who is told of which alarms, when, and how often. Edited by people, versioned in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from alerts.alarm import Priority
from alerts.bounds import Name
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.realms import Realm
from ops_center.domain.text import Language
from ops_center.domain.words import Words

Channel = Literal["mail", "webhook", "folder", "browser"]
"""``webhook``: the name of one that the settings know; ``folder``: the drop folder; ``browser``: pages of ours"""
LEAVES: frozenset[Channel] = frozenset({"mail", "webhook", "folder"})
"""channels that lead out of the center"""
# One @, nothing that a header or a shell could take for more: a subset of RFC 5321 that every server takes.
_MAIL = r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){0,8}$"

Target = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._%+@*/-]+$")]
Codes = Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=100)]], msgspec.Meta(max_length=1000)]
Minutes = Annotated[float, msgspec.Meta(ge=0, le=7 * 1440)]
ActName = Literal[
    "raised", "changed", "returned", "acknowledged", "escalated", "assigned", "closed", "handed_over", "warning"
]
"""of alarms; ``warning``: a person issued, changed or took back a public warning, whatever else the route asks for"""


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Part of a week, in the city's zone: on ``days`` from ``begin`` to ``end``; past midnight if end is not later."""

    days: Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=7)]], msgspec.Meta(min_length=1, max_length=7)]
    """1: Monday … 7: Sunday (ISO 8601); of hours past midnight the day on which they begin"""
    begin: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    end: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]

    def hold(self, local: datetime) -> bool:
        """Return whether ``local`` lies in it; equal begin and end mean the whole day."""
        now, day = local.strftime("%H:%M"), local.isoweekday()
        if self.begin < self.end:
            return day in self.days and self.begin <= now < self.end
        yesterday = (day - 2) % 7 + 1
        return (day in self.days and now >= self.begin) or (yesterday in self.days and now < self.end)


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One route. What is empty asks for nothing."""

    name: Name
    label: Words
    channel: Channel
    targets: Annotated[list[Target], msgspec.Meta(min_length=1, max_length=50)]
    """addresses of mail; names of webhooks; of ``browser`` accounts, or ``*``; of ``folder`` anything"""
    acts: Annotated[list[ActName], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: ["raised", "escalated"]
    )
    priorities: list[Annotated[int, msgspec.Meta(ge=1, le=4)]] = msgspec.field(default_factory=lambda: [1, 2])
    rules: Codes = []
    departments: Codes = []
    """of the alarm's thing, or to which it is assigned"""
    districts: Codes = []
    hours: Annotated[list[Hours], msgspec.Meta(max_length=20)] = []
    """when it is in force, by the moment in which it would be sent"""
    delay_min: Minutes = 0
    """only if nobody has acknowledged after so long"""
    repeat_min: Minutes = 0
    """and again every so often until somebody has; 0: once"""
    repeat_most: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    most: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 20
    """to one target within ``per_min``; what is more waits for a digest"""
    per_min: Annotated[float, msgspec.Meta(ge=1, le=7 * 1440)] = 60
    language: Language = "zh"
    test_target: bool = False
    """who is told knows that it may be no real alarm: told in the realms simulated and replay too"""
    enabled: bool = True
    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0
    """given by the store"""

    def __post_init__(self) -> None:
        if self.channel == "mail":
            for target in self.targets:
                if not is_mail_address(target):
                    raise ValueError(f"{target!r} is no address for mail")
        elif any("@" in target or "/" in target for target in self.targets):
            raise ValueError(f"of the channel {self.channel} a target is a name")
        if len(set(self.targets)) < len(self.targets):
            raise ValueError("a target is named twice")

    def told_in(self, realm: Realm) -> bool:
        """Return whether it may be used in ``realm`` at all: out of a drill nothing leaves, ever."""
        if realm is Realm.LIVE or self.channel not in LEAVES:
            return True
        return realm is not Realm.DRILL and self.test_target

    def in_force(self, local: datetime) -> bool:
        """Return whether ``local``, a time in the city's zone, lies in its hours."""
        return not self.hours or any(hours.hold(local) for hours in self.hours)

    def wants_priority(self, priority: Priority) -> bool:
        """Return whether it is for alarms of this priority."""
        return not self.priorities or int(priority) in self.priorities


def is_mail_address(text: str) -> bool:
    """Return whether ``text`` can be nothing but one address."""
    return _is_mail(text)


def read_route(entry: Any, where: str = "route") -> Route:
    """Return the route of decoded JSON or TOML. Raises ConfigurationError that names the field."""
    try:
        return msgspec.convert(entry, Route)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ConfigurationError(f"{where}: {error}") from None


def _is_mail(text: str) -> bool:
    try:
        msgspec.convert(text, Annotated[str, msgspec.Meta(pattern=_MAIL, max_length=200)])
    except msgspec.ValidationError:
        return False
    return not text.endswith("\n")
