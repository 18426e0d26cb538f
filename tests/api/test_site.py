"""Under which name, from which page: the table of who may ask, and what is refused."""

from __future__ import annotations

import pytest

from ops_center.api.heads import Head, Refused
from ops_center.api.site import Site

HERE = Site.parse(None)
CITY = Site.parse("https://ops.example", "10.0.0.5")
ODD_PORT = Site.parse("https://ops.example:8443/")
OWN = "https://ops.example"
COOKIE = "__Host-ops_session=abc"


def status(site: Site, peer: str, host: str, scheme: str = "http", **said: str) -> int:
    """Return 200 or the status of the refusal; ``said`` are headers and, as ``method``, the method."""
    method: str | None = said.pop("method", "GET")
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in said.items()]
    head = Head([(b"host", host.encode()), *headers])
    try:
        asked = site.proxies.read((peer, 1), scheme, head)
        site.judge(asked)
        site.judge_origin(asked, head, None if method == "WEBSOCKET" else method)
    except Refused as refused:
        return refused.status
    return 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8050", "127.0.0.1:1", "[::1]:8050"])
def test_without_an_address_of_its_own_it_answers_on_loopback(host: str) -> None:
    assert status(HERE, "127.0.0.1", host) == 200
    assert status(HERE, "::1", host) == 200
    assert status(HERE, "::ffff:127.0.0.1", host) == 200
    assert status(HERE, "10.0.0.7", host) == 403


@pytest.mark.parametrize("host", ["ops.example", "", "a@localhost", "localhost/", "localhost:x", "localhost.", "::1"])
def test_and_under_no_other_name(host: str) -> None:
    assert status(HERE, "127.0.0.1", host) == 421


def test_with_an_address_it_is_asked_over_https_under_that_name_alone() -> None:
    assert status(CITY, "203.0.113.7", "ops.example", "https") == 200
    assert status(CITY, "203.0.113.7", "OPS.example:443", "https") == 200
    assert status(CITY, "203.0.113.7", "ops.example", "http") == 403
    assert status(CITY, "127.0.0.1", "localhost", "https") == 421, "loopback's names are gone too"
    assert status(CITY, "203.0.113.7", "ops.example.evil.example", "https") == 421


def test_behind_a_proxy_what_the_proxy_was_asked_counts() -> None:
    said = {"x_forwarded_for": "203.0.113.7", "x_forwarded_proto": "https", "x_forwarded_host": "ops.example"}
    assert status(CITY, "10.0.0.5", "10.0.0.9:8050", **said) == 200
    assert status(CITY, "10.0.0.6", "ops.example", **said) == 403, "not a proxy of ours"
    assert status(CITY, "10.0.0.5", "ops.example", x_forwarded_for="203.0.113.7") == 403, "asked over plain http"
    assert status(CITY, "10.0.0.5", "ops.example", **{**said, "x_forwarded_host": "evil.example"}) == 421


def test_a_plain_address_means_loopback_or_a_proxy() -> None:
    plain = Site.parse("http://ops.example", "10.0.0.5")
    assert status(plain, "127.0.0.1", "ops.example") == 200
    assert status(plain, "10.0.0.5", "ops.example", x_forwarded_for="203.0.113.7") == 200
    assert status(plain, "203.0.113.7", "ops.example") == 403


def test_a_proxy_on_this_machine_does_not_make_strangers_local() -> None:
    here = Site.parse(None, "127.0.0.1")
    assert status(here, "127.0.0.1", "localhost") == 200
    assert status(here, "127.0.0.1", "localhost", x_forwarded_for="203.0.113.7") == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "WEBSOCKET", "TRACE", "ODD"])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"origin": OWN}, 200),
        ({"origin": OWN, "cookie": COOKIE}, 200),
        ({"sec_fetch_site": "same-origin", "cookie": COOKIE}, 200),
        ({"cookie": COOKIE}, 403),  # absence is no proof
        ({"cookie": f"a=b; {COOKIE}"}, 403),
        ({"cookie": "a=b; ops_session =x"}, 403),
        ({"cookie": COOKIE, "authorization": "Bearer ops_a_x"}, 403),
        ({"cookie": COOKIE, "sec_fetch_site": "none"}, 403),
        ({"authorization": "Bearer ops_a_x"}, 200),
        ({"cookie": "other=1"}, 200),
        ({}, 200),
        ({"origin": "null"}, 403),
        ({"origin": "http://ops.example"}, 403),
        ({"origin": "https://ops.example:8443"}, 403),
        ({"origin": "https://ops.example.evil.example"}, 403),
        ({"origin": "https://evil.example", "authorization": "Bearer ops_a_x"}, 403),
        ({"origin": OWN, "sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
    ],
)
def test_what_may_change_something_proves_its_page(method: str, said: dict[str, str], expected: int) -> None:
    assert status(CITY, "203.0.113.7", "ops.example", "https", method=method, **said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"cookie": COOKIE}, 200),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}, 200),  # a link in a mail
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors", "cookie": COOKIE}, 403),
        ({"sec_fetch_site": "same-site", "sec_fetch_mode": "cors"}, 403),
        ({"sec_fetch_site": "same-origin", "sec_fetch_mode": "cors"}, 200),
    ],
)
def test_a_stranger_may_link_here_but_not_load_from_here(said: dict[str, str], expected: int) -> None:
    assert status(CITY, "203.0.113.7", "ops.example", "https", **said) == expected


def test_on_loopback_the_own_origin_is_the_name_that_was_asked() -> None:
    assert status(HERE, "127.0.0.1", "localhost:8050", method="POST", origin="http://localhost:8050") == 200
    assert status(HERE, "127.0.0.1", "localhost:8050", method="POST", origin="http://127.0.0.1:8050") == 403
    assert status(HERE, "127.0.0.1", "localhost:8050", method="POST", origin="https://localhost:8050") == 403


def test_another_port_is_part_of_the_origin() -> None:
    assert status(ODD_PORT, "203.0.113.7", "ops.example:8443", "https", method="POST", origin=f"{OWN}:8443") == 200
    assert status(ODD_PORT, "203.0.113.7", "ops.example:8443", "https", method="POST", origin=OWN) == 403
