"""Doors from plain settings: what nobody has set up is closed and says which setting is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alerts.route import Channel
from ops_center.domain.mail_server import MailServer
from ops_center.domain.time import Clock
from ops_center.services.bounded_http import BoundedHttp
from ops_center.services.notifications.door import Closed, Door, Pages
from ops_center.services.notifications.folder import Folder
from ops_center.services.notifications.mail import Mail
from ops_center.services.notifications.peers import read_peers
from ops_center.services.notifications.webhook import Webhook


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What the settings say of ways out of the center."""

    mail_server: MailServer | None = None
    mail_from: str = ""
    mail_domains: frozenset[str] = frozenset()
    webhooks_file: Path | None = None
    warnings_folder: Path | None = None


def build_doors(ways: WaysOut, clock: Clock) -> Mapping[Channel, Door]:
    """Return a door for every channel. Raises ConfigurationError for a file of webhooks that can't be read."""
    mail: Door = Closed("OPS_SMTP_URL")
    if ways.mail_server is not None:
        mail = Mail(ways.mail_server, ways.mail_from, ways.mail_domains)
    hook: Door = Closed("OPS_WEBHOOKS_FILE")
    if ways.webhooks_file is not None:
        hook = Webhook(read_peers(ways.webhooks_file), BoundedHttp(), clock)
    folder: Door = Closed("OPS_WARNINGS_FOLDER")
    if ways.warnings_folder is not None:
        folder = Folder(ways.warnings_folder)
    return {"mail": mail, "webhook": hook, "folder": folder, "browser": Pages()}
