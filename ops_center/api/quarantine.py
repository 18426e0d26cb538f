"""``/api/quarantine``: what intake refused, why, and its release after the reason was mended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, Field

from ops_center.api.parameters import Body, Word, whole
from ops_center.api.system import ApiSystem
from ops_center.domain.errors import Forbidden
from ops_center.domain.rights import allows
from ops_center.domain.time import to_datetime
from ops_center.people.asking import asker
from ops_center.services.feed_room import QUARANTINE
from ops_center.store.port import QuarantineRow

MAX_PAYLOAD_CHARACTERS = 2_000


class ReasonOut(BaseModel):
    """Why it was refused."""

    code: str
    zh: str
    en: str


class QuarantineOut(BaseModel):
    """One refused message."""

    id: int
    feed: str
    reason: ReasonOut
    count: int = Field(description="how many observations, fixes or events of the message were refused")
    detail: str
    origin: str = Field(description="topic, partition and position in the log")
    received: datetime
    released: datetime | None
    payload: str = Field(description=f"its beginning, at most {MAX_PAYLOAD_CHARACTERS} characters; odd bytes escaped")
    payload_bytes: int


class Released(BaseModel):
    """How many messages were released."""

    released: int


class ReleaseIn(Body):
    """How much is to be released at once."""

    limit: Annotated[int, Field(ge=1, le=10_000), BeforeValidator(whole)] = 1_000


def quarantine_routes(system: ApiSystem) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/quarantine", tags=["quarantine"])

    @router.get("")
    @allows(QUARANTINE)
    def list_quarantine(
        feed: Word | None = None,
        standing: bool = True,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[QuarantineOut]:
        """List what was refused, newest first; ``standing``: only what was not released."""
        _check_scope()
        system.audit.saw(asker(), "quarantine.seen", feed or "")
        return [_row_out(row) for row in system.store.quarantine.list(feed=feed, standing=standing, limit=limit)]

    @router.post("/release")
    @allows(QUARANTINE)
    def release(given: ReleaseIn | None = None) -> Released:
        """Decode again what was refused for a thing that is registered now, and let it through."""
        _check_scope()
        limit = (given or ReleaseIn()).limit
        system.audit.did(asker(), "quarantine.released", detail={"limit": limit})
        return Released(released=system.release(limit))

    return router


def _check_scope() -> None:
    """Bytes that nobody could read belong to no department yet: only who may see those of all may see them."""
    if not asker().sees_all(QUARANTINE):
        raise Forbidden("the quarantine is open to those whose scope is the whole city")


def _row_out(row: QuarantineRow) -> QuarantineOut:
    label = row.reason.label
    return QuarantineOut(
        id=row.id,
        feed=row.feed,
        reason=ReasonOut(code=row.reason.value, zh=label.zh, en=label.en),
        count=row.count,
        detail=row.detail,
        origin=row.origin,
        received=to_datetime(row.received_us),
        released=None if row.released_us is None else to_datetime(row.released_us),
        payload=row.payload[:MAX_PAYLOAD_CHARACTERS].decode("utf-8", "backslashreplace")[:MAX_PAYLOAD_CHARACTERS],
        payload_bytes=len(row.payload),
    )
