"""A file of many things: checked first, row by row, then written all at once; with progress, and a way to end it."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, dcc, html, no_update

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import Options, badge, button, choice, connect_choices, said, table
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.services.things.imports import Import, Row

_CRS: Options = (
    ("wgs84", Label("WGS 84 / CGCS2000", "WGS 84 / CGCS2000")),
    ("gcj02", Label("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)")),
    ("bd09", Label("BD-09（百度）", "BD-09 (Baidu)")),
)
_OUTCOMES: dict[str, tuple[Label, Any]] = {
    "refused": (Label("拒绝", "refused"), "severe"),
    "new": (Label("新增", "new"), "good"),
    "changed": (Label("修改", "changed"), "notice"),
    "same": (Label("无变化", "same"), "quiet"),
}
_STATES = {
    "reading": Label("正在检查……", "checking …"),
    "checked": Label("检查完毕，尚未写入。", "Checked; nothing is written yet."),
    "writing": Label("正在写入……", "writing …"),
    "done": Label("已全部写入。", "All of it is written."),
    "failed": Label("没有成功。", "This did not succeed."),
    "cancelled": Label("已取消，什么都没有写入。", "Cancelled; nothing was written."),
}
_MOST_LINES = 200


def layout(may_add: bool) -> Any:
    """Return the panel; nothing for who may change nothing."""
    if not may_add:
        return html.Div(hidden=True)
    about = Label(
        "CSV（UTF-8 或 GB 18030）或 GeoPackage 点图层，至多 12 万行。"
        "先检查，再写入；空单元格保留原值，新设备取该类别的常用值。",
        "CSV (UTF-8 or GB 18030) or a GeoPackage layer of points, at most 120,000 rows. Checked first, then written; "
        "an empty cell keeps what is registered, and of a new thing means what is usual for its kind.",
    )
    return html.Div(
        [
            html.Div(
                [
                    html.Button(both(Label("关闭", "Close")), className="link", **marked(data_act="catalog-close")),
                    html.H1(spoken(Label("批量导入", "Import a file")), className="grow"),
                    html.A(both(Label("下载模板", "template")), href="/catalog/template.csv", className="copy"),
                ],
                className="row catalog-title",
            ),
            html.P(both(about), className="quiet"),
            html.Div(
                [
                    *choice(
                        "catalog-import-crs", Label("CSV 坐标系", "coordinates of a CSV"), _CRS, "wgs84", w="14rem"
                    ),
                    html.Label(
                        both(Label("选择文件……", "choose a file …")), className="catalog-file", htmlFor="catalog-file"
                    ),
                    html.Div(id="catalog-file-place"),
                ],
                className="row",
            ),
            html.Div(id="catalog-import-told", role="status", tabIndex=0),
            html.Div(
                [
                    button("catalog-import-cancel", Label("取消", "Cancel"), disabled=True),
                    button("catalog-import-apply", Label("写入目录", "Write it"), kind="main", disabled=True),
                ],
                className="row end",
            ),
            dcc.Store(id="catalog-import-n", data=0),
            dcc.Interval(id="catalog-import-tick", interval=700, disabled=True),
        ],
        className="panel catalog-import",
    )


def connect(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "catalog-import-crs")
    callbacks.in_browser(
        "catalog", "crs", Output("catalog-file-place", "className"), Input("catalog-import-crs", "value")
    )
    callbacks.in_browser(
        "catalog",
        "many",
        Output("catalog-page", "className", allow_duplicate=True),
        Input("catalog-many", "n_clicks"),
        prevent_initial_call=True,
    )

    @callbacks.add(
        Output("catalog-import-told", "children"),
        Output("catalog-import-tick", "disabled"),
        Output("catalog-import-cancel", "disabled"),
        Output("catalog-import-apply", "disabled"),
        Output("catalog-changed", "data", allow_duplicate=True),
        Input("catalog-import-n", "data"),
        Input("catalog-import-tick", "n_intervals"),
        State("catalog-changed", "data"),
        rights=rights,
        prevent_initial_call="initial_duplicate",
    )
    def _told(_n: object, _tick: object, changed: object) -> Any:
        try:
            held = center.catalog_imports().of(asker())
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), True, True, True, no_update
        if held is None:
            return [], True, True, True, no_update
        ready = held.state == "checked" and held.counts["new"] + held.counts["changed"] > 0
        count = (changed + 1 if isinstance(changed, int) else 1) if held.state == "done" else no_update
        return shown(held), not held.busy, held.state not in {"reading", "checked", "writing"}, not ready, count

    @callbacks.add(
        Output("catalog-import-n", "data", allow_duplicate=True),
        Input("catalog-import-apply", "n_clicks"),
        State("catalog-import-n", "data"),
        rights=rights,
        changes=True,
        prevent_initial_call=True,
    )
    def _apply(clicks: object, n: object) -> Any:
        if not clicks:
            return no_update
        center.catalog_imports().apply(asker())
        return n + 1 if isinstance(n, int) else 1

    @callbacks.add(
        Output("catalog-import-n", "data", allow_duplicate=True),
        Input("catalog-import-cancel", "n_clicks"),
        State("catalog-import-n", "data"),
        rights=rights,
        changes=True,
        prevent_initial_call=True,
    )
    def _cancel(clicks: object, n: object) -> Any:
        if not clicks:
            return no_update
        center.catalog_imports().cancel(asker())
        return n + 1 if isinstance(n, int) else 1


def shown(held: Import) -> list[Any]:
    """Return how far an import has got, and what it would do row by row."""
    tone = {"done": "good", "failed": "wrong"}.get(held.state, "calm")
    counts = [
        html.Span([badge(label, mark), html.B(f" {held.counts[outcome]} ", className="num")])
        for outcome, (label, mark) in _OUTCOMES.items()
    ]
    parts: list[Any] = [
        html.P([html.Code(held.name), html.Span(f" {held.done} / {held.total}", className="num quiet")]),
        said(held.said or _STATES[held.state], tone),  # type: ignore[arg-type]
        html.Progress(value=str(round(held.share, 2)), max="1", **titled(Label("进度", "progress"))),
        html.Div(counts, className="row catalog-counts"),
    ]
    if held.ignored:
        names = ", ".join(held.ignored[:20])
        parts.append(said(Label(f"忽略的列：{names}", f"columns that are left out: {names}")))
    if held.state in {"checked", "done", "failed"} and held.rows:
        heads = (Label("行", "row"), Label("设备", "thing"), Label("结果", "outcome"), Label("说明", "why"))
        lines = [_line(row) for row in held.rows[:_MOST_LINES]]
        parts.append(html.Div(table(heads, lines, Label("—", "—")), className="catalog-lines", tabIndex=0))
        if sum(held.counts.values()) > _MOST_LINES:
            more = Label(
                f"列出前 {_MOST_LINES} 行，拒绝的在前。",
                f"The first {_MOST_LINES} rows, what is refused before the rest.",
            )
            parts.append(html.P(both(more), className="quiet"))
    return parts


def _line(row: Row) -> list[Any]:
    label, mark = _OUTCOMES[row.outcome]
    why = [html.Div(both(one)) for one in row.why]
    return [html.Span(str(row.number), className="num"), html.Code(row.name), badge(label, mark), html.Div(why)]
