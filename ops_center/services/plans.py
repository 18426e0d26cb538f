"""What people do with plans (预案): look, edit, enable, revert; which fit an incident; how shipped files get in.

Called by the editor, by ``run.py plans`` and by whoever opens an incident; whoever calls has judged that the asker may.
Every change is a new version (``services.versions``). What is wrong with a plan is a value (:class:`Refused`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import structlog

from ops_center.domain.errors import PlanError
from ops_center.domain.faults import Fault
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.incidents import plan as plans
from ops_center.incidents.incident import Level
from ops_center.incidents.plan import Plan, as_plain
from ops_center.incidents.types import TypeTree
from ops_center.services.versions import Form, Imported, Refused, VersionDesk
from ops_center.store.version_port import VersionRow, VersionStore

__all__ = ["PLANS", "Fault", "Imported", "PlanDesk", "Refused"]

PLANS = Rights(see=PICTURE - {Role.DISPLAY}, change=frozenset({Role.COORDINATOR, Role.COMMANDER, Role.ADMINISTRATOR}))
"""a plan is the whole city's: who changes one must hold the role over all departments and districts"""

log = structlog.get_logger(__name__)


class PlanDesk(VersionDesk):
    """The plans of one realm; safe to use from any thread."""

    kind = "plan"
    error = PlanError

    def __init__(self, store: VersionStore, clock: Clock, tree: TypeTree) -> None:
        """``tree``: the types of incidents that plans are for."""
        super().__init__(store, clock)
        self.tree = tree
        self._lock = threading.Lock()
        self._seen = -1
        self._all: Mapping[str, tuple[Plan, int]] = {}

    # ---- plans ----

    def all(self) -> Mapping[str, tuple[Plan, int]]:
        """Return the newest version of every plan that is enabled and readable, with its number. Raises StoreError."""
        with self._lock:
            if self.version() != self._seen:
                found = self._versions.load()
                self._all, self._seen = dict(_readable(found.rows)), found.version
            return self._all

    def named(self, name: str) -> tuple[Plan, int] | None:
        """Return an enabled plan and the number of its version; None: there is none."""
        return self.all().get(name)

    def fitting(self, type_: str, level: Level) -> Sequence[Plan]:
        """Return the plans for a type of incident at a level, the most special first."""
        known = {name: plan for name, (plan, _) in self.all().items()}
        return [known[name] for name in plans.fitting(known, self.tree.lineage(type_), level)]

    # ---- what a plan has to be ----

    def validate(self, form: Any) -> tuple[Fault, ...]:
        """Return what is wrong with a plan as JSON; () where nothing is."""
        found = plans.judged(form)
        return tuple(self._unknown(found)) if isinstance(found, Plan) else found

    def save(
        self, asker: Asker, form: Form, expected: int, reason: str, origin: str = "editor"
    ) -> VersionRow | Refused:
        """Save a plan as its next version, written out in full. Raises PlanChanged where somebody was faster."""
        found = plans.judged(form)
        return super().save(asker, as_plain(found) if isinstance(found, Plan) else form, expected, reason, origin)

    def _read(self, text: str, file: str) -> Iterable[Form]:
        return [as_plain(plans.read_plan(text, file))]

    def shipped_files(self) -> Sequence[tuple[str, str]]:
        """Return (name, text) of the files that ship."""
        return plans.shipped_files()

    def _unknown(self, plan: Plan) -> Iterator[Fault]:
        for place, code in enumerate(plan.types):
            if code not in self.tree.types:
                what = Label(f"没有事件类型 {code}", f"there is no type of incident {code}")
                yield Fault(f"types[{place}]", what)


def _readable(rows: Iterable[VersionRow]) -> Iterator[tuple[str, tuple[Plan, int]]]:
    """Yield the plans that count; one that this program can't read (a newer one wrote it) is left out and said."""
    for row in rows:
        found = plans.judged(row.form)
        if not isinstance(found, Plan):
            log.error("plans.cannot_read", plan=row.name, version=row.version, why=found[0].what.en)
        elif row.enabled:
            yield row.name, (found, row.version)
