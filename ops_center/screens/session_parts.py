"""What every page says of its session: that it ends soon, that it has ended and why. Shown by ``assets/session.js``."""

from __future__ import annotations

from typing import Any

from dash import html

from ops_center.domain.text import Label
from ops_center.screens.screen import Center, both, marked, spoken

_WHY = {
    "idle": Label("长时间无人操作", "nobody was here for a while"),
    "limit": Label("已达到单次登录的时限", "a sign-in lasts only so long"),
    "ended": Label("会话已被结束或账号有变更", "the session was ended, or the account was changed"),
    "rights": Label("您的角色不包括此画面", "your roles do not include this picture"),
}
_SOON = {
    "idle": Label("长时间无人操作，即将退出登录", "Nobody seems to be here: you will be signed out"),
    "limit": Label("已到单次登录的时限，即将退出登录", "A sign-in lasts only so long: you will be signed out"),
}


def session_parts(center: Center) -> list[Any]:
    """Return both parts, hidden until the script says so; it asks nothing of a server that has no sessions."""
    return [_ending(), _ended("yes" if center.office else "no")]


def _ending() -> Any:
    return html.Div(
        html.Div(
            [
                html.Div([html.B("60", className="session-left num"), both(Label("秒", "s"))], className="left"),
                html.Div([html.P(spoken(label), className=f"why {why}") for why, label in _SOON.items()]),
                html.Button(both(Label("继续使用", "Stay signed in")), className="why idle", **_marks("stay", "idle")),
                html.Button(
                    both(Label("知道了", "Understood")), className="why limit", **_marks("understood", "limit")
                ),
            ],
            className="box",
        ),
        id="session-ending",
        role="alertdialog",
        **marked(aria_live="assertive"),
    )


def _marks(act: str, first: str) -> dict[str, Any]:
    """Return what the script looks for; ``data-first`` has the focus when the part appears for that reason."""
    return marked(data_act=act, data_first=first)


def _ended(served: str) -> Any:
    again = html.A(
        both(Label("重新登录", "Sign in again")), href="/sign-in", className="session-again", **marked(data_first="")
    )
    return html.Div(
        html.Div(
            [
                html.B(spoken(Label("已退出登录", "SIGNED OUT"))),
                html.Div([html.P(spoken(label), className=f"why {why}") for why, label in _WHY.items()]),
                again,
            ],
            className="box",
        ),
        id="session-ended",
        role="alertdialog",
        **marked(data_served=served),
    )
