"""``/api/field``: what a crew in the field sees and says. For phones on bad lines: one answer holds everything, and
what is said again under the same key is not done again.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, HTTPException, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from ops_center.api.errors import refused
from ops_center.api.incident_files import as_answer
from ops_center.api.parameters import LAST_ID, Digest, IncidentKey
from ops_center.api.system import ApiSystem
from ops_center.domain.rights import Rights, allows
from ops_center.incidents.incident import Refusal
from ops_center.people.asking import asker
from ops_center.services.attachments import LARGEST_BYTES
from ops_center.services.field.acts import FieldAct
from ops_center.services.field.cards import card
from ops_center.services.field.desk import FieldDesk
from ops_center.services.incidents.rights import FIELD, INVOLVED

Id = Annotated[int, Field(ge=1, le=LAST_ID)]
Key = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
TimeUs = Annotated[int, Field(ge=0, le=7_258_118_400_000_000)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
}
_REFUSED: dict[int | str, dict[str, Any]] = {409: {"description": "Refused: `{code, zh, en}`"}}


class SignOnIn(BaseModel):
    """A unit to hold."""

    model_config = ConfigDict(extra="forbid")
    unit: Annotated[str, Field(min_length=1, max_length=64)]


class ActIn(BaseModel):
    """What a crew says of a task."""

    model_config = ConfigDict(extra="forbid")
    incident: Id
    task: Annotated[int, Field(ge=0, le=LAST_ID)]
    act: Annotated[str, Field(pattern="^(accept|refuse|start|arrive|done)$", max_length=10)]
    key: Key
    at_us: TimeUs
    text: Annotated[str, Field(max_length=4000)] = ""


def field_routes(system: ApiSystem, desk: FieldDesk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/field", tags=["field"])
    _reading(router, system, desk)
    _saying(router, desk)
    return router


def _reading(router: APIRouter, system: ApiSystem, desk: FieldDesk) -> None:
    @router.get("")
    @allows(Rights(see=FIELD.see))
    def field() -> dict[str, Any]:
        """Return your unit, the units that you may sign on to, and your tasks by their deadline."""
        accounts = {one.name: one for one in system.store.accounts.list()}
        return card(desk, asker(), accounts, system.clock.now_us())

    @router.get("/incidents/{id}/files/{digest}", response_class=Response, responses=_FILE)
    @allows(Rights(see=INVOLVED.see))
    def file(id: IncidentKey, digest: Digest) -> Response:
        """Return a photo of an incident or of one of its tasks."""
        found = desk.file(asker(), id, digest)
        if found is None:
            raise HTTPException(404, "no such file belongs to this incident")
        return as_answer(found, digest[:12])


def _saying(router: APIRouter, desk: FieldDesk) -> None:
    @router.post("/sign-on", responses=_REFUSED)
    @allows(FIELD)
    def sign_on(given: SignOnIn) -> JSONResponse:
        """Hold a unit; who held it is taken over."""
        done = desk.units.sign_on(asker(), given.unit)
        if isinstance(done, Refusal):
            return _refused(done)
        return JSONResponse({"unit": done.held.unit, "took_over": done.took_over.account if done.took_over else ""})

    @router.post("/sign-off")
    @allows(FIELD)
    def sign_off() -> dict[str, str]:
        """Hold no unit any more."""
        ended = desk.units.sign_off(asker())
        return {"unit": ended.unit if ended else ""}

    @router.post("/acts", responses=_REFUSED)
    @allows(FIELD)
    def act(given: ActIn) -> JSONResponse:
        """Say what becomes of a task; what was done already is answered as done."""
        refusal = desk.do(asker(), msgspec.convert(given.model_dump(), FieldAct))
        return _refused(refusal) if refusal else JSONResponse({"done": True})

    @router.post("/photos", responses=_REFUSED)
    @allows(FIELD)
    def photo(
        incident: Annotated[int, Query(ge=1, le=LAST_ID)],
        task: Annotated[int, Query(ge=1, le=LAST_ID)],
        key: Annotated[str, Query(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")],
        at_us: Annotated[int, Query(ge=0, le=7_258_118_400_000_000)],
        held: Annotated[bytes, Body(media_type="application/octet-stream", min_length=1, max_length=LARGEST_BYTES)],
    ) -> JSONResponse:
        """Add a photo to a task: a picture, told by its bytes."""
        made = desk.photo(asker(), FieldAct(incident, task, "photo", key, at_us), held)
        return _refused(made) if isinstance(made, Refusal) else JSONResponse({"file": made})


def _refused(refusal: Refusal) -> JSONResponse:
    return refused(refusal.code, refusal.label)
