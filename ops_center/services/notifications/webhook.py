"""Webhooks: one signed POST to a system that the settings name.

The signature covers time and body, so that nobody between can change or replay it unseen: the header
``ops-signature: t=<seconds>,v1=<hex>`` holds HMAC-SHA256 of ``<seconds>.<body>`` under the peer's secret.
``ops-notification`` is the same for every attempt of one notification: by it the peer sees what it has already.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

import msgspec

from alerts.notifying import WARNING
from ops_center.domain.errors import PeerUnavailable
from ops_center.domain.time import SECOND_US, Clock
from ops_center.services.bounded_http import BoundedHttp
from ops_center.services.notifications.door import Delivered, Failed, Outcome, Refused
from ops_center.services.notifications.peers import Peer, address_of
from ops_center.store.notification_port import Notification

_LATER = frozenset({408, 425, 429})
"""what a peer answers that is busy, not unwilling"""


class Webhook:
    """Tells peers; safe to use from any thread."""

    def __init__(self, peers: Mapping[str, Peer], http: BoundedHttp, clock: Clock) -> None:
        self._peers = peers
        self._http = http
        self._clock = clock

    def send(self, notification: Notification) -> Outcome:
        """Hand it over once."""
        peer = self._peers.get(notification.wanted.target)
        if peer is None:
            return Failed("no webhook of this name is set (OPS_WEBHOOKS_FILE)")
        kind, body = body_of(notification)
        parts = urlsplit(peer.url)
        headers = {
            "host": parts.netloc,
            "content-type": kind,
            "ops-notification": sha256(notification.wanted.key.encode()).hexdigest()[:40],
            "ops-signature": signature(peer.secret, body, self._clock.now_us() // SECOND_US),
        }
        try:
            address = address_of(peer.url)
            # Asked by the address that was judged: a name that leads elsewhere a moment later leads nobody astray.
            literal = f"[{address}]" if address.version == 6 else str(address)
            port = f":{parts.port}" if parts.port else ""
            url = parts._replace(netloc=f"{literal}{port}").geturl()
            return _outcome(self._http.tell(url, parts.hostname or "", headers, body))
        except PeerUnavailable as error:
            return Failed(str(error))


def body_of(notification: Notification) -> tuple[str, bytes]:
    """Return media type and body: of a public warning the CAP message as it is, else JSON."""
    wanted = notification.wanted
    if wanted.act == WARNING:
        return "application/cap+xml", str(wanted.content.facts["cap"]).encode()
    said = {
        "key": wanted.key,
        "route": wanted.route,
        "act": wanted.act,
        "number": wanted.number,
        "subject": wanted.content.subject,
        "text": wanted.content.text,
        "facts": wanted.content.facts,
    }
    return "application/json", msgspec.json.encode(said)


def signature(secret: str, body: bytes, at_s: int) -> str:
    """Return the header that shows who sent the body, and when."""
    found = hmac.new(secret.encode(), b"%d." % at_s + body, sha256).hexdigest()
    return f"t={at_s},v1={found}"


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return Delivered(f"HTTP {status}")
    if status >= 500 or status in _LATER:
        return Failed(f"HTTP {status}")
    return Refused(f"HTTP {status}" + (", redirects are not followed" if 300 <= status < 400 else ""))
