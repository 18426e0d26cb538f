"""What one web process has of people, with a clock that moves when it is told to."""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher

from ops_center.domain.people import Account, Session
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import ManualClock
from ops_center.people.keys import Keys
from ops_center.people.passwords import Passwords
from ops_center.services.accounts import Accounts, Changed, WithPassword
from ops_center.services.entrance import Entrance
from ops_center.services.own_account import OwnAccount
from ops_center.services.session_memory import Limits
from ops_center.services.sessions import Sessions
from ops_center.services.sign_in_outcomes import NeedsNewPassword, SignedIn
from ops_center.services.signing_in import Rules, SigningIn, Visitor
from ops_center.store.port import Store

SYSTEM = Asker("system")
LIMITS = Limits(30 * 60.0, 12 * 3600.0)
GOOD = "copper lantern drifts north"
BETTER = "seven quiet bridges at dawn"
FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""the same algorithm at a price that tests can pay"""


@dataclass
class People:
    """What one web process has, and the clocks it goes by."""

    store: Store
    clock: ManualClock
    seconds: list[float]
    sessions: Sessions
    signing_in: SigningIn
    accounts: Accounts
    own: OwnAccount

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.seconds[0] += seconds

    def add(self, name: str, *grants: str) -> Account:
        """An account whose password is GOOD."""
        match self.accounts.add(name, name.title(), [Grant.parse(grant) for grant in grants], "en", SYSTEM):
            case WithPassword(_, password):
                match self.signing_in.sign_in(name, password, Visitor()):
                    case NeedsNewPassword(ticket):
                        match self.signing_in.new_password(ticket, GOOD, Visitor()):
                            case SignedIn(session=session):
                                self.signing_in.sign_out(session)
            case Changed():
                pass
        found = self.store.accounts.find(name)
        assert found is not None
        return found

    def enter(self, name: str, password: str = GOOD, visitor: Visitor | None = None) -> SignedIn:
        outcome = self.signing_in.sign_in(name, password, visitor or Visitor())
        assert isinstance(outcome, SignedIn), outcome
        return outcome

    def enter_anyhow(self, name: str) -> SignedIn:
        """A session without any proof, for tests of what comes after."""
        account = self.store.accounts.find(name)
        assert account is not None
        entered = Entrance(self.store, self.sessions, self.clock).person(account, Visitor(), "test")
        assert isinstance(entered, SignedIn)
        return entered

    def start(self, name: str, *grants: str) -> tuple[Session, str]:
        """A new account that has signed in: its session and the secret."""
        self.add(name, *(grants or ("operator",)))
        entered = self.enter(name)
        return entered.session, entered.secret


def make_people(
    store: Store,
    clock: ManualClock,
    *,
    demo: bool = True,
    totp: frozenset[Role] = frozenset(),
    seconds: list[float] | None = None,
    limits: Limits = LIMITS,
) -> People:
    running = [1000.0] if seconds is None else seconds
    sessions = Sessions(store.sessions, store.tokens, clock, limits, lambda: running[0], demo=demo, totp_roles=totp)
    passwords, keys = Passwords(FAST), Keys(b"k" * 32)
    rules = Rules(totp, demo)
    signing_in = SigningIn(store, sessions, passwords, keys, clock, rules)
    accounts, own = Accounts(store, passwords, clock, totp), OwnAccount(store, passwords, keys, clock, rules)
    return People(store, clock, running, sessions, signing_in, accounts, own)
