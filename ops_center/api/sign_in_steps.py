"""What each step of signing in shows: name and password, one-time code, enrolment, recovery codes.

Values in, HTML out; ``sign_in`` decides which step comes when. The step for a new password is in ``password_step``.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from ops_center.api.demo_cards import demo_section
from ops_center.api.entry_page import Notice, Place, document, framed
from ops_center.api.fields import code_field, hidden, password_field, send_button, text_field
from ops_center.api.forms import copy_button, form, panel, start_again, step_page
from ops_center.api.markup import Html, both, el, together
from ops_center.domain.people import Account
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label

_SIGN_IN = Label("登录", "Sign in")
_CODE = Label("验证码", "One-time code")
_ENROL = Label("绑定验证器", "Set up one-time codes")
_KEEP = Label("保存恢复码", "Keep your recovery codes")


def name_step(
    place: Place,
    notice: Notice | None = None,
    *,
    name: str = "",
    single_sign_on: str | None = None,
    demo: Sequence[Account] = (),
    names: Names | None = None,
) -> str:
    """Return the first page. ``single_sign_on`` is what its button says, None where the city has none."""
    sent = form(
        place,
        "/sign-in",
        text_field("name", Label("账号", "Account"), value=name, complete="username", focused=not name),
        password_field("password", Label("密码", "Password"), complete="current-password", focused=bool(name)),
        send_button(_SIGN_IN),
    )
    sso = _single_sign_on(place, single_sign_on) if single_sign_on else None
    ready = demo_section(place, demo, names or Names()) if demo else None
    return document(place, _SIGN_IN, framed(place, ready, panel(_SIGN_IN, notice, sso, sent)))


def code_step(place: Place, ticket: str, notice: Notice | None = None, *, recovery: bool = False) -> str:
    """Return the page that asks for a one-time code, or for one of the recovery codes."""
    if recovery:
        said = Label("输入一个尚未用过的恢复码，每个只能用一次。", "Enter a recovery code you haven't used yet.")
        field = code_field(Label("恢复码", "Recovery code"), longest=40, digits=False)
        way, words = "code", Label("改用验证器", "Use the authenticator instead")
    else:
        said = Label("打开手机上的验证器，输入当前的 6 位数字。", "Open your authenticator and enter its six digits.")
        field = code_field(_CODE)
        way, words = "recovery", Label("手机不在身边？用恢复码", "No telephone? Use a recovery code")
    other = send_button(words, name="way", value=way, quiet=True)
    sent = form(
        place,
        "/sign-in/code",
        hidden("ticket", ticket),
        field,
        send_button(Label("继续", "Continue")),
        hidden("kind", "recovery" if recovery else "code"),
    )
    switch = form(place, "/sign-in/code", hidden("ticket", ticket), other)
    return step_page(place, _CODE, notice, said, sent, switch, start_again(place))


def enrolment_step(place: Place, ticket: str, picture: Html, secret: str, notice: Notice | None = None) -> str:
    """Return the page that binds an authenticator; ``picture`` is the QR code, ``secret`` the same to type in."""
    said = Label(
        "用手机验证器扫描二维码，然后输入它显示的 6 位数字。",
        "Scan this with an authenticator on your telephone, then enter the six digits it shows.",
    )
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    by_hand = el(
        "details",
        el("summary", both(Label("无法扫描？手动输入密钥", "Can't scan it? Type the key"))),
        el("code", grouped, class_="secret", id="secret"),
        copy_button("secret"),
    )
    sent = form(
        place,
        "/sign-in/enrolment",
        hidden("ticket", ticket),
        code_field(_CODE),
        send_button(Label("绑定并登录", "Confirm and sign in")),
    )
    body = el(
        "div", el("div", picture, class_="qr"), el("div", el("p", both(said), class_="said"), by_hand), class_="enrol"
    )
    return document(place, _ENROL, framed(place, panel(_ENROL, notice, body, sent, start_again(place))))


def recovery_step(place: Place, codes: Sequence[str], onward: str) -> str:
    """Return the page with the recovery codes, shown this once; whoever sees it has signed in."""
    said = Label(
        "手机丢失时，用其中一个代替验证码。它们只显示这一次，请打印或抄写后妥善保管。",
        "If you lose the telephone, one of these stands in for a code. They are shown this once: "
        "print them or write them down.",
    )
    listed = el("ol", [el("li", el("code", code)) for code in codes], class_="recovery", id="recovery")
    buttons = el(
        "div",
        copy_button("recovery"),
        el("button", both(Label("打印", "Print")), type="button", class_="small", data_act="print", hidden=True),
        class_="row",
    )
    go = el("a", both(Label("已保存，进入系统", "I have kept them, continue")), href=onward, class_="send", id="onward")
    body = panel(_KEEP, None, el("p", both(said), class_="said"), listed, buttons, go, wide=True)
    return document(place, _KEEP, framed(place, body))


def _single_sign_on(place: Place, words: str) -> Html:
    address = f"/sso/start?{urlencode({'next': place.next})}"
    return together(
        el("a", both(_in_both(words)), href=address, class_="send sso"),
        el("p", both(Label("或用本系统账号", "or with an account of this center")), class_="or"),
    )


def _in_both(words: str) -> Label:
    """Return what the setting says: ``中文 · English``, or one text for both."""
    zh, dot, en = words.partition(" · ")
    return Label(zh, en) if dot and zh.strip() and en.strip() else Label(words, words)
