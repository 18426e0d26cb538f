"""Where a person is led after signing in: an address of this application, never anybody else's.

A link to the sign-in page can be sent by anyone; what it names as ``next`` must not lead away (open redirect).
"""

from __future__ import annotations

from urllib.parse import urlsplit

HOME = "/"
_LONGEST = 512
_NOT_BACK_TO = ("/sign-in", "/sign-out", "/display", "/sso", "/session", "/api", "/_dash", "/live")


def own_path(asked: str | None) -> str:
    """Return ``asked`` if it is a page of ours, else the home page.

    Browsers read ``//host`` and ``/\\host`` as another host and drop tabs and line ends: none of these gets through.
    """
    if not asked or len(asked) > _LONGEST or not _is_plain(asked):
        return HOME
    try:
        parts = urlsplit(asked)
    except ValueError:
        return HOME
    if (
        parts.scheme
        or parts.netloc
        or any(parts.path == place or parts.path.startswith(f"{place}/") for place in _NOT_BACK_TO)
    ):
        return HOME
    return asked


def _is_plain(text: str) -> bool:
    return (
        text.startswith("/")
        and not text.startswith("//")
        and "\\" not in text
        and all("!" <= character <= "~" for character in text)
    )
