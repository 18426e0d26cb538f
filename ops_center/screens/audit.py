"""The audit (``/audit``): who saw and did what, newest first; whether anybody has touched it since; a copy of it.

Read by auditors and administrators. That they looked is in it, too.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, ctx, dcc, html

from ops_center.domain.audit_words import GROUPS
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.audit_rows import Looked, details_of, in_words, look, row_of, verdict
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import answer, button, choice, connect_choices, said, text_input
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.groups import Group
from ops_center.screens.pages import LIMIT, behind, connect_pager, page_of, paged, pager
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both, spoken

RIGHTS = Rights(see=frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), change=frozenset({Role.AUDITOR, Role.ADMINISTRATOR}))
_TITLE = Label("审计", "Audit")
_EVERYTHING = Label("全部", "everything")
_PERIODS = (
    ("hour", Label("1 小时", "1 hour")),
    ("day", Label("24 小时", "24 hours")),
    ("week", Label("7 天", "7 days")),
    ("all", _EVERYTHING),
)
_NOTHING_FITS = Label(
    "这段时间里没有符合条件的记录。换一段时间，或清空条件。",
    "Nothing was recorded that fits. Choose another time or fewer conditions.",
)
_COLUMNS = (
    column("at", Label("时间", "time"), width=185),
    column("who", Label("谁", "who"), width=170, words=True),
    column("action", Label("做了什么", "what"), width=180, words=True),
    column("subject", Label("对象", "to what"), width=180, grows=2),
    column("outcome", Label("结果", "outcome"), width=105, words=True),
    column("address", Label("地址", "from"), width=140),
    column("brief", Label("详情", "details"), width=220, grows=3),
    column("seq", Label("序号", "number"), width=95, type="rightAligned"),
)


def layout(center: Center) -> Any:
    """Return the page."""
    groups = [("", _EVERYTHING), *GROUPS.items()]
    filters = html.Div(
        [
            text_input("audit-who", Label("谁（账号）", "who (account)"), debounce=400, w="13rem"),
            *choice("audit-what", Label("做了什么", "what"), groups, "", w="13rem"),
            html.Div([html.Label(spoken(Label("时间", "when"))), _period()], className="field"),
            html.Div(className="grow"),
            html.A(both(Label("导出 CSV", "export CSV")), className="copy", id="audit-csv", href="/audit/export.csv"),
            html.A(
                both(Label("导出 JSON", "export JSON")), className="copy", id="audit-json", href="/audit/export.jsonl"
            ),
            button("audit-verify", Label("核验完整性", "Verify"), kind="main"),
        ],
        className="row",
    )
    rows = html.Div(
        [
            grid("audit-rows", _COLUMNS, "key", nothing=_NOTHING_FITS),
            html.Section(id="audit-details", className="panel details"),
        ],
        className="table",
        id="audit-table",
    )
    return framed(
        center,
        "/audit",
        _TITLE,
        html.Div(
            [
                filters,
                answer("audit-verdict"),
                rows,
                pager("audit"),
                dcc.Interval(id="audit-tick", interval=10_000),
            ],
            className="audit",
        ),
    )


def _period() -> Any:
    data = [{"value": value, "label": both(label)} for value, label in _PERIODS]
    return dmc.SegmentedControl(id="audit-when", data=data, value="day")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "audit-what")
    connect_columns(callbacks, "audit-rows")
    lookup = [Input(f"audit-{name}", "value") for name in ("who", "what", "when")]
    callbacks.in_browser(
        "desk",
        "exports",
        Output("audit-csv", "href"),
        Output("audit-json", "href"),
        *lookup,
    )
    connect_pager(callbacks, "audit", *lookup)
    zone = center.pack.manifest.timezone

    @callbacks.add(
        Output("audit-rows", "rowData"),
        *paged("audit"),
        *lookup,
        Input("audit-page", "data"),
        Input("audit-tick", "n_intervals"),
        rights=RIGHTS,
    )
    def _list(who: object, what: object, when_: object, page: object, _tick: object) -> Any:
        looked = Looked.parse(who, what, when_, page_of(page))
        try:
            rows = look(center, looked, asker(), by_itself=ctx.triggered_id == "audit-tick")
        except OpsCenterError as error:
            return [], *behind((), (), said(refusal(error), "wrong"))
        shown = [row_of(row, zone) for row in rows[:LIMIT]]
        return shown, *behind(looked.page, [row.seq for row in rows], in_words(shown))

    @callbacks.add(
        Output("audit-details", "children"),
        Output("audit-table", "data-open"),
        Input("audit-rows", "selectedRows"),
        rights=RIGHTS,
    )
    def _details(chosen: object) -> Any:
        row = chosen[0] if isinstance(chosen, list) and chosen and isinstance(chosen[0], dict) else None
        return (details_of(row), "yes") if row else ([], "")

    @callbacks.add(
        Output("audit-verdict", "children"),
        Input("audit-verify", "n_clicks"),
        rights=RIGHTS,
        running=[(Output("audit-verify", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def _verify(_clicks: object) -> Any:
        return verdict(center, asker())


SCREEN = Screen("audit", "/audit", _TITLE, RIGHTS, layout, connect, order=80, group=Group.ADMINISTRATION)
