"""Under which name the center is asked, and whether a page of its own asks: hosts, origins, cross-site requests.

Three ways lead a stranger's page to a server that only its users should reach: asking through a user's browser
(cross-site request), giving a name of its own to our address (DNS rebinding), and talking to it directly. All three
are judged here. Called by the guard for HTTP and WebSockets alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ops_center.api.cookies import LOOPBACK_NAME, SECURE_NAME
from ops_center.api.heads import Head, Refused
from ops_center.api.hops import Asked, Proxies
from ops_center.domain.addresses import LOOPBACK_NAMES, PublicAddress, parse_networks
from ops_center.domain.text import Label

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?P<port>:[0-9]{1,5})?")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_COOKIES = frozenset({SECURE_NAME, LOOPBACK_NAME})

_ONLY_HERE = Label("仅限本机访问", "only this machine may ask")
_OTHER_NAME = Label("请求的主机名不属于本系统", "asked under a name that is not this center's")
_NOT_SECURE = Label("请使用 https 访问", "ask over https")
_FOREIGN = Label("请求来自其他站点的页面", "asked by a page from elsewhere")
_UNPROVEN = Label("请求未说明来源页面", "a request with a session must say from which page it comes")


@dataclass(frozen=True, slots=True)
class Site:
    """The address that people type, and the proxies before us. Without an address: this machine alone."""

    public: PublicAddress | None = None
    proxies: Proxies = field(default_factory=Proxies)

    @classmethod
    def parse(cls, public_url: str | None, trusted_proxies: str = "") -> Site:
        """Return the site of the settings. Raises ConfigurationError."""
        public = None if public_url is None else PublicAddress.parse(public_url)
        return cls(public, Proxies(parse_networks(trusted_proxies)))

    def origin(self, asked: Asked) -> str:
        """Return the origin of our own pages, as browsers write it."""
        return self.public.origin if self.public else f"{asked.scheme}://{asked.host.lower()}"

    def judge(self, asked: Asked) -> None:
        """Raise Refused unless ``asked`` may ask under that name."""
        parts = _HOST.fullmatch(asked.host.lower())
        name = parts["name"] if parts else ""
        if self.public is None:
            if not _is_loopback(asked):
                raise Refused(403, _ONLY_HERE)
            if name not in LOOPBACK_NAMES:
                raise Refused(421, _OTHER_NAME)
            return
        if self.public.scheme == "http" and not _is_loopback(asked) and not self.proxies.trusts(asked.peer):
            raise Refused(403, _ONLY_HERE)
        if asked.scheme != self.public.scheme:
            raise Refused(403, _NOT_SECURE)
        if name != self.public.name:
            raise Refused(421, _OTHER_NAME)

    def judge_origin(self, asked: Asked, head: Head, method: str | None) -> None:
        """Raise Refused where a page from elsewhere asks; ``method`` is None for a WebSocket.

        Browsers name the page that asks whenever something may change. A request with a session's cookie must come
        from a browser, hence with that proof. What is no browser sends no cookie, and no page can make it ask.
        """
        site = head.one(b"sec-fetch-site")
        if method in _READING:
            if site in {"cross-site", "same-site"} and head.one(b"sec-fetch-mode") != "navigate":
                raise Refused(403, _FOREIGN)  # an image, a script, a frame's content on a stranger's page
            return
        origin = head.one(b"origin")
        if site in {"cross-site", "same-site"} or (origin is not None and origin != self.origin(asked)):
            raise Refused(403, _FOREIGN)
        if origin is None and site != "same-origin" and has_session(head):
            raise Refused(403, _UNPROVEN)


def has_session(head: Head) -> bool:
    """Return whether the request carries a session's cookie, good or not."""
    return any(
        pair.partition("=")[0].strip() in _COOKIES for cookies in head.all(b"cookie") for pair in cookies.split(";")
    )


def has_token(head: Head) -> bool:
    """Return whether the request carries a program's token, good or not."""
    return any(value[:7].lower() == "bearer " for value in head.all(b"authorization"))


def _is_loopback(asked: Asked) -> bool:
    return all(address is not None and address.is_loopback for address in (asked.peer, asked.client))
