"""Signing in, and out, through the city's single sign-on: OpenID Connect, authorization code flow with PKCE.

The provider vouches for a person; what the person may do here is what the settings give to their groups. Everything
that comes back is judged before it counts: the browser it comes to, the answer, the code, the token, the claims. The
provider is asked over the network: call all of it from a thread. Raises StoreUnavailable where the database is away.
Made by bootstrap, called by ``ops_center/api/single_sign_on.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import Key

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import LastAdministrator, SingleSignOnError, SingleSignOnUnavailable, StoreError
from ops_center.domain.people import Session
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label, Language
from ops_center.domain.time import SECOND_US, Clock
from ops_center.people.keys import Keys
from ops_center.people.oidc import ExternalPerson, has_claims, person_of
from ops_center.people.oidc_tokens import LEEWAY_S, Audience, TokenRefused, id_claims, sid_of, signed_out
from ops_center.services import sso_words as words
from ops_center.services.entrance import Visitor
from ops_center.services.external_accounts import ExternalAccounts
from ops_center.services.sessions import Sessions
from ops_center.services.sign_in_outcomes import Outcome, Refused, SignedIn
from ops_center.services.signing_in import SigningIn
from ops_center.services.sso_farewell import Farewell
from ops_center.services.sso_provider import CenterRefused, CodeRefused, Provider, Tokens
from ops_center.services.sso_transactions import Transaction, Transactions
from ops_center.store.port import Store

log = structlog.get_logger(__name__)

T = TypeVar("T")
Claims = Mapping[str, Any]

_SYSTEM = Asker("system")
_UI_LOCALES: dict[Language, str] = {"zh": "zh-CN zh", "en": "en"}


@dataclass(frozen=True, slots=True)
class Leave:
    """The browser goes to the provider, and carries ``cookie`` meanwhile."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a sign-in, and what its beginning said."""

    outcome: Outcome
    next: str = "/"
    language: Language | None = None


class SingleSignOn:
    """One per web process; safe to use from any thread."""

    def __init__(
        self, provider: Provider, store: Store, sessions: Sessions, signing_in: SigningIn, keys: Keys, clock: Clock
    ) -> None:
        self._provider = provider
        self._store = store
        self._sessions = sessions
        self._signing_in = signing_in
        self._clock = clock
        self._accounts = ExternalAccounts(store.accounts, clock)
        self._transactions = Transactions(keys, clock)
        self._farewell = Farewell(provider, store.external, keys, clock)

    def start(self, redirect_uri: str, next_path: str, language: Language) -> Leave | Refused:
        """Begin a sign-in that comes back to ``redirect_uri``."""
        try:
            metadata = self._provider.metadata(alive=True)
        except SingleSignOnError as error:
            return Refused(_word_of(error))
        begun, cookie = self._transactions.begin(redirect_uri, next_path, language)
        address = prepare_grant_uri(
            metadata.authorization,
            self._provider.sign_on.client_id,
            "code",
            redirect_uri,
            metadata.scopes,
            begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
            ui_locales=_UI_LOCALES[language],
        )
        return Leave(str(address), cookie)

    def finish(self, answer: Mapping[str, str], cookie: str, visitor: Visitor) -> Finished:
        """Judge what the browser brings back: the query of its address, and the cookie it was sent away with."""
        begun = self._transactions.open(cookie)
        if begun is None:
            log.info("sso.refused", reason="nothing begun", address=visitor.address)
            return Finished(Refused(words.EXPIRED))
        return Finished(self._finish(answer, begun, visitor), begun.next, begun.language)

    def end_by_provider(self, logout_token: object) -> int:
        """End the sessions that the provider's token means; return how many. Raises SingleSignOnError."""
        out = self._with_keys(lambda keys: signed_out(logout_token, keys, self._audience()))
        # One that is sent again, by whoever kept it, ends nothing that began later.
        until_us = out.at_us + LEEWAY_S * SECOND_US
        ids = self._store.external.going_on(self._provider.sign_on.issuer, out.subject, out.sid, until_us)
        for session_id in ids:
            self._sessions.end(session_id, "single sign-on", _SYSTEM)
        log.info("sso.signed_out", sessions=len(ids))
        return len(ids)

    def farewell(self, session: Session) -> str | None:
        """Return a ticket for :meth:`farewell_address` if ``session`` came through the provider."""
        return self._farewell.ticket(session)

    def farewell_address(self, ticket: str, return_to: str) -> str | None:
        """Return where a browser that signed out here goes to sign out there; None: nowhere."""
        return self._farewell.address(ticket, return_to)

    def _finish(self, answer: Mapping[str, str], begun: Transaction, visitor: Visitor) -> Outcome:
        if not begun.is_answered_by(answer.get("state", "")):
            log.warning("sso.refused", reason="not the answer to what was begun", address=visitor.address)
            return Refused(words.EXPIRED)
        try:
            self._judge_sender(answer)
            if error := answer.get("error"):
                self._write_down(visitor, f"the single sign-on says {words.named(error)}")
                return Refused(words.of_provider(error))
            tokens = self._exchanged(answer.get("code"), begun)
            claims = self._claims(tokens, begun)
        except SingleSignOnError as error:
            log.warning("sso.refused", reason=str(error), address=visitor.address)
            if not isinstance(error, SingleSignOnUnavailable):
                self._write_down(visitor, str(error))
            return Refused(_word_of(error))
        return self._enter(claims, tokens, visitor)

    def _judge_sender(self, answer: Mapping[str, str]) -> None:
        """Raise SingleSignOnError where an answer says that it is another provider's, or hides whose (RFC 9207)."""
        issuer = answer.get("iss")
        if issuer is None and not self._provider.metadata().names_itself:
            return
        if issuer != self._provider.sign_on.issuer:
            raise SingleSignOnError("an answer that is not of our single sign-on")

    def _exchanged(self, code: str | None, begun: Transaction) -> Tokens:
        if not code:
            raise SingleSignOnError("an answer of the single sign-on without a code")
        return self._provider.exchange(code, begun.verifier, begun.redirect_uri)

    def _claims(self, tokens: Tokens, begun: Transaction) -> Claims:
        """Return what is believed of a person; what the token leaves out is asked for (OpenID Connect Core, 5.4)."""
        claims = self._with_keys(
            lambda keys: id_claims(tokens.id_token, keys, self._audience(), begun.nonce, tokens.access_token)
        )
        if has_claims(claims, self._provider.sign_on.groups):
            return claims
        more = self._provider.userinfo(tokens.access_token)
        return {**more, **claims} if more.get("sub") == claims["sub"] else claims

    def _enter(self, claims: Claims, tokens: Tokens, visitor: Visitor) -> Outcome:
        person = person_of(self._provider.sign_on.issuer, claims, self._provider.sign_on.groups)
        if person is None:
            return Refused(words.BROKEN)
        try:
            account = self._accounts.account_of(person, visitor.address)
        except LastAdministrator:
            return self._refuse(person, visitor, "the groups leave no administrator", words.LAST_ADMINISTRATOR)
        if account is None or not person.grants:
            return self._refuse(person, visitor, "no group gives rights", words.NO_RIGHTS)
        outcome = self._signing_in.enter_external(account, visitor)
        return self._kept(outcome, claims, tokens) if isinstance(outcome, SignedIn) else outcome

    def _kept(self, entered: SignedIn, claims: Claims, tokens: Tokens) -> SignedIn:
        try:
            self._farewell.keep(entered.session, sid_of(claims), tokens.id_token)
        except StoreError:  # the provider could not end it
            self._sessions.end(entered.session.id, "single sign-on", _SYSTEM)
            raise
        return entered

    def _refuse(self, person: ExternalPerson, visitor: Visitor, reason: str, word: Label) -> Refused:
        log.info("sso.refused", reason=reason, name=person.names[0], address=visitor.address)
        self._write_down(visitor, reason, issuer=person.issuer, subject=person.subject, name=person.names[0])
        return Refused(word)

    def _write_down(self, visitor: Visitor, reason: str, **more: str) -> None:
        detail = {"by": "single sign-on", "reason": reason, **more}
        entry = AuditEntry(
            self._clock.now_us(), "", "session.refused", outcome="refused", address=visitor.address, detail=detail
        )
        self._store.audit.append([entry])

    def _with_keys(self, judge: Callable[[Mapping[str | None, Key]], T]) -> T:
        """Judge with the keys that are known, and once more with fresh ones where a new key signed."""
        try:
            return judge(self._provider.keys())
        except TokenRefused as refused:
            if refused.reason != "key":
                raise
        return judge(self._provider.keys(anew=True))

    def _audience(self) -> Audience:
        sign_on = self._provider.sign_on
        return Audience(sign_on.issuer, sign_on.client_id, self._clock.now_us() / SECOND_US)


def _word_of(error: SingleSignOnError) -> Label:
    match error:
        case SingleSignOnUnavailable():
            return words.AWAY
        case CodeRefused():
            return words.USED
        case CenterRefused():
            return words.REFUSED
        case TokenRefused(reason="clock"):
            return words.CLOCK
        case _:
            return words.BROKEN
