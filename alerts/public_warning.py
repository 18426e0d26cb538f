"""A warning to the public: drafted from an alarm, completed by a person, made into CAP messages.

The center never warns by itself: it drafts, somebody who may changes the texts and the area and issues it
(``ops_center.services.warnings``). Pure; ``Draft`` and what it holds travel as JSON too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Literal, cast

import msgspec

from alerts.alarm import Alarm
from alerts.bounds import Ring
from alerts.cap import Certainty, Circle, Info, Message, MsgType, Outline, Reference, Severity, Urgency
from alerts.priority import CapWords, cap_of
from alerts.rule import Rule
from ops_center.domain.realms import Realm
from ops_center.domain.text import LANGUAGES, Label
from ops_center.domain.time import MINUTE_US
from ops_center.domain.words import Words

Category = Literal[
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
]
Response = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"]
_CATEGORIES: dict[str, Category] = {
    "air": "Env",
    "traffic": "Transport",
    "vehicles": "Transport",
    "water": "Infra",
    "weather": "Met",
}
"""feed of the rule → category; "Safety" for others"""
AROUND_M = 1000.0
"""what a draft proposes around the place of its alarm; the person who issues it knows better"""
Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Round(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything within a distance of a point."""

    longitude: Degrees
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    radius_m: Annotated[float, msgspec.Meta(ge=0, le=500_000)]


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a warning holds: in words, and by outlines, circles and codes, which add up."""

    description: Words
    polygons: Annotated[list[Ring], msgspec.Meta(max_length=50)] = []
    circles: Annotated[list[Round], msgspec.Meta(max_length=50)] = []
    districts: Annotated[list[Code], msgspec.Meta(max_length=100)] = []


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a warning says."""

    event: Words
    headline: Words
    description: Words
    instruction: Words
    area: Area
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    category: Category = "Safety"
    responses: Annotated[list[Response], msgspec.Meta(max_length=9)] = []
    expires_min: Annotated[float, msgspec.Meta(gt=0, le=7 * 1440)] = 120
    """minutes after it is sent"""


@dataclass(frozen=True, slots=True)
class Issuing:
    """Who warns, and what the message is to the warning."""

    identifier: str
    sender: str
    sender_name: Label
    realm: Realm
    sent_us: int
    msg_type: MsgType = MsgType.ALERT
    references: Sequence[Reference] = ()
    note: str = ""
    """why it is taken back"""


def draft_of(alarm: Alarm, rule: Rule | None, place: Label | None) -> Draft:
    """Return what a warning about ``alarm`` might say; ``place``: the name of where it is."""
    event = rule.form.label if rule else Words(alarm.rule, alarm.rule)
    where = Words(place.zh, place.en) if place else Words("本市", "the city")
    nothing = Words("—", "—")
    meaning = cap_of(alarm.priority, rule) if rule else CapWords("Unknown", "Unknown", "Unknown")
    return Draft(
        event=event,
        headline=Words(f"{where.zh}：{event.zh}", f"{event.en}, {where.en}"),
        description=rule.form.texts.consequence if rule else nothing,
        instruction=Words("请关注官方通知，远离现场。", "Follow official information and keep away."),
        area=Area(where, circles=_around(alarm), districts=[alarm.district] if alarm.district else []),
        urgency=cast("Urgency", meaning.urgency) if alarm.stands else "Past",
        severity=cast("Severity", meaning.severity),
        certainty=cast("Certainty", meaning.certainty),
        category=_CATEGORIES.get(_feed_of(rule), "Safety"),
    )


def message_of(draft: Draft, issuing: Issuing) -> Message:
    """Return the CAP message of ``draft``. What is not the live realm is an exercise or a test, and says so."""
    area = draft.area
    circles = tuple(Circle(one.longitude, one.latitude, one.radius_m) for one in area.circles)
    codes = tuple(("district", code) for code in area.districts)
    return Message(
        identifier=issuing.identifier,
        sender=issuing.sender,
        sent_us=issuing.sent_us,
        status=_STATUS.get(issuing.realm, "Test"),
        msg_type=issuing.msg_type,
        infos=tuple(_info(draft, issuing, language) for language in LANGUAGES),
        outline=Outline(tuple(map(tuple, area.polygons)), circles, codes),
        references=tuple(issuing.references),
        note=" ".join(filter(None, (_banner(issuing.realm), issuing.note))),
    )


_STATUS: dict[Realm, Literal["Actual", "Exercise"]] = {Realm.LIVE: "Actual", Realm.DRILL: "Exercise"}


def _info(draft: Draft, issuing: Issuing, language: Literal["zh", "en"]) -> Info:
    def said(words: Words) -> str:
        return words.label().in_language(language)

    banner = issuing.realm.banner
    mark = f"[{banner.in_language(language)}] " if banner else ""
    return Info(
        language=language,
        categories=(draft.category,),
        event=said(draft.event),
        urgency="Past" if issuing.msg_type is MsgType.CANCEL else draft.urgency,
        severity=draft.severity,
        certainty=draft.certainty,
        headline=mark + said(draft.headline),
        description=said(draft.description),
        instruction=said(draft.instruction),
        sender_name=issuing.sender_name.in_language(language),
        area=said(draft.area.description),
        responses=("AllClear",) if issuing.msg_type is MsgType.CANCEL else tuple(draft.responses),
        expires_us=issuing.sent_us + round(draft.expires_min * MINUTE_US),
    )


def _banner(realm: Realm) -> str:
    return "" if realm.banner is None else f"{realm.banner.zh} {realm.banner.en}"


def _around(alarm: Alarm) -> list[Round]:
    """Return a circle around the alarm's place, where it has one."""
    placed = isfinite(alarm.longitude) and isfinite(alarm.latitude)
    return [Round(alarm.longitude, alarm.latitude, AROUND_M)] if placed else []


def _feed_of(rule: Rule | None) -> str:
    feed = rule.scope.feed if rule else None
    return feed if isinstance(feed, str) else feed[0] if feed else ""
