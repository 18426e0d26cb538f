"""The book: makes alarms of conditions, one writer for the city. Pure but for its memory: it asks no clock.

Its process feeds it what the second stage was fed and what that found, ticks it about once a second, puts in what
people did meanwhile, and commits the turns together with ``dump()``. What is delivered again, or out of order, changes
nothing: of each channel of an alarm the newest word counts, as long as it is open and for ten minutes afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerts import turns
from alerts.alarm import Alarm, Aside, Finding, State, Turn
from alerts.book_memory import Key, Memory, Word, dump, load
from alerts.conditions import ConditionBatch, Reason
from alerts.facts import Facts
from alerts.flood import Flood, FloodWatch
from alerts.grouping import Grouping
from alerts.priority import priority_of
from alerts.rule import Rule
from alerts.transitions import unshelve
from alerts.words import Words
from ops_center.domain.time import MINUTE_US

SAME_WITHIN_US = 10 * MINUTE_US
"""raised again so soon after it was closed, it is the same alarm (assumed: the window in which EEMUA 191 counts)"""
CALM_AFTER_US = 10 * MINUTE_US
"""without a raise for so long it chatters no more (assumed)"""


def key_of(alarm: Alarm) -> Key:
    """Return what makes it the same alarm."""
    return Key(alarm.rule, alarm.subject_kind, alarm.subject)


class Book:
    """All alarms that are open, and what is needed to tell what comes next."""

    def __init__(self, open_alarms: Iterable[Alarm], next_id: int, memory: bytes | None = None) -> None:
        """Begin with what the store holds. Raises WireError for a memory that is none."""
        kept = load(memory) if memory else Memory([], [], [], [], None)
        self.next_id = next_id
        """id of the next new alarm"""
        self._open: dict[int, Alarm] = {}
        self._closed: dict[int, Alarm] = {}
        """those closed a short while ago"""
        self._id_of: dict[Key, int] = {}
        self._changed: dict[int, Alarm] = {}
        """those that have to be grouped"""
        self._words = Words(kept.words, kept.raises)
        self._floods = FloodWatch(kept.lines, kept.flood)
        self._facts: Facts | None = None
        self._groups: Grouping | None = None
        self.strangers = 0
        """conditions of rules that nobody knows any more: not taken"""
        for alarm in (*kept.closed, *sorted(open_alarms, key=lambda one: (one.parent > 0, one.id))):
            self._keep(alarm)

    @property
    def open_alarms(self) -> Mapping[int, Alarm]:
        """Return what is open, by id."""
        return self._open

    @property
    def flood(self) -> Flood | None:
        """Return the flood under way; None while there is none."""
        return self._floods.flood

    def take(self, batch: ConditionBatch, facts: Facts, now_us: int) -> list[Turn]:
        """Return what conditions do to alarms, in their order; then what lies under what by it."""
        self._facts = facts
        found: list[Turn] = []
        columns = (batch.level, batch.entered, batch.reason, batch.time_us, batch.value, batch.limit)
        places = (batch.longitude, batch.latitude)
        rows = zip(batch.identities(), *(column.tolist() for column in (*columns, *places)), strict=True)
        for one, level, entered, reason, time_us, value, limit, longitude, latitude in rows:
            key = Key(one.rule, one.subject_kind, one.subject)
            if entered:
                finding = Finding(one.channel, level, one.onset_us, value, limit)
                found += self._enter(key, finding, (longitude, latitude), facts, time_us)
            else:
                withdrawn = reason == Reason.WITHDRAWN
                found += self._leave(key, one.channel, Word(one.onset_us, now_us), time_us, withdrawn=withdrawn)
        raised = [turn.alarm.id for turn in found if turn.entries[0].before is State.NORMAL]
        found += self._group(now_us)
        self._floods.raised([one for one in raised if one in self._open and self._open[one].wants_somebody], now_us)
        return found

    def tick(self, now_us: int, facts: Facts | None = None) -> list[Turn]:
        """Return what time does: shelves end, alarms that nobody acknowledges escalate, chattering ends.

        ``facts``: those of the last ``take`` where left out; before either nothing escalates or is grouped.
        """
        self._facts = facts or self._facts
        found: list[Turn] = []
        for alarm in list(self._open.values()):
            found += self._as_time_passes(alarm, now_us)
        found += self._group(now_us)
        self._forget(now_us)
        self._floods.passes(now_us)
        return found

    def put(self, alarm: Alarm) -> None:
        """Take an alarm as people left it; what that means for its group the next turns say."""
        self._keep(alarm)
        self.next_id = max(self.next_id, alarm.id + 1)

    def dump(self) -> bytes:
        """Return what is remembered beside the open alarms."""
        closed = sorted(self._closed.values(), key=lambda alarm: alarm.closed_us)
        return dump(Memory(*self._words.kept(), closed, *self._floods.kept()))

    def _keep(self, alarm: Alarm) -> None:
        self._id_of[key_of(alarm)] = alarm.id
        self._open.pop(alarm.id, None)
        self._closed.pop(alarm.id, None)
        (self._open if alarm.is_open else self._closed)[alarm.id] = alarm
        self._changed[alarm.id] = alarm

    def _kept(self, turn: Turn) -> Turn:
        self._keep(turn.alarm)
        return turn

    def _known(self, key: Key) -> Alarm | None:
        number = self._id_of.get(key, 0)
        return self._open.get(number) or self._closed.get(number)

    def _enter(
        self, key: Key, finding: Finding, place: tuple[float, float], facts: Facts, time_us: int
    ) -> Iterable[Turn]:
        rule = facts.rules.get(key.rule)
        alarm = self._known(key)
        if rule is None:
            self.strangers += 1
            return
        if finding.onset_us <= self._words.newest(alarm, key, finding.channel):
            return
        new = alarm is None or (not alarm.is_open and time_us > alarm.closed_us + SAME_WITHIN_US)
        raises = new or (alarm is not None and not alarm.stands)
        if alarm is None or new:
            turn = self._kept(turns.raised(self._new(key, rule, finding, place, facts)))
        else:
            turn = self._kept(turns.entered(alarm, finding, rule, time_us))
        yield turn
        if raises and self._words.raised(key, finding.onset_us) and not turn.alarm.chattering:
            yield self._kept(turns.chattering(turn.alarm, finding.onset_us, begins=True))

    def _leave(self, key: Key, channel: str, word: Word, time_us: int, *, withdrawn: bool) -> Iterable[Turn]:
        alarm = self._known(key)
        if word.onset_us < self._words.newest(alarm, key, channel):
            return
        self._words.over(key, channel, word)
        if alarm is not None and any(one.channel == channel for one in alarm.findings):
            rule = self._rule(key.rule)
            yield self._kept(turns.left(alarm, channel, time_us, rule, withdrawn=withdrawn))

    def _rule(self, name: str) -> Rule | None:
        return self._facts.rules.get(name) if self._facts else None

    def _new(self, key: Key, rule: Rule, finding: Finding, place: tuple[float, float], facts: Facts) -> Alarm:
        where = facts.place_of(key.subject_kind, key.subject)
        moving = place[0] == place[0] and place[1] == place[1]
        longitude, latitude = place if moving else (where.longitude, where.latitude)
        number, self.next_id = self.next_id, self.next_id + 1
        return Alarm(
            id=number, rule=key.rule, rule_version=rule.version, subject_kind=key.subject_kind, subject=key.subject,
            state=State.NORMAL, findings=(finding,), priority=priority_of(rule, finding.level), level=finding.level,
            value=finding.value, limit=finding.limit, raised_us=finding.onset_us, changed_us=finding.onset_us,
            longitude=longitude, latitude=latitude, thing=where.thing, department=where.department,
            district=where.district,
        )  # fmt: skip

    def _group(self, now_us: int) -> list[Turn]:
        """Return what lies under another alarm now, or under none any more."""
        if self._facts is None:
            return []
        if self._groups is None or self._groups.relations is not self._facts.relations:
            self._groups = Grouping(self._facts)
            self._changed = {**self._open, **self._changed}
        found: list[Turn] = []
        while self._changed:
            changed, self._changed = self._changed, {}
            times = ((alarm, self._words.last_raise(key_of(alarm)) or alarm.changed_us) for alarm in changed.values())
            self._groups.see(times, self._facts)
            for number, parent, why in self._groups.arrange():
                alarm = self._open[number]
                if alarm.parent != parent:
                    turn = turns.explained(alarm, parent, why, now_us) if parent else turns.freed(alarm, now_us)
                    found.append(self._kept(turn))
        return found

    def _as_time_passes(self, alarm: Alarm, now_us: int) -> Iterable[Turn]:
        if alarm.aside is Aside.SHELVED and alarm.aside_until_us <= now_us:
            turn = unshelve(alarm, "", now_us, "time is up")
            if isinstance(turn, Turn):
                alarm = turn.alarm
                yield self._kept(turn)
        if alarm.chattering and now_us - self._words.last_raise(key_of(alarm)) > CALM_AFTER_US:
            turn = turns.chattering(alarm, now_us, begins=False)
            alarm = turn.alarm
            yield self._kept(turn)
        rule = self._rule(alarm.rule)
        due = turns.escalated(alarm, rule, now_us, self._facts.escalate_after) if rule and self._facts else None
        if due:
            yield self._kept(due)

    def _forget(self, now_us: int) -> None:
        """Forget what was closed, and words and raises of what isn't open, once they are old."""
        before_us = now_us - SAME_WITHIN_US
        for number, alarm in list(self._closed.items()):
            if alarm.closed_us < before_us:
                del self._closed[number]
                if self._id_of.get(key_of(alarm)) == number:
                    del self._id_of[key_of(alarm)]
        self._words.forget(before_us, self._id_of)
