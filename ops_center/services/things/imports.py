"""Imports of many things: a file is read and judged row by row, looked at, and then written all at once or not at all.

In a thread, with progress, and ended when asked to. One at a time for each person and two for the process. What a file
would do is what it does: things that somebody changed in between refuse the whole of it, and it is checked again.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import structlog

from ops_center.domain.audit import by
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import CatalogError, OpsCenterError, StoreUnavailable, ThingChanged
from ops_center.domain.registrations import Registration
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.services.things.desk import CatalogDesk
from ops_center.services.things.files import Table, Unreadable, form_from, read_table
from ops_center.services.things.forms import differs, held_streams

log = structlog.get_logger(__name__)

Outcome = Literal["new", "changed", "same", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("refused", "new", "changed", "same")
State = Literal["reading", "checked", "writing", "done", "failed", "cancelled"]
MOST_SHOWN = 300
"""rows of each outcome that are kept to be looked at"""
_AT_ONCE = 2
_REMEMBERED = 20
_YIELD_EVERY = 200


class _Ended(OpsCenterError):
    """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """What would become of one row of the file."""

    number: int
    """line of the file, its head being the first"""
    name: str
    outcome: Outcome
    why: tuple[Label, ...]
    """what is wrong, or which fields would change"""


@dataclass(slots=True)
class Import:
    """One file, as far as it has got."""

    number: int
    name: str
    digest: str
    state: State = "reading"
    done: int = 0
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[Row] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    said: Label | None = None
    """why it failed"""
    _registrations: list[Registration] = field(default_factory=list)
    _expected: dict[tuple[str, str], Thing | None] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def busy(self) -> bool:
        """Return whether something is being done."""
        return self.state in {"reading", "writing"}

    @property
    def share(self) -> float:
        """Return how much of it is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


class Imports:
    """The imports of this process; safe to use from any thread."""

    def __init__(self, desk: CatalogDesk) -> None:
        self.desk = desk
        self._lock = threading.Lock()
        self._numbers = 0
        self._of: dict[str, Import] = {}
        """session → its newest import"""

    def start(self, asker: Asker, name: str, data: bytes, crs: str) -> Import:
        """Begin to check a file; whatever the same person had before is dropped."""
        self.cancel(asker)
        with self._lock:
            self._numbers += 1
            made = Import(self._numbers, name[:200], hashlib.sha256(data).hexdigest()[:16])
            if sum(one.busy for one in self._of.values()) >= _AT_ONCE:
                made.state = "failed"
                made.said = Label(
                    "其他人正在导入，请稍后再试。", "Others are importing just now; try again in a moment."
                )
            self._of.pop(asker.session, None)
            self._of[asker.session] = made
            while len(self._of) > _REMEMBERED:
                self._of.pop(next(iter(self._of)))._stop.set()
        if made.busy:
            self._run(made, "things-check", lambda: self._check(asker, made, data, crs))
        return made

    def of(self, asker: Asker) -> Import | None:
        """Return somebody's newest import; None: there is none, or it is forgotten."""
        with self._lock:
            return self._of.get(asker.session)

    def cancel(self, asker: Asker) -> None:
        """End somebody's import; what was being written is undone, what was written stays."""
        if (held := self.of(asker)) is not None and held.state not in {"done", "failed"}:
            held._stop.set()
            held.state = "cancelled"
            held._registrations, held._expected = [], {}

    def apply(self, asker: Asker) -> None:
        """Begin to write what was checked."""
        with self._lock:
            held = self._of.get(asker.session)
            if held is None or held.state != "checked" or not held._registrations:
                return
            held.state, held.done, held.total = "writing", 0, len(held._registrations)
        self._run(held, "things-write", lambda: self._write(asker, held))

    def _run(self, held: Import, name: str, work: object) -> None:
        threading.Thread(target=self._guarded, args=(held, work), name=name, daemon=True).start()

    def _guarded(self, held: Import, work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except _Ended:
            held.state = "cancelled"
        except Unreadable as error:
            self._failed(held, error.label)
        except ThingChanged as error:
            name = f"{error.producer}/{error.thing_id}"
            zh, en = (
                "刚被修改：什么都没有写入，请重新检查文件。",
                "was just changed: nothing was written. Check it again.",
            )
            self._failed(held, Label(f"{name} {zh}", f"{name} {en}"))
        except CatalogError as error:
            self._failed(held, Label(f"目录拒绝，什么都没有写入：{error}", f"refused, nothing was written: {error}"))
        except StoreUnavailable:
            self._failed(
                held, Label("数据库无应答，什么都没有写入。", "The database does not answer; nothing was written.")
            )
        except Exception:  # whoever waits is told that it failed; the log says why
            log.exception("things_import.failed", file=held.name)
            self._failed(held, Label("没有成功，什么都没有写入。", "This did not succeed; nothing was written."))

    def _failed(self, held: Import, why: Label) -> None:
        if held.state != "cancelled":
            held.state, held.said = "failed", why

    def _check(self, asker: Asker, held: Import, data: bytes, crs: str) -> None:
        table = read_table(held.name, data, crs)
        held.total, held.ignored = len(table.rows), tuple(table.ignored)
        self._judge(asker, held, table)
        if held.state == "reading":
            held.rows.sort(key=lambda row: (OUTCOMES.index(row.outcome), row.number))
            held.state = "checked"

    def _judge(self, asker: Asker, held: Import, table: Table) -> None:
        catalog = self.desk.catalog()
        known = {(thing.producer, thing.thing_id): thing for thing in catalog.things.values()}
        seen: dict[tuple[str, str], int] = {}
        for number, row in enumerate(table.rows, start=2):
            if held._stop.is_set():
                raise _Ended("cancelled")
            thing = _registered(row, known)
            streams = held_streams(catalog, thing)
            name, outcome, why = self._row(asker, held, (row, thing, streams), (number, seen))
            held.counts[outcome] += 1
            if held.counts[outcome] <= MOST_SHOWN:
                held.rows.append(Row(number, name, outcome, why))
            held.done += 1

    def _row(
        self,
        asker: Asker,
        held: Import,
        of: tuple[Mapping[str, str], Thing | None, list[Datastream]],
        at: tuple[int, dict[tuple[str, str], int]],
    ) -> tuple[str, Outcome, tuple[Label, ...]]:
        (row, thing, streams), (number, seen) = of, at
        found = self.desk.judge(form_from(row, thing, streams), thing)
        key = (found.registration.producer, found.registration.thing_id) if found.registration else ("", "")
        name = "/".join(key) if found.registration else f"{row.get('producer', '')}/{row.get('thing_id', '')}"[:120]
        if found.registration is None:
            return name, "refused", tuple(_of_field(fault.field, fault.what) for fault in found.faults)
        if key in seen:
            twice = Label(f"第 {seen[key]} 行已有这个编号", f"row {seen[key]} has the same id")
            return name, "refused", (twice,)
        seen[key] = number
        if thing is not None and thing.retired:
            return name, "refused", (Label("已停用，不能修改", "it is retired and can't be changed"),)
        owners = [thing] if thing else []
        if not all(self.desk.may_change(asker, *scope) for scope in _scopes(found.registration, owners)):
            return name, "refused", (Label("不在您的职权范围内", "your grants don't cover it"),)
        changed = differs(found.registration, thing, streams) if thing else []
        if thing is not None and not changed:
            return name, "same", ()
        held._registrations.append(found.registration)
        held._expected[key] = thing
        return name, "changed" if thing else "new", tuple(FIELD_NAMES.get(one, Label(one, one)) for one in changed)

    def _write(self, asker: Asker, held: Import) -> None:
        def progress(rows: int) -> None:
            held.done = min(rows, held.total)
            if held._stop.is_set():
                raise _Ended("cancelled")

        given = held._registrations
        things, streams = [one.thing() for one in given], [stream for one in given for stream in one.streams()]
        entry = by(
            asker,
            self.desk.clock.now_us(),
            "things.imported",
            held.name,
            detail={"new": held.counts["new"], "changed": held.counts["changed"], "sha256": held.digest},
        )
        self.desk.store.catalog.register(
            things, streams, asker.account, entry=entry, expected=held._expected, progress=progress
        )
        held.state, held.done = "done", held.total
        held._registrations, held._expected = [], {}
        self.desk.look()


def _registered(row: Mapping[str, str], known: Mapping[tuple[str, str], Thing]) -> Thing | None:
    """Return the thing that a row is about; a producer that is left out is its feed, or that of its kind."""
    thing_id = row.get("thing_id", "").strip()
    producer = row.get("producer", "").strip()
    if producer:
        return known.get((producer, thing_id))
    form = form_from(row, None, ())
    return known.get((form["producer"], thing_id))


def _scopes(given: Registration, owners: list[Thing]) -> list[tuple[str, str]]:
    return [(given.department, given.district), *((one.department, one.district) for one in owners)]


def _of_field(name: str, what: Label) -> Label:
    field_ = FIELD_NAMES.get(name, Label(name, name))
    return Label(f"{field_.zh}：{what.zh}", f"{field_.en}: {what.en}")


FIELD_NAMES: Mapping[str, Label] = {
    "producer": Label("来源", "producer"),
    "thing_id": Label("编号", "id"),
    "kind": Label("类别", "kind"),
    "feed": Label("数据源", "feed"),
    "name": Label("名称", "name"),
    "name_zh": Label("中文名", "Chinese name"),
    "name_en": Label("英文名", "English name"),
    "crs": Label("坐标系", "coordinate system"),
    "x": Label("经度", "longitude"),
    "y": Label("纬度", "latitude"),
    "longitude": Label("经度", "longitude"),
    "latitude": Label("纬度", "latitude"),
    "district": Label("行政区", "district"),
    "department": Label("部门", "department"),
    "datastreams": Label("数据流", "datastreams"),
    "attributes": Label("属性", "attributes"),
}
"""what fields are called, to people"""
