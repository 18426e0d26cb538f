"""Who has to be told of what: changes of alarms and routes in, what is to be sent out. Pure; the store keeps the rest.

What is wanted is decided twice. When an alarm changes, each route that asks for it makes one *wanted* notification for
each target, due at once or after the route's delay (:func:`wanted`). When one is due it is looked at again, with the
alarm as it is by then (:func:`pointless`): what was acknowledged meanwhile, or explained by another alarm, or lies
outside the route's hours, is not sent, and the journal says why. What exceeds the route's rate is held and goes out as
one digest (:func:`digest_due`). Called by ``ops_center.services.notifications``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from alerts.alarm import Act, Alarm, Aside, State
from alerts.notification_text import Content
from alerts.route import Channel, Route
from ops_center.domain.realms import Realm
from ops_center.domain.time import MINUTE_US, SECOND_US, in_zone

SETTLE_US = 3 * SECOND_US
"""so long what is raised waits: the book may find within it that something else explains it"""
FIRST_RETRY_US = 5 * SECOND_US
LONGEST_RETRY_US = 15 * MINUTE_US
MOST_ATTEMPTS = 100
"""after so many, about a day, a notification is a dead letter"""
TEST, WARNING, DIGEST = "test", "warning", "digest"
"""what is sent beside acts of alarms: the first two at any hour and whatever was sent before"""
INCIDENT = "incident"
"""what somebody is told of an incident, by name and on the pages alone: no route says who, nothing leaves the center"""
_OF_THE_CONDITION = frozenset({Act.RAISED, Act.CHANGED, Act.ESCALATED})
"""acts after which somebody is wanted: set aside or explained by another alarm, nobody is"""
_UNACKNOWLEDGED = frozenset({State.UNACKNOWLEDGED, State.RETURNED, State.LATCHED_UNACKNOWLEDGED})
Reason = Literal["grouped", "set_aside", "acknowledged", "closed", "hours", "route", "realm"]
"""why one that is due is not sent"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One notification to one target."""

    key: str
    """the same for the same act, alarm, route and target: whatever happens it is there once"""
    route: str
    route_version: int
    channel: Channel
    target: str
    alarm: int
    act: str
    due_us: int
    number: int = 1
    """2 and more: repeated, since nobody has acknowledged"""
    content: Content


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm as it is now, and what happened to it."""

    alarm: Alarm
    acts: Sequence[Act]


ContentOf = Callable[[Alarm, Act, Route], Content]


def wanted(
    changes: Iterable[Change], routes: Sequence[Route], realm: Realm, seq: int, now_us: int, content_of: ContentOf
) -> Iterator[Wanted]:
    """Yield what the changes up to ``seq`` ask to be sent; what one alarm explains of another is never sent alone."""
    usable = [route for route in routes if route.enabled and route.told_in(realm)]
    for change in changes:
        for route in usable:
            acts = [act for act in change.acts if act.value in route.acts]
            # Of several acts in one step the last says it all.
            if acts and _concerns(route, change.alarm) and not _lies_under(change.alarm, acts[-1]):
                yield from _of_route(route, change.alarm, acts[-1], seq, now_us, content_of)


def pointless(
    act: str, number: int, route: Route | None, alarm: Alarm | None, realm: Realm, now_us: int, zone: str
) -> Reason | None:
    """Return why what is due now is not sent after all; None: it is. ``alarm``: as it is now."""
    if act == INCIDENT:
        return None
    if route is None or not (route.enabled or act == TEST):
        return "route"
    if not route.told_in(realm):
        return "realm"
    if act in {TEST, WARNING}:
        return None
    if not route.in_force(in_zone(now_us, zone)):
        return "hours"
    return _over(act, number, route, alarm) if alarm else None


def repeat(before: Wanted, route: Route | None, now_us: int) -> Wanted | None:
    """Return the next one of the same, now that ``before`` was sent; when it is due it is looked at again."""
    if route is None or not route.repeat_min or before.number >= route.repeat_most:
        return None
    if before.act not in _OF_THE_CONDITION:
        return None
    number = before.number + 1
    return Wanted(
        key=f"{before.key.rsplit('#', 1)[0]}#{number}",
        route=before.route,
        route_version=route.version,
        channel=before.channel,
        target=before.target,
        alarm=before.alarm,
        act=before.act,
        due_us=now_us + round(route.repeat_min * MINUTE_US),
        number=number,
        content=before.content,
    )


def told_of_warnings(routes: Iterable[Route], realm: Realm) -> list[Route]:
    """Return the routes by which public warnings go out."""
    return [route for route in routes if route.enabled and WARNING in route.acts and route.told_in(realm)]


def digest_due(sent_us: Sequence[int], route: Route, now_us: int) -> int | None:
    """Return None if one more may go to a target that was told at ``sent_us``; else when a digest may."""
    per_us = round(route.per_min * MINUTE_US)
    recent = sorted(us for us in sent_us if us > now_us - per_us)
    return None if len(recent) < route.most else recent[-route.most] + per_us


def retry_us(identifier: int, attempts: int) -> int:
    """Return how long to wait after so many attempts: twice as long each time, some of it by a die that never changes.

    Many that failed together must not come back together; made of the id, a test and a second process know it too.
    """
    whole = min(LONGEST_RETRY_US, FIRST_RETRY_US << min(max(attempts - 1, 0), 20))
    die = int.from_bytes(sha256(f"{identifier}/{attempts}".encode()).digest()[:4], "big") / 2**32
    return round(whole * (0.75 + 0.5 * die))


def _of_route(route: Route, alarm: Alarm, act: Act, seq: int, now_us: int, content_of: ContentOf) -> Iterator[Wanted]:
    content = content_of(alarm, act, route)
    waits_us = max(round(route.delay_min * MINUTE_US), SETTLE_US if act in _OF_THE_CONDITION else 0)
    for target in route.targets:
        yield Wanted(
            key=f"{alarm.id}/{act.value}/{seq}/{route.name}/{target}#1",
            route=route.name,
            route_version=route.version,
            channel=route.channel,
            target=target,
            alarm=alarm.id,
            act=act.value,
            due_us=now_us + waits_us,
            content=content,
        )


def _concerns(route: Route, alarm: Alarm) -> bool:
    owners = {alarm.department, alarm.assigned_department} - {""}
    return (
        route.wants_priority(alarm.priority)
        and (not route.rules or alarm.rule in route.rules)
        and (not route.districts or alarm.district in route.districts)
        and (not route.departments or not owners.isdisjoint(route.departments))
    )


def _over(act: str, number: int, route: Route, alarm: Alarm) -> Reason | None:
    if _lies_under(alarm, Act(act)):
        return "grouped" if alarm.parent else "set_aside"
    waited = route.delay_min > 0 or number > 1
    if waited and act in _OF_THE_CONDITION and alarm.state not in _UNACKNOWLEDGED:
        return "acknowledged" if alarm.is_open else "closed"
    return None


def _lies_under(alarm: Alarm, act: Act) -> bool:
    """Return whether something else explains it, or it was set aside so that it wants nobody."""
    return bool(alarm.parent) or (alarm.aside is not Aside.NONE and act in _OF_THE_CONDITION)
