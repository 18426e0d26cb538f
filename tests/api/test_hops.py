"""Who is believed to have asked: across proxies the rightmost stranger, and nobody's word but a proxy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.api.heads import MAX_HEADER_BYTES, MAX_HEADERS, Head, Refused
from ops_center.api.hops import Proxies
from ops_center.domain.addresses import parse_networks

PROXIES = Proxies(parse_networks("10.0.0.5/32, 10.1.0.0/16, 2001:db8::5, 127.0.0.1"))


def read(peer: str, scheme: str = "http", **headers: str | list[str]) -> tuple[str, str, str]:
    listed = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    asked = PROXIES.read((peer, 4711), scheme, Head([(b"host", b"inside:8050"), *listed]))
    return str(asked.client), asked.scheme, asked.host


def test_a_proxy_is_believed_and_nobody_else() -> None:
    said = {"x_forwarded_for": "203.0.113.7", "x_forwarded_proto": "https", "x_forwarded_host": "ops.example"}
    assert read("10.0.0.5", **said) == ("203.0.113.7", "https", "ops.example")
    assert read("10.0.0.6", **said) == ("10.0.0.6", "http", "inside:8050")


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("127.0.0.1, 203.0.113.7", "203.0.113.7"),  # what stands to the left was sent by the client
        ("10.0.0.5, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.1.2.3", "203.0.113.7"),  # a chain of proxies of ours
        ("198.51.100.1, 203.0.113.7, 10.1.2.3, 10.0.0.5", "203.0.113.7"),
        ("10.1.2.3, 10.0.0.5", "10.1.2.3"),
        ("203.0.113.7:5511", "203.0.113.7"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("2001:db8::9", "2001:db8::9"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_the_rightmost_hop_that_is_no_proxy_counts(said: str, client: str) -> None:
    assert read("10.0.0.5", x_forwarded_for=said)[0] == client


def test_several_headers_are_one_list() -> None:
    assert read("10.0.0.5", x_forwarded_for=["127.0.0.1", "203.0.113.7, 10.1.0.1"])[0] == "203.0.113.7"


@pytest.mark.parametrize(
    "said",
    [
        "", "unknown", "a, 203.0.113.7", "203.0.113.7,", "203.0.113.999", "203.0.113.7:x", "203.0.113.7 10.0.0.1",
        "fe80::1%eth0", "[203.0.113.7", ", ".join(["203.0.113.7"] * 17), "203.0.113.7\x00", "0x7f.0.0.1", "127.1",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(said: str) -> None:
    with pytest.raises(Refused) as refused:
        read("10.0.0.5", x_forwarded_for=said)
    assert refused.value.status == 400


@pytest.mark.parametrize("said", ["ftp", "https, http", "", "https;", ["https", "http"]])
def test_a_scheme_that_is_none_or_two_is_refused(said: str | list[str]) -> None:
    with pytest.raises(Refused):
        read("10.0.0.5", x_forwarded_proto=said)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("for=203.0.113.7;proto=https;host=ops.example", ("203.0.113.7", "https", "ops.example")),
        ('For="[2001:db8::9]:4711";Proto=HTTPS', ("2001:db8::9", "https", "inside:8050")),
        ('for="203.0.113.7:80"', ("203.0.113.7", "http", "inside:8050")),
        ("for=127.0.0.1;proto=http, for=203.0.113.7;proto=https", ("203.0.113.7", "https", "inside:8050")),
        ("for=203.0.113.7;proto=https, for=10.1.0.9;proto=http", ("203.0.113.7", "https", "inside:8050")),
    ],
)
def test_the_standard_header_says_the_same(said: str, expected: tuple[str, str, str]) -> None:
    assert read("10.0.0.5", forwarded=said) == expected


@pytest.mark.parametrize(
    "said", ["for=unknown", "for=_hidden", "proto=https", "for", "for=1.2.3.4;for=1.2.3.5", 'for="1.2.3.4', "", ";"]
)
def test_a_standard_header_that_names_nobody_is_refused(said: str) -> None:
    with pytest.raises(Refused):
        read("10.0.0.5", forwarded=said)


def test_both_languages_at_once_are_refused() -> None:
    """A proxy speaks one and passes the other on as the client sent it."""
    with pytest.raises(Refused):
        read("10.0.0.5", forwarded="for=127.0.0.1", x_forwarded_for="203.0.113.7")


def test_a_proxy_that_says_nothing_is_the_client() -> None:
    assert read("2001:db8::5") == ("2001:db8::5", "http", "inside:8050")


def test_a_connection_without_an_address_has_none() -> None:
    for client in (None, ("", 0), ("unix", 0)):
        assert PROXIES.read(client, "http", Head([(b"host", b"a")])).client is None


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_anything_is_an_address_or_refused(said: str) -> None:
    try:
        client, _, _ = read("10.0.0.5", x_forwarded_for=said)
    except Refused as refused:
        assert refused.status == 400
    else:
        assert client


def test_a_head_is_bounded_in_number_and_size() -> None:
    Head([(b"x", b"y")] * MAX_HEADERS)
    for headers in (
        [(b"x", b"y")] * (MAX_HEADERS + 1),
        [(b"x", b"y" * MAX_HEADER_BYTES)],
        [(b"x", b"y" * 4000)] * 9,
    ):
        with pytest.raises(Refused) as refused:
            Head(headers)
        assert refused.value.status == 431
