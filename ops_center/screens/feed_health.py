"""Feeds (``/feeds``): how old each is, what intake accepted and refused, why; what was refused, and its release."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import answer, button, choice, connect_choices, panel, said
from ops_center.screens.feed_rows import details_of, feed_table, reasons_table, refused_row, worker_table
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.groups import Group
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both, spoken
from ops_center.services.feed_room import FEEDS, QUARANTINE

_TITLE = Label("数据源与隔离区", "Feeds and quarantine")
_ALL = Label("全部", "all")
_STANDING = (("standing", Label("未放行", "standing")), ("all", _ALL))
_MOST = 200
_NOTHING_FITS = Label("隔离区里没有符合条件的消息。", "No message in quarantine fits.")
_COLUMNS = (
    column("at", Label("接收时间", "received"), width=180),
    column("feed", Label("数据源", "feed"), width=120, words=True),
    column("reason", Label("原因", "why"), width=150, words=True),
    column("count", Label("条数", "count"), width=80, type="rightAligned"),
    column("detail", Label("说明", "detail"), width=240, grows=2),
    column("text", Label("内容", "content"), width=260, grows=3),
    column("origin", Label("出处", "origin"), width=190),
    column("released", Label("放行", "released"), width=180),
)


def layout(center: Center) -> Any:
    """Return the page; what was refused only for those who may see bytes that belong to nobody yet."""
    feeds = center.feeds.feeds if center.feeds else {}
    head = html.Div(
        [
            panel(Label("数据源", "Feeds"), html.Div(id="feeds-list")),
            html.Div(
                [
                    panel(Label("处理进程", "Workers"), html.Div(id="feeds-workers")),
                    panel(Label("未放行的原因", "Why what stands was refused"), html.Div(id="feeds-reasons")),
                ],
                className="stack",
            ),
        ],
        className="feeds-head",
    )
    named = [("", _ALL), *((name, feed.label) for name, feed in feeds.items())]
    kinds = [{"value": value, "label": both(label)} for value, label in _STANDING]
    held = html.Section(
        [
            html.Div(
                [
                    html.H2(spoken(Label("隔离区", "Quarantine")), className="grow"),
                    *choice("refused-feed", Label("数据源", "feed"), named, "", w="12rem"),
                    dmc.SegmentedControl(id="refused-standing", data=kinds, value="standing"),
                    button("refused-release", Label("重新解码并放行", "Decode again and release"), kind="main"),
                ],
                className="row",
            ),
            answer("refused-answer"),
            html.Div(
                [
                    grid("refused-rows", _COLUMNS, "key", nothing=_NOTHING_FITS),
                    html.Div(id="refused-details", className="refused-details"),
                ],
                id="refused-table",
                className="refused-table",
            ),
        ],
        className="panel refused",
        hidden=not asker().sees_all(QUARANTINE),
    )
    return framed(
        center,
        "/feeds",
        _TITLE,
        html.Div(
            [
                head,
                held,
                dcc.Store(id="refused-changed", data=0),
                dcc.Interval(id="feeds-tick", interval=5_000),
            ],
            className="feeds",
        ),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "refused-feed")
    connect_columns(callbacks, "refused-rows")
    _connect_feeds(callbacks, center)
    _connect_refused(callbacks, center)


def _connect_feeds(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("feeds-list", "children"),
        Output("feeds-workers", "children"),
        Input("feeds-tick", "n_intervals"),
        rights=FEEDS,
    )
    def _feeds(_tick: object) -> Any:
        try:
            room, now_us = center.feed_room(), center.staffed().clock.now_us()
            return feed_table(room, now_us), worker_table(room.pulses(), now_us, center.pack.manifest.timezone)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), []


def _connect_refused(callbacks: Callbacks, center: Center) -> None:
    zone = center.pack.manifest.timezone

    @callbacks.add(
        Output("refused-rows", "rowData"),
        Output("feeds-reasons", "children"),
        Input("refused-feed", "value"),
        Input("refused-standing", "value"),
        Input("refused-changed", "data"),
        Input("feeds-tick", "n_intervals"),
        rights=FEEDS,
    )
    def _refused(feed: object, standing: object, _changed: object, _tick: object) -> Any:
        if not asker().sees_all(QUARANTINE):
            return [], both(_NOT_YOURS, className="quiet")
        try:
            room = center.feed_room()
            rows = room.refused(asker(), str(feed or ""), standing=standing != "all", limit=_MOST)
            held = rows if standing != "all" and not feed else room.refused(asker(), "", standing=True, limit=_MOST)
        except OpsCenterError as error:
            return [], said(refusal(error), "wrong")
        return [refused_row(row, room.feeds, zone) for row in rows], reasons_table(held, room.feeds, _MOST)

    @callbacks.add(
        Output("refused-details", "children"),
        Output("refused-table", "className"),
        Input("refused-rows", "selectedRows"),
        rights=QUARANTINE,
        prevent_initial_call=True,
    )
    def _details(chosen: object) -> Any:
        row = chosen[0] if isinstance(chosen, list) and chosen and isinstance(chosen[0], dict) else None
        return (details_of(row), "refused-table open") if row else ([], "refused-table")

    @callbacks.add(
        Output("refused-answer", "children"),
        Output("refused-changed", "data"),
        Input("refused-release", "n_clicks"),
        State("refused-changed", "data"),
        rights=QUARANTINE,
        changes=True,
        prevent_initial_call=True,
    )
    def _release(clicks: object, changed: object) -> Any:
        if not clicks:
            return no_update, no_update
        try:
            count = center.feed_room().release(asker())
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), no_update
        told = (
            said(Label(f"已放行 {count} 条消息。", f"{count} messages went through."), "good") if count else said(_NONE)
        )
        return told, (changed + 1 if isinstance(changed, int) else 1)


_NONE = Label(
    "没有可放行的：请先登记设备或数据流。", "Nothing can go through yet: register the thing or datastream first."
)
_NOT_YOURS = Label("只有职权覆盖全市的人员可查看。", "Only for those whose scope is the whole city.")

SCREEN = Screen(
    "feed_health", "/feeds", _TITLE, FEEDS, layout, connect, order=50, group=Group.CITY, menu=Label("数据源", "Feeds")
)
