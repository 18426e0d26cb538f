"""The list of the catalog: filtered, a page at a time, with the state of each thing."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, dcc, html, no_update

from feeds import kind_name
from ops_center.city.scope_names import scope_names
from ops_center.domain.catalog import Thing
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import Options, button, choice, connect_choices, said, text_input
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.links import thing_path
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, marked
from ops_center.services.things.listing import Wanted

PAGE = 100
FIELDS = ("text", "kind", "feed", "department", "district", "state")
_ANY = Label("全部", "all")
STATES: dict[str, tuple[Label, str]] = {
    "fresh": (Label("正常", "in time"), "good"),
    "aged": (Label("陈旧", "aged"), "notice"),
    "silent": (Label("从未上报", "silent"), "severe"),
    "none": (Label("无数据流", "no data"), "quiet"),
    "retired": (Label("已停用", "retired"), "quiet"),
}
_STATE_CHOICES: Options = (
    ("", Label("在用", "in service")),
    ("all", Label("含停用", "retired, too")),
    *((code, label) for code, (label, _) in STATES.items()),
)
_NOTHING_FITS = Label(
    "没有符合条件的设备。清空筛选，或登记一台新设备。", "No thing fits. Clear the filters, or register a new one."
)
_COLUMNS = (
    column("name", Label("名称", "name"), width=160, grows=2, words=True),
    column("id", Label("编号", "id"), width=190, grows=2),
    column("kind", Label("类别", "kind"), width=120, grows=1, words=True),
    column("department", Label("部门", "department"), width=130, grows=1, words=True),
    column("district", Label("行政区", "district"), width=110, grows=1, words=True),
    column("state", Label("状态", "state"), width=105, words=True),
    column("path", Label("页面", "page"), width=85, cellRenderer="ThingLink", cellDataType=False),
)


def layout(center: Center, may_add: bool) -> Any:
    """Return filters, list and pager."""
    names, feeds = scope_names(center.pack), center.things.feeds if center.things else {}
    kinds = {kind: label for feed in feeds.values() for kind, label in feed.thing_kinds.items()}

    def options(known: Any) -> Options:
        return [("", _ANY), *((code, label) for code, label in sorted(known.items()))]

    acts = [
        *([button("catalog-new", Label("登记设备", "Register a thing"), kind="main")] if may_add else []),
        *([button("catalog-many", Label("批量导入", "Import a file"))] if may_add else []),
        html.A(both(Label("导出 CSV", "export CSV")), className="copy", id="catalog-csv", href="/catalog/things.csv"),
        html.A(both(Label("数据源状态", "feeds")), className="copy", href="/feeds"),
    ]
    filters = html.Div(
        [
            text_input("catalog-text", Label("编号或名称", "id or name"), debounce=300, w="13rem"),
            *choice("catalog-kind", Label("类别", "kind"), options(kinds), "", w="10.5rem", searchable=True),
            *choice("catalog-feed", Label("数据源", "feed"), options(_labels(feeds)), "", w="9rem", searchable=True),
            *choice(
                "catalog-department", Label("部门", "department"), options(names.departments), "", w="11rem",
                searchable=True,
            ),
            *choice("catalog-district", Label("行政区", "district"), options(names.districts), "", w="9rem",
                    searchable=True),
            *choice("catalog-state", Label("状态", "state"), _STATE_CHOICES, "", w="8rem"),
        ],
        className="row",
    )  # fmt: skip
    return html.Div(
        [
            html.Div(acts, className="row catalog-acts"),
            filters,
            html.Div(id="catalog-drafts-told", className="catalog-drafts"),
            grid("catalog-rows", _COLUMNS, "key", nothing=_NOTHING_FITS),
            html.Div(
                [
                    button("catalog-first", Label("首页", "first"), disabled=True),
                    button("catalog-prev", Label("上一页", "previous"), disabled=True),
                    button("catalog-next", Label("下一页", "next"), disabled=True),
                    html.Span(id="catalog-told", className="quiet num", role="status"),
                ],
                className="pager",
            ),
            dcc.Store(id="catalog-offset", data=0),
            dcc.Store(id="catalog-pages", data={"rows": PAGE, "last": 0}),
            dcc.Store(id="catalog-ready", data=False),
        ],
        className="lookup catalog-list",
        **marked(data_anchor="catalog"),
    )


def _labels(feeds: Any) -> dict[str, Label]:
    return {name: feed.label for name, feed in feeds.items()}


def connect(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, *(f"catalog-{name}" for name in FIELDS[1:]))
    connect_columns(callbacks, "catalog-rows")
    fields = [Input(f"catalog-{name}", "value") for name in FIELDS]
    callbacks.in_browser(
        "catalog",
        "asked",
        *(Output(f"catalog-{name}", "value") for name in FIELDS),
        Output("catalog-ready", "data"),
        Input("catalog-ready", "id"),
    )
    callbacks.in_browser(
        "catalog",
        "turned",
        Output("catalog-offset", "data"),
        *fields,
        *(Input(f"catalog-{way}", "n_clicks") for way in ("first", "prev", "next")),
        State("catalog-offset", "data"),
        State("catalog-pages", "data"),
    )
    callbacks.in_browser("catalog", "exported", Output("catalog-csv", "href"), *fields)

    @callbacks.add(
        Output("catalog-rows", "rowData"),
        Output("catalog-first", "disabled"),
        Output("catalog-prev", "disabled"),
        Output("catalog-next", "disabled"),
        Output("catalog-told", "children"),
        Output("catalog-pages", "data"),
        *fields,
        Input("catalog-offset", "data"),
        Input("catalog-changed", "data"),
        Input("catalog-tick", "n_intervals"),
        Input("catalog-ready", "data"),
        rights=rights,
    )
    def _list(  # noqa: PLR0913, PLR0917 - what is looked for, field by field
        text: str | None, kind: str | None, feed: str | None, department: str | None, district: str | None,
        state: str | None, offset: int | None, _c: object, _t: object, ready: object,
    ) -> Any:  # fmt: skip
        if not ready:
            return [], True, True, True, [], no_update
        given = (text, kind, feed, department, district, state)
        wanted = Wanted(*((one or "")[:200] for one in given))
        first = min(max(0, offset or 0), 10**9)
        try:
            page = center.catalog_desk().listing.page(asker(), wanted, first, PAGE)
        except OpsCenterError as error:
            return [], True, True, True, said(refusal(error), "wrong"), no_update
        rows = [_row(center, thing, code) for thing, code in zip(page.things, page.states, strict=True)]
        last = page.offset + len(rows)
        told = both(
            Label(f"第 {page.offset + 1}–{last} 个，共 {page.total} 个", f"{page.offset + 1}–{last} of {page.total}")
        )
        at_first = page.offset == 0
        pages = {"rows": PAGE, "last": max(0, page.total - 1) // PAGE * PAGE}
        return rows, at_first, at_first, last >= page.total, told if rows else both(_NOTHING), pages


def _row(center: Center, thing: Thing, code: str) -> dict[str, Any]:
    names, (state, tone) = scope_names(center.pack), STATES[code]
    return {
        "key": f"{thing.producer}/{thing.thing_id}",
        "of": [thing.producer, thing.thing_id],
        "id": thing.thing_id,
        "name": _pair(thing.name),
        "kind": _pair(kind_name(thing.kind)),
        "department": _pair(names.department(thing.department) if thing.department else _NONE),
        "district": _pair(names.district(thing.district) if thing.district else _NONE),
        "state": {**_pair(state), "tone": tone},
        "path": thing_path(thing),
    }


def _pair(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


_NONE = Label("—", "—")
_NOTHING = Label("没有符合条件的设备。", "No thing fits.")
