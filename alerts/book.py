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
from alerts.priority import priority_of
from alerts.rule import Rule
from alerts.transitions import unshelve
from ops_center.domain.time import MINUTE_US

SAME_WITHIN_US = 10 * MINUTE_US
"""raised again so soon after it was closed, it is the same alarm (assumed: the window in which EEMUA 191 counts)"""
CHATTERS_TIMES = 3
CHATTERS_WITHIN_US = MINUTE_US
"""three raises within a minute are chattering (ISA-18.2, EEMUA 191)"""
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
        for alarm in (*kept.closed, *open_alarms):
            self._keep(alarm)
        self._words = dict(kept.words)
        self._raises = dict(kept.raises)
        self._floods = FloodWatch(kept.lines, kept.flood)
        self._rules: Mapping[str, Rule] = {}
        self.strangers = 0
        """conditions of rules that nobody knows any more: not taken"""

    @property
    def open_alarms(self) -> Mapping[int, Alarm]:
        """Return what is open, by id."""
        return self._open

    @property
    def flood(self) -> Flood | None:
        """Return the flood under way; None while there is none."""
        return self._floods.flood

    def take(self, batch: ConditionBatch, facts: Facts, now_us: int) -> list[Turn]:
        """Return what conditions do to alarms, in their order."""
        self._rules = facts.rules
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
        lines = [turn.alarm.id for turn in found if turn.entries[0].before is State.NORMAL]
        self._floods.raised([one for one in lines if one in self._open and self._open[one].wants_somebody], now_us)
        return found

    def tick(self, now_us: int) -> list[Turn]:
        """Return what time does: shelves end, alarms that nobody acknowledges escalate, chattering ends."""
        found: list[Turn] = []
        for alarm in list(self._open.values()):
            found += self._as_time_passes(alarm, now_us)
        self._forget(now_us)
        self._floods.passes(now_us)
        return found

    def put(self, alarm: Alarm) -> None:
        """Take an alarm as people left it."""
        self._keep(alarm)
        self.next_id = max(self.next_id, alarm.id + 1)

    def dump(self) -> bytes:
        """Return what is remembered beside the open alarms."""
        closed = sorted(self._closed.values(), key=lambda alarm: alarm.closed_us)
        lines, flood = self._floods.kept()
        return dump(Memory(list(self._words.items()), list(self._raises.items()), closed, lines, flood))

    def _keep(self, alarm: Alarm) -> None:
        self._id_of[key_of(alarm)] = alarm.id
        self._open.pop(alarm.id, None)
        self._closed.pop(alarm.id, None)
        (self._open if alarm.is_open else self._closed)[alarm.id] = alarm

    def _kept(self, turn: Turn) -> Turn:
        self._keep(turn.alarm)
        return turn

    def _known(self, key: Key) -> Alarm | None:
        number = self._id_of.get(key, 0)
        return self._open.get(number) or self._closed.get(number)

    def _enter(self, key: Key, finding: Finding, place: tuple[float, float], facts: Facts, time_us: int) -> list[Turn]:
        rule = facts.rules.get(key.rule)
        if rule is None:
            self.strangers += 1
            return []
        alarm = self._known(key)
        if finding.onset_us <= self._newest(alarm, key, finding.channel):
            return []
        if alarm is None or (not alarm.is_open and time_us > alarm.closed_us + SAME_WITHIN_US):
            turn = turns.raised(self._new(key, rule, finding, place, facts))
            return [self._kept(turn), *self._chatters(turn.alarm, finding.onset_us, key)]
        stood = alarm.stands
        turn = self._kept(turns.entered(alarm, finding, rule, time_us))
        return [turn] if stood else [turn, *self._chatters(turn.alarm, finding.onset_us, key)]

    def _leave(self, key: Key, channel: str, word: Word, time_us: int, *, withdrawn: bool) -> list[Turn]:
        alarm = self._known(key)
        if word.onset_us < self._newest(alarm, key, channel):
            return []
        self._words.setdefault(key, {})[channel] = word
        if alarm is None or all(one.channel != channel for one in alarm.findings):
            return []
        return [self._kept(turns.left(alarm, channel, time_us, self._rules.get(key.rule), withdrawn=withdrawn))]

    def _newest(self, alarm: Alarm | None, key: Key, channel: str) -> int:
        """Return the newest onset of a channel that is known, whether it stands or is over; -1 of none."""
        over = self._words.get(key, {}).get(channel, Word(-1, 0)).onset_us
        return max((one.onset_us for one in alarm.findings if one.channel == channel), default=over) if alarm else over

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

    def _chatters(self, alarm: Alarm, onset_us: int, key: Key) -> list[Turn]:
        times = [*self._raises.get(key, ()), onset_us][-CHATTERS_TIMES:]
        self._raises[key] = times
        often = len(times) == CHATTERS_TIMES and times[-1] - times[0] <= CHATTERS_WITHIN_US
        if not often or alarm.chattering:
            return []
        return [self._kept(turns.chattering(alarm, onset_us, begins=True))]

    def _as_time_passes(self, alarm: Alarm, now_us: int) -> list[Turn]:
        found: list[Turn] = []
        if alarm.aside is Aside.SHELVED and alarm.aside_until_us <= now_us:
            turn = unshelve(alarm, "", now_us, "time is up")
            if isinstance(turn, Turn):
                found.append(turn)
        last = self._raises.get(key_of(alarm), [0])[-1]
        if alarm.chattering and now_us - last > CALM_AFTER_US:
            found.append(turns.chattering(found[-1].alarm if found else alarm, now_us, begins=False))
        rule = self._rules.get(alarm.rule)
        due = turns.escalated(found[-1].alarm if found else alarm, rule, now_us) if rule else None
        found += [due] if due else []
        for turn in found:
            self._keep(turn.alarm)
        return found

    def _forget(self, now_us: int) -> None:
        """Forget what was closed, and words and raises of what isn't open, once they are old."""
        for number, alarm in list(self._closed.items()):
            if alarm.closed_us < now_us - SAME_WITHIN_US:
                del self._closed[number]
                if self._id_of.get(key_of(alarm)) == number:
                    del self._id_of[key_of(alarm)]
        old_us = now_us - SAME_WITHIN_US
        for key in [key for key, said in self._words.items() if max(word.heard_us for word in said.values()) < old_us]:
            if key not in self._id_of:
                del self._words[key]
        for key in [key for key, times in self._raises.items() if times[-1] < old_us and key not in self._id_of]:
            del self._raises[key]
