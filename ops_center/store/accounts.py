"""The door of accounts: who may sign in, with what, and what they may do.

Who changes an account holds the lock of all accounts until the transaction is over: there are few changes, and two
administrators who disable each other must not both succeed. The account's version grows with every change, so that
what was decided on an older one (a password that was checked, a session that a process remembers) doesn't count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar, Unpack

from psycopg import errors

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import AccountChanged, AccountError, LastAdministrator, NameTaken
from ops_center.domain.people import Account, Credentials
from ops_center.domain.rights import Grant, Role
from ops_center.store import people_rows
from ops_center.store.auditing import append
from ops_center.store.ending import end_sessions
from ops_center.store.people_port import AccountFields, CredentialFields
from ops_center.store.people_rows import ACCOUNT_COLUMNS, CREDENTIAL_COLUMNS, in_order, moment, with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

T = TypeVar("T")

_LOCK = "SELECT pg_advisory_xact_lock(0x6f707363, 0x70656f70)"  # "opsc", "peop": one change of accounts at a time

_ACCOUNT = f"SELECT {ACCOUNT_COLUMNS} FROM account a JOIN credential c ON c.account = a.key"
_ALL = f"{_ACCOUNT} ORDER BY a.name"
_BY_KEY = f"{_ACCOUNT} WHERE a.key = %s"
_BY_NAME = f"{_ACCOUNT} WHERE a.name = %s"
_EXTERNAL = f"{_ACCOUNT} WHERE a.issuer = %s AND a.subject = %s"
_CREDENTIALS = f"SELECT {CREDENTIAL_COLUMNS} FROM credential WHERE account = %s"

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

_SET_CREDENTIAL = """
UPDATE credential SET password_hash = %(password_hash)s, must_change_password = %(must_change_password)s,
                      password_expires = %(password_expires)s, totp_secret = %(totp_secret)s,
                      totp_last_step = %(totp_last_step)s, recovery_digests = %(recovery_digests)s
WHERE account = %(key)s
"""

_GROW = "UPDATE account SET version = version + 1 WHERE key = %s"
_REHASH = "UPDATE credential SET password_hash = %s WHERE account = %s AND password_hash = %s"
_USE_STEP = "UPDATE credential SET totp_last_step = %(step)s WHERE account = %(key)s AND totp_last_step < %(step)s"

_USE_RECOVERY = """
UPDATE credential SET recovery_digests = array_remove(recovery_digests, %(digest)s)
WHERE account = %(key)s AND %(digest)s = ANY (recovery_digests)
RETURNING cardinality(recovery_digests)
"""

# The demo's accounts manage nothing that counts, and are disabled where it does.
_ADMINISTRATORS = """
SELECT count(*) FROM account a
WHERE a.disabled IS NULL AND a.origin <> 'demo'
  AND EXISTS (SELECT FROM account_grant g WHERE g.account = a.key AND g.role = 'administrator')
"""


class PostgresAccountStore:
    """The AccountStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def list(self) -> Sequence[Account]:
        """Return all, by name."""
        return self._pool.run(lambda connection: list(map(people_rows.account, connection.execute(_ALL))))

    def find(self, name: str) -> Account | None:
        """Return the account that signs in as ``name``."""
        return self._pool.run(lambda connection: _one(connection, _BY_NAME, name))

    def find_external(self, issuer: str, subject: str) -> Account | None:
        """Return the account that single sign-on vouches for."""
        return self._pool.run(lambda connection: _one(connection, _EXTERNAL, issuer, subject))

    def get(self, key: int) -> Account:
        """Return the account of ``key``. Raises AccountError."""
        return self._pool.run(lambda connection: _get(connection, key))

    def credentials(self, key: int) -> Credentials:
        """Return what the account proves itself with. Raises AccountError."""
        return self._pool.run(lambda connection: _credentials(connection, key))

    def add(self, account: Account, credentials: Credentials, entry: AuditEntry) -> Account:
        """Add it and return it with its key. Raises NameTaken."""
        return self._pool.run(lambda connection: _add(connection, account, credentials, entry))

    def add_first_administrator(self, account: Account, credentials: Credentials, entry: AuditEntry) -> Account | None:
        """Add it if there is no administrator but those of the demo, else None. Raises NameTaken."""

        def work(connection: Connection) -> Account | None:
            connection.execute(_LOCK)
            return None if _administrators(connection) else _add(connection, account, credentials, entry)

        return self._pool.run(work)

    def change(self, key: int, entry: AuditEntry, *, spare: str = "", **fields: Unpack[AccountFields]) -> Account:
        """Change it and return it as it is now. Raises AccountError, LastAdministrator."""
        if "grants" in fields:
            fields["grants"] = in_order(fields["grants"])

        def work(connection: Connection) -> Account:
            connection.execute(_LOCK)
            before = _get(connection, key)
            after = replace(before, **fields)
            if after == before:
                return before
            _write(connection, before, after)
            if _manages(before) and not _manages(after) and not _administrators(connection):
                raise LastAdministrator(f"{before.name} is the last administrator: make another one first")
            ended = _end_where_rights_changed(connection, before, after, entry, spare)
            append(connection, [with_detail(entry, {**_difference(before, after), "sessions_ended": ended})])
            return _get(connection, key)

        return self._pool.run(work)

    def set_credentials(
        self,
        key: int,
        entry: AuditEntry,
        *,
        spare: str = "",
        version: int | None = None,
        **fields: Unpack[CredentialFields],
    ) -> Account:
        """Set what it proves itself with. Raises AccountError, AccountChanged."""

        def work(connection: Connection) -> Account:
            connection.execute(_LOCK)
            before = _get(connection, key)
            if version not in {None, before.version}:
                raise AccountChanged(f"{before.name} was changed meanwhile")
            old = _credentials(connection, key)
            values = _credential_values(before, old) | _as_columns(fields)
            connection.execute(_SET_CREDENTIAL, {**values, "key": key})
            connection.execute(_GROW, (key,))
            ended = 0
            if (values["password_hash"], values["totp_secret"]) != (old.password_hash, old.totp_secret):
                ended = end_sessions(connection, key, entry.at_us, "credentials", spare)
            append(connection, [with_detail(entry, {"set": sorted(fields), "sessions_ended": ended})])
            return _get(connection, key)

        return self._pool.run(work)

    def rehash(self, key: int, before: str, after: str) -> None:
        """Replace one hash of a password by another of the same password; nobody's act, so without an entry."""
        self._pool.run(lambda connection: connection.execute(_REHASH, (after, key, before)))

    def use_step(self, key: int, step: int) -> bool:
        """Mark the one-time code of ``step`` as used; False: that one, or a later one, was used already."""
        return self._pool.run(
            lambda connection: connection.execute(_USE_STEP, {"key": key, "step": step}).rowcount == 1
        )

    def use_recovery(self, key: int, digest: bytes, entry: AuditEntry) -> bool:
        """Take a recovery code away; False: there is none such (any more)."""

        def work(connection: Connection) -> bool:
            left = connection.execute(_USE_RECOVERY, {"key": key, "digest": digest}).fetchone()
            if left is None:
                return False
            append(connection, [with_detail(entry, {"codes_left": left[0]})])
            return True

        return self._pool.run(work)


def _one(connection: Connection, query: str, *values: object) -> Account | None:
    row = connection.execute(query, values).fetchone()
    return None if row is None else people_rows.account(row)


def _get(connection: Connection, key: int) -> Account:
    if (found := _one(connection, _BY_KEY, key)) is None:
        raise AccountError(f"there is no account {key}")
    return found


def _credentials(connection: Connection, key: int) -> Credentials:
    row = connection.execute(_CREDENTIALS, (key,)).fetchone()
    if row is None:
        raise AccountError(f"there is no account {key}")
    return people_rows.credentials(row)


def _add(connection: Connection, account: Account, credentials: Credentials, entry: AuditEntry) -> Account:
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
    connection.execute(_ADD_CREDENTIAL, {**_credential_values(account, credentials), "key": key})
    _grant(connection, key, account.grants)
    made = _get(connection, key)
    append(connection, [with_detail(entry, {"after": _shown(made)})])
    return made


def _grant(connection: Connection, key: int, grants: Sequence[Grant]) -> None:
    rows = [(key, g.role.value, g.department or "*", g.district or "*") for g in in_order(grants)]
    connection.cursor().executemany(_GRANT, rows)


def _write(connection: Connection, before: Account, after: Account) -> None:
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


def _end_where_rights_changed(
    connection: Connection, before: Account, after: Account, entry: AuditEntry, spare: str
) -> int:
    if after.disabled_us is not None:
        return end_sessions(connection, after.key, entry.at_us, "disabled", "")
    if after.grants != before.grants:
        return end_sessions(connection, after.key, entry.at_us, "rights", spare)
    return 0


def _manages(account: Account) -> bool:
    manages = any(grant.role is Role.ADMINISTRATOR for grant in account.grants)
    return manages and account.disabled_us is None and account.origin != "demo"


def _administrators(connection: Connection) -> int:
    row: Any = connection.execute(_ADMINISTRATORS).fetchone()
    return int(row[0])


def _credential_values(account: Account, credentials: Credentials) -> dict[str, Any]:
    return {
        "password_hash": credentials.password_hash,
        "must_change_password": account.must_change_password,
        "password_expires": moment(account.password_expires_us),
        "totp_secret": credentials.totp_secret,
        "totp_last_step": credentials.totp_last_step,
        "recovery_digests": list(credentials.recovery_digests),
    }


def _as_columns(fields: CredentialFields) -> dict[str, Any]:
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


def _difference(before: Account, after: Account) -> dict[str, dict[str, Any]]:
    """Return what was, and what is, of what changed."""
    old, new = _shown(before), _shown(after)
    changed = [name for name in old if old[name] != new[name]]
    return {"before": {name: old[name] for name in changed}, "after": {name: new[name] for name in changed}}
