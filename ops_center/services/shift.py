"""What one shift leaves to the next: the open alarms of a scope, what happened meanwhile, and the text made of both.

The text is made of the same values that are kept beside it, so that nothing can be said that nobody can look up. Rows
carry the names of rules and things as they are now: a hand-over reads the same after both were renamed. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.alarm import Act, Alarm, Aside, State
from alerts.figures import AT_ONCE_US
from alerts.flood import FloodWatch
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.store.alarm_port import JournalLine

SHIFT_ACTS = (Act.RAISED, Act.JOINED, Act.ACKNOWLEDGED, Act.SUPPRESSED)
"""what of the journal counts in a shift"""
_WORST = 5
_NAMED = 20
"""alarms named in a line of the text; of more the number is said"""
MOST_ROWS = 200
"""alarms of each kind that are kept with their names; of more the numbers are"""

_WAITING = {State.UNACKNOWLEDGED, State.RETURNED, State.LATCHED_UNACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class Flooded:
    """A flood that began in the shift: its first and its last alarm, and how many there were."""

    since_us: int
    until_us: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Shift:
    """What is handed over: the open alarms of a scope, and what happened since the shift began."""

    since_us: int
    at_us: int
    open: Sequence[Alarm]
    lines: Sequence[JournalLine]
    """of the journal since then (SHIFT_ACTS), in any order"""
    account: str = ""
    """whose shift it is"""

    @property
    def standing(self) -> list[Alarm]:
        """Return what wants somebody, the most urgent first."""
        return sorted((a for a in self.open if a.wants_somebody), key=lambda a: (a.priority, a.raised_us, a.id))

    @property
    def unacknowledged(self) -> list[Alarm]:
        """Return what nobody has acknowledged."""
        return [alarm for alarm in self.standing if is_waiting(alarm.state)]

    @property
    def assigned(self) -> list[Alarm]:
        """Return what the one who leaves was to see to, set aside or not."""
        mine = (alarm for alarm in self.open if self.account and alarm.assigned_person == self.account)
        return sorted(mine, key=lambda alarm: (alarm.priority, alarm.raised_us, alarm.id))

    def aside(self, why: Aside) -> list[Alarm]:
        """Return what is set aside for a reason; what comes back first is first."""
        found = (alarm for alarm in self.open if alarm.aside is why)
        return sorted(found, key=lambda alarm: (alarm.aside_until_us or 2**62, alarm.id))

    @property
    def raised(self) -> int:
        """Return how often anything was raised in the shift."""
        return sum(1 for _ in self._raises())

    @property
    def acknowledged(self) -> int:
        """Return how often anything was acknowledged in the shift."""
        return sum(line.act is Act.ACKNOWLEDGED for line in self.lines)

    def worst(self) -> list[tuple[str, int]]:
        """Return the rules that were raised most often, and how often."""
        return Counter(line.rule for line in self._raises()).most_common(_WORST)

    def floods(self) -> list[Flooded]:
        """Return the floods of the shift (ISA-18.2): of lines, and not of what another alarm explained at once."""
        watch, found = FloodWatch(), dict[int, Flooded]()
        for line in sorted(self._shown(), key=lambda line: (line.at_us, line.id)):
            watch.raised([line.alarm], line.at_us)
            if watch.flood is not None:
                since_us = watch.flood.since_us
                found[since_us] = Flooded(since_us, line.at_us, watch.flood.lines)
        return list(found.values())

    def _shown(self) -> Iterable[JournalLine]:
        """Return the raises that became lines of their own, as the figures count them."""
        under: dict[int, list[int]] = {}
        for line in self.lines:
            if line.act is Act.SUPPRESSED:
                under.setdefault(line.alarm, []).append(line.recorded_us)
        for line in self.lines:
            soon = any(0 <= at_us - line.recorded_us <= AT_ONCE_US for at_us in under.get(line.alarm, ()))
            if line.act is Act.RAISED and not soon:
                yield line

    def _raises(self) -> Iterable[JournalLine]:
        return (line for line in self.lines if line.act is Act.RAISED or "times" in line.detail)


@dataclass(frozen=True, slots=True)
class Naming:
    """What rules and things are called, and the city's time zone."""

    rule: Callable[[str], Label]
    thing: Callable[[Alarm], Label | None]
    zone: str


def is_waiting(state: str) -> bool:
    """Return whether an alarm in this state waits to be acknowledged."""
    return state in _WAITING


def figures_of(shift: Shift, naming: Naming) -> dict[str, Any]:
    """Return what the text is made of, as JSON values; ``rows``: the alarms with their names, the first MOST_ROWS."""
    listed = {
        "standing": shift.standing,
        "assigned": shift.assigned,
        "shelved": shift.aside(Aside.SHELVED),
        "out_of_service": shift.aside(Aside.OUT_OF_SERVICE),
    }
    return {
        **{kind: [alarm.id for alarm in alarms] for kind, alarms in listed.items()},
        "unacknowledged": [alarm.id for alarm in shift.unacknowledged],
        "suppressed": len(shift.aside(Aside.SUPPRESSED)),
        "raised": shift.raised,
        "acknowledged": shift.acknowledged,
        "worst": [{"rule": rule, "label": _both(naming.rule(rule)), "times": n} for rule, n in shift.worst()],
        "floods": [{"since": one.since_us, "until": one.until_us, "alarms": one.alarms} for one in shift.floods()],
        "rows": {kind: [_row(alarm, naming) for alarm in alarms[:MOST_ROWS]] for kind, alarms in listed.items()},
    }


def summary(shift: Shift, naming: Naming) -> Label:
    """Return the text of a hand-over, in both languages."""
    start, end = _when(shift.since_us, naming.zone), _when(shift.at_us, naming.zone)
    zh = [f"班次 {start} 至 {end}：触发{shift.raised}次。"]
    en = [f"Shift from {start} to {end}: raised {shift.raised} times."]
    parts = (
        (Label("未确认", "Not acknowledged"), shift.unacknowledged),
        (Label("仍在列表", "Standing"), shift.standing),
        (Label("已搁置", "Shelved"), shift.aside(Aside.SHELVED)),
        (Label("已停用", "Out of service"), shift.aside(Aside.OUT_OF_SERVICE)),
        (Label("交班人名下", "Assigned to who leaves"), shift.assigned),
    )
    for name, alarms in parts:
        in_zh, in_en = _listed(alarms, naming)
        zh.append(f"{name.zh} {len(alarms)}条" + (f"：{in_zh}。" if alarms else "。"))
        en.append(f"{name.en}: {len(alarms)}" + (f" — {in_en}." if alarms else "."))
    if worst := shift.worst():
        zh.append("最频繁：" + "；".join(f"{naming.rule(rule).zh} {times}次" for rule, times in worst) + "。")
        en.append("Most often: " + "; ".join(f"{naming.rule(rule).en} {times}×" for rule, times in worst) + ".")
    for flood in shift.floods():
        since, until = _when(flood.since_us, naming.zone), _when(flood.until_us, naming.zone)
        zh.append(f"报警洪泛 {since} 至 {until}：{flood.alarms}条。")
        en.append(f"Alarm flood from {since} to {until}: {flood.alarms} alarms.")
    return Label("\n".join(zh), "\n".join(en))


def _listed(alarms: Sequence[Alarm], naming: Naming) -> tuple[str, str]:
    told = [_told(alarm, naming) for alarm in alarms[:_NAMED]]
    more = len(alarms) - len(told)
    zh, en = "；".join(one.zh for one in told), "; ".join(one.en for one in told)
    return zh + (f"；另{more}条" if more else ""), en + (f"; {more} more" if more else "")


def _told(alarm: Alarm, naming: Naming) -> Label:
    rule, since = naming.rule(alarm.rule), _when(alarm.raised_us, naming.zone)
    zh, en = f"{since}起", f"since {since}"
    if alarm.aside_until_us:
        until = _when(alarm.aside_until_us, naming.zone)
        zh, en = f"{zh}，至{until}", f"{en}, until {until}"
    if alarm.aside is not Aside.NONE and alarm.aside_reason:
        zh, en = f"{zh}，{alarm.aside_reason}", f"{en}, {alarm.aside_reason}"
    return Label(f"#{alarm.id} {rule.zh}（{zh}）", f"#{alarm.id} {rule.en} ({en})")


def _row(alarm: Alarm, naming: Naming) -> Mapping[str, Any]:
    thing = naming.thing(alarm)
    return {
        "id": alarm.id,
        "rule": _both(naming.rule(alarm.rule)),
        "thing": _both(thing) if thing else None,
        "priority": int(alarm.priority),
        "state": alarm.state.value,
        "aside": alarm.aside.value,
        "since": alarm.raised_us,
        "until": alarm.aside_until_us,
        "reason": alarm.aside_reason,
        "by": alarm.aside_by,
        "person": alarm.assigned_person,
    }


def _when(us: int, zone: str) -> str:
    return in_zone(us, zone).strftime("%m-%d %H:%M")


def _both(label: Label) -> Mapping[str, str]:
    return {"zh": label.zh, "en": label.en}
