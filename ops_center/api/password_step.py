"""The step that asks for a new password: rules that stand there always, and a bar that the script fills.

What counts is what the server says (``people/passwords.py``); the script knows neither leaked passwords nor names.
"""

from __future__ import annotations

from ops_center.api.entry_page import Notice, Place
from ops_center.api.fields import hidden, password_field, send_button
from ops_center.api.forms import form, start_again, step_page
from ops_center.api.markup import Html, both, el
from ops_center.domain.text import Label
from ops_center.people.passwords import SHORTEST

PASSWORD_RULES = (
    Label(f"至少 {SHORTEST} 个字符，越长越好", f"at least {SHORTEST} characters; longer is better"),
    Label("不包含账号名", "without the name of the account"),
    Label("不是常见或泄露过的密码，没有连续、重复的字符", "no common or leaked password, no runs or repeats"),
)
"""in the order in which ``assets/entry/entry.js`` ticks them off"""
_GRADES = (Label("太弱", "too weak"), Label("较弱", "weak"), Label("尚可", "fair"), Label("良好", "good"))
_NEW = Label("设置新密码", "Set a new password")


def password_step(
    place: Place,
    ticket: str,
    notice: Notice | None = None,
    *,
    name: str = "",
) -> str:
    """Return the page that asks for a new password; the rules stand there with and without script."""
    said = Label(
        "当前密码只能用一次。请换成只有您知道的新密码。",
        "The password you used works once. Choose a new one that only you know.",
    )
    rules_list = el("ul", [el("li", both(rule)) for rule in PASSWORD_RULES], class_="rules", id="rules")
    sent = form(
        place,
        "/sign-in/password",
        hidden("ticket", ticket),
        el("input", type="text", name="username", value=name, autocomplete="username", hidden=True, readonly=True),
        password_field(
            "password",
            Label("新密码", "New password"),
            complete="new-password",
            focused=True,
            minlength=SHORTEST,
            data_strength="strength",
            data_name=name,
        ),
        _strength(),
        rules_list,
        password_field("again", Label("再输入一次", "Once more"), complete="new-password", data_same="password"),
        send_button(Label("保存并继续", "Save and continue")),
    )
    return step_page(place, _NEW, notice, said, sent, start_again(place))


def _strength() -> Html:
    """Return the bar; without script it isn't there, and the rules say the same."""
    grades = [el("span", both(word), class_=f"grade-{grade}") for grade, word in enumerate(_GRADES, 1)]
    return el(
        "div",
        el("span", [el("i") for _ in _GRADES], class_="bar", aria_hidden="true"),
        el("span", grades, class_="grade", aria_live="polite"),
        class_="strength",
        id="strength",
        hidden=True,
    )
