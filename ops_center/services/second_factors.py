"""One-time and recovery codes of accounts: judged and enrolled. Called by ``signing_in`` and ``own_account``."""

from __future__ import annotations

from ops_center.domain.audit import AuditEntry
from ops_center.domain.people import Account
from ops_center.domain.time import Clock
from ops_center.people import totp
from ops_center.people.keys import Keys
from ops_center.people.totp import TotpSecrets
from ops_center.services.backing_off import Attempt, BackOff
from ops_center.services.sign_in_outcomes import Wait
from ops_center.store.people_port import AccountStore


class SecondFactors:
    """Judges codes behind the back-off; each code counts once, in however many processes."""

    def __init__(self, store: AccountStore, keys: Keys, clock: Clock, back_off: BackOff, center: str) -> None:
        self._store = store
        self._secrets = TotpSecrets(keys)
        self._clock = clock
        self._back_off = back_off
        self._center = center

    def judge(self, account: Account, code: str, entry: AuditEntry) -> bool | Wait:
        """Return whether a code of the telephone or of paper is right; ``entry``: that one of paper was used."""
        attempt = self._back_off.code(account.key)
        if not isinstance(attempt, Attempt):
            return Wait(attempt)
        right = self._is_recovery(account, code, entry) if totp.is_recovery(code) else self._is_code(account, code)
        if right:
            self._back_off.was_right(attempt)
        return right

    def enrol(
        self, account: Account, version: int, secret: str, code: str, entry: AuditEntry, spare: str = ""
    ) -> tuple[Account, tuple[str, ...]] | Wait | None:
        """Take ``secret`` if ``code`` shows that a telephone knows it; return account and recovery codes.

        None: the code is wrong. Raises AccountChanged if the account is not of ``version`` any more.
        """
        attempt = self._back_off.code(account.key)
        if not isinstance(attempt, Attempt):
            return Wait(attempt)
        step = totp.matching_step(secret, code, self._clock.now_us(), 0)
        if step is None:
            return None
        self._back_off.was_right(attempt)
        codes = totp.new_recovery_codes()
        changed = self._store.set_credentials(
            account.key,
            entry,
            spare=spare,
            version=version,
            totp_secret=self._secrets.sealed(account.key, secret),
            totp_last_step=step,
            recovery_digests=tuple(map(totp.recovery_digest, codes)),
        )
        return changed, codes

    def uri(self, account: Account, secret: str) -> str:
        """Return what the QR code says."""
        return totp.provisioning_uri(secret, account.name, self._center)

    def _is_recovery(self, account: Account, code: str, entry: AuditEntry) -> bool:
        return self._store.use_recovery(account.key, totp.recovery_digest(code), entry)

    def _is_code(self, account: Account, code: str) -> bool:
        held = self._store.credentials(account.key)
        secret = None if held.totp_secret is None else self._secrets.opened(account.key, held.totp_secret)
        if secret is None:
            return False
        step = totp.matching_step(secret, code, self._clock.now_us(), held.totp_last_step)
        return step is not None and self._store.use_step(account.key, step)
