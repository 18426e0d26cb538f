"""The figures of EEMUA 191 of what somebody may see, from the journal. Called by the page of figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from alerts.alarm import Act, Alarm, Entry
from alerts.figures import Figures, figures, lines_of
from ops_center.domain.rights import Asker
from ops_center.services.alarms import AlarmDesk
from ops_center.services.journal_search import lines_of as journal_of
from ops_center.store.alarm_port import JournalLine, JournalQuery
from ops_center.store.port import Store

_ACTS = (Act.RAISED, Act.ACKNOWLEDGED, Act.CLOSED, Act.SUPPRESSED)
_AT_ONCE = 5000


def figures_of(store: Store, desk: AlarmDesk, asker: Asker, span_us: tuple[int, int], operators: int) -> Figures:
    """Return the figures of [from, to), which ends about now. May wait for the database; raises StoreError."""
    query = JournalQuery(acts=_ACTS, since_us=span_us[0], until_us=span_us[1])
    lines = sorted(journal_of(desk, asker, query), key=lambda line: (line.at_us, line.id))
    alarms = _alarms(store, {line.alarm for line in lines})
    told = lines_of([_entry(line) for line in lines], [line.recorded_us for line in lines], alarms)
    return figures(told, desk.picture(asker).alarms, span_us, operators)


def _alarms(store: Store, ids: Iterable[int]) -> Mapping[int, Alarm]:
    wanted: Sequence[int] = sorted(ids)
    parts = (wanted[n : n + _AT_ONCE] for n in range(0, len(wanted), _AT_ONCE))
    return {alarm.id: alarm for part in parts for alarm in store.alarms.find(part)}


def _entry(line: JournalLine) -> Entry:
    return Entry(
        alarm=line.alarm,
        at_us=line.at_us,
        act=line.act,
        actor=line.actor,
        reason=line.reason,
        before=line.before,
        after=line.after,
        rule_version=line.rule_version,
        detail=line.detail,
    )
