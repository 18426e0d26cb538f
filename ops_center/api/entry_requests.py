"""What comes along with every step: where the person wants to go, in which language, and from where they ask."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Form, Query, Request

from ops_center.api.cookies import browser_of
from ops_center.api.own_paths import own_path
from ops_center.domain.text import LANGUAGES, Language
from ops_center.services.signing_in import Visitor

_LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What travels from step to step."""

    next: str
    language: Language


Text = Annotated[str, Form(max_length=1024)]
Ticket = Annotated[str, Form(max_length=2048)]
Word = Annotated[str, Form(max_length=256)]


def by_address(
    request: Request,
    next: Annotated[str, Query(max_length=2048)] = "",
    language: Annotated[str, Query(max_length=16)] = "",
) -> Asked:
    """Return what the address says."""
    return Asked(own_path(next), _language(language, request))


def by_form(
    request: Request,
    next: Annotated[str, Form(max_length=2048)] = "",
    language: Annotated[str, Form(max_length=16)] = "",
) -> Asked:
    """Return what the form says."""
    return Asked(own_path(next), _language(language, request))


ByAddress = Annotated[Asked, Depends(by_address)]
ByForm = Annotated[Asked, Depends(by_form)]


def visitor_of(request: Request) -> Visitor:
    """Return from where somebody tries."""
    agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
    return Visitor(_address(request), agent, browser_of(request))


def is_on_this_machine(request: Request) -> bool:
    """Return whether the browser runs on this machine."""
    try:
        return ip_address(_address(request)).is_loopback
    except ValueError:
        return False


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _language(asked: str, request: Request) -> Language:
    """Return the language that was asked for, else the first of ours that the browser prefers."""
    if asked in LANGUAGES:
        return asked
    preferred = (
        part.split(";")[0].strip().lower()[:2] for part in request.headers.get("accept-language", "").split(",")
    )
    return next((found for found in preferred if found in LANGUAGES), "zh")
