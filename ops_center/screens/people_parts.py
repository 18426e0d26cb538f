"""What the tabs of the people page share: rights, the state of an account in words, what became of an act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import html

from ops_center.domain.errors import AccountError, OpsCenterError
from ops_center.domain.people import Account
from ops_center.domain.rights import Rights, Role
from ops_center.domain.text import Label
from ops_center.screens.desk_parts import Mark, copied, said
from ops_center.screens.refusals import refusal
from ops_center.services.accounts import Changed, Refused, WithPassword, WithSecret

RIGHTS = Rights(see=frozenset({Role.ADMINISTRATOR}), change=frozenset({Role.ADMINISTRATOR}))
DONE = Label("已完成。", "Done.")
_PASSWORD = Label(
    "一次性密码，仅显示这一次，24 小时内有效；请当面或通过电话告知本人。首次登录时须更换。",
    "A one-time password, shown this once and good for 24 hours: tell it to the person. It is replaced at sign-in.",
)
_SECRET = Label("令牌，仅显示这一次。", "The token, shown this once.")
ORIGINS = {
    "local": Label("本系统", "this center"),
    "oidc": Label("单点登录", "single sign-on"),
    "demo": Label("演示", "demo"),
}


def state_of(account: Account, now_us: int) -> tuple[Label, Mark]:
    """Return how an account is, in a word, and how that is marked."""
    if account.disabled_us is not None:
        return Label("已停用", "disabled"), "severe"
    if account.password_expires_us is not None and account.password_expires_us <= now_us:
        return Label("一次性密码过期", "password expired"), "severe"
    if account.must_change_password:
        return Label("待首次登录", "not yet signed in"), "notice"
    return Label("正常", "active"), "good"


def outcome_of(act: Callable[[], Any], name: str) -> Any:
    """Do something and return what is said of it; ``name`` is the id of what is shown once."""
    try:
        return told(act(), name)
    except AccountError:
        return said(
            Label("该账号已不存在或刚被他人修改。", "The account is gone, or somebody has just changed it."), "wrong"
        )
    except OpsCenterError as error:
        return said(refusal(error), "wrong")


def told(outcome: object, name: str) -> Any:
    """Return what is said of an outcome of :mod:`ops_center.services.accounts`."""
    match outcome:
        case Refused(reason):
            return said(reason, "wrong")
        case WithPassword(account, password):
            return html.Div([said(_PASSWORD, "good"), copied(name, password, account.name)])
        case WithSecret(token, secret):
            return html.Div([said(_SECRET, "good"), copied(name, secret, token.label)])
        case Changed() | True:
            return said(DONE, "good")
        case _:
            return said(Label("已无需更改。", "There was nothing to change."))


def counted(changed: object) -> int:
    """Return the next number of changes: lists that hear of it come anew."""
    return (changed if isinstance(changed, int) else 0) + 1
