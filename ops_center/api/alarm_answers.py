"""What ``/api/alarms`` answers: one structure for each answer, and how it is made of what services return."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from alerts.alarm import Alarm, Finding, Refusal
from alerts.conditions import Reason
from alerts.figures import Figures
from ops_center.api.alarm_forms import StateName
from ops_center.domain.text import Label
from ops_center.domain.time import to_datetime
from ops_center.services.alarm_cards import Nearby
from ops_center.services.alarms import Outcomes
from ops_center.store.alarm_port import ConditionRow, HandOver, JournalLine


class TextOut(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class FindingOut(BaseModel):
    """One condition that stands."""

    channel: str
    level: int
    onset: datetime
    value: float
    limit: float


class AlarmOut(BaseModel):
    """An alarm as it is now. Times are null where it never happened."""

    id: int
    rule: str
    rule_version: int
    label: TextOut
    subject_kind: int
    subject: int
    thing: int | None = Field(description="key of the thing concerned")
    name: TextOut | None = Field(description="of the thing")
    state: StateName
    priority: int = Field(description="1 critical to 4 low")
    level: int
    value: float
    limit: float
    findings: list[FindingOut]
    times: int
    raised: datetime
    changed: datetime
    returned: datetime | None
    acknowledged: datetime | None
    acknowledged_by: str
    closed: datetime | None
    aside: Literal["", "shelved", "suppressed", "out_of_service"]
    aside_until: datetime | None
    aside_reason: str
    aside_by: str
    parent: int | None
    explained_by: str
    department: str
    district: str
    assigned_department: str
    assigned_person: str
    escalated: int
    chattering: bool
    longitude: float | None
    latitude: float | None


class AlarmPage(BaseModel):
    """Some alarms, newest first; ask again with ``before`` = ``next`` for more."""

    alarms: list[AlarmOut]
    next: int | None


class JournalOut(BaseModel):
    """One line of the journal."""

    id: int
    alarm: int
    rule: str
    at: datetime
    recorded: datetime
    act: str
    actor: str = Field(description="account; empty: the center itself")
    reason: str
    before: str
    after: str
    rule_version: int
    detail: dict[str, Any]


class JournalPage(BaseModel):
    """Some lines, newest first; ask again with ``before`` = ``next`` for more."""

    lines: list[JournalOut]
    next: int | None


class NearbyOut(BaseModel):
    """A thing, and how far away it is."""

    thing: int
    kind: str
    name: TextOut
    distance_m: float
    longitude: float
    latitude: float


class RuleTexts(BaseModel):
    """The rule's line in the master alarm list."""

    cause: TextOut
    consequence: TextOut
    operator_action: TextOut
    department: TextOut
    respond_min: float


class AlarmDetail(BaseModel):
    """An alarm with everything that belongs to it."""

    alarm: AlarmOut
    texts: RuleTexts | None
    datastream: int | None
    parent: AlarmOut | None
    children: list[AlarmOut]
    journal: list[JournalOut]
    neighbours: list[NearbyOut]
    cameras: list[NearbyOut]


class ConditionOut(BaseModel):
    """One transition of a condition: it was entered, or left."""

    channel: str
    level: int
    entered: bool
    withdrawn: bool = Field(description="left because its rule changed or its subject went")
    time: datetime
    onset: datetime
    value: float
    limit: float
    rule_version: int


class OutcomeOut(BaseModel):
    """What became of one alarm; ``code``: why it was refused."""

    id: int
    done: bool
    code: str
    reason: TextOut | None


class OutcomesOut(BaseModel):
    """What became of each."""

    outcomes: list[OutcomeOut]


class ActorOut(BaseModel):
    """A rule over one subject, and how much it has to say."""

    rule: str
    subject_kind: int
    subject: int
    alarms: int
    share: float


class FiguresOut(BaseModel):
    """How well the alarms serve operators: EEMUA 191. Rates are of one operator; shares are 0 to 1."""

    since: datetime
    until: datetime
    operators: int
    alarms: int = Field(description="shown to operators")
    inhibited: int = Field(description="raised under another alarm or set aside")
    average: float = Field(description="in ten minutes")
    peak: float = Field(description="most in ten minutes")
    over_acceptable: float
    over_manageable: float
    in_flood: float
    standing: int
    stale: int
    chattering: int
    acknowledged: int
    acknowledge_p50_s: float | None
    acknowledge_p95_s: float | None
    worst: list[ActorOut]
    worst_share: float
    priorities: dict[str, float] = Field(description="share of each, by its number")


class HandOverOut(BaseModel):
    """A hand-over as it was written."""

    id: int
    at: datetime
    since: datetime
    from_account: str
    to_account: str
    department: str
    district: str
    text: TextOut
    remark: str
    figures: dict[str, Any]


def text_out(label: Label) -> TextOut:
    """Return a text as it is given."""
    return TextOut(zh=label.zh, en=label.en)


def moment(us: int) -> datetime | None:
    """Return a time; None where it never was."""
    return to_datetime(us) if us else None


def alarm_out(alarm: Alarm, label: Label, name: Label | None) -> AlarmOut:
    """Return an alarm as it is given."""
    plain = (
        "id", "rule", "rule_version", "subject_kind", "subject", "priority", "level", "value", "limit", "times",
        "acknowledged_by", "aside_reason", "aside_by", "explained_by", "department", "district",
        "assigned_department", "assigned_person", "escalated", "chattering",
    )  # fmt: skip
    return AlarmOut(
        **{field: getattr(alarm, field) for field in plain},
        label=text_out(label),
        name=text_out(name) if name else None,
        thing=alarm.thing if alarm.thing >= 0 else None,
        state=alarm.state.value,
        findings=[_finding_out(one) for one in alarm.findings],
        raised=to_datetime(alarm.raised_us),
        changed=to_datetime(alarm.changed_us),
        returned=moment(alarm.returned_us),
        acknowledged=moment(alarm.acknowledged_us),
        closed=moment(alarm.closed_us),
        aside=alarm.aside.value,
        aside_until=moment(alarm.aside_until_us),
        parent=alarm.parent or None,
        longitude=_known(alarm.longitude),
        latitude=_known(alarm.latitude),
    )


def journal_out(line: JournalLine) -> JournalOut:
    """Return a line as it is given."""
    return JournalOut(
        id=line.id,
        alarm=line.alarm,
        rule=line.rule,
        at=to_datetime(line.at_us),
        recorded=to_datetime(line.recorded_us),
        act=line.act.value,
        actor=line.actor,
        reason=line.reason,
        before=line.before.value,
        after=line.after.value,
        rule_version=line.rule_version,
        detail=dict(line.detail),
    )


def condition_out(row: ConditionRow) -> ConditionOut:
    """Return a transition as it is given."""
    plain = ("channel", "level", "entered", "value", "limit", "rule_version")
    return ConditionOut(
        **{name: getattr(row, name) for name in plain},
        withdrawn=row.reason == Reason.WITHDRAWN,
        time=to_datetime(row.time_us),
        onset=to_datetime(row.onset_us),
    )


def nearby_out(one: Nearby) -> NearbyOut:
    """Return a neighbour as it is given."""
    thing = one.thing
    return NearbyOut(
        thing=thing.key,
        kind=thing.kind,
        name=text_out(thing.name),
        distance_m=round(one.distance_m, 1),
        longitude=thing.longitude,
        latitude=thing.latitude,
    )


def outcomes_out(outcomes: Outcomes) -> OutcomesOut:
    """Return what became of each alarm."""
    return OutcomesOut(
        outcomes=[
            OutcomeOut(id=number, done=False, code=one.code, reason=text_out(one.label))
            if isinstance(one, Refusal)
            else OutcomeOut(id=number, done=True, code="", reason=None)
            for number, one in outcomes.items()
        ]
    )


def figures_out(found: Figures) -> FiguresOut:
    """Return figures as they are given."""
    plain = (
        "operators", "alarms", "inhibited", "average", "peak", "over_acceptable", "over_manageable", "in_flood",
        "standing", "stale", "chattering", "acknowledged", "worst_share",
    )  # fmt: skip
    return FiguresOut(
        **{name: getattr(found, name) for name in plain},
        since=to_datetime(found.from_us),
        until=to_datetime(found.to_us),
        acknowledge_p50_s=_known(found.acknowledge_p50_s),
        acknowledge_p95_s=_known(found.acknowledge_p95_s),
        worst=[
            ActorOut(
                rule=one.rule, subject_kind=one.subject[0], subject=one.subject[1], alarms=one.alarms, share=one.share
            )
            for one in found.worst
        ],
        priorities={str(int(priority)): share for priority, share in found.priorities.items()},
    )


def hand_over_out(record: HandOver) -> HandOverOut:
    """Return a hand-over as it is given."""
    return HandOverOut(
        id=record.id,
        at=to_datetime(record.at_us),
        since=to_datetime(record.since_us),
        from_account=record.from_account,
        to_account=record.to_account,
        department=record.department,
        district=record.district,
        text=text_out(record.text),
        remark=record.remark,
        figures=dict(record.figures),
    )


def _finding_out(one: Finding) -> FindingOut:
    return FindingOut(
        channel=one.channel, level=one.level, onset=to_datetime(one.onset_us), value=one.value, limit=one.limit
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
