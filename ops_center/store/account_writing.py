"""Writes and reads accounts within a transaction: the statements, and what they need around them. By ``accounts``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from psycopg import errors

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import AccountError, NameTaken
from ops_center.domain.people import Account, Credentials
from ops_center.domain.rights import Grant, Role
from ops_center.store import people_rows
from ops_center.store.auditing import append
from ops_center.store.ending import end_sessions
from ops_center.store.people_port import CredentialFields
from ops_center.store.people_rows import SELECT_ACCOUNT, in_order, moment, with_detail
from ops_center.store.session import Connection

ACCOUNT = f"{SELECT_ACCOUNT} FROM account a JOIN credential c ON c.account = a.key"
_BY_KEY = f"{ACCOUNT} WHERE a.key = %s"

_CREDENTIALS = """
SELECT password_hash, totp_secret, totp_last_step, recovery_digests FROM credential WHERE account = %s
"""

_ADD = """
INSERT INTO account (name, display_name, origin, language, issuer, subject, created, disabled)
VALUES (%(name)s, %(display_name)s, %(origin)s, %(language)s, %(issuer)s, %(subject)s, %(created)s, %(disabled)s)
RETURNING key
"""

_ADD_CREDENTIAL = """
INSERT INTO credential (account, password_hash, must_change_password, password_expires, totp_secret, totp_last_step,
                        recovery_digests)
VALUES (%(key)s, %(password_hash)s, %(must_change_password)s, %(password_expires)s, %(totp_secret)s,
        %(totp_last_step)s, %(recovery_digests)s)
"""

_GRANT = "INSERT INTO account_grant (account, role, department, district) VALUES (%s, %s, %s, %s)"

_STRIP = "DELETE FROM account_grant WHERE account = %s"

_CHANGE = """
UPDATE account SET display_name = %(display_name)s, language = %(language)s, disabled = %(disabled)s,
                   version = version + 1
WHERE key = %(key)s
"""

# The demo's accounts manage nothing that counts, and are disabled where it does.
_ADMINISTRATORS = """
SELECT count(*) FROM account a
WHERE a.disabled IS NULL AND a.origin <> 'demo'
  AND EXISTS (SELECT FROM account_grant g WHERE g.account = a.key AND g.role = 'administrator')
"""


def one(connection: Connection, query: str, *values: object) -> Account | None:
    """Return the account that ``query`` finds."""
    row = connection.execute(query, values).fetchone()
    return None if row is None else people_rows.account(row)


def get(connection: Connection, key: int) -> Account:
    """Return the account of ``key``. Raises AccountError."""
    if (found := one(connection, _BY_KEY, key)) is None:
        raise AccountError(f"there is no account {key}")
    return found


def credentials_of(connection: Connection, key: int) -> Credentials:
    """Return what the account proves itself with. Raises AccountError."""
    row = connection.execute(_CREDENTIALS, (key,)).fetchone()
    if row is None:
        raise AccountError(f"there is no account {key}")
    return people_rows.credentials(row)


def add(connection: Connection, account: Account, credentials: Credentials, entry: AuditEntry) -> Account:
    """Add an account with its entry and return it as it is stored. Raises NameTaken."""
    values = {
        **asdict(account),
        **{"issuer": None, "subject": None},
        **(account.external or {}),
        "created": moment(account.created_us),
        "disabled": moment(account.disabled_us),
    }
    try:
        row: Any = connection.execute(_ADD, values).fetchone()
    except errors.UniqueViolation:
        raise NameTaken(f"there is an account {account.name} already") from None
    key = int(row[0])
    connection.execute(_ADD_CREDENTIAL, {**credential_values(account, credentials), "key": key})
    _grant(connection, key, account.grants)
    made = get(connection, key)
    append(connection, [with_detail(entry, {"after": _shown(made)})])
    return made


def _grant(connection: Connection, key: int, grants: Sequence[Grant]) -> None:
    rows = [(key, g.role.value, g.department or "*", g.district or "*") for g in in_order(grants)]
    connection.cursor().executemany(_GRANT, rows)


def write(connection: Connection, before: Account, after: Account) -> None:
    """Write what of an account can change; its version grows."""
    values = {
        "key": after.key,
        "display_name": after.display_name,
        "language": after.language,
        "disabled": moment(after.disabled_us),
    }
    connection.execute(_CHANGE, values)
    if after.grants != before.grants:
        connection.execute(_STRIP, (after.key,))
        _grant(connection, after.key, after.grants)


def end_where_rights_changed(
    connection: Connection, before: Account, after: Account, entry: AuditEntry, spare: str
) -> int:
    """End the account's sessions if it was disabled or has other grants; return how many."""
    if after.disabled_us is not None:
        return end_sessions(connection, after.key, entry.at_us, "disabled", "")
    if after.grants != before.grants:
        return end_sessions(connection, after.key, entry.at_us, "rights", spare)
    return 0


def manages(account: Account) -> bool:
    """Return whether the account counts as one that can manage accounts."""
    may = any(grant.role is Role.ADMINISTRATOR for grant in account.grants)
    return may and account.disabled_us is None and account.origin != "demo"


def count_administrators(connection: Connection) -> int:
    """Return how many there are that count."""
    row: Any = connection.execute(_ADMINISTRATORS).fetchone()
    return int(row[0])


def credential_values(account: Account, credentials: Credentials) -> dict[str, Any]:
    """Return the columns of a credential."""
    return {
        "password_hash": credentials.password_hash,
        "must_change_password": account.must_change_password,
        "password_expires": moment(account.password_expires_us),
        "totp_secret": credentials.totp_secret,
        "totp_last_step": credentials.totp_last_step,
        "recovery_digests": list(credentials.recovery_digests),
    }


def as_columns(fields: CredentialFields) -> dict[str, Any]:
    """Return changed fields as columns."""
    values: dict[str, Any] = dict(fields)
    if "password_expires_us" in values:
        values["password_expires"] = moment(values.pop("password_expires_us"))
    if "recovery_digests" in values:
        values["recovery_digests"] = list(values["recovery_digests"])
    return values


def _shown(account: Account) -> dict[str, Any]:
    """Return what the audit says of an account."""
    return {
        "display_name": account.display_name,
        "grants": list(map(str, account.grants)),
        "language": account.language,
        "origin": account.origin,
        "disabled": account.disabled_us is not None,
    }


def difference(before: Account, after: Account) -> dict[str, dict[str, Any]]:
    """Return what was, and what is, of what changed."""
    old, new = _shown(before), _shown(after)
    changed = [name for name in old if old[name] != new[name]]
    return {"before": {name: old[name] for name in changed}, "after": {name: new[name] for name in changed}}
