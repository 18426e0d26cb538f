"""Displays: walls that show the picture by themselves, until their token is revoked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from dash import Input, Output, State, html, no_update

from ops_center.city.scope_names import scope_names
from ops_center.domain.role_words import EVERY_DEPARTMENT, WHOLE_CITY
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, button, choice, connect_choices, copied, panel, said, text_input
from ops_center.screens.people_parts import RIGHTS, counted, outcome_of
from ops_center.screens.screen import Center
from ops_center.screens.token_lines import connect_tokens
from ops_center.services.accounts import WithSecret
from ops_center.services.displays import add_display

_EVERY = "*"
_START = Label(
    "起始地址，仅显示这一次：在显示屏的浏览器里设为首页。打开即登记，之后自动恢复。",
    "The start address, shown this once: make it the home page of the display's browser. It enrols by itself.",
)


def layout(center: Center) -> Any:
    """Return the list of displays, and the form for another."""
    names = scope_names(center.pack)
    form = panel(
        Label("新建显示屏", "New display"),
        html.Div(
            [
                text_input(
                    "display-label",
                    Label("位置", "where it hangs"),
                    said=Label("例如：指挥大厅第二排左", "for example: hall, second row, left"),
                ),
                *choice(
                    "display-department",
                    Label("部门", "department"),
                    [(_EVERY, EVERY_DEPARTMENT), *names.departments.items()],
                    _EVERY,
                    searchable=True,
                ),
                *choice(
                    "display-district",
                    Label("区域", "district"),
                    [(_EVERY, WHOLE_CITY), *names.districts.items()],
                    _EVERY,
                    searchable=True,
                ),
                button("display-make", Label("发放起始地址", "Make its start address"), kind="main"),
            ],
            className="stack",
        ),
        answer("display-answer"),
    )
    return html.Div([html.Section(html.Div(id="displays-list"), className="panel"), form], className="tokens")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "display-department", "display-district")
    connect_tokens(callbacks, center, "displays-list", "display")
    _connect_display(callbacks, center)


def _connect_display(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("display-answer", "children"),
        Output("display-label", "value"),
        Output("people-changed", "data", allow_duplicate=True),
        Input("display-make", "n_clicks"),
        State("display-label", "value"),
        State("display-department", "value"),
        State("display-district", "value"),
        State("url", "href"),
        State("people-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _make(_n: object, label: object, department: object, district: object, href: object, changed: object) -> Any:
        made: list[Any] = []

        def add() -> Any:
            accounts, scope = center.staffed().people.accounts, (_scope(department), _scope(district))
            made.append(add_display(accounts, str(label or ""), *scope, "zh", asker()))
            return made[0]

        answered = outcome_of(add, "display-once")
        if not made or not isinstance(made[0], WithSecret):
            return answered, no_update, no_update
        address = f"{_origin(href)}/display#{made[0].secret}"
        return [said(_START, "good"), copied("display-once", address)], "", counted(changed)


def _scope(value: object) -> str | None:
    return value if isinstance(value, str) and value and value != _EVERY else None


def _origin(href: object) -> str:
    """Return where the browser reaches us: it says so itself, and is the only one that is shown it."""
    parts = urlsplit(href) if isinstance(href, str) else None
    return f"{parts.scheme}://{parts.netloc}" if parts and parts.scheme in {"http", "https"} else ""
