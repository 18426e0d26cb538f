"""The part of the web process that is about people: what it stands on, their pages' services and their routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter

from ops_center.api.audit_export import audit_export_routes
from ops_center.api.cityscape import draw_city
from ops_center.api.display import display_routes
from ops_center.api.entry_system import EntrySystem
from ops_center.api.serving import site_of
from ops_center.api.session import session_routes
from ops_center.api.sign_in import sign_in_routes
from ops_center.api.sign_in_answers import Answers
from ops_center.api.single_sign_on import after_signing_out, single_sign_on_routes
from ops_center.bus.port import Bus
from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.time import Clock
from ops_center.live.port import LiveMirror
from ops_center.people.audit_heads import HeadSigner
from ops_center.people.keys import load_keys
from ops_center.screens.screen import Office
from ops_center.services.audit_desk import AuditDesk
from ops_center.services.audit_running import RunningAudit
from ops_center.services.auditing import Auditor
from ops_center.services.people import People
from ops_center.services.single_sign_on import SingleSignOn
from ops_center.settings import Settings
from ops_center.store.port import Store
from ops_center.walls.configuration import without_file
from ops_center.walls.wall import Wall


@dataclass(frozen=True)
class Ground:
    """What the web process stands on: connected, not started."""

    settings: Settings
    pack: CityPack
    store: Store
    bus: Bus
    mirror: LiveMirror
    people: People
    audit: RunningAudit
    clock: Clock
    single_sign_on: SingleSignOn | None = None
    """the city's, where the settings name one"""
    walls: Mapping[str, Wall] = field(default_factory=without_file)

    @property
    def auditor(self) -> Auditor:
        """Return who is told what people saw and did."""
        return self.audit.auditor


def make_office(ground: Ground) -> Office:
    """Return what the pages of people and audit need."""
    settings = ground.settings
    signer = HeadSigner(load_keys(settings.center_key_file))
    desk = AuditDesk(ground.store.audit, settings.audit_folder, signer, ground.clock)
    return Office(ground.people, desk, ground.auditor, ground.clock)


def people_routes(ground: Ground, office: Office) -> APIRouter:
    """Return the pages before the center, the session's own addresses, and the copy of the audit."""
    people, settings = ground.people, ground.settings
    entry = EntrySystem(
        ground.pack.manifest.name,
        settings.realm.banner,
        draw_city(ground.pack),
        scope_names(ground.pack),
        people.signing_in,
        people.sessions,
        people.signing_in.demo_accounts,
        settings.oidc_name if ground.single_sign_on else None,
        after_signing_out(ground.single_sign_on),
    )
    router, public = APIRouter(), site_of(settings).public
    for routes in (sign_in_routes(entry), display_routes(entry), session_routes(people.sessions, ground.clock)):
        router.include_router(routes)
    origin = public.origin if public else None
    router.include_router(single_sign_on_routes(ground.single_sign_on, Answers(entry), origin))
    router.include_router(audit_export_routes(office.audit, office.auditor))
    return router
