"""The address that people type and the networks that are trusted: what is none is named."""

from __future__ import annotations

import pytest

from ops_center.domain.addresses import PublicAddress, is_loopback, parse_networks
from ops_center.domain.errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://ops.example", "https://ops.example"),
        ("https://OPS.example/", "https://ops.example"),
        ("https://ops.example:443", "https://ops.example"),
        ("https://ops.example:8443", "https://ops.example:8443"),
        ("http://[::1]:8050", "http://[::1]:8050"),
    ],
)
def test_an_address_is_an_origin(url: str, origin: str) -> None:
    assert PublicAddress.parse(url).origin == origin


@pytest.mark.parametrize(
    "url",
    [
        "ops.example", "ftp://ops.example", "https://", "https://ops.example/wall", "https://a:b@ops.example",
        "https://ops.example?x", "https://ops.example#x", "https://ops.example:99999", "https://ops example",
        "https://[::1", "https://ops.example,evil.example", "https://*.example", "",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match="OPS_PUBLIC_URL"):
        PublicAddress.parse(url)


def test_networks_are_lists_of_addresses() -> None:
    assert [str(network) for network in parse_networks("10.0.0.5, 10.1.0.0/16,2001:db8::/64,")] == [
        "10.0.0.5/32",
        "10.1.0.0/16",
        "2001:db8::/64",
    ]


@pytest.mark.parametrize(
    "text", ["10.0.0.5/33", "proxy.example", "10.0.0.5/8", "10.0.0.5;10.0.0.6", "0.0.0.0/0", "::/0", "0.0.0.0/1"]
)
def test_networks_that_are_none_or_everybody_are_named(text: str) -> None:
    with pytest.raises(ConfigurationError, match="OPS_TRUSTED_PROXIES"):
        parse_networks(text)


def test_loopback_has_many_names() -> None:
    assert all(map(is_loopback, ("localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "[::1]")))
    assert not any(map(is_loopback, ("0.0.0.0", "10.0.0.1", "::", "localhost.example", "", "db")))
