"""What somebody did of late, as the audit has it: shown to themselves."""

from __future__ import annotations

from typing import Any

from dash import html

from ops_center.domain.audit_words import action_in_words, outcome_in_words
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US
from ops_center.screens.desk_parts import badge, table, when
from ops_center.screens.screen import Center, both

_DAYS = 7
_MOST = 60
_HEADS = (
    Label("时间", "time"),
    Label("做了什么", "what"),
    Label("对象", "to what"),
    Label("地址", "from"),
    Label("结果", "outcome"),
)
_NOTHING = Label("这几天没有记录。", "Nothing was recorded in these days.")


def trail_of(center: Center, account: str) -> Any:
    """Return the newest acts of ``account``. Raises StoreUnavailable."""
    office, zone = center.staffed(), center.pack.manifest.timezone
    since_us = office.clock.now_us() - _DAYS * DAY_US
    rows = office.audit.store.page(limit=_MOST, actor=account, since_us=since_us)
    lines = [
        [
            html.Span(when(row.at_us, zone), className="num"),
            both(action_in_words(row.action)),
            html.Span(row.subject, className="subject"),
            html.Span(row.address, className="num"),
            badge(outcome_in_words(row.outcome), "quiet" if row.outcome == "done" else "notice"),
        ]
        for row in rows
    ]
    return table(_HEADS, lines, _NOTHING)
