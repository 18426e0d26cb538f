"""``/sign-in``: pages that let people in, step by step, with or without script; ``POST /sign-out`` lets them out.

What was proved so far travels in a sealed ticket; no step is remembered here. Whether a name exists shows in nothing
that is answered. Made by bootstrap.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from ops_center.api.cookies import clear_session, secret_of
from ops_center.api.entry_files import file_routes
from ops_center.api.entry_page import Notice
from ops_center.api.entry_requests import ByAddress, ByForm, Text, Ticket, Word, is_on_this_machine
from ops_center.api.entry_system import FILES, SIGNED_OUT, EntrySystem
from ops_center.api.sign_in_answers import Answers, wrong_code
from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.people import Session
from ops_center.domain.rights import OPEN, allows
from ops_center.domain.text import Label
from ops_center.services.sign_in_outcomes import Refused
from ops_center.services.signing_in import NO_DEMO

_STEPS = ("code", "password", "enrolment", "demo")
_DIFFERS = Label("两次输入的密码不一样。", "The two passwords are not the same.")
_WHY = {
    "left": Notice(Label("您已退出登录。", "You have signed out."), "calm"),
}
"""why somebody was sent here"""


def sign_in_routes(system: EntrySystem) -> APIRouter:
    """Return all routes of signing in and out."""
    router = APIRouter(include_in_schema=False)
    answers, signing_in = Answers(system), system.signing_in

    @router.get("/sign-in")
    @allows(OPEN)
    def first(request: Request, asked: ByAddress, why: Annotated[str, Query(max_length=32)] = "") -> Response:
        try:
            if _session(system, request) is not None:
                return RedirectResponse(asked.next, 303)
        except StoreUnavailable:
            return answers.away(request, asked)
        return answers.first(request, asked, _WHY.get(why))

    @router.post("/sign-in")
    @allows(OPEN)
    def name_and_password(request: Request, asked: ByForm, name: Word = "", password: Text = "") -> Response:
        return answers.of(
            request,
            asked,
            lambda visitor: signing_in.sign_in(name, password, visitor),
            lambda notice, status: answers.first(request, asked, notice, status, name),
        )

    @router.post("/sign-in/code")
    @allows(OPEN)
    def one_time_code(
        request: Request, asked: ByForm, ticket: Ticket = "", code: Word = "", kind: Word = "", way: Word = ""
    ) -> Response:
        recovery = (way or kind) == "recovery"
        if way:
            return answers.code(asked, ticket, recovery=recovery)
        return answers.of(
            request,
            asked,
            lambda visitor: signing_in.second_factor(ticket, code, visitor),
            lambda notice, status: answers.code(asked, ticket, wrong_code(notice), status, recovery=recovery),
        )

    @router.post("/sign-in/password")
    @allows(OPEN)
    def new_password(
        request: Request, asked: ByForm, ticket: Ticket = "", password: Text = "", again: Text = "", username: Word = ""
    ) -> Response:
        if password != again:
            return answers.password(asked, ticket, username, Notice(_DIFFERS), 422)
        return answers.of(
            request,
            asked,
            lambda visitor: signing_in.new_password(ticket, password, visitor),
            lambda notice, status: answers.password(asked, ticket, username, notice, status),
        )

    @router.post("/sign-in/enrolment")
    @allows(OPEN)
    def enrolment(request: Request, asked: ByForm, ticket: Ticket = "", code: Word = "") -> Response:
        return answers.of(
            request,
            asked,
            lambda visitor: signing_in.enrol(ticket, code, visitor),
            lambda notice, status: answers.enrolment(request, asked, ticket, wrong_code(notice), status),
        )

    @router.post("/sign-in/demo")
    @allows(OPEN)
    def demo(request: Request, asked: ByForm, account: Word = "") -> Response:
        here = is_on_this_machine(request)
        return answers.of(
            request,
            asked,
            lambda visitor: signing_in.enter_demo(account, visitor) if here else Refused(NO_DEMO),
            lambda notice, status: answers.first(request, asked, notice, status),
        )

    @router.post("/sign-out")
    @allows(OPEN)
    def sign_out(request: Request) -> Response:
        onward = SIGNED_OUT
        if session := _session(system, request):
            signing_in.sign_out(session)
            onward = system.after(session)
        answer = RedirectResponse(onward, 303)
        clear_session(request, answer)
        return answer

    for step in _STEPS:
        router.get(f"/sign-in/{step}")(_to_the_first)
    router.include_router(file_routes(FILES, system.drawing))
    return router


@allows(OPEN)
def _to_the_first() -> Response:
    """A step's page that is loaded again has lost its form: begin anew."""
    return RedirectResponse("/sign-in", 303)


def _session(system: EntrySystem, request: Request) -> Session | None:
    secret = secret_of(request)
    return system.sessions.resolve(secret) if secret else None
