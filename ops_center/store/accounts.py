"""The door of accounts: who may sign in, with what, and what they may do.

Who changes an account holds the lock of all accounts until the transaction is over: there are few changes, and two
administrators who disable each other must not both succeed. The account's version grows with every change, so that
what was decided on an older one (a password that was checked, a session that a process remembers) doesn't count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import AccountChanged, LastAdministrator
from ops_center.domain.people import Account, Credentials
from ops_center.store import account_writing as writing
from ops_center.store import people_rows
from ops_center.store.account_writing import ACCOUNT
from ops_center.store.auditing import append
from ops_center.store.ending import end_sessions
from ops_center.store.people_port import AccountFields, CredentialFields
from ops_center.store.people_rows import in_order, with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_LOCK = "SELECT pg_advisory_xact_lock(0x6f707363, 0x70656f70)"  # "opsc", "peop": one change of accounts at a time

_ALL = f"{ACCOUNT} ORDER BY a.name"

_BY_NAME = f"{ACCOUNT} WHERE a.name = %s"

_EXTERNAL = f"{ACCOUNT} WHERE a.issuer = %s AND a.subject = %s"

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


class PostgresAccountStore:
    """The AccountStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def list(self) -> Sequence[Account]:
        """Return all, by name."""
        return self._pool.run(lambda connection: list(map(people_rows.account, connection.execute(_ALL))))

    def find(self, name: str) -> Account | None:
        """Return the account that signs in as ``name``."""
        return self._pool.run(lambda connection: writing.one(connection, _BY_NAME, name))

    def find_external(self, issuer: str, subject: str) -> Account | None:
        """Return the account that single sign-on vouches for."""
        return self._pool.run(lambda connection: writing.one(connection, _EXTERNAL, issuer, subject))

    def get(self, key: int) -> Account:
        """Return the account of ``key``. Raises AccountError."""
        return self._pool.run(lambda connection: writing.get(connection, key))

    def credentials(self, key: int) -> Credentials:
        """Return what the account proves itself with. Raises AccountError."""
        return self._pool.run(lambda connection: writing.credentials_of(connection, key))

    def add(self, account: Account, credentials: Credentials, entry: AuditEntry) -> Account:
        """Add it and return it with its key. Raises NameTaken."""
        return self._pool.run(lambda connection: writing.add(connection, account, credentials, entry))

    def add_first_administrator(self, account: Account, credentials: Credentials, entry: AuditEntry) -> Account | None:
        """Add it if there is no administrator but those of the demo, else None. Raises NameTaken."""

        def work(connection: Connection) -> Account | None:
            connection.execute(_LOCK)
            return (
                None
                if writing.count_administrators(connection)
                else writing.add(connection, account, credentials, entry)
            )

        return self._pool.run(work)

    def change(self, key: int, entry: AuditEntry, *, spare: str = "", **fields: Unpack[AccountFields]) -> Account:
        """Change it and return it as it is now. Raises AccountError, LastAdministrator."""
        if "grants" in fields:
            fields["grants"] = in_order(fields["grants"])

        def work(connection: Connection) -> Account:
            connection.execute(_LOCK)
            before = writing.get(connection, key)
            after = replace(before, **fields)
            if after == before:
                return before
            writing.write(connection, before, after)
            if writing.manages(before) and not writing.manages(after) and not writing.count_administrators(connection):
                raise LastAdministrator(f"{before.name} is the last administrator: make another one first")
            ended = writing.end_where_rights_changed(connection, before, after, entry, spare)
            append(connection, [with_detail(entry, {**writing.difference(before, after), "sessions_ended": ended})])
            return writing.get(connection, key)

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
            before = writing.get(connection, key)
            if version not in {None, before.version}:
                raise AccountChanged(f"{before.name} was changed meanwhile")
            old = writing.credentials_of(connection, key)
            values = writing.credential_values(before, old) | writing.as_columns(fields)
            connection.execute(_SET_CREDENTIAL, {**values, "key": key})
            connection.execute(_GROW, (key,))
            ended = 0
            if (values["password_hash"], values["totp_secret"]) != (old.password_hash, old.totp_secret):
                ended = end_sessions(connection, key, entry.at_us, "credentials", spare)
            append(connection, [with_detail(entry, {"set": sorted(fields), "sessions_ended": ended})])
            return writing.get(connection, key)

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
