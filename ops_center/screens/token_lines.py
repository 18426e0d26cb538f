"""Tokens as a list, of displays and of programs: what for, since when, last used, good or not, how to revoke one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Input, Output, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.people import Token, TokenKind
from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import badge, said, table, when
from ops_center.screens.people_acts import act_button
from ops_center.screens.people_parts import RIGHTS
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center

_HEADS = (
    Label("用于", "used for"),
    Label("账号", "account"),
    Label("发放", "made"),
    Label("最近使用", "last used"),
    Label("状态", "state"),
    Label("操作", "revoke it"),
)


def connect_tokens(callbacks: Callbacks, center: Center, name: str, kind: TokenKind) -> None:
    """Keep the list at the place ``name``."""

    @callbacks.add(
        Output(name, "children"),
        Input("people-changed", "data"),
        Input("people-tick", "n_intervals"),
        rights=RIGHTS,
    )
    def _list(_changed: object, _tick: object) -> Any:
        office = center.staffed()
        try:
            tokens = office.people.accounts.tokens(kind)
        except OpsCenterError as error:
            return said(refusal(error), "wrong")
        return _lines(tokens, center.pack.manifest.timezone, office.clock.now_us())


def _lines(tokens: Sequence[Token], zone: str, now_us: int) -> Any:
    rows = [
        [
            token.label,
            html.Code(token.account),
            html.Span(when(token.created_us, zone), title=token.created_by, className="num"),
            html.Span(when(token.used_us, zone), className="num"),
            _state(token, now_us),
            act_button("revoke", str(token.key), label=Label("撤销", "Revoke")) if token.revoked_us is None else "",
        ]
        for token in tokens
    ]
    return table(_HEADS, rows, Label("还没有。", "There is none yet."))


def _state(token: Token, now_us: int) -> Any:
    if token.revoked_us is not None:
        return badge(Label("已撤销", "revoked"), "severe")
    if token.expires_us is not None and token.expires_us <= now_us:
        return badge(Label("已过期", "expired"), "severe")
    return badge(Label("有效", "good"), "good") if token.used_us else badge(Label("未使用", "not used yet"), "notice")
