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
from alerts.notifying import WARNING, Wanted, told_of_warnings
from alerts.public_warning import Draft, Issuing, draft_of, message_of
from alerts.route import Route
from alerts.rule import Rule
from ops_center.domain.audit import by
from ops_center.domain.realms import Realm
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.services.warning_content import content_of
from ops_center.store.notification_port import Notification, WarningMessage
from ops_center.store.port import Store

WARNINGS = Rights(see=PICTURE, change=frozenset({Role.COMMANDER, Role.COORDINATOR}))
UNKNOWN = Refusal("unknown", Label("没有这条报警或预警", "there is no such alarm or warning"))
NOT_YOURS = Refusal("forbidden", Label("无权就此发布预警", "your roles issue no warning about this"))
ENDED = Refusal("ended", Label("该预警已解除", "the warning was taken back"))
PASSED = Refusal(
    "passed",
    Label("该预警刚被他人更新，请按最新内容再改", "somebody has updated it meanwhile: start from what it says now"),
)
_UNISSUED = "preview"
"""stands where a message that is issued has a part that nobody can guess"""


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

    def update_warning(self, asker: Asker, first: str, draft: Draft, seen: int = 0) -> WarningMessage | Refusal:
        """Replace what a warning says; ``seen``: the number of its message that was looked at. Raises Fenced."""
        return self._follow(asker, first, draft, MsgType.UPDATE, "", seen)

    def cancel_warning(self, asker: Asker, first: str, note: str, seen: int = 0) -> WarningMessage | Refusal:
        """Take a warning back, with the reason. Raises Fenced."""
        return self._follow(asker, first, None, MsgType.CANCEL, readable(note, 500), seen)

    def preview(self, draft: Draft, first: str = "") -> str:
        """Return the CAP message that would be sent now; ``first``: of the warning that it would replace."""
        before = self._store.warnings.warning(first) if first else ()
        kind = MsgType.UPDATE if before else MsgType.ALERT
        return self._written(draft, self._identifier(self._clock.now_us(), _UNISSUED), kind, before, "")

    def messages(self, asker: Asker, first: str) -> Sequence[WarningMessage]:
        """Return all messages of a warning, oldest first; none where there is none that ``asker`` may see."""
        found = self._store.warnings.warning(first)
        return found if found and asker.may_see_of(WARNINGS, found[0].department, found[0].district) else ()

    def may_issue(self, asker: Asker, department: str, district: str) -> bool:
        """Return whether ``asker`` may warn about what belongs to a department in a district ("": to none)."""
        return asker.may_change_of(WARNINGS, department, district)

    def ways_out(self) -> Sequence[Route]:
        """Return the routes by which a warning would leave now, in this realm."""
        return self._routes()

    def sent(self, messages: Sequence[WarningMessage]) -> Sequence[Notification]:
        """Return what became of each way out of messages that were shown to whoever asks."""
        return self._store.warnings.sent([one.identifier for one in messages]) if messages else ()

    def warnings(self, asker: Asker, limit: int = 100) -> Sequence[WarningMessage]:
        """Return the messages that ``asker`` may see, newest first."""
        found = self._store.warnings.warnings(limit)
        return [one for one in found if asker.may_see_of(WARNINGS, one.department, one.district)]

    def _follow(
        self, asker: Asker, first: str, draft: Draft | None, kind: MsgType, note: str, seen: int
    ) -> WarningMessage | Refusal:
        before = self._store.warnings.warning(first)
        if not before or not asker.may_see_of(WARNINGS, before[0].department, before[0].district):
            return UNKNOWN
        begun = before[0]
        if not asker.may_change_of(WARNINGS, begun.department, begun.district):
            return NOT_YOURS
        if before[-1].msg_type is MsgType.CANCEL:
            return ENDED
        if seen and before[-1].number != seen:
            return PASSED
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
        identifier = self._identifier(now_us, secrets.token_hex(4))
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
            message=self._written(draft, identifier, kind, before, note, now_us),
        )
        wanted = [one for route in self._routes() for one in self._of_route(route, message)]
        detail = {"alarm": alarm, "first": message.first, "targets": len(wanted)}
        entry = by(asker, now_us, _ACTS[kind], identifier, detail=detail)
        self._store.warnings.warn(message, wanted, entry)
        return message

    def _identifier(self, now_us: int, part: str) -> str:
        return f"{self._issuer.city}-{self._issuer.realm.value}-{now_us // 1000}-{part}"

    def _written(
        self,
        draft: Draft,
        identifier: str,
        kind: MsgType,
        before: Sequence[WarningMessage],
        note: str,
        sent_us: int = 0,
    ) -> str:
        """Return the CAP message; ``sent_us`` 0: now."""
        issuer, sent_us = self._issuer, sent_us or self._clock.now_us()
        references = tuple(Reference(one.sender, one.identifier, one.sent_us) for one in before)
        issuing = Issuing(identifier, issuer.sender, issuer.name, issuer.realm, sent_us, kind, references, note)
        return write_cap(message_of(draft, issuing), issuer.zone).decode()

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
                content=content_of(route, message, self._issuer.realm),
            )

    def _alarm(self, asker: Asker, number: int) -> Alarm | Refusal:
        alarm = next(iter(self._store.alarms.find([number])), None)
        if alarm is None or not asker.may_see_of(WARNINGS, alarm.department, alarm.district):
            return UNKNOWN
        return alarm if asker.may_change_of(WARNINGS, alarm.department, alarm.district) else NOT_YOURS


_ACTS = {MsgType.ALERT: "warnings.issued", MsgType.UPDATE: "warnings.updated", MsgType.CANCEL: "warnings.cancelled"}
