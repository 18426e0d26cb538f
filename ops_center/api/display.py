"""``/display``: where a wall's own screen enrols; ``/display#<token>`` opens it, so that no log has the token.

The page posts the token and gets a session. The token stays in the browser as a cookie that no script can read and that
goes to this address only, so that a display finds its way back by itself when its session was ended.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from ops_center.api.cookies import display_token_of, set_display_token, set_session
from ops_center.api.display_page import display_page
from ops_center.api.entry_page import Place
from ops_center.api.entry_requests import ByAddress, visitor_of
from ops_center.api.entry_system import EntrySystem
from ops_center.api.errors import problem
from ops_center.domain.rights import OPEN, allows
from ops_center.services.sign_in_outcomes import SignedIn


class Enrolment(BaseModel):
    """What a display sends."""

    token: str | None = Field(default=None, max_length=256, description="null: the one it enrolled with before")


def display_routes(system: EntrySystem) -> APIRouter:
    """Return page and door."""
    router = APIRouter(include_in_schema=False)

    @router.get("/display")
    @allows(OPEN)
    def page(asked: ByAddress) -> Response:
        place = Place(system.city, system.banner, asked.language)
        return HTMLResponse(display_page(place), headers={"Cache-Control": "no-store"})

    @router.post("/display")
    @allows(OPEN)
    def enrol(request: Request, sent: Annotated[Enrolment, Body()]) -> Response:
        token = sent.token or display_token_of(request)
        if not token:
            return problem(404, "not enrolled", "no token was sent, and none is remembered")
        outcome = system.signing_in.enter_display(token, visitor_of(request))
        if not isinstance(outcome, SignedIn):
            return problem(401, "not enrolled", "the token is wrong, revoked or expired")
        answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
        set_session(request, answer, outcome.secret, stays=True)
        set_display_token(request, answer, token)
        return answer

    return router
