"""The city's single sign-on as a server: what it says of itself, its keys, and the exchange of a code for tokens.

Its document and keys are kept for an hour and read anew when a token names a key that is not known, but never more
often than every few seconds: nobody can make us ask it without end. A failure is remembered as long, so that a dead
provider costs one caller the time of finding out, not everybody. Called by ``single_sign_on``, and by ``run.py check``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from joserfc.jwk import Key

from ops_center.domain.errors import SingleSignOnError, SingleSignOnUnavailable
from ops_center.people.oidc_client import Metadata, SignOn
from ops_center.people.oidc_tokens import usable_keys
from ops_center.services.bounded_http import Answer, BoundedHttp

log = structlog.get_logger(__name__)

T = TypeVar("T")

KEPT_S = 3600.0
ALIVE_S = 15.0
"""who answered so lately is taken to be there: people are not sent to a provider that is away"""
PAUSE_S = 5.0
PATIENCE_S = 2.0
"""while one thread asks the provider, others wait so long for what it hears"""
_FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for; not believed yet."""

    id_token: object
    access_token: object


class CodeRefused(SingleSignOnError):
    """The provider does not take the code: it is used, too old, or was given to somebody else."""


class CenterRefused(SingleSignOnError):
    """The provider does not take us: our name, secret or addresses are not what it knows."""


class Provider:
    """One per process; safe to use from any thread."""

    def __init__(
        self, sign_on: SignOn, http: BoundedHttp | None = None, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.sign_on = sign_on
        self._http = http or BoundedHttp()
        self._metadata = _Kept(self._read_metadata, now_s)
        self._keys = _Kept(self._read_keys, now_s)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def metadata(self, *, alive: bool = False) -> Metadata:
        """Return what the provider says of itself; ``alive``: it must have said so just now.

        Raises SingleSignOnError, SingleSignOnUnavailable.
        """
        return self._metadata.get(ALIVE_S if alive else KEPT_S)

    def keys(self, *, anew: bool = False) -> Mapping[str | None, Key]:
        """Return the keys it signs with; ``anew``: a token names one that is not among them. Raises as above."""
        return self._keys.get(0.0 if anew else KEPT_S)

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Return the tokens for a code. Raises CodeRefused, CenterRefused, SingleSignOnUnavailable."""
        metadata, sign_on = self.metadata(), self.sign_on
        # RFC 6749, 2.3.1: both parts are form-encoded before they become a basic authorization.
        encoded = metadata.auth_method == "client_secret_basic"
        name, secret = (
            quote(part, safe="") if encoded else part for part in (sign_on.client_id, sign_on.client_secret)
        )
        body = prepare_token_request("authorization_code", "", redirect_uri, code=code, code_verifier=verifier)
        auth = ClientAuth(name, secret, metadata.auth_method)
        address, headers, body = auth.prepare("POST", metadata.token, dict(_FORM), body)
        answer = self._http.ask("POST", address, headers, body)
        if answer.status != 200:
            error = _error_of(answer)
            if error == "invalid_grant":
                raise CodeRefused("the single sign-on does not take the code (invalid_grant)")
            raise CenterRefused(f"the single sign-on does not take this center ({error})")
        return Tokens(answer.content.get("id_token"), answer.content.get("access_token"))

    def userinfo(self, access_token: object) -> Mapping[str, Any]:
        """Return the claims that the provider keeps for those who ask; {} where it has no such place."""
        address = self.metadata().userinfo
        if address is None or not isinstance(access_token, str) or not access_token.isascii():
            return {}
        answer = self._http.ask("GET", address, {"authorization": f"Bearer {access_token}"})
        return answer.content if answer.status == 200 else {}

    def _read_metadata(self) -> Metadata:
        address = f"{self.sign_on.issuer.rstrip('/')}/.well-known/openid-configuration"
        return Metadata.parse(self._read(address, "document"), self.sign_on)

    def _read_keys(self) -> Mapping[str | None, Key]:
        keys = usable_keys(self._read(self.metadata().keys, "keys"))
        if not keys:
            raise SingleSignOnError("the single sign-on has no key that we believe")
        return keys

    def _read(self, address: str, what: str) -> Mapping[str, Any]:
        answer = self._http.ask("GET", address)
        if answer.status != 200:
            raise SingleSignOnUnavailable(f"the single sign-on has no {what} where it should be (HTTP {answer.status})")
        return answer.content


class _Kept(Generic[T]):
    """A value that is read when it is asked for and kept, and read at most every few seconds."""

    def __init__(self, read: Callable[[], T], now_s: Callable[[], float]) -> None:
        self._read = read
        self._now_s = now_s
        self._lock = threading.Lock()
        self._failure: SingleSignOnError | None = None
        self._read_s = float("-inf")
        self._found: T | None = None

    def get(self, age_s: float) -> T:
        """Return it if it was read at most ``age_s`` ago, else read it. Raises SingleSignOnError.

        One that was good an hour ago is better than none; who asks for a newer one is told that there is none.
        """
        if self._lock.acquire(timeout=PATIENCE_S):
            try:
                passed_s = self._now_s() - self._read_s
                if passed_s >= PAUSE_S and (self._failure or self._found is None or passed_s >= age_s):
                    self._look()
            finally:
                self._lock.release()
        failure = self._failure
        if self._found is not None and (failure is None or age_s >= KEPT_S):
            return self._found
        failure = failure or SingleSignOnUnavailable("the single sign-on is being asked already")
        raise type(failure)(str(failure))

    def _look(self) -> None:
        try:
            self._found = self._read()
            if self._failure is not None:
                log.info("sso.answers_again")
            self._failure = None
        except SingleSignOnError as error:
            if self._failure is None:
                log.warning("sso.cannot_ask", error=str(error))
            self._failure = error
        finally:
            self._read_s = self._now_s()


def _error_of(answer: Answer) -> str:
    """Return the provider's error if it is a word of the standard's; anything else is not repeated."""
    error = answer.content.get("error")
    known = {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"}
    return error if isinstance(error, str) and error in known else f"HTTP {answer.status}"
