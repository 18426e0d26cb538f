"""Plans (``/plans``): all of them by type; one opened: its steps as a graph, what each says, its versions.

What is edited is a draft that the browser keeps until it is saved or dropped (``assets/plans.js``); the server judges
it at every change and says at which field what is wrong.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from dash import html

from ops_center.city.columns_services import UNITS
from ops_center.city.scope_names import scope_names
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import version_acts
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.screen import Center, Screen, both, marked, spoken
from ops_center.screens.version_acts import Does, Edited
from ops_center.services.plans import PLANS
from ops_center.store.version_port import VersionRow

_TITLE = Label("应急预案", "Plans for incidents")
RIGHTS = Rights(see=PLANS.see, change=PLANS.change)
_NOT_YOURS = Label(
    "预案是全市的：只有职权覆盖全市的协调员、指挥员与管理员可以修改。",
    "A plan is the whole city's: coordinators, commanders and administrators over the whole city change it.",
)
_KEPT = Label("没有可恢复的随系统版本。", "No version of it ships.")
_ACTS: dict[str, Does] = {
    "save": lambda desk, who, act: desk.save(who, act.form or {}, act.expected, act.reason),
    "revert": lambda desk, who, act: desk.revert(who, act.name, act.version, act.expected, act.reason),
    "shipped": lambda desk, who, act: desk.as_shipped(who, act.name, act.expected, act.reason),
    "enable": lambda desk, who, act: desk.set_enabled(who, act.name, True, act.reason),
    "disable": lambda desk, who, act: desk.set_enabled(who, act.name, False, act.reason),
}
_EDITED = Edited("plan", "plans", RIGHTS, PLANS, lambda center: center.plans, _ACTS, _NOT_YOURS, _KEPT, forms=True)


def layout(center: Center) -> Any:
    """Return the page: the list, the graph of steps, what is chosen."""
    return framed(
        center,
        "/plans",
        _TITLE,
        html.Div(
            [
                html.Section([html.H1(spoken(_TITLE)), html.Div(id="plan-list")], className="plans-list"),
                html.Section(
                    [
                        html.Div(id="plan-bar", className="plans-bar"),
                        html.Div(id="plan-graph", className="plans-graph", tabIndex=0, role="group"),
                        html.Div(id="plan-foot", className="plans-foot", role="status", **marked(aria_live="polite")),
                    ],
                    className="plans-middle",
                ),
                html.Section(
                    [html.P(both(Label("请选择一个预案", "choose a plan")), className="quiet")],
                    id="plan-form",
                    className="plans-form panel",
                ),
            ],
            id="plans-page",
            className="plans",
        ),
        *version_acts.stores("plan", "plans"),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    version_acts.connect(callbacks, center, _EDITED, partial(_known, center))


def _known(center: Center, everything: bool) -> dict[str, Any]:
    """Return what the editor knows: plans always; types, departments and kinds of units once. Raises StoreError."""
    desk = center.plan_desk()
    ships = desk.shipped_names
    zone = center.pack.manifest.timezone
    said: dict[str, Any] = {"plans": [_row(row, row.name in ships, zone) for row in desk.list()]}
    if everything:
        types, names = desk.tree.types, scope_names(center.pack)
        kinds = next(one.allowed for one in UNITS.fields if one.name == "kind") or {}
        said |= {
            "types": [[code, one.name.zh, one.name.en, one.parent] for code, one in types.items()],
            "departments": [[code, one.zh, one.en] for code, one in names.departments.items()],
            "units": [[kind, one.zh, one.en] for kind, one in kinds.items()],
            "me": asker().account,
            "may_change": asker().may_change_of(PLANS, "", ""),
        }
    return said


def _row(row: VersionRow, ships: bool, zone: str) -> dict[str, Any]:
    return {**version_acts.listed(row, zone), "enabled": row.enabled, "ships": ships}


SCREEN = Screen(
    "plans", "/plans", _TITLE, RIGHTS, layout, connect, order=46, group=Group.RULES, menu=Label("预案", "Plans")
)
