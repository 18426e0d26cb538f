"""The way out through the single sign-on: where a browser goes that signed out here, so that it is signed out there.

The session is over when the browser leaves, so a sealed ticket names it for a moment. Called by ``single_sign_on``.
"""

from __future__ import annotations

import json

from authlib.common.urls import add_params_to_uri

from ops_center.domain.errors import SingleSignOnError
from ops_center.domain.people import Session
from ops_center.domain.time import MINUTE_US, Clock
from ops_center.people.keys import Keys
from ops_center.people.sealing import Sealer
from ops_center.services.sign_in_tickets import opened_text, sealed_text
from ops_center.services.sso_provider import Provider
from ops_center.store.external_port import ExternalSessionStore, ProviderSession

_LASTS_US = 2 * MINUTE_US
_LONGEST_TICKET = 512
_LONGEST_HINT = 2500
"""characters; servers refuse longer addresses, and then the provider asks its user instead"""
_ABOUT = "farewell"


class Farewell:
    """Seals hints, makes tickets, and says where to go."""

    def __init__(self, provider: Provider, store: ExternalSessionStore, keys: Keys, clock: Clock) -> None:
        self._provider = provider
        self._store = store
        self._clock = clock
        self._sealer = Sealer(keys.derived("sso farewell"))

    def keep(self, session: Session, sid: str | None, id_token: object) -> None:
        """Note what a new session has at the provider."""
        hint = id_token.encode() if isinstance(id_token, str) and len(id_token) <= _LONGEST_HINT else None
        sealed = None if hint is None else self._sealer.seal(hint, session.id)
        self._store.keep(session.id, ProviderSession(sid, sealed))

    def ticket(self, session: Session) -> str | None:
        """Return what lets the browser of ``session`` say goodbye to the provider; None: it owes it nothing."""
        if session.account.origin != "oidc":
            return None
        until_us = self._clock.now_us() + _LASTS_US
        return sealed_text(self._sealer, json.dumps([session.id, until_us]).encode(), _ABOUT)

    def address(self, ticket: str, return_to: str) -> str | None:
        """Return where the browser goes; None: nowhere, the ticket is no good or the provider knows no way out."""
        plain = opened_text(self._sealer, ticket, _ABOUT) if len(ticket) <= _LONGEST_TICKET else None
        if plain is None:
            return None
        session_id, until_us = json.loads(plain)
        if self._clock.now_us() >= until_us:
            return None
        try:
            end_session = self._provider.metadata().end_session
        except SingleSignOnError:
            return None
        return None if end_session is None else self._with_hint(end_session, session_id, return_to)

    def _with_hint(self, end_session: str, session_id: str, return_to: str) -> str:
        asked = {"client_id": self._provider.sign_on.client_id, "post_logout_redirect_uri": return_to}
        kept = self._store.of(session_id)
        hint = None if kept is None or kept.hint is None else self._sealer.open(kept.hint, session_id)
        if hint is not None:
            asked["id_token_hint"] = hint.decode()
        return str(add_params_to_uri(end_session, list(asked.items())))
