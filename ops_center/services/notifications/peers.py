"""Systems that are told by webhook: a file that names each with its address and the secret that signs what it is sent.

Addresses are settings, never data: who edits routes chooses among names, and can make the center ask nothing else.
"""

from __future__ import annotations

import socket
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from ops_center.domain.addresses import is_loopback
from ops_center.domain.errors import ConfigurationError, PeerUnavailable

Address = IPv4Address | IPv6Address


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One system."""

    url: Annotated[str, msgspec.Meta(min_length=8, max_length=500)]
    secret: Annotated[str, msgspec.Meta(min_length=32, max_length=500)]
    """shared with it; random, at least 32 characters"""

    def __repr__(self) -> str:
        """Keep the secret out of logs and tracebacks."""
        return "Peer(…)"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    webhook: dict[Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,100}$")], Peer] = {}


def read_peers(file: Path) -> Mapping[str, Peer]:
    """Return the systems of ``[webhook.NAME]`` tables. Raises ConfigurationError, which repeats no secret."""
    try:
        found = msgspec.convert(tomllib.loads(file.read_text("utf-8")), _File).webhook
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"OPS_WEBHOOKS_FILE: {file} can't be read") from None
    except tomllib.TOMLDecodeError:
        raise ConfigurationError(f"OPS_WEBHOOKS_FILE: {file} is no TOML") from None
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"OPS_WEBHOOKS_FILE: {error}") from None
    for name, peer in found.items():
        if fault := _fault_of(peer.url):
            raise ConfigurationError(f"OPS_WEBHOOKS_FILE: {name}: {fault}")
    return found


def address_of(url: str) -> Address:
    """Return where a peer is now. Raises PeerUnavailable where that is nowhere a peer may be.

    Private networks are where a city's systems are. Never asked are addresses that no peer has but much of the inside
    answers on: loopback (unless the setting says so itself), link-local (metadata of clouds), multicast, unspecified.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise PeerUnavailable("its name is not known") from None
    addresses = [ip_address(entry[4][0]) for entry in found]
    allowed = [address for address in addresses if is_allowed(address, loopback=is_loopback(host))]
    if not allowed:
        raise PeerUnavailable("its name leads to where no peer may be")
    return allowed[0]


def is_allowed(address: Address, *, loopback: bool) -> bool:
    """Return whether a peer may have this address."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return loopback
    reserved = address.is_reserved and not address.is_private
    return not (address.is_link_local or address.is_multicast or address.is_unspecified or reserved)


def _fault_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "no address"
    if not host or parts.username is not None or parts.fragment or not url.isascii() or not url.isprintable():
        return "write https://host/path, without a user"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return None
    return "https:// is wanted"
