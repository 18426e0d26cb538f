"""What became of a step → what the browser gets: the next page, the same one with a word, or the way in."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ops_center.api import sign_in_steps as steps
from ops_center.api.cookies import set_browser, set_session
from ops_center.api.entry_page import Notice, Place
from ops_center.api.entry_requests import Asked, is_on_this_machine, visitor_of
from ops_center.api.entry_system import EntrySystem
from ops_center.api.password_step import password_step
from ops_center.api.qr_code import qr_code
from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.people import Account
from ops_center.domain.text import Label
from ops_center.services.sign_in_outcomes import (
    Expired,
    NeedsCode,
    NeedsEnrolment,
    NeedsNewPassword,
    Outcome,
    Refused,
    SignedIn,
    StartAgain,
    Wait,
    Wrong,
)
from ops_center.services.signing_in import Visitor

Again = Callable[[Notice, int], Response]
"""shows the same step once more, with a word above it and a status"""

_WRONG = Label("账号或密码不对。", "Account or password is wrong.")
_WRONG_CODE = Label("验证码不对或已用过。请等待下一个验证码。", "The code is wrong or was used. Wait for the next one.")
_WAIT = Label("尝试过多，请在 {seconds} 秒后再试。", "Too many attempts. Try again in {seconds} s.")
_EXPIRED = Label(
    "一次性密码已过期，请联系管理员。", "The one-time password has expired. Ask an administrator for another."
)
_AGAIN = Label("登录超时或账号有变更，请重新开始。", "This took too long, or the account was changed. Start again.")
_AWAY = Label(
    "数据库无应答，暂时无法登录。请稍后再试。", "The database does not answer: nobody can sign in now. Try again."
)
_UNCACHED = {"Cache-Control": "no-store"}


class Answers:
    """Makes the answers of one center."""

    def __init__(self, system: EntrySystem) -> None:
        self._system = system

    def first(
        self, request: Request, asked: Asked, notice: Notice | None = None, status: int = 200, name: str = ""
    ) -> Response:
        """Return the page that asks for name and password."""
        page = steps.name_step(
            self.place(asked),
            notice,
            name=name,
            single_sign_on=self._system.single_sign_on,
            demo=self._demo(request),
            names=self._system.names,
        )
        return _page(page, status, notice)

    def away(self, request: Request, asked: Asked) -> Response:
        """Return the first page with the word that the database is away."""
        return self.first(request, asked, Notice(_AWAY, "wait"), 503)

    def code(
        self, asked: Asked, ticket: str, notice: Notice | None = None, status: int = 200, *, recovery: bool = False
    ) -> Response:
        """Return the page that asks for a one-time code."""
        return _page(steps.code_step(self.place(asked), ticket, notice, recovery=recovery), status, notice)

    def password(
        self, asked: Asked, ticket: str, name: str, notice: Notice | None = None, status: int = 200
    ) -> Response:
        """Return the page that asks for a new password."""
        return _page(password_step(self.place(asked), ticket, notice, name=name), status, notice)

    def enrolment(self, request: Request, asked: Asked, ticket: str, notice: Notice, status: int) -> Response:
        """Return the page with the QR code once more."""
        shown = self._system.signing_in.enrolment(ticket)
        if isinstance(shown, StartAgain):
            return self.first(request, asked, Notice(_AGAIN), 401)
        return self._enrolment(asked, shown, notice, status)

    def of(self, request: Request, asked: Asked, step: Callable[[Visitor], Outcome], again: Again) -> Response:
        """Do a step and return what the browser gets; ``again`` shows the same page if it was wrong or too early."""
        try:
            return self._answer(request, asked, step(visitor_of(request)), again)
        except StoreUnavailable:
            return self.away(request, asked)

    def place(self, asked: Asked) -> Place:
        """Return what all pages of this visit share."""
        return Place(self._system.city, self._system.banner, asked.language, asked.next)

    def _answer(self, request: Request, asked: Asked, outcome: Outcome, again: Again) -> Response:
        match outcome:
            case SignedIn():
                return self._in(request, asked, outcome)
            case NeedsCode(ticket):
                return self.code(asked, ticket)
            case NeedsNewPassword(ticket, name, fault):
                return self.password(asked, ticket, name, Notice(fault.value) if fault else None, 422 if fault else 200)
            case NeedsEnrolment():
                return self._enrolment(asked, outcome)
            case Wrong() | Wait():
                return again(*_said(outcome))
            case Expired() | StartAgain() | Refused():
                return self.first(request, asked, *_said(outcome))

    def _in(self, request: Request, asked: Asked, outcome: SignedIn) -> Response:
        answer: Response
        if outcome.recovery_codes:
            answer = _page(steps.recovery_step(self.place(asked), outcome.recovery_codes, asked.next), 200)
        else:
            answer = RedirectResponse(asked.next, 303, _UNCACHED)
        set_session(request, answer, outcome.secret)
        if outcome.device:
            set_browser(request, answer, outcome.device)
        return answer

    def _enrolment(
        self, asked: Asked, shown: NeedsEnrolment, notice: Notice | None = None, status: int = 200
    ) -> Response:
        page = steps.enrolment_step(self.place(asked), shown.ticket, qr_code(shown.uri), shown.secret, notice)
        return _page(page, status, notice)

    def _demo(self, request: Request) -> tuple[Account, ...]:
        try:
            return tuple(self._system.demo_accounts()) if is_on_this_machine(request) else ()
        except StoreUnavailable:
            return ()


def _said(outcome: Wrong | Wait | Expired | StartAgain | Refused) -> tuple[Notice, int]:
    """Return what is said of what did not get further, and its status."""
    match outcome:
        case Wrong():
            return Notice(_WRONG), 401
        case Wait(seconds):
            return Notice(_WAIT, "wait", ceil(seconds)), 429
        case Expired():
            return Notice(_EXPIRED), 401
        case StartAgain():
            return Notice(_AGAIN), 401
        case Refused(reason):
            return Notice(reason), 403


def wrong_code(notice: Notice) -> Notice:
    """Return what is said of a wrong code where something is wrong; waiting is waiting."""
    return Notice(_WRONG_CODE) if notice.tone == "wrong" else notice


def _page(page: str, status: int, notice: Notice | None = None) -> Response:
    retry = {"Retry-After": str(notice.seconds)} if notice and notice.seconds else {}
    return HTMLResponse(page, status, {**_UNCACHED, **retry})
