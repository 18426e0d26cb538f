"""What a wall's own screen shows before it shows the wall: read from eight metres, by somebody who passes by.

The page has every state in it; ``assets/entry/display.js`` shows the one that is so.
"""

from __future__ import annotations

from ops_center.api.entry_page import Place, document
from ops_center.api.markup import Html, both, el, together
from ops_center.domain.text import Label

_TITLE = Label("显示屏", "Display")
_STATES: dict[str, tuple[Label, Label]] = {
    "connecting": (
        Label("正在连接", "CONNECTING"),
        Label("显示屏正在登记，请稍候。", "This display is signing in."),
    ),
    "missing": (
        Label("显示屏尚未登记", "NOT ENROLLED"),
        Label(
            "请管理员在“人员与权限”中新建显示屏，并用它的起始地址打开本页。",
            "An administrator makes a display on the page People; open the start address shown there.",
        ),
    ),
    "revoked": (
        Label("显示屏已停用", "DISPLAY REVOKED"),
        Label(
            "此显示屏的令牌已被撤销或已过期。请管理员发放新的起始地址。",
            "Its token was revoked or has expired. Ask an administrator for a new start address.",
        ),
    ),
    "away": (
        Label("服务器无应答", "SERVER AWAY"),
        Label("显示屏会自动重试，无需操作。", "It tries again by itself; nothing needs to be done."),
    ),
    "busy": (
        Label("请求过多", "PLEASE WAIT"),
        Label("显示屏会自动重试，无需操作。", "It tries again by itself; nothing needs to be done."),
    ),
}


def display_page(place: Place) -> str:
    """Return the page."""
    again = el(
        "p",
        both(Label("下次重试：", "next try in ")),
        el("span", "", id="seconds", class_="num"),
        both(Label(" 秒后", " s")),
        class_="again",
    )
    without = el("noscript", el("p", both(Label("显示屏需要启用脚本。", "A display needs scripts."))))
    middle = el(
        "main",
        el("div", class_="mark", aria_hidden="true"),
        [_state(name, *words) for name, words in _STATES.items()],
        again,
        without,
        role="status",
        aria_live="polite",
    )
    city = el("header", el("div", el("h1", both(place.city)), class_="city"), _banner(place))
    ground = el("div", el("img", src="/sign-in/city.svg", alt=""), class_="ground", aria_hidden="true")
    return document(place, _TITLE, together(ground, el("div", class_="shade"), city, middle), kind="display")


def _state(name: str, title: Label, said: Label) -> Html:
    return el("section", el("h2", both(title)), el("p", both(said)), class_=f"state {name}")


def _banner(place: Place) -> Html | None:
    return el("span", both(place.banner), class_="realm") if place.banner else None
