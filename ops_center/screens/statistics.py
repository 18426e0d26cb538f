"""Statistics (``/leader/statistics``): typed in or imported as CSV, checked first, kept as versions for indicators."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

import dash_mantine_components as dmc
import msgspec
from dash import Input, Output, State, dcc, html, no_update

from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label, shown
from ops_center.indicators.statistics import EXAMPLES, MAX_CHARACTERS
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import button, choice, connect_choices, panel, said, table, text_input, when
from ops_center.screens.groups import Group
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both
from ops_center.services.statistics import STATISTICS

_TITLE = Label("统计数据", "Statistics")
_HEAD = "name,period,value,source,district"
_MOST_SHOWN = 12
_MOST_BYTES = 180_000
CsvText = Annotated[str, msgspec.Meta(max_length=MAX_CHARACTERS)]
Contents = Annotated[str, msgspec.Meta(max_length=300_000)]
Word = Annotated[str, msgspec.Meta(max_length=200)]
Clicks = int | None


def layout(center: Center) -> Any:
    """Return the page."""
    forms = center.leader.vitals.tree().statistics.values() if center.leader is not None else ()
    offered = [(one.name, one.label.label()) for one in forms]
    districts = [("", Label("全市", "whole city")), *sorted(scope_names(center.pack).districts.items())]
    first = offered[0][0] if offered else None
    typed = html.Div(
        [
            *choice("statistics-name", Label("统计指标", "statistic"), offered, first),
            text_input("statistics-period", Label("统计期", "period"), said=Label(_periods(" "), _periods(" "))),
            *choice("statistics-district", Label("范围", "of"), districts, ""),
            text_input("statistics-value", Label("数值", "value")),
            text_input("statistics-source", Label("来源", "source")),
            button("statistics-add", Label("加入下表", "Add the line below")),
        ],
        className="statistics-typed",
    )
    text = dmc.Textarea(
        id="statistics-text",
        label=both(Label("CSV（可粘贴）", "CSV, to be pasted too")),
        value=_HEAD,
        autosize=True,
        minRows=8,
        maxRows=16,
        size="sm",
    )
    acts = html.Div(
        [
            dcc.Upload(button("statistics-file-button", Label("选择文件…", "Choose a file …")), id="statistics-file"),
            button("statistics-check", Label("检查", "Check")),
            button("statistics-save", Label("保存", "Save"), kind="main", disabled=True),
        ],
        className="row",
    )
    return framed(
        center,
        "/leader/statistics",
        _TITLE,
        html.Div(
            [
                panel(
                    Label("录入与导入", "Type in or import"),
                    typed,
                    text,
                    acts,
                    html.Div(id="statistics-said", className="answer-place", role="status"),
                ),
                panel(Label("最近录入", "Entered last"), html.Div(id="statistics-last")),
                dcc.Store(id="statistics-checked"),
            ],
            className="statistics",
        ),
    )


def _periods(parted: str) -> str:
    return parted.join(EXAMPLES.values())


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    zone = center.pack.manifest.timezone
    connect_choices(callbacks, "statistics-name", "statistics-district")

    @callbacks.add(
        Output("statistics-text", "value"),
        Input("statistics-add", "n_clicks"),
        State("statistics-text", "value"),
        State("statistics-name", "value"),
        State("statistics-period", "value"),
        State("statistics-value", "value"),
        State("statistics-source", "value"),
        State("statistics-district", "value"),
        rights=STATISTICS,
        changes=True,
    )
    def _add(
        clicks: Clicks,
        text: CsvText | None,
        name: Word | None,
        period: Word | None,
        value: Word | None,
        source: Word | None,
        district: Word | None,
    ) -> Any:
        if not clicks:
            return no_update
        cells = [name, period, value, source, district]
        line = ",".join(_cell(str(cell or "").strip()) for cell in cells)
        return f"{(text or _HEAD).rstrip()}\n{line}"

    @callbacks.add(
        Output("statistics-text", "value", allow_duplicate=True),
        Output("statistics-said", "children", allow_duplicate=True),
        Input("statistics-file", "contents"),
        rights=STATISTICS,
        changes=True,
        prevent_initial_call=True,
    )
    def _file(contents: Contents | None) -> Any:
        text = _decoded(contents or "")
        if text is None:
            words = Label("文件须为UTF-8文本，不超过180 kB。", "The file is UTF-8 text of at most 180 kB.")
            return no_update, said(words, "wrong")
        return text, []

    @callbacks.add(
        Output("statistics-said", "children"),
        Output("statistics-checked", "data"),
        Output("statistics-save", "disabled"),
        Input("statistics-check", "n_clicks"),
        Input("statistics-text", "value"),
        State("statistics-checked", "data"),
        rights=STATISTICS,
        changes=True,
    )
    def _check(clicks: Clicks, text: CsvText | None, checked: object) -> Any:
        if not clicks or checked == clicks:
            return no_update, no_update, True
        lines = center.statistic_desk().check(text or "")
        wrong = [line for line in lines if line.fault is not None]
        if not wrong:
            words = Label(f"{len(lines)}行均可保存。", f"All {len(lines)} can be saved.")
            return said(words, "good"), clicks, False
        shown_lines = [
            html.Li([f"{line.number}: ", both(line.fault)]) for line in wrong[:_MOST_SHOWN] if line.fault is not None
        ]
        head = Label(f"{len(wrong)}行有误，没有保存任何内容：", f"{len(wrong)} can't be kept; nothing was saved:")
        return [said(head, "wrong"), html.Ol(shown_lines, className="statistics-faults")], clicks, True

    @callbacks.add(
        Output("statistics-said", "children", allow_duplicate=True),
        Output("statistics-last", "children"),
        Input("statistics-save", "n_clicks"),
        State("statistics-text", "value"),
        rights=STATISTICS,
        changes=True,
        prevent_initial_call="initial_duplicate",
    )
    def _save(clicks: Clicks, text: CsvText | None) -> Any:
        told: Any = no_update
        try:
            if clicks:
                new = center.statistic_desk().save(asker(), text or "")
                told = said(Label(f"已保存{new}条新数据。", f"{new} new figures were saved."), "good")
            return told, _last(center, zone)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), no_update


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\n') else text


def _decoded(contents: str) -> str | None:
    """Return the text of what the browser read from a file; None: it is none."""
    try:
        data = base64.b64decode(contents.partition(",")[2], validate=True)
        return data.decode("utf-8-sig") if len(data) <= _MOST_BYTES else None
    except (binascii.Error, UnicodeError):
        return None


def _last(center: Center, zone: str) -> Any:
    desk, names = center.statistic_desk(), scope_names(center.pack)
    rows = []
    for value, at_us in desk.last(asker()):
        form = desk.statistics.get(value.name)
        label = form.label.label() if form else Label(value.name, value.name)
        rows.append(
            [
                both(label),
                value.period,
                both(names.district(value.district or None)),
                html.B(f"{value.value:g}{form.unit if form and form.unit == '%' else ''}"),
                f"v{value.version}",
                shown(value.source),
                shown(value.by),
                when(at_us, zone),
            ]
        )
    heads = (
        Label("统计指标", "statistic"), Label("统计期", "period"), Label("范围", "of"), Label("数值", "value"),
        Label("版本", "version"), Label("来源", "source"), Label("录入人", "by"), Label("时间", "at"),
    )  # fmt: skip
    return table(heads, rows, Label("还没有录入统计数据。", "No statistics were entered yet."))


SCREEN = Screen(
    "statistics",
    "/leader/statistics",
    _TITLE,
    STATISTICS,
    layout,
    connect,
    order=19,
    group=Group.CITY,
    menu=Label("统计", "Statistics"),
)
