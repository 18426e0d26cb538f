"""The alarm desk: what screens and ``/api`` ask about alarms, and what people do to them.

Who asks comes first, everywhere. A command names alarms and is one transaction: each alarm is judged as it is in that
moment, what is refused is said by alarm, and journal, change and audit are written with it or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from alerts import transitions
from alerts.alarm import Act as AlarmAct
from alerts.alarm import Alarm, Refusal, Turn
from ops_center.domain.audit import by
from ops_center.domain.errors import StoreError
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.services.alarm_rights import ALARMS, NOT_YOURS, UNKNOWN, may_change, may_see, scopes_of
from ops_center.services.alarm_watch import AlarmWatch
from ops_center.services.attachments import as_attachment
from ops_center.store.alarm_port import (
    AlarmPicture,
    AlarmQuery,
    Attachment,
    ConditionQuery,
    ConditionRow,
    JournalLine,
    JournalQuery,
    SavedView,
)
from ops_center.store.port import Store

Outcome = Turn | Refusal
Outcomes = Mapping[int, Outcome]
Act = Callable[[Alarm], Outcome]

MOST_AT_ONCE = 5000
"""alarms of one command"""
_MANY = Refusal("too_many", Label(f"一次最多{MOST_AT_ONCE}条", f"at most {MOST_AT_ONCE} alarms at once"))


@dataclass(frozen=True, slots=True)
class AlarmDelta:
    """What somebody may see of what changed; ``complete``: it is everything there is, forget what you had."""

    seq: int
    open: Sequence[Alarm]
    gone: Sequence[int]
    complete: bool


class AlarmDesk:
    """Safe to use from any thread. Reads of open alarms come from memory; the others wait for the database.

    Commands raise StoreError and StoreUnavailable; then nothing was done, unless the connection was lost while
    committing.
    """

    def __init__(self, store: Store, watch: AlarmWatch, clock: Clock) -> None:
        self._store = store
        self._watch = watch
        self._clock = clock

    def picture(self, asker: Asker) -> AlarmPicture:
        """Return the open alarms that ``asker`` may see."""
        picture = self._watch.picture()
        if asker.sees_all(ALARMS):
            return picture
        return replace(picture, alarms=tuple(alarm for alarm in picture.alarms if may_see(asker, alarm)))

    def look(self) -> None:
        """Make what is in memory the newest there is. Raises StoreError."""
        self._watch.look()

    def changes(self, asker: Asker, after_seq: int) -> AlarmDelta:
        """Return what changed behind ``after_seq`` of what ``asker`` may see; everything where that is too long ago.

        What left somebody's scope (it was assigned elsewhere) is gone for them.
        """
        found = self._watch.since(after_seq)
        if found is None:
            picture = self.picture(asker)
            return AlarmDelta(picture.seq, picture.alarms, (), True)
        seq, changed = found
        shown = [alarm for alarm in changed if alarm.is_open and may_see(asker, alarm)]
        kept = {alarm.id for alarm in shown}
        return AlarmDelta(seq, shown, [alarm.id for alarm in changed if alarm.id not in kept], False)

    def find(self, asker: Asker, number: int) -> Alarm | None:
        """Return an alarm, open or closed; None: there is none that ``asker`` may see."""
        found = self._store.alarms.find([number])
        return found[0] if found and may_see(asker, found[0]) else None

    def search(self, asker: Asker, query: AlarmQuery) -> Sequence[Alarm]:
        """Return alarms, closed ones too, newest first."""
        return self._store.alarms.search(replace(query, scopes=scopes_of(asker)))

    def standing_at(self, asker: Asker, at_us: int) -> Sequence[Alarm]:
        """Return the alarms that were open at a moment, in the state they were in, by id."""
        return self._store.alarms.standing_at(at_us, scopes_of(asker))

    def journal(self, asker: Asker, query: JournalQuery) -> Sequence[JournalLine]:
        """Return lines of the journal, newest first."""
        return self._store.alarms.journal(replace(query, scopes=scopes_of(asker)))

    def conditions(self, asker: Asker, number: int, limit: int = 1000) -> Sequence[ConditionRow] | None:
        """Return what was found since an alarm was raised, by its rule over its subject; None: none to be seen."""
        alarm = self.find(asker, number)
        if alarm is None:
            return None
        whose = {"rule": alarm.rule, "subject_kind": alarm.subject_kind, "subject": alarm.subject}
        return self._store.alarms.conditions(ConditionQuery(**whose, since_us=alarm.raised_us, limit=limit))  # type: ignore[arg-type]

    def acknowledge(
        self, asker: Asker, ids: Sequence[int], comment: str = "", *, with_children: bool = False
    ) -> Outcomes:
        """Say that somebody knows of them; ``with_children``: and of what they explain."""
        wanted = [*ids, *self._children(asker, ids)] if with_children else ids
        act = partial(transitions.acknowledge, who=asker.account, now_us=self._clock.now_us(), comment=comment)
        return self.command(asker, wanted, "alarms.acknowledged", act)

    def reset(self, asker: Asker, ids: Sequence[int], comment: str = "") -> Outcomes:
        """Close latched alarms whose conditions are over."""
        act = partial(transitions.reset, who=asker.account, now_us=self._clock.now_us(), comment=comment)
        return self.command(asker, ids, "alarms.reset", act)

    def shelve(self, asker: Asker, ids: Sequence[int], until_us: int, reason: str) -> Outcomes:
        """Set them aside until a time."""
        said = {"until_us": until_us, "reason": reason}
        act = partial(transitions.shelve, who=asker.account, now_us=self._clock.now_us(), **said)  # type: ignore[arg-type]
        return self.command(asker, ids, "alarms.shelved", act, said)

    def unshelve(self, asker: Asker, ids: Sequence[int], reason: str = "") -> Outcomes:
        """Take them back from the shelf."""
        act = partial(transitions.unshelve, who=asker.account, now_us=self._clock.now_us(), reason=reason)
        return self.command(asker, ids, "alarms.unshelved", act)

    def out_of_service(self, asker: Asker, ids: Sequence[int], reason: str) -> Outcomes:
        """Set them aside until somebody takes them back: what they watch is being worked on."""
        act = partial(transitions.out_of_service, who=asker.account, now_us=self._clock.now_us(), reason=reason)
        return self.command(asker, ids, "alarms.out_of_service", act, {"reason": reason})

    def in_service(self, asker: Asker, ids: Sequence[int], reason: str = "") -> Outcomes:
        """Take back what was out of service."""
        act = partial(transitions.in_service, who=asker.account, now_us=self._clock.now_us(), reason=reason)
        return self.command(asker, ids, "alarms.in_service", act)

    def assign(self, asker: Asker, ids: Sequence[int], department: str, person: str = "") -> Outcomes:
        """Give them to a department and perhaps a person of it; both empty: to nobody."""
        said = {"department": department, "person": person}
        act = partial(transitions.assign, who=asker.account, now_us=self._clock.now_us(), **said)  # type: ignore[arg-type]
        return self.command(asker, ids, "alarms.assigned", act, said)

    def comment(self, asker: Asker, ids: Sequence[int], text: str) -> Outcomes:
        """Write a remark into the journal of each."""
        act = partial(transitions.comment, who=asker.account, now_us=self._clock.now_us(), text=text)
        return self.command(asker, ids, "alarms.commented", act)

    def attach(self, asker: Asker, ids: Sequence[int], held: bytes, name: str) -> Outcomes:
        """Keep a file and note it in the journal of each."""
        file = as_attachment(held)
        if isinstance(file, Refusal):
            return dict.fromkeys(ids, file)
        mine = [alarm.id for alarm in self._store.alarms.find(ids) if may_change(asker, alarm)]
        if mine:  # before the journal names it; a file that no line names does no harm
            self._store.desk.keep_attachment(file, asker.account)
        said = {"content": file.hash, "name": name, "kind": file.kind}
        act = partial(transitions.attach, who=asker.account, now_us=self._clock.now_us(), **said)  # type: ignore[arg-type]
        return self.command(asker, ids, "alarms.attached", act, {"hash": file.hash, "name": name[:200]})

    def attachment(self, asker: Asker, number: int, digest: str) -> tuple[Attachment, str] | None:
        """Return a file that the journal of an alarm names, and its name; None: none that ``asker`` may see."""
        for line in self.journal(asker, JournalQuery(alarm=number, acts=(AlarmAct.ATTACHED,), limit=1000)):
            if line.detail.get("hash") == digest:
                file = self._store.desk.attachment(digest)
                return None if file is None else (file, str(line.detail.get("name", digest)))
        return None

    def views(self, asker: Asker, page: str) -> Sequence[SavedView]:
        """Return the views that ``asker`` saved for a page."""
        return self._store.desk.views(asker.account, page)

    def save_view(self, asker: Asker, view: SavedView) -> None:
        """Save a view, over one of the same name."""
        self._store.desk.save_view(asker.account, view)

    def drop_view(self, asker: Asker, page: str, name: str) -> None:
        """Forget a view."""
        self._store.desk.drop_view(asker.account, page, name)

    def _children(self, asker: Asker, ids: Sequence[int]) -> Sequence[int]:
        parents = set(ids)
        return [alarm.id for alarm in self.picture(asker).alarms if alarm.parent in parents]

    def command(
        self, asker: Asker, ids: Sequence[int], action: str, act: Act, said: Mapping[str, object] | None = None
    ) -> Outcomes:
        """Do ``act`` to each alarm that ``asker`` may change; ``action`` and ``said`` go into the audit."""
        asked = list(dict.fromkeys(ids))
        wanted = asked[:MOST_AT_ONCE]

        def judged(alarm: Alarm) -> Outcome:
            if not may_see(asker, alarm):
                return UNKNOWN
            return act(alarm) if may_change(asker, alarm) else NOT_YOURS

        subject = ",".join(map(str, wanted[:20]))
        entry = by(asker, self._clock.now_us(), action, subject, detail=dict(said or {}))
        outcomes = self._store.alarms.command(wanted, judged, entry)
        with suppress(StoreError):  # it is done; who did it reads it back from memory
            self._watch.look()
        return {number: outcomes.get(number, UNKNOWN) for number in wanted} | dict.fromkeys(asked[MOST_AT_ONCE:], _MANY)
