"""Public warnings: drafted from an alarm, issued by somebody who may, changed and taken back by messages that follow.

The center issues none by itself. Each message is kept, audited and handed to the routes of warnings in one transaction;
who changes a warning that somebody else changed meanwhile is told so (Fenced).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.alarm import Alarm, Refusal
from alerts.cap import MsgType, Reference, readable, write_cap
from alerts.notification_text import Content, mark, one_line
from alerts.notifying import WARNING, Wanted, told_of_warnings
from alerts.public_warning import Draft, Issuing, draft_of, message_of
from alerts.route import Route
from alerts.rule import Rule
from ops_center.domain.audit import by
from ops_center.domain.realms import Realm
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.store.notification_port import WarningMessage
from ops_center.store.port import Store

WARNINGS = Rights(see=PICTURE, change=frozenset({Role.COMMANDER, Role.COORDINATOR}))
UNKNOWN = Refusal("unknown", Label("没有这条报警或预警", "there is no such alarm or warning"))
NOT_YOURS = Refusal("forbidden", Label("无权就此发布预警", "your roles issue no warning about this"))
ENDED = Refusal("ended", Label("该预警已解除", "the warning was taken back"))


@dataclass(frozen=True, slots=True)
class Issuer:
    """In whose name warnings are issued."""

    city: str
    """id of the city, part of identifiers"""
    sender: str
    """as CAP wants it: unique in the world, of the city's own domain"""
    name: Label
    realm: Realm
    zone: tzinfo


class WarningDesk:
    """Issues warnings; what was issued stays."""

    def __init__(
        self,
        store: Store,
        issuer: Issuer,
        clock: Clock,
        rule_of: Callable[[str], Rule | None],
        place_of: Callable[[Alarm], Label | None],
    ) -> None:
        """``rule_of``: by name, as it is now; ``place_of``: what an alarm's place is called."""
        self._store = store
        self._issuer = issuer
        self._clock = clock
        self._rule_of = rule_of
        self._place_of = place_of

    def draft(self, asker: Asker, number: int) -> Draft | Refusal:
        """Return what a warning about an alarm might say; nothing is kept."""
        found = self._alarm(asker, number)
        if isinstance(found, Refusal):
            return found
        return draft_of(found, self._rule_of(found.rule), self._place_of(found))

    def issue_warning(self, asker: Asker, number: int, draft: Draft) -> WarningMessage | Refusal:
        """Issue a warning; ``number``: the alarm that it is about, 0: none, which asks for a grant over the city."""
        alarm = self._alarm(asker, number) if number else None
        if isinstance(alarm, Refusal):
            return alarm
        department, district = (alarm.department, alarm.district) if alarm else ("", "")
        if not asker.may_change_of(WARNINGS, department, district):
            return NOT_YOURS
        return self._keep(asker, draft, MsgType.ALERT, [], number, (department, district), "")

    def update_warning(self, asker: Asker, first: str, draft: Draft) -> WarningMessage | Refusal:
        """Replace what a warning says. Raises Fenced."""
        return self._follow(asker, first, draft, MsgType.UPDATE, "")

    def cancel_warning(self, asker: Asker, first: str, note: str) -> WarningMessage | Refusal:
        """Take a warning back, with the reason. Raises Fenced."""
        return self._follow(asker, first, None, MsgType.CANCEL, readable(note, 500))

    def warnings(self, asker: Asker, limit: int = 100) -> Sequence[WarningMessage]:
        """Return the messages that ``asker`` may see, newest first."""
        found = self._store.warnings.warnings(limit)
        return [one for one in found if asker.may_see_of(WARNINGS, one.department, one.district)]

    def _follow(
        self, asker: Asker, first: str, draft: Draft | None, kind: MsgType, note: str
    ) -> WarningMessage | Refusal:
        before = self._store.warnings.warning(first)
        if not before or not asker.may_see_of(WARNINGS, before[0].department, before[0].district):
            return UNKNOWN
        begun = before[0]
        if not asker.may_change_of(WARNINGS, begun.department, begun.district):
            return NOT_YOURS
        if before[-1].msg_type is MsgType.CANCEL:
            return ENDED
        scope = (begun.department, begun.district)
        return self._keep(asker, draft or before[-1].draft, kind, before, begun.alarm, scope, note)

    def _keep(
        self,
        asker: Asker,
        draft: Draft,
        kind: MsgType,
        before: Sequence[WarningMessage],
        alarm: int,
        scope: tuple[str, str],
        note: str,
    ) -> WarningMessage:
        issuer, now_us = self._issuer, self._clock.now_us()
        identifier = f"{issuer.city}-{issuer.realm.value}-{now_us // 1000}-{secrets.token_hex(4)}"
        references = [Reference(one.sender, one.identifier, one.sent_us) for one in before]
        issuing = Issuing(identifier, issuer.sender, issuer.name, issuer.realm, now_us, kind, tuple(references), note)
        written = write_cap(message_of(draft, issuing), issuer.zone).decode()
        message = WarningMessage(
            identifier=identifier,
            first=before[0].identifier if before else identifier,
            number=len(before) + 1,
            msg_type=kind,
            alarm=alarm,
            department=scope[0],
            district=scope[1],
            sender=issuer.sender,
            sent_us=now_us,
            author=asker.account,
            note=note,
            draft=draft,
            message=written,
        )
        wanted = [one for route in self._routes() for one in self._of_route(route, message)]
        detail = {"alarm": alarm, "first": message.first, "targets": len(wanted)}
        entry = by(asker, now_us, _ACTS[kind], identifier, detail=detail)
        self._store.warnings.warn(message, wanted, entry)
        return message

    def _routes(self) -> Sequence[Route]:
        return told_of_warnings(self._store.routes.routes(), self._issuer.realm)

    def _of_route(self, route: Route, message: WarningMessage) -> Iterator[Wanted]:
        for target in route.targets:
            yield Wanted(
                key=f"{WARNING}/{message.identifier}/{route.name}/{target}#1",
                route=route.name,
                route_version=route.version,
                channel=route.channel,
                target=target,
                alarm=0,
                act=WARNING,
                due_us=message.sent_us,
                content=_content(route, message, self._issuer.realm),
            )

    def _alarm(self, asker: Asker, number: int) -> Alarm | Refusal:
        alarm = next(iter(self._store.alarms.find([number])), None)
        if alarm is None or not asker.may_see_of(WARNINGS, alarm.department, alarm.district):
            return UNKNOWN
        return alarm if asker.may_change_of(WARNINGS, alarm.department, alarm.district) else NOT_YOURS


_ACTS = {MsgType.ALERT: "warnings.issued", MsgType.UPDATE: "warnings.updated", MsgType.CANCEL: "warnings.cancelled"}
_KINDS = {
    MsgType.ALERT: Label("预警", "warning"),
    MsgType.UPDATE: Label("更新", "update"),
    MsgType.CANCEL: Label("解除", "all clear"),
}


def _content(route: Route, message: WarningMessage, realm: Realm) -> Content:
    """Return the warning for people; programs and the drop folder take the CAP message."""
    draft = message.draft
    said = [
        words.label().in_language(route.language)
        for words in (draft.headline, draft.description, draft.instruction, draft.area.description)
    ]
    subject = f"{mark(realm, route.language)}{_KINDS[message.msg_type].in_language(route.language)}: {said[0]}"
    text = "\n\n".join(filter(None, (subject, *said[1:], message.note)))
    facts = {"identifier": message.identifier, "department": message.department, "district": message.district}
    if route.channel in {"webhook", "folder"}:
        facts["cap"] = message.message
    return Content(one_line(subject), readable(text), facts)
