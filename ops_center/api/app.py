"""The web server's ground: open interfaces, their OpenAPI document and one form for every error.

Called by bootstrap, which puts the data plane and the screens on the same application and the guard around it all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI, HTTPException, Request

from ops_center.api.alarms import alarm_routes
from ops_center.api.cases import case_routes
from ops_center.api.datastreams import datastream_routes
from ops_center.api.dispatch import dispatch_routes
from ops_center.api.document import describe
from ops_center.api.errors import add_error_handlers, methods_of
from ops_center.api.field import field_routes
from ops_center.api.health import health_routes
from ops_center.api.incident_files import incident_file_routes
from ops_center.api.incident_reports import report_routes
from ops_center.api.incidents import incident_routes
from ops_center.api.notifications import notification_routes
from ops_center.api.quarantine import quarantine_routes
from ops_center.api.routing import routing_routes
from ops_center.api.search import search_routes
from ops_center.api.selection import selection_routes
from ops_center.api.snapshots import snapshot_routes
from ops_center.api.system import ApiSystem
from ops_center.api.things import thing_routes
from ops_center.api.walls import wall_routes
from ops_center.api.warnings import warning_routes
from ops_center.domain.rights import SIGNED_IN, Rights, allows

OWN_ROUTES: Mapping[str, Rights] = {"/api/openapi.json": SIGNED_IN}
"""path → rights of what the framework answers for us"""
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_DESCRIPTION = """Health, the catalog of things and datastreams, series, quarantine, alarms, notifications, public
warnings, what hangs on walls, search and selections of one operations center.

Times are UTC. Errors are problem documents (RFC 9457). Programs send ``Authorization: Bearer`` and an API token.
Observations are not sent here but to the log: see docs/feeds.md.
"""


def build_api(system: ApiSystem, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application with all open interfaces; the document is at ``/api/openapi.json``."""
    app = FastAPI(
        lifespan=lifespan,
        title="City operations center",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/api/openapi.json",
        # The usual pages load their scripts from a CDN; nothing here may leave the command center's network.
        docs_url=None,
        redoc_url=None,
    )
    add_error_handlers(app)
    app.include_router(api_routes(system))
    describe(app)
    return app


def api_routes(system: ApiSystem) -> APIRouter:
    """Return all routes under ``/api``, and the pictures of events."""
    router = APIRouter()
    for routes in (health_routes, thing_routes, datastream_routes, quarantine_routes, alarm_routes, snapshot_routes):
        router.include_router(routes(system))
    router.include_router(notification_routes(system))
    router.include_router(warning_routes(system.warnings))
    router.include_router(wall_routes(system.walls))
    if system.search is not None:
        router.include_router(search_routes(system.search))
    if system.selections is not None:
        router.include_router(selection_routes(system, system.selections))
    if system.incidents is not None:
        router.include_router(incident_routes(system.incidents))
        router.include_router(incident_file_routes(system.incidents))
    if system.field is not None:
        router.include_router(field_routes(system, system.field))
    if system.sending is not None:
        router.include_router(dispatch_routes(system.sending))
        router.include_router(routing_routes(system.sending.router))
    if system.cases is not None:
        router.include_router(report_routes(system.cases))
        router.include_router(case_routes(system.cases))

    @router.get("/api/{path:path}", include_in_schema=False)
    @allows(SIGNED_IN)
    def nothing(path: str, request: Request) -> None:
        """Say that there is nothing to read: what Dash answers to every other address is a page."""
        raise HTTPException(405 if methods_of(request) else 404)

    return router
