"""What a center must not be run with: every rule finds what it is for, and a safe center has none."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops_center import safety
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.people import Account
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import DAY_US
from ops_center.settings import Settings, load_settings
from tests.servers.certificates import Authority


@pytest.fixture(autouse=True)
def _no_settings_but_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("OPS_", "PG")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.fixture
def safe(tmp_path: Path) -> dict[str, Any]:
    """The settings of a production center that nothing can be said against."""
    key, audit = tmp_path / "center.key", tmp_path / "audit"
    key.touch(mode=0o600)
    audit.mkdir(mode=0o700)
    return {
        "mode": "production",
        "realm": "live",
        "web_host": "0.0.0.0",
        "public_url": "https://ops.example",
        "trusted_proxies": "10.0.0.5",
        "database_url": "postgresql://ops:secret@db.example:5432/ops?sslmode=verify-full",
        "redis_url": "rediss://:secret@cache.example:6379/0",
        "key_file": key,
        "audit_dir": audit,
    }


def test_a_safe_center_has_no_finding(safe: dict[str, Any]) -> None:
    settings = load_settings(**safe)
    assert safety.findings(settings) == []
    assert safety.notes(settings) == []


def test_the_demo_on_one_machine_has_no_finding() -> None:
    assert safety.findings(load_settings()) == []


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"public_url": "ops.example"}, "OPS_PUBLIC_URL"),
    ({"public_url": "http://ops.example"}, "OPS_WEB_HOST"),
    ({"public_url": "http://ops.example", "web_host": "127.0.0.1"}, "OPS_PUBLIC_URL: production"),
    ({"public_url": None}, "OPS_WEB_HOST"),
    ({"trusted_proxies": ""}, "OPS_WEB_HOST"),
    ({"trusted_proxies": " "}, "OPS_WEB_HOST"),
    ({"trusted_proxies": "0.0.0.0/0"}, "OPS_TRUSTED_PROXIES"),
    ({"trusted_proxies": "proxy"}, "OPS_TRUSTED_PROXIES"),
    ({"tls_certificate": Path("chain.pem")}, "OPS_TLS_KEY"),
    ({"tls_key": Path("key.pem")}, "OPS_TLS_CERTIFICATE"),
    (
        {"tls_key": Path("k"), "tls_certificate": Path("c"), "public_url": None, "web_host": "::1"},
        "OPS_TLS_CERTIFICATE: set OPS_PUBLIC_URL",
    ),
    ({"oidc_issuer": "http://sso.example/realms/city"}, "OPS_OIDC_ISSUER: use https"),
    ({"oidc_issuer": "https://sso.example"}, "OPS_OIDC_GRANTS"),
    ({"oidc_issuer": "https://sso.example", "oidc_grants": {"ops": ["king"]}}, "OPS_OIDC_GRANTS: 'king'"),
    ({"smtp_url": "mail.example"}, "OPS_SMTP_URL"),
    ({"smtp_url": "smtps://ops:secret@mail.example"}, "OPS_MAIL_FROM"),
    ({"smtp_url": "smtps://ops:secret@mail.example", "mail_from": "Ops <ops@city.example>"}, "OPS_MAIL_FROM"),
    ({"smtp_url": "smtp+plain://ops:secret@mail.example", "mail_from": "ops@city.example"}, "OPS_SMTP_URL"),
    ({"database_url": None}, "OPS_DATABASE_URL"),
    ({"realm": Realm.SIMULATED}, "OPS_REALM"),
]


@pytest.mark.parametrize(("wrong", "named"), REFUSED)
def test_what_no_command_goes_on_with_is_named(safe: dict[str, Any], wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(**{**safe, **wrong})
    assert named in str(refused.value)


def test_everything_that_is_wrong_is_said_at_once(safe: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"OPS_WEB_HOST.*OPS_DATABASE_URL.*OPS_REALM"):
        load_settings(**{**safe, "public_url": None, "database_url": None, "realm": "simulated"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "ops.example"])
def test_the_demo_too_stays_on_loopback(host: str) -> None:
    with pytest.raises(ConfigurationError, match="OPS_WEB_HOST"):
        load_settings(web_host=host)


FOUND: list[tuple[dict[str, Any], str]] = [
    ({"database_url": "postgresql://ops:secret@db.example/ops"}, "OPS_DATABASE_URL: add"),
    ({"database_url": "postgresql://ops:secret@db.example/ops?sslmode=require"}, "OPS_DATABASE_URL: add"),
    ({"database_url": "postgresql://ops:secret@127.0.0.1:5432,db.example:5432/ops"}, "OPS_DATABASE_URL: add"),
    ({"database_url": "postgresql:///ops?host=db.example"}, "OPS_DATABASE_URL: add"),
    ({"database_url": "postgresql://127.0.0.1/ops?hostaddr=10.0.0.1"}, "OPS_DATABASE_URL: add"),
    ({"database_url": "host=db.example dbname=ops password=secret"}, "OPS_DATABASE_URL: write"),
    ({"redis_url": "redis://:secret@cache.example:6379/0"}, "rediss://"),
    ({"redis_url": "rediss://:secret@cache.example:6379/0?ssl_cert_reqs=none"}, "rediss://"),
    ({"redis_url": "rediss://cache.example:6379/0"}, "password"),
    ({"redis_url": "rediss://:@cache.example:6379/0"}, "password"),
    ({"key_file": Path("/nowhere/center.key")}, "OPS_KEY_FILE"),
    ({"audit_dir": Path("/nowhere/audit")}, "OPS_AUDIT_DIR"),
    ({"audit_dir": Path("/proc")}, "OPS_AUDIT_DIR"),
    ({"log_level": "debug"}, "OPS_LOG_LEVEL"),
    ({"smtp_url": "smtp+plain://mail.example", "mail_from": "ops@city.example"}, "OPS_SMTP_URL: use smtps"),
    ({"webhooks_file": Path("/nowhere/webhooks.toml")}, "OPS_WEBHOOKS_FILE"),
    ({"warnings_folder": Path("/proc")}, "OPS_WARNINGS_SENDER"),
    ({"warnings_folder": Path("/proc"), "warnings_sender": "warnings@city.example"}, "OPS_WARNINGS_FOLDER"),
    ({"tls_certificate": Path("/nowhere/chain.pem"), "tls_key": Path("/nowhere/key.pem")}, "OPS_TLS_CERTIFICATE"),
]


@pytest.mark.parametrize(("wrong", "named"), FOUND)
def test_what_check_finds_is_named_alone_and_without_secrets(
    safe: dict[str, Any], wrong: dict[str, Any], named: str
) -> None:
    found = safety.findings(load_settings(**{**safe, **wrong}))
    assert len(found) == 1
    assert named in found[0]
    assert "secret" not in found[0]


SAFE_TOO: list[dict[str, Any]] = [
    {"database_url": "postgresql://ops:secret@127.0.0.1:5432/ops"},
    {"database_url": "postgresql://ops:secret@[::1]/ops"},
    {"database_url": "postgresql:///ops?host=/run/postgresql"},
    {"database_url": "postgresql://%2Frun%2Fpostgresql/ops"},
    {"database_url": "postgresql://db.example/ops?sslmode=verify-ca"},
    {"redis_url": "redis://127.0.0.1:6379/0"},
    {"redis_url": "unix:///run/valkey.sock"},
    {"redis_url": None},
    {"oidc_issuer": "https://sso.example", "oidc_grants": {"ops": ["operator"]}},
    {"oidc_issuer": "http://127.0.0.1:8080/realms/city", "oidc_grants": {"ops": ["operator"]}},
]


@pytest.mark.parametrize("other", SAFE_TOO)
def test_what_stays_on_this_machine_or_is_checked_is_no_finding(safe: dict[str, Any], other: dict[str, Any]) -> None:
    assert safety.findings(load_settings(**{**safe, **other})) == []


def test_what_libraries_read_from_the_environment_counts_too(
    safe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(**{**safe, "database_url": "postgresql:///ops"})
    assert safety.findings(settings) == []
    monkeypatch.setenv("PGHOST", "db.example")
    assert "OPS_DATABASE_URL" in safety.findings(settings)[0]
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert safety.findings(settings) == []


def test_a_key_that_others_may_read_is_found(safe: dict[str, Any]) -> None:
    safe["key_file"].chmod(0o644)
    assert "chmod 600" in safety.findings(load_settings(**safe))[0]


@pytest.mark.parametrize("name", ["DASH_DEBUG", "_DASH_FASTAPI_CONFIG"])
def test_tools_for_developers_are_found(safe: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "{}")
    assert name in safety.findings(load_settings(**safe))[0]


def test_root_is_found(safe: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "root" in safety.findings(load_settings(**safe))[0]


def test_a_certificate_is_judged_and_its_end_is_only_a_note(safe: dict[str, Any], authority: Authority) -> None:
    def settings_with(**more: Any) -> Settings:
        files = authority.issue(*more.pop("names", ["ops.example"]), **more)
        return load_settings(**{**safe, "tls_certificate": files.certificate, "tls_key": files.key})

    assert safety.findings(settings_with()) == []
    assert "other.example" in safety.findings(settings_with(names=["other.example"]))[0]
    assert "expired" in safety.findings(settings_with(until_days=-0.5))[0]
    soon = settings_with(until_days=20)
    assert safety.findings(soon) == []
    assert "renew it" in safety.notes(soon)[0]


def test_outside_production_only_a_certificate_that_cannot_serve_is_found(safe: dict[str, Any]) -> None:
    settings = load_settings(**{**safe, "mode": "demo", "log_level": "debug", "key_file": Path("/nowhere")})
    assert safety.findings(settings) == []


ACCOUNT = Account(
    1, "ada", "Ada", (Grant(Role.ADMINISTRATOR),), "local", "en", 0, must_change_password=True, has_password=True
)


@pytest.mark.parametrize(
    ("account", "at_us", "named"),
    [
        (ACCOUNT, DAY_US + 1, "one-time password"),
        (ACCOUNT, DAY_US - 1, None),
        (replace(ACCOUNT, password_expires_us=3 * DAY_US), 2 * DAY_US, None),
        (replace(ACCOUNT, password_expires_us=DAY_US), 2 * DAY_US, "one-time password"),
        (replace(ACCOUNT, disabled_us=5), 2 * DAY_US, None),
        (replace(ACCOUNT, must_change_password=False), 2 * DAY_US, None),
        (replace(ACCOUNT, origin="demo", must_change_password=False), 0, "demo"),
        (replace(ACCOUNT, origin="demo", must_change_password=False, disabled_us=1), 0, None),
    ],
)
def test_accounts_of_the_demo_and_passwords_that_wait_are_found(
    account: Account, at_us: int, named: str | None
) -> None:
    found = safety.account_findings([account], at_us)
    assert [bool(named)] == [True] if found else named is None
    assert all(str(named) in finding and "ada" in finding for finding in found)


def test_every_rule_is_in_the_tables_above() -> None:
    assert len(safety.RULES) == len({rule.find for rule in safety.RULES})
    assert {rule.when for rule in safety.RULES} == {"load", "check", "note"}


def test_a_file_of_webhooks_that_others_may_read_is_found(safe: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text(f"[webhook.duty]\nurl = 'https://duty.example/'\nsecret = '{'s3cret' * 8}'\n")
    file.chmod(0o644)
    (found,) = safety.findings(load_settings(**safe, webhooks_file=file))
    assert "chmod 600" in found and "s3cret" not in found
    file.chmod(0o600)
    assert safety.findings(load_settings(**safe, webhooks_file=file)) == []
