"""Handing a shift over: what stands, written down in both languages from data, by whom and to whom, for good.

What is written is made by :mod:`ops_center.services.shift`; here is who may, to whom, and that nobody is passed unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from alerts import transitions
from alerts.alarm import Alarm, Refusal, Turn
from ops_center.domain.audit import by
from ops_center.domain.people import Account
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, Clock, in_zone
from ops_center.services.alarm_rights import ALARMS, may_change
from ops_center.services.alarms import AlarmDesk
from ops_center.services.shift import SHIFT_ACTS, Naming, Shift, figures_of, summary
from ops_center.store.alarm_port import HandOver, JournalLine, JournalQuery
from ops_center.store.port import Store

LONGEST_SHIFT_US = 24 * HOUR_US
USUAL_SHIFT_US = 8 * HOUR_US
LONGEST_REMARK = 2000
_AT_A_TIME = 2000
_HAND_OVERS_AT_A_TIME = 200

_NOBODY = Refusal("nobody", Label("没有这个账号，或已停用", "there is no such account, or it is disabled"))
_UNFIT = Refusal("unfit", Label("对方无权处理这些报警", "that account's roles act on none of these alarms"))
_YOURSELF = Refusal("yourself", Label("不能交给自己", "a shift isn't handed to oneself"))
_SPAN = Refusal("span", Label("班次须在过去24小时内", "a shift began within the last 24 hours"))
_LONG = Refusal("too_long", Label(f"备注最多{LONGEST_REMARK}字", f"a remark has at most {LONGEST_REMARK} characters"))
_RIGHTS = Refusal("forbidden", Label("无权交接班", "your roles hand over no shift"))


@dataclass(frozen=True, slots=True)
class Successor:
    """Somebody a shift may be handed to."""

    account: str
    display_name: str
    signed_in: bool


class HandOvers:
    """Hands shifts over; safe to use from any thread. Raises StoreError and StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        desk: AlarmDesk,
        label: Callable[[str], Label],
        zone: str,
        clock: Clock,
        thing: Callable[[Alarm], Label | None] = lambda _: None,
    ) -> None:
        """``label``: of a rule by its name; ``zone``: the city's, for the times in the text; ``thing``: of an alarm."""
        self._store = store
        self._desk = desk
        self._naming = Naming(label, thing, zone)
        self._clock = clock

    def list(self, asker: Asker, limit: int = 50, before: int | None = None) -> Sequence[HandOver]:
        """Return hand-overs of what ``asker`` may see, newest first."""
        found: list[HandOver] = []
        while page := self._store.desk.hand_overs(_HAND_OVERS_AT_A_TIME, before):
            found += [one for one in page if asker.may_see_of(ALARMS, one.department, one.district)]
            if len(page) < _HAND_OVERS_AT_A_TIME or len(found) >= limit:
                break
            before = page[-1].id
        return found[:limit]

    def find(self, asker: Asker, number: int) -> HandOver | None:
        """Return a hand-over as it was written; None: there is none that ``asker`` may see."""
        found = self._store.desk.hand_overs(1, number + 1)
        seen = [one for one in found if one.id == number and asker.may_see_of(ALARMS, one.department, one.district)]
        return seen[0] if seen else None

    def newest(self, asker: Asker, department: str = "", district: str = "") -> HandOver | None:
        """Return the last hand-over of exactly this scope; None: there is none that ``asker`` may see."""
        mine = asker.may_see_of(ALARMS, department, district)
        return self._store.desk.newest_hand_over(department, district) if mine else None

    def begun_us(self, asker: Asker) -> int:
        """Return when the shift of ``asker`` began, as far as that is known: when it was handed to them."""
        now_us = self._clock.now_us()
        mine = [one.at_us for one in self._store.desk.hand_overs() if one.to_account == asker.account]
        return mine[0] if mine and now_us - mine[0] < LONGEST_SHIFT_US else now_us - USUAL_SHIFT_US

    def successors(self, asker: Asker, department: str = "", district: str = "") -> Sequence[Successor]:
        """Return whom ``asker`` may hand the scope to, those first who are signed in; nobody without the right."""
        if not asker.may_change_of(ALARMS, department, district):
            return ()
        here = {session.account.name for session in self._store.sessions.list(self._clock.now_us())}
        fit = [one for one in self._store.accounts.list() if _is_fit(one, department, district)]
        found = [Successor(one.name, one.display_name, one.name in here) for one in fit if one.name != asker.account]
        return sorted(found, key=lambda one: (not one.signed_in, one.account))

    def draft(self, asker: Asker, since_us: int, department: str = "", district: str = "") -> HandOver:
        """Return what would be written now, to nobody and without an id."""
        shift = self._shift(asker, since_us, department, district)
        return HandOver(
            at_us=shift.at_us,
            since_us=since_us,
            from_account=asker.account,
            to_account="",
            department=department,
            district=district,
            text=summary(shift, self._naming),
            figures=figures_of(shift, self._naming),
        )

    def hand_over(
        self,
        asker: Asker,
        to: str,
        since_us: int,
        remark: str = "",
        department: str = "",
        district: str = "",
        seen: int | None = None,
    ) -> HandOver | Refusal:
        """Write the hand-over down, and give what is assigned to ``asker`` to the one who comes.

        ``seen``: id of the last hand-over of the scope that the asker knows of, 0 for none; refused where there is a
        newer one. None: they don't care.
        """
        if refusal := self._refusal(asker, to, since_us, remark, department, district):
            return refusal
        self._desk.look()
        draft = self.draft(asker, since_us, department, district)
        record = replace(draft, to_account=to, remark=remark)

        def give(written: HandOver, alarm: Alarm) -> Turn | None:
            if not may_change(asker, alarm):
                return None
            turn = transitions.hand_over(alarm, who=asker.account, now_us=record.at_us, to=to, summary=f"{written.id}")
            return turn if isinstance(turn, Turn) else None

        entry = by(asker, record.at_us, "alarms.handed_over", to)
        written = self._store.desk.hand_over(record, entry, seen, record.figures["assigned"], give)
        if written is None:
            return self._overtaken(asker, department, district)
        self._desk.look()
        return written

    def _overtaken(self, asker: Asker, department: str, district: str) -> Refusal:
        other = self.newest(asker, department, district)
        if other is None:
            return _RIGHTS
        at = in_zone(other.at_us, self._naming.zone).strftime("%H:%M:%S")
        who, to = other.from_account, other.to_account
        zh = f"{who} 已于 {at} 交班给 {to}，请核对后再交"
        return Refusal("overtaken", Label(zh, f"{who} handed over to {to} at {at}; look again, then hand over"))

    def _refusal(
        self, asker: Asker, to: str, since_us: int, remark: str, department: str, district: str
    ) -> Refusal | None:
        if not asker.may_change_of(ALARMS, department, district):
            return _RIGHTS
        if to == asker.account:
            return _YOURSELF
        account = self._store.accounts.find(to)
        if account is None or account.disabled_us is not None:
            return _NOBODY
        if not _is_fit(account, department, district):
            return _UNFIT
        if not self._clock.now_us() - LONGEST_SHIFT_US <= since_us <= self._clock.now_us():
            return _SPAN
        return _LONG if len(remark) > LONGEST_REMARK else None

    def _shift(self, asker: Asker, since_us: int, department: str, district: str) -> Shift:
        def meant(whose: Alarm | JournalLine) -> bool:
            return department in {"", whose.department} and district in {"", whose.district}

        found = [alarm for alarm in self._desk.picture(asker).alarms if meant(alarm)]
        lines = [line for line in self._lines(asker, since_us) if meant(line)]
        return Shift(since_us, self._clock.now_us(), found, lines, asker.account)

    def _lines(self, asker: Asker, since_us: int) -> Iterable[JournalLine]:
        before, wanted = None, JournalQuery(acts=SHIFT_ACTS, since_us=since_us, limit=_AT_A_TIME)
        while page := self._desk.journal(asker, replace(wanted, before=before)):
            yield from page
            if len(page) < _AT_A_TIME:
                return
            before = page[-1].id


def _is_fit(account: Account, department: str, district: str) -> bool:
    who = Asker(account.name, account.grants)
    return account.disabled_us is None and who.may_change_of(ALARMS, department, district)
