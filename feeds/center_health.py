"""The center's own health: how far workers are behind, room on disks, clocks, how much of what comes is refused.

Sent by ``ops_center.services.center_health`` through the log like everything else, so that rules judge it and alarms,
series and the wall show it as they show a sensor. The model city knows nothing of it.
"""

from __future__ import annotations

from feeds.contract import DatastreamKind
from feeds.declared import ColumnarFeed
from ops_center.domain.text import Label

EVERY_S = 10.0
NAME = "center_health"

_WORKERS = {
    "intake": Label("数据接入", "intake"),
    "registrar": Label("目录登记", "registrar"),
    "writer": Label("数据入库", "writer"),
    "rules": Label("规则判定", "rules worker"),
    "book": Label("报警归集", "alarm book"),
    "notify": Label("通知发送", "notifier"),
}

FEED = ColumnarFeed(
    name=NAME,
    label=Label("中心自身运行", "the center itself"),
    lateness_s=60.0,
    kinds=(
        DatastreamKind("worker_lag", Label("处理滞后", "worker lag"), "s", (0.0, 1e9), (0.0, 86_400.0), EVERY_S),
        DatastreamKind("disk_free", Label("磁盘剩余", "free disk space"), "%", (0.0, 100.0), (0.0, 100.0), EVERY_S),
        DatastreamKind("clock_offset", Label("时钟偏差", "clock offset"), "s", (0.0, 1e9), (0.0, 3600.0), EVERY_S),
        DatastreamKind(
            "quarantine_share", Label("隔离比例", "share in quarantine"), "%", (0.0, 100.0), (0.0, 100.0), EVERY_S
        ),
    ),
    thing_kinds={
        "center_host": Label("中心主机", "machine of the center"),
        "center_worker": Label("处理进程", "worker of the center"),
        "center_intake": Label("数据接入", "intake of the center"),
    },
)


def worker_name(worker: str) -> Label:
    """Return what people call a worker of the center, with its name on the command line."""
    label = _WORKERS.get(worker, Label(worker, worker))
    zh = label.zh if label.zh == worker else f"{label.zh}（{worker}）"
    return Label(zh, label.en if label.en == worker else f"{label.en} ({worker})")
