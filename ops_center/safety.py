"""What a center must not be run with: one table of small rules, each named with what to do.

Some are refused whenever the settings are read (``settings.load_settings``): no command goes on with them. The others
look at files and accounts and are findings of ``run.py check``, which ends with 1 in production where there is one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from ops_center import safe_lines
from ops_center.domain.addresses import PublicAddress, is_loopback, parse_networks
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.people import Account
from ops_center.domain.realms import Realm
from ops_center.domain.time import DAY_US

if TYPE_CHECKING:
    from ops_center.certificates import CertificateFiles
    from ops_center.settings import Settings

When = Literal["load", "check", "note"]
"""``load``: no command goes on; ``check``: a finding; ``note``: worth knowing, nothing is unsafe yet"""
Find = Callable[["Settings"], str | None]
_DEVELOPERS_TOOLS = frozenset({"_DASH_FASTAPI_CONFIG", "DASH_DEBUG"})
"""variables that Dash reads by itself"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is unsafe, and how it is found."""

    when: When
    everywhere: bool
    """also in the demo, not in production alone"""
    find: Find
    """returns what is wrong and what to do, beginning with the setting; None if nothing is"""


def refuse_unsafe(settings: Settings) -> None:
    """Raise ConfigurationError that names everything with which no command may go on."""
    if found := list(_found(settings, "load")):
        raise ConfigurationError("; ".join(found))


def findings(settings: Settings) -> list[str]:
    """Return what ``run.py check`` has to say against these settings, files and folders."""
    return list(_found(settings, "check"))


def notes(settings: Settings) -> list[str]:
    """Return what will be a finding soon."""
    return list(_found(settings, "note"))


def account_findings(accounts: Sequence[Account], now_us: int) -> list[str]:
    """Return what it has to say against the accounts of a production center."""
    demo = [account.name for account in accounts if account.origin == "demo" and account.disabled_us is None]
    unused = [account.name for account in accounts if _has_unused_password(account, now_us)]
    found = []
    if demo:
        found.append(f"accounts of the demo are enabled: {', '.join(demo)}; disable them (run.py user)")
    if unused:
        names = ", ".join(unused)
        found.append(f"one-time passwords unused for more than a day: {names}; sign in, or reset or disable them")
    return found


def _has_unused_password(account: Account, now_us: int) -> bool:
    waits = account.must_change_password and account.has_password and account.disabled_us is None
    return waits and now_us > (account.password_expires_us or account.created_us + DAY_US)


def _found(settings: Settings, when: When) -> Iterator[str]:
    for rule in RULES:
        if rule.when == when and (rule.everywhere or settings.mode == "production"):
            try:
                found = rule.find(settings)
            except ConfigurationError as error:
                found = str(error)
            if found:
                yield found


# on every start


def _public_address(settings: Settings) -> str | None:
    if settings.public_url is not None:
        PublicAddress.parse(settings.public_url)
    return None


def _trusted_networks(settings: Settings) -> str | None:
    parse_networks(settings.trusted_proxies)
    return None


def _certificate_without_key(settings: Settings) -> str | None:
    if (settings.tls_certificate is None) == (settings.tls_key is None):
        return None
    return "OPS_TLS_CERTIFICATE, OPS_TLS_KEY: set both, or neither"


def _certificate_without_name(settings: Settings) -> str | None:
    if settings.tls_certificate is None or _is_https(settings):
        return None
    return "OPS_TLS_CERTIFICATE: set OPS_PUBLIC_URL=https://… too, the address that people type"


def _open_to_others(settings: Settings) -> str | None:
    if is_loopback(settings.web_host):
        return None
    ends_tls = settings.tls_certificate is not None or bool(settings.trusted_proxies.strip())
    if _is_https(settings) and ends_tls:
        return None
    return (
        f"OPS_WEB_HOST={settings.web_host}: beyond loopback only with OPS_PUBLIC_URL=https://… and either "
        "OPS_TLS_CERTIFICATE with OPS_TLS_KEY or OPS_TRUSTED_PROXIES"
    )


def _single_sign_on(settings: Settings) -> str | None:
    _ = settings.sign_on
    return None


def _plain_address(settings: Settings) -> str | None:
    if settings.public_url is None or _is_https(settings):
        return None
    return "OPS_PUBLIC_URL: production is asked over https://"


def _no_database(settings: Settings) -> str | None:
    return None if settings.database_url else "OPS_DATABASE_URL: production needs a database server of its own"


def _simulated(settings: Settings) -> str | None:
    if settings.realm is not Realm.SIMULATED:
        return None
    return "OPS_REALM: production serves the realm live, drill or replay"


def _is_https(settings: Settings) -> bool:
    return settings.public_url is not None and PublicAddress.parse(settings.public_url).scheme == "https"


# findings


def _certificate(settings: Settings) -> str | None:
    from ops_center.certificates import pair_faults, validity_fault

    files, name = _certificate_files(settings)
    if files is None:
        return None
    return next(pair_faults(files, name), None) or validity_fault(files.certificate, datetime.now(UTC))


def _certificate_ends(settings: Settings) -> str | None:
    from ops_center.certificates import expiry_warning, pair_faults

    files, name = _certificate_files(settings)
    if files is None or any(pair_faults(files, name)):
        return None
    return expiry_warning(files.certificate, datetime.now(UTC))


def _certificate_files(settings: Settings) -> tuple[CertificateFiles | None, str]:
    from ops_center.certificates import CertificateFiles

    if settings.tls_certificate is None or settings.tls_key is None or settings.public_url is None:
        return None, ""
    files = CertificateFiles(settings.tls_certificate, settings.tls_key)
    return files, PublicAddress.parse(settings.public_url).name


def _center_key(settings: Settings) -> str | None:
    file = settings.center_key_file
    if not file.is_file():
        return f"OPS_KEY_FILE: {file} is missing; copy the center's key there (the first start of a center makes one)"
    if file.stat().st_mode & 0o077:
        return f"OPS_KEY_FILE: others may read {file}; chmod 600 it"
    return None


def _audit_folder(settings: Settings) -> str | None:
    folder = settings.audit_dir or settings.state_dir / "audit"
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return f"OPS_AUDIT_DIR: {folder} can't be written to ({error.strerror}); make it, for the center's user alone"


def _talkative(settings: Settings) -> str | None:
    return "OPS_LOG_LEVEL: debug says too much for production; use info" if settings.log_level == "debug" else None


def _developers_tools(_settings: Settings) -> str | None:
    on = sorted(name for name in os.environ if name in _DEVELOPERS_TOOLS)
    return f"{', '.join(on)}: unset it; pages would show tracebacks" if on else None


def _root(_settings: Settings) -> str | None:
    return "the center runs as root; give it a user of its own" if os.geteuid() == 0 else None


RULES: tuple[Rule, ...] = (
    Rule("load", True, _public_address),
    Rule("load", True, _trusted_networks),
    Rule("load", True, _certificate_without_key),
    Rule("load", True, _certificate_without_name),
    Rule("load", True, _open_to_others),
    Rule("load", True, _single_sign_on),
    Rule("load", True, safe_lines.mail_server),
    Rule("load", False, _plain_address),
    Rule("load", False, _no_database),
    Rule("load", False, _simulated),
    Rule("check", True, _certificate),
    Rule("check", False, safe_lines.plain_database),
    Rule("check", False, safe_lines.plain_cache),
    Rule("check", False, safe_lines.plain_mail),
    Rule("check", True, safe_lines.webhooks),
    Rule("check", True, safe_lines.warnings_folder),
    Rule("check", False, _center_key),
    Rule("check", False, _audit_folder),
    Rule("check", False, _talkative),
    Rule("check", False, _developers_tools),
    Rule("check", False, _root),
    Rule("note", True, _certificate_ends),
)
"""in the order in which they are said"""
