"""Whether the lines to other servers are safe: what leaves this machine is encrypted, and the other end is checked.

Rules of the table in ``safety``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from ops_center.domain.addresses import is_loopback

if TYPE_CHECKING:
    from ops_center.settings import Settings

_VERIFIED = frozenset({"verify-ca", "verify-full"})
_HOSTS = re.compile(r"^[a-z]+://(?:[^/?#]*@)?([^/?#]*)", re.IGNORECASE)


def plain_database(settings: Settings) -> str | None:
    """Return why the line to the database can be listened to, or led elsewhere."""
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    if not url.startswith(("postgresql://", "postgres://")):
        return "OPS_DATABASE_URL: write it as postgresql://…, so that it can be judged"
    asked = parse_qs(urlsplit(url).query)
    named = [host for given in (*asked.get("host", ()), *asked.get("hostaddr", ())) for host in given.split(",")]
    hosts = named or [*filter(None, _hosts(url))] or [os.environ.get("PGHOST", "")]
    mode = asked.get("sslmode", [os.environ.get("PGSSLMODE", "")])[-1]
    if mode in _VERIFIED or all(not host or host.startswith("/") or is_loopback(host) for host in hosts):
        return None
    return "OPS_DATABASE_URL: add ?sslmode=verify-full&sslrootcert=…; a server that is not checked may be anybody's"


def plain_cache(settings: Settings) -> str | None:
    """Return why the line to the cache can be, or who comes by it is not asked for a password."""
    url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    if not url or url.startswith("unix:") or all(is_loopback(host) for host in _hosts(url)):
        return None
    asked = parse_qs(urlsplit(url).query)
    if not url.startswith("rediss://") or asked.get("ssl_cert_reqs", ["required"]) != ["required"]:
        return "OPS_REDIS_URL: use rediss:// with a certificate that is checked"
    if not unquote(urlsplit(url).password or "") and not asked.get("password"):
        return "OPS_REDIS_URL: the server asks for no password; set one there (requirepass or an ACL) and here"
    return None


def mail_server(settings: Settings) -> str | None:
    """Return what of the settings for mail can't be meant."""
    from alerts.route import is_mail_address
    from ops_center.domain.mail_server import MailServer

    if settings.smtp_url is None:
        return None
    MailServer.parse(settings.smtp_url.get_secret_value())
    if settings.mail_from is None or not is_mail_address(settings.mail_from):
        return "OPS_MAIL_FROM: an address is wanted, `ops-center@city.example`"
    return None


def plain_mail(settings: Settings) -> str | None:
    """Return why mail could be read on its way to the mail server."""
    from ops_center.domain.mail_server import MailServer

    if settings.smtp_url is None or MailServer.parse(settings.smtp_url.get_secret_value()).is_safe:
        return None
    return "OPS_SMTP_URL: use smtps:// or smtp:// (STARTTLS); mail would travel readable"


def webhooks(settings: Settings) -> str | None:
    """Return what is wrong with the file of webhooks, or with who may read it."""
    from ops_center.services.notifications.peers import read_peers

    file = settings.webhooks_file
    if file is None:
        return None
    read_peers(file)
    return f"OPS_WEBHOOKS_FILE: others may read {file}; chmod 600 it" if file.stat().st_mode & 0o077 else None


def warnings_folder(settings: Settings) -> str | None:
    """Return why public warnings can't be dropped, or would have no sender."""
    import tempfile

    folder = settings.warnings_folder
    if folder is None:
        return None
    if not settings.warnings_sender:
        return "OPS_WARNINGS_SENDER: public warnings need a sender, `warnings@city.example`"
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return f"OPS_WARNINGS_FOLDER: {folder} can't be written to ({error.strerror})"


def _hosts(url: str) -> Iterator[str]:
    """Yield the hosts of an address; PostgreSQL's may name several."""
    found = _HOSTS.match(url)
    for part in found[1].split(",") if found else ():
        yield unquote(re.sub(r":\d*$", "", part))
