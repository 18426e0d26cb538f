"""What the page of feeds shows: ages and counts, workers, reasons, and a refused message with its bytes made safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from feeds.center_health import worker_name
from feeds.contract import Feed
from ops_center.domain.messages import RejectReason
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US
from ops_center.screens.desk_parts import Mark, badge, empty, table, when
from ops_center.screens.screen import both, spoken
from ops_center.services.feed_room import FeedRoom, hex_dump, shown_bytes
from ops_center.store.port import FeedCount, QuarantineRow
from ops_center.store.rule_port import Pulse, PulseState

_STATES: Mapping[PulseState, tuple[Label, Mark]] = {
    "ok": (Label("运行", "runs"), "good"),
    "behind": (Label("滞后", "behind"), "notice"),
    "lost": (Label("无应答", "silent"), "severe"),
}


def feed_table(room: FeedRoom, now_us: int) -> Any:
    """Return a line for each feed."""
    counts, ages = room.counts(), room.ages(now_us)
    heads = (
        Label("数据源", "feed"),
        Label("状态", "state"),
        Label("最新数据", "newest"),
        Label("收到", "received"),
        Label("接受", "accepted"),
        Label("隔离", "quarantined"),
        Label("隔离占比", "share"),
    )
    lines = [
        _feed_line(feed, counts.get(name, FeedCount()), ages.get(name), now_us) for name, feed in room.feeds.items()
    ]
    return table(heads, lines, Label("没有数据源。", "There are no feeds."))


def _feed_line(feed: Feed, count: FeedCount, age: Mapping[str, Any] | None, now_us: int) -> list[Any]:
    age_s = age["age_s"] if age else None
    if age_s is None and count.last_time_us:
        age_s = max(now_us - count.last_time_us, 0) / SECOND_US
    never = age_s is None
    aged = bool(age["aged"]) if age else True
    state = (
        badge(Label("从未收到", "nothing yet"), "quiet")
        if never
        else badge(Label("超时", "aged"), "severe")
        if aged
        else badge(Label("正常", "in time"), "good")
    )
    share = count.quarantined / count.received if count.received else 0.0
    refused: Any = f"{count.quarantined:,}"
    return [
        both(feed.label),
        state,
        both(_ago(age_s)),
        f"{count.received:,}",
        f"{count.accepted:,}",
        html.B(refused) if count.quarantined else refused,
        f"{share:.2%}",
    ]


def _ago(seconds: float | None) -> Label:
    if seconds is None:
        return Label("—", "—")
    for size, zh, en in ((86_400, "天前", "d ago"), (3_600, "小时前", "h ago"), (60, "分钟前", "min ago")):
        if seconds >= size:
            return Label(f"{seconds / size:.1f} {zh}", f"{seconds / size:.1f} {en}")
    return Label(f"{seconds:.0f} 秒前", f"{seconds:.0f} s ago")


def worker_table(pulses: Sequence[Pulse], now_us: int, zone: str) -> Any:
    """Return a line for each worker that says how it is."""
    heads = (
        Label("进程", "worker"),
        Label("状态", "state"),
        Label("上次报告", "spoke"),
        Label("积压", "behind"),
        Label("滞后", "lag"),
    )
    lines = [_worker_line(pulse, now_us) for pulse in pulses]
    shown = table(heads, lines, Label("还没有进程报告。", "No worker has spoken yet."))
    return html.Div([shown, *set_aside(pulses, zone)])


def set_aside(pulses: Sequence[Pulse], zone: str) -> list[Any]:
    """Return which rule types were set aside, by whom, since when and why; nothing where none is."""
    return [
        html.P(
            [
                badge(Label("规则类型已停判", "rule type set aside"), "severe"),
                " ",
                html.Code(one.type),
                both(
                    Label(
                        f" 自 {when(one.since_us, zone)} 起出错，其规则暂不判断（{pulse.worker}）",
                        f" raised at {when(one.since_us, zone)}: its rules judge nothing for now ({pulse.worker})",
                    )
                ),
                html.Br(),
                html.Span(one.why, className="quiet"),
            ],
            className="set-aside",
        )
        for pulse in pulses
        for one in pulse.set_aside
    ]


def _worker_line(pulse: Pulse, now_us: int) -> list[Any]:
    name = worker_name(pulse.worker)
    lag = Label(f"{pulse.lag_s:.1f} 秒", f"{pulse.lag_s:.1f} s")
    state = badge(*_STATES[pulse.state(now_us)])
    return [both(name), state, both(_ago(pulse.age_s(now_us))), f"{pulse.lag_records:,}", both(lag)]


def reasons_table(rows: Sequence[QuarantineRow], feeds: Mapping[str, Feed], most: int) -> Any:
    """Return how often each reason stands, by feed, among the newest rows."""
    counts: Counter[tuple[str, RejectReason]] = Counter()
    for row in rows:
        counts[row.feed, row.reason] += row.count
    lines = [
        [both(_feed(feed, feeds)), both(reason.label), f"{count:,}"] for (feed, reason), count in counts.most_common(8)
    ]
    shown = table((Label("数据源", "feed"), Label("原因", "why"), Label("条数", "count")), lines, _CLEAN)
    if len(rows) < most:
        return shown
    return [shown, both(Label(f"最近 {most} 条消息之中", f"among the newest {most} messages"), className="quiet")]


_CLEAN = Label("隔离区为空。", "Nothing stands in quarantine.")


def refused_row(row: QuarantineRow, feeds: Mapping[str, Feed], zone: str) -> dict[str, Any]:
    """Return a refused message as the list shows it."""
    text = shown_bytes(row.payload)
    return {
        "key": str(row.id),
        "at": when(row.received_us, zone),
        "feed": _words(_feed(row.feed, feeds)),
        "reason": _words(row.reason.label),
        "count": row.count,
        "detail": row.detail[:300],
        "text": text[:120],
        "origin": row.origin,
        "released": when(row.released_us, zone) if row.released_us else "",
        "whole": text,
        "hex": hex_dump(row.payload),
        "bytes": len(row.payload),
    }


def details_of(row: Mapping[str, Any]) -> Any:
    """Return all of a refused message, as the browser holds it."""
    size = row.get("bytes")
    return [
        html.H3(spoken(Label("原文", "As text"))),
        html.Pre(str(row.get("whole") or "—")),
        html.H3(spoken(Label("字节", "As bytes"))),
        html.Pre(str(row.get("hex") or "—")) if row.get("hex") else empty(Label("没有内容", "nothing in it")),
        html.P(
            [
                both(Label(f"共 {size} 字节；", f"{size} bytes; ")),
                str(row.get("origin", "")),
                html.Br(),
                str(row.get("detail", "")),
            ],
            className="quiet",
        ),
    ]


def _feed(name: str, feeds: Mapping[str, Feed]) -> Label:
    feed = feeds.get(name)
    return feed.label if feed else Label(name or "—", name or "—")


def _words(label: Label) -> Mapping[str, str]:
    return {"zh": label.zh, "en": label.en}
