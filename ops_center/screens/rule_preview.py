"""The dry run beside the editor: what the rule as it is typed would have raised over the last hours or days."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import button, said
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.refusals import refusal
from ops_center.screens.rule_editor import NOT_YOURS
from ops_center.screens.rule_form import form_of
from ops_center.screens.rule_plot import bars, nothing_plotted, series_plot
from ops_center.screens.rule_raised import MOST_ROWS, Raised, raised_of, row_of
from ops_center.screens.screen import Center, both, spoken
from ops_center.services.rule_bench import RULES
from ops_center.services.rule_faults import Fault
from ops_center.services.rule_trials import LASTS_S, MOST_SERIES, Trial
from ops_center.services.rules import Replayed

_SPANS = (
    ("6", Label("6 小时", "6 hours")),
    ("24", Label("24 小时", "24 hours")),
    ("72", Label("3 天", "3 days")),
    ("168", Label("7 天", "7 days")),
)
_NOTHING_FITS = Label("试运行找到的情况列在这里。", "What a dry run finds is listed here.")
_COLUMNS = (
    column("subject", Label("对象", "of what"), width=180, grows=3, words=True),
    column("level", Label("级", "level"), width=70, words=True),
    column("began", Label("开始", "from"), width=165),
    column("lasted", Label("持续", "for"), width=110, words=True),
    column("value", Label("数值", "value"), width=100, type="rightAligned"),
)
_INTRO = Label(
    "用上方正在编辑的内容（未保存也可以）在已存的历史数据上运行一遍，不产生报警。",
    "Runs what is typed, saved or not, over the stored history. Nothing is raised.",
)


def layout(may_change: bool) -> Any:
    """Return choice of time, progress, and the places of what was found; a run is for those who may save it."""
    spans = [{"value": value, "label": both(label)} for value, label in _SPANS]
    return html.Div(
        [
            html.P(both(_INTRO), className="quiet"),
            html.Div(
                [
                    dmc.SegmentedControl(id="trial-span", data=spans, value="24"),
                    button("trial-start", Label("开始预演", "Run"), kind="main", disabled=not may_change),
                    button("trial-cancel", Label("停止", "Stop"), disabled=True),
                    html.Div(dmc.Progress(id="trial-share", value=0, size="sm"), className="grow progress"),
                ],
                className="row",
            ),
            html.Div(id="trial-told", className="answer-place", role="status"),
            html.Div(
                [
                    dcc.Graph(
                        id="trial-bars",
                        figure=nothing_plotted(),
                        config=PLAIN,
                        responsive=True,
                        style={"height": "8rem"},
                    ),
                    html.Div(grid("trial-rows", _COLUMNS, "key", nothing=_NOTHING_FITS), className="trial-rows"),
                    html.Div(id="trial-of", className="quiet"),
                    dcc.Graph(
                        id="trial-plot",
                        figure=nothing_plotted(),
                        config=PLAIN,
                        responsive=True,
                        style={"height": "17rem"},
                    ),
                ],
                id="trial-found",
                hidden=True,
                className="trial-found",
            ),
            dcc.Interval(id="trial-tick", interval=500, disabled=True),
        ],
        className="trial",
    )


PLAIN: Any = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_columns(callbacks, "trial-rows")
    _connect_run(callbacks, center)
    _connect_plot(callbacks, center)


def _connect_run(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("trial-tick", "disabled"),
        Output("trial-told", "children"),
        Output("trial-cancel", "disabled"),
        Output("trial-found", "hidden"),
        Output("trial-share", "value", allow_duplicate=True),
        Input("trial-start", "n_clicks"),
        State("rule-flat", "data"),
        State("rule-held", "data"),
        State("trial-span", "value"),
        rights=RULES,
        changes=True,
        prevent_initial_call=True,
    )
    def _start(clicks: object, flat: object, held: object, span: object) -> Any:
        if not clicks or not isinstance(flat, dict) or not isinstance(held, dict) or not held.get("type"):
            return (no_update,) * 5
        if not asker().may_change_of(RULES, "", ""):
            return True, said(NOT_YOURS, "wrong"), True, True, 0
        try:
            bench = center.bench()
            type_ = bench.desk.types[str(held["type"])]
            form = form_of(flat, str(held.get("name")), type_)
            rule = bench.check(form)
            if isinstance(rule, Fault):
                return True, said(rule.what, "wrong"), True, True, 0
            wanted = min(bench.reach(rule).rows, MOST_SERIES)
            hours = float(span) if span in {value for value, _ in _SPANS} else 24.0
            bench.trials.start(_mine(asker()), form, hours, wanted)
            center.saw(asker(), "rule.tried", rule.name, detail={"hours": hours})
        except OpsCenterError as error:
            return True, said(refusal(error), "wrong"), True, True, 0
        return False, said(Label("正在读取历史数据…", "Reading the history …")), False, True, 0

    @callbacks.add(
        Output("trial-tick", "disabled", allow_duplicate=True),
        Output("trial-told", "children", allow_duplicate=True),
        Output("trial-cancel", "disabled", allow_duplicate=True),
        Output("trial-found", "hidden", allow_duplicate=True),
        Output("trial-share", "value"),
        Output("trial-bars", "figure"),
        Output("trial-rows", "rowData"),
        Output("trial-rows", "selectedRows"),
        Input("trial-tick", "n_intervals"),
        rights=RULES,
        prevent_initial_call=True,
    )
    def _look(_tick: object) -> Any:
        trial = center.bench().trials.of(_mine(asker())) if center.rules else None
        if trial is None:
            return True, [], True, True, 0, no_update, [], []
        if trial.state == "runs":
            return no_update, _running(trial), no_update, no_update, 100 * trial.share, *((no_update,) * 3)
        if trial.state != "done" or trial.found is None:
            return True, said(_ended(trial), "wrong"), True, True, 0, no_update, [], []
        zone = center.pack.manifest.timezone
        raised = raised_of(trial.found)
        rows = [row_of(one, trial.found, zone) for one in raised[:MOST_ROWS]]
        return (
            True,
            _summary(trial, trial.found, raised),
            True,
            False,
            100,
            bars(raised, trial.span_us, zone),
            rows,
            rows[:1],
        )

    @callbacks.add(
        Output("trial-cancel", "disabled", allow_duplicate=True),
        Input("trial-cancel", "n_clicks"),
        rights=RULES,
        changes=True,
        prevent_initial_call=True,
    )
    def _cancel(clicks: object) -> Any:
        if clicks and center.rules:
            center.rules.trials.cancel(_mine(asker()))
        return bool(clicks)


def _connect_plot(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("trial-plot", "figure"),
        Output("trial-of", "children"),
        Input("trial-rows", "selectedRows"),
        Input("trial-found", "hidden"),
        rights=RULES,
        changes=True,
        prevent_initial_call=True,
    )
    def _plot(chosen: object, hidden: object) -> Any:
        trial = center.bench().trials.of(_mine(asker())) if center.rules else None
        if hidden or trial is None or trial.found is None:
            return nothing_plotted(), []
        first = chosen[0] if isinstance(chosen, list) and chosen and isinstance(chosen[0], dict) else {}
        subject = (first.get("kind"), first.get("of"))
        try:
            figure, name = series_plot(
                center.bench(), trial.found, trial.span_us, subject, center.pack.manifest.timezone
            )
        except OpsCenterError as error:
            return nothing_plotted(), said(refusal(error), "wrong")
        return figure, both(name)


def _mine(who: Asker) -> str:
    return who.session or who.account


def _running(trial: Trial) -> Any:
    return said(
        Label(
            f"正在读取历史数据：{trial.read} / {trial.wanted}", f"Reading the history: {trial.read} of {trial.wanted}"
        )
    )


def _ended(trial: Trial) -> Label:
    if trial.faults:
        return trial.faults[0].what
    if trial.state == "cancelled":
        return Label(
            f"已停止（最长运行 {LASTS_S:.0f} 秒）；请缩短时间或缩小范围。",
            f"Stopped (a run lasts {LASTS_S:.0f} s at most); take a shorter time or a smaller scope.",
        )
    return Label("预演失败，请重试。", "The run failed. Try again.")


def _summary(trial: Trial, found: Replayed, raised: list[Raised]) -> Any:
    subjects = len({(one.kind, one.subject) for one in raised})
    zh = f"会成立 {len(raised)} 次，涉及 {subjects} 个对象；读取 {found.inputs} 条序列，用时 {trial.took_s:.1f} 秒。"
    en = f"Would be entered {len(raised)} times, of {subjects} subjects; {found.inputs} series in {trial.took_s:.1f} s."
    if found.left_out:
        zh += f" 还有 {found.left_out} 条未读，实际次数更多。"
        en += f" {found.left_out} more were not read, so there would be more."
    if len(raised) > MOST_ROWS:
        zh, en = f"{zh} 列出前 {MOST_ROWS} 次。", f"{en} The first {MOST_ROWS} are listed."
    return html.P(spoken(Label(zh, en)), className="answer good" if raised else "answer calm")
