"""Handing a shift over: what stands, written down in both languages from data, by whom and to whom, for good.

The text is made of the same numbers that are kept beside it, so that nothing can be said that nobody can look up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from alerts import transitions
from alerts.alarm import Act, Alarm, Aside, Refusal, State
from ops_center.domain.audit import by
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, Clock, in_zone
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.alarms import AlarmDesk
from ops_center.store.alarm_port import HandOver, JournalLine, JournalQuery
from ops_center.store.port import Store

LONGEST_SHIFT_US = 24 * HOUR_US
USUAL_SHIFT_US = 8 * HOUR_US
LONGEST_REMARK = 2000
_WORST = 5
_NAMED = 20
"""alarms named in a line; of more the number is said"""
_AT_A_TIME = 2000

_NOBODY = Refusal("nobody", Label("没有这个账号，或已停用", "there is no such account, or it is disabled"))
_YOURSELF = Refusal("yourself", Label("不能交给自己", "a shift isn't handed to oneself"))
_SPAN = Refusal("span", Label("班次须在过去24小时内", "a shift began within the last 24 hours"))
_LONG = Refusal("too_long", Label(f"备注最多{LONGEST_REMARK}字", f"a remark has at most {LONGEST_REMARK} characters"))
_RIGHTS = Refusal("forbidden", Label("无权交接班", "your roles hand over no shift"))

_WAITING = {State.UNACKNOWLEDGED, State.RETURNED, State.LATCHED_UNACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class Shift:
    """What is handed over: the open alarms of a scope, and what happened since the shift began."""

    since_us: int
    at_us: int
    open: Sequence[Alarm]
    lines: Sequence[JournalLine]
    """of the journal since then"""

    @property
    def standing(self) -> list[Alarm]:
        """Return what wants somebody, the most urgent first."""
        return sorted((a for a in self.open if a.wants_somebody), key=lambda a: (a.priority, a.raised_us, a.id))

    @property
    def unacknowledged(self) -> list[Alarm]:
        """Return what nobody has acknowledged."""
        return [alarm for alarm in self.standing if alarm.state in _WAITING]

    def aside(self, why: Aside) -> list[Alarm]:
        """Return what is set aside for a reason."""
        return [alarm for alarm in self.open if alarm.aside is why]

    @property
    def raised(self) -> int:
        """Return how often anything was raised in the shift."""
        return sum(1 for _ in self._raises())

    def worst(self) -> list[tuple[str, int]]:
        """Return the rules that were raised most often, and how often."""
        return Counter(line.rule for line in self._raises()).most_common(_WORST)

    def _raises(self) -> Iterable[JournalLine]:
        return (line for line in self.lines if line.act is Act.RAISED or "times" in line.detail)


class HandOvers:
    """Hands shifts over; safe to use from any thread. Raises StoreError and StoreUnavailable."""

    def __init__(self, store: Store, desk: AlarmDesk, label: Callable[[str], Label], zone: str, clock: Clock) -> None:
        """``label``: of a rule by its name; ``zone``: the city's, for the times in the text."""
        self._store = store
        self._desk = desk
        self._label = label
        self._zone = zone
        self._clock = clock

    def list(self, asker: Asker, limit: int = 50, before: int | None = None) -> Sequence[HandOver]:
        """Return hand-overs of what ``asker`` may see, newest first."""
        found = self._store.desk.hand_overs(limit, before)
        return [one for one in found if asker.may_see_of(ALARMS, one.department, one.district)]

    def begun_us(self, asker: Asker) -> int:
        """Return when the shift of ``asker`` began, as far as that is known: when it was handed to them."""
        now_us = self._clock.now_us()
        mine = [one.at_us for one in self._store.desk.hand_overs() if one.to_account == asker.account]
        return mine[0] if mine and now_us - mine[0] < LONGEST_SHIFT_US else now_us - USUAL_SHIFT_US

    def draft(self, asker: Asker, since_us: int, department: str = "", district: str = "") -> tuple[Shift, Label]:
        """Return what would be handed over now, and its text."""
        shift = self._shift(asker, since_us, department, district)
        return shift, summary(shift, self._label, self._zone)

    def hand_over(
        self, asker: Asker, to: str, since_us: int, remark: str = "", department: str = "", district: str = ""
    ) -> HandOver | Refusal:
        """Write the hand-over down, and give what is assigned to ``asker`` to the one who comes."""
        if refusal := self._refusal(asker, to, since_us, remark, department, district):
            return refusal
        self._desk.look()
        shift, text = self.draft(asker, since_us, department, district)
        record = HandOver(
            at_us=shift.at_us,
            since_us=since_us,
            from_account=asker.account,
            to_account=to,
            department=department,
            district=district,
            text=text,
            remark=remark,
            figures=figures_of(shift),
        )
        written = self._store.desk.hand_over(record, by(asker, shift.at_us, "alarms.handed_over", to))
        mine = [alarm.id for alarm in shift.open if alarm.assigned_person == asker.account]
        if mine:
            said = f"{written.id}"
            act = partial(transitions.hand_over, who=asker.account, now_us=shift.at_us, to=to, summary=said)
            self._desk.command(asker, mine, "alarms.handed_over", act, {"to": to, "hand_over": written.id})
        return written

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
        if not self._clock.now_us() - LONGEST_SHIFT_US <= since_us <= self._clock.now_us():
            return _SPAN
        return _LONG if len(remark) > LONGEST_REMARK else None

    def _shift(self, asker: Asker, since_us: int, department: str, district: str) -> Shift:
        def meant(whose: Alarm | JournalLine) -> bool:
            return department in {"", whose.department} and district in {"", whose.district}

        found = [alarm for alarm in self._desk.picture(asker).alarms if meant(alarm)]
        lines = [line for line in self._lines(asker, since_us) if meant(line)]
        return Shift(since_us, self._clock.now_us(), found, lines)

    def _lines(self, asker: Asker, since_us: int) -> Iterable[JournalLine]:
        before = None
        while page := self._desk.journal(asker, JournalQuery(since_us=since_us, before=before, limit=_AT_A_TIME)):
            yield from page
            if len(page) < _AT_A_TIME:
                return
            before = page[-1].id


def figures_of(shift: Shift) -> dict[str, object]:
    """Return what the text is made of, as JSON values."""
    return {
        "standing": [alarm.id for alarm in shift.standing],
        "unacknowledged": [alarm.id for alarm in shift.unacknowledged],
        "shelved": [alarm.id for alarm in shift.aside(Aside.SHELVED)],
        "out_of_service": [alarm.id for alarm in shift.aside(Aside.OUT_OF_SERVICE)],
        "suppressed": len(shift.aside(Aside.SUPPRESSED)),
        "raised": shift.raised,
        "acknowledged": sum(line.act is Act.ACKNOWLEDGED for line in shift.lines),
        "worst": [{"rule": rule, "times": times} for rule, times in shift.worst()],
    }


def summary(shift: Shift, label: Callable[[str], Label], zone: str) -> Label:
    """Return the text of a hand-over, in both languages."""

    def when(us: int) -> str:
        return in_zone(us, zone).strftime("%m-%d %H:%M")

    def named(alarms: Sequence[Alarm]) -> tuple[str, str]:
        shown = alarms[:_NAMED]
        more = len(alarms) - len(shown)
        zh = "；".join(f"#{a.id} {label(a.rule).zh}（{when(a.raised_us)}起）" for a in shown)
        en = "; ".join(f"#{a.id} {label(a.rule).en} (since {when(a.raised_us)})" for a in shown)
        return zh + (f"；另{more}条" if more else ""), en + (f"; {more} more" if more else "")

    zh = [f"班次 {when(shift.since_us)} 至 {when(shift.at_us)}：触发{shift.raised}次。"]
    en = [f"Shift from {when(shift.since_us)} to {when(shift.at_us)}: raised {shift.raised} times."]
    parts = (
        (Label("未确认", "Not acknowledged"), shift.unacknowledged),
        (Label("仍在列表", "Standing"), shift.standing),
        (Label("已搁置", "Shelved"), shift.aside(Aside.SHELVED)),
        (Label("已停用", "Out of service"), shift.aside(Aside.OUT_OF_SERVICE)),
    )
    for name, alarms in parts:
        in_zh, in_en = named(alarms)
        zh.append(f"{name.zh} {len(alarms)}条" + (f"：{in_zh}。" if alarms else "。"))
        en.append(f"{name.en}: {len(alarms)}" + (f" — {in_en}." if alarms else "."))
    if worst := shift.worst():
        zh.append("最频繁：" + "；".join(f"{label(rule).zh} {times}次" for rule, times in worst) + "。")
        en.append("Most often: " + "; ".join(f"{label(rule).en} {times}×" for rule, times in worst) + ".")
    return Label("\n".join(zh), "\n".join(en))
