"""From where a request comes: the client's address, the scheme and the host, across proxies that are trusted.

``X-Forwarded-For``, ``-Proto``, ``-Host`` and ``Forwarded`` (RFC 7239) are believed only where the connection comes
from a trusted proxy; from anybody else they are words of a stranger. Every proxy appends the address that it saw, and
whatever stands left of that was sent by the client: the rightmost hop that is no proxy of ours is the client. Called
by the guard.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from ops_center.api.heads import Head, Refused
from ops_center.domain.addresses import Network
from ops_center.domain.text import Label

Address = IPv4Address | IPv6Address

_MAX_HOPS = 16
_HOP_V4 = re.compile(r"(?P<address>[0-9.]{7,15})(:[0-9]{1,5})?")
_HOP_V6 = re.compile(r"\[(?P<address>[0-9a-fA-F:.]{2,45})\](:[0-9]{1,5})?")
_PAIR = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:"([^"\\]*)"|([!#$%&\'*+.^_`|~0-9A-Za-z-]+))\s*')


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and how."""

    peer: Address | None
    """the other end of the connection; None: it has no address (a socket of this machine's file system)"""
    client: Address | None
    """whoever asks: the peer, or the client of the proxy that the peer is"""
    scheme: str
    """``http`` or ``https``, as the client asked"""
    host: str
    """``name`` or ``name:port``, as the client asked"""


class Proxies:
    """The networks whose word counts."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = tuple(networks)

    def trusts(self, address: Address | None) -> bool:
        """Return whether ``address`` is one of them."""
        return address is not None and any(address in network for network in self._networks)

    def read(self, client: Sequence[Any] | None, scheme: str, head: Head) -> Asked:
        """Return who asks and how, for a connection from ``client``; raises Refused where that can't be known."""
        peer = parse_address(str(client[0])) if client else None
        host = head.one(b"host") or ""
        if not self._networks or not self.trusts(peer):
            return Asked(peer, peer, scheme, host)
        if head.all(b"forwarded"):
            return self._by_forwarded(peer, scheme, host, head)
        return self._by_x_forwarded(peer, scheme, host, head)

    def _by_x_forwarded(self, peer: Address | None, scheme: str, host: str, head: Head) -> Asked:
        hops = head.listed(b"x-forwarded-for")
        client = self._client([_hop(text) for text in _bounded(hops)], peer)
        proto = head.one(b"x-forwarded-proto")
        return Asked(peer, client, _scheme(proto, scheme), head.one(b"x-forwarded-host") or host)

    def _by_forwarded(self, peer: Address | None, scheme: str, host: str, head: Head) -> Asked:
        if any(head.all(name) for name in (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host")):
            # A proxy speaks one of the two languages; the other one is then the client's own.
            raise _malformed("Forwarded, X-Forwarded-*")
        elements = [_pairs(text) for text in _bounded(head.listed(b"forwarded"))]
        hops = [_hop(element.get("for", "")) for element in elements]
        element = elements[self._place(hops)]
        return Asked(peer, self._client(hops, peer), _scheme(element.get("proto"), scheme), element.get("host") or host)

    def _client(self, hops: Sequence[Address], peer: Address | None) -> Address | None:
        return hops[self._place(hops)] if hops else peer

    def _place(self, hops: Sequence[Address]) -> int:
        """Return where the rightmost hop stands that is no proxy of ours; 0 where all are."""
        return next((place for place in reversed(range(len(hops))) if not self.trusts(hops[place])), 0)


@lru_cache(maxsize=4096)  # the same few ask again and again
def parse_address(text: str) -> Address | None:
    """Return the address, None where ``text`` is none. IPv4 in the clothes of IPv6 is IPv4."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _hop(text: str) -> Address:
    """Return the address of ``a.b.c.d``, ``a.b.c.d:port``, ``v6``, ``[v6]`` or ``[v6]:port``; raises Refused."""
    parts = _HOP_V4.fullmatch(text) or _HOP_V6.fullmatch(text)
    found = None if "%" in text else parse_address(parts["address"] if parts else text)
    if found is None:
        raise _malformed("X-Forwarded-For, Forwarded")
    return found


def _bounded(hops: list[str]) -> list[str]:
    if len(hops) > _MAX_HOPS:
        raise _malformed("X-Forwarded-For, Forwarded")
    return hops


def _pairs(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in text.split(";"):
        found = _PAIR.fullmatch(part)
        name = found[1].lower() if found else ""
        if found is None or name in pairs:
            raise _malformed("Forwarded")
        pairs[name] = found[3] if found[2] is None else found[2]
    return pairs


def _scheme(said: str | None, own: str) -> str:
    if said is None:
        return own
    if said.lower() not in {"http", "https"}:
        raise _malformed("X-Forwarded-Proto, Forwarded")
    return said.lower()


def _malformed(headers: str) -> Refused:
    return Refused(400, Label(f"代理请求头无效：{headers}", f"not understood from the proxy: {headers}"))
