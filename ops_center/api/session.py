"""``/session``: what a page may know of the session it is shown in, and the door for signs of a person.

Asking (``GET``) is what pages do by themselves and no sign of anybody; ``POST /session/active`` is one.
"""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field

from ops_center.api.cookies import secret_of
from ops_center.domain.people import Session, SessionKind
from ops_center.domain.rights import SIGNED_IN, allows
from ops_center.domain.text import Language
from ops_center.domain.time import SECOND_US, Clock
from ops_center.services.sessions import Sessions


class SessionState(BaseModel):
    """The session behind a request."""

    account: str
    display_name: str
    language: Language
    kind: SessionKind
    idle_in_s: float | None = Field(description="it ends after so long without a sign of the person; null: never")
    ends_in_s: float | None = Field(description="it ends after so long whatever happens; null: never")


def session_routes(sessions: Sessions, clock: Clock) -> APIRouter:
    """Return both routes; pages alone ask, so that they are none of the open interfaces."""
    router = APIRouter(include_in_schema=False)

    @router.get("/session")
    @allows(SIGNED_IN)
    def session(request: Request, response: Response) -> SessionState:
        """Return the session that asks."""
        response.headers["Cache-Control"] = "no-store"
        return _state(_of(sessions, request), clock)

    @router.post("/session/active")
    @allows(SIGNED_IN)
    def active(request: Request, response: Response) -> SessionState:
        """Note a sign of the person, and return the session as it is then."""
        sessions.touch(_of(sessions, request))
        response.headers["Cache-Control"] = "no-store"
        return _state(_of(sessions, request), clock)

    return router


def _of(sessions: Sessions, request: Request) -> Session:
    secret = secret_of(request)
    found = sessions.resolve(secret) if secret else None
    if found is None:
        raise HTTPException(401, "not signed in")
    return found


def _state(session: Session, clock: Clock) -> SessionState:
    now_us, lasts = clock.now_us(), session.kind == "person"
    account = session.account
    return SessionState(
        account=account.name,
        display_name=account.display_name,
        language=account.language,
        kind=session.kind,
        idle_in_s=round((session.idle_ends_us - now_us) / SECOND_US, 2) if lasts else None,
        ends_in_s=round((session.ends_us - now_us) / SECOND_US, 2) if lasts else None,
    )
