"""What stands in a panel that has nothing to show as usual: empty, loading, aged, failed, forbidden.

Each has a sign, a word and a colour, a sentence that says what is so, and where there is something to do, what.
``gallery`` shows all of them (tests/screens/test_states.py, in Chromium). Panels of scenes have the same five, read
from eight metres (``screens/panels/framing.py``).
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from dash import html

from ops_center.domain.text import Label
from ops_center.screens.screen import both, marked, spoken

State = Literal["empty", "loading", "aged", "failed", "forbidden"]
STATES: tuple[State, ...] = get_args(State)

_NAMES: dict[State, Label] = {
    "empty": Label("暂无内容", "nothing here"),
    "loading": Label("正在读取", "loading"),
    "aged": Label("数据陈旧", "aged"),
    "failed": Label("未能读取", "could not be read"),
    "forbidden": Label("无权查看", "not for you"),
}
_SIGNS: dict[State, str] = {"empty": "○", "loading": "…", "aged": "◇", "failed": "!", "forbidden": "×"}


def stated(state: State, sentence: Label, *act: Any) -> Any:
    """Return what stands instead of a panel's content; ``act``: a button or link to what can be done.

    What failed is read out at once to those who don't see it, everything else when there is a pause.
    """
    return html.Div(
        [
            html.Span(_SIGNS[state], className="state-sign", **marked(aria_hidden="true")),
            html.B(spoken(_NAMES[state])),
            html.P(spoken(sentence)),
            *act,
        ],
        className=f"stated state-{state}",
        role="alert" if state == "failed" else "status",
    )


def nothing_words(sentence: Label) -> dict[str, list[str]]:
    """Return what ``assets/desk.js`` says of a list without rows, Chinese first; it looks like :func:`stated`."""
    return {"sign": [_SIGNS["empty"]] * 2, "name": list(_both(_NAMES["empty"])), "said": list(_both(sentence))}


def _both(label: Label) -> tuple[str, str]:
    return label.zh, label.en


def aged_since(sentence: Label) -> Any:
    """Return the line that stands above content which is shown though it is old; ``sentence`` says how old."""
    return html.P(
        [html.Span(_SIGNS["aged"], **marked(aria_hidden="true")), html.B(spoken(_NAMES["aged"])), both(sentence)],
        className="state-line",
        role="status",
    )


def gallery() -> Any:
    """Return every state as a panel shows it."""
    sentences: dict[State, Label] = {
        "empty": Label("这段时间没有报警。", "Nothing was raised in this time."),
        "loading": Label("正在读取最近 24 小时的数据。", "The last 24 hours are being read."),
        "aged": Label("最近一次更新在 12 分钟前。", "It was last brought up to date 12 min ago."),
        "failed": Label("数据库没有应答，稍后自动重试。", "The database doesn't answer; it is tried again by itself."),
        "forbidden": Label("此内容不在您的职责范围内。", "This is outside of what you are responsible for."),
    }
    panels = [html.Section(stated(state, sentences[state]), className="panel") for state in STATES]
    line = aged_since(Label("12 分钟前的数据", "what is shown is 12 min old"))
    return html.Div([line, *panels], className="state-gallery")
