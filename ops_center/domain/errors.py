"""Every error of the center, in one tree.

::

    OpsCenterError
    ├── ConfigurationError          a setting is missing, contradictory or unsafe
    ├── CityPackError               a city pack can't be read, is damaged or contradicts itself
    ├── CatalogError                a thing or datastream can't be registered, changed or found
    │   └── ThingChanged            somebody changed the thing meanwhile: look again
    ├── AccountError                an account or token can't be made, changed or found
    │   ├── NameTaken               another account has the name
    │   ├── AccountChanged          somebody changed the account meanwhile: look again
    │   └── LastAdministrator       nobody would be left to manage accounts
    ├── RuleError                   a rule can't be found
    │   └── RuleChanged             somebody changed the rule meanwhile: look again
    ├── SceneError                  a scene can't be found, or can't be deleted
    │   └── SceneChanged            somebody changed the scene meanwhile: look again
    ├── PlanError                   a plan can't be found, or is not right
    │   └── PlanChanged             somebody changed the plan meanwhile: look again
    ├── WallError                   a wall, or what is to be hung on it, can't be found
    │   └── WallChanged             somebody changed what hangs there meanwhile: look again
    ├── SingleSignOnError           what the city's single sign-on sent can't be believed or used
    │   └── SingleSignOnUnavailable no answer from it (retriable)
    ├── PeerUnavailable             no answer from a system that is told something (retriable)
    ├── AuditError                  the audit can't be exported, archived or accepted as it is
    ├── WireError                   bytes that are not a record of ours
    ├── Forbidden                   who asks may not do this
    ├── ServerError                 an embedded server can't be found, started or reached
    ├── BusError
    │   ├── BusUnavailable          no answer from the log (retriable)
    │   ├── BusFull                 the log refuses more until it is read (retriable)
    │   └── PartitionLost           another worker owns the partition now
    ├── StoreError
    │   ├── StoreUnavailable        no answer from the database (retriable)
    │   └── Fenced                  another worker committed these offsets: stop, don't retry
    └── LiveUnavailable             no answer from the cache of live values (retriable)

``retriable`` says whether doing the same thing again later can succeed. What an operator causes in the
normal course of work is a value (a union), not an exception.
"""

from __future__ import annotations


class OpsCenterError(Exception):
    """Root of the tree. ``retriable``: doing the same again later can succeed."""

    retriable: bool = False

    def __init__(self, message: str, *, retriable: bool | None = None) -> None:
        super().__init__(message)
        if retriable is not None:
            self.retriable = retriable


class ConfigurationError(OpsCenterError):
    """A setting is missing, contradictory or unsafe; the message names the setting."""


class CityPackError(OpsCenterError):
    """A city pack can't be read, is damaged or contradicts itself; the message names layer, feature and field."""


class CatalogError(OpsCenterError):
    """A thing or datastream can't be registered, changed or found."""


class ThingChanged(CatalogError):
    """Somebody changed the thing meanwhile: look again. Says which, who it was and when, where that is known."""

    def __init__(self, producer: str, thing_id: str, origin: str = "", at_us: int = 0) -> None:
        super().__init__(f"{producer}/{thing_id} was changed meanwhile")
        self.producer, self.thing_id = producer, thing_id
        self.origin, self.at_us = origin, at_us


class AccountError(OpsCenterError):
    """An account or token can't be made, changed or found."""


class NameTaken(AccountError):
    """Another account has the name, or the same identity at the single sign-on."""


class AccountChanged(AccountError):
    """Somebody changed the account meanwhile, or it was disabled: what was decided before doesn't count."""


class LastAdministrator(AccountError):
    """Nobody would be left to manage accounts: make another administrator first."""


class RuleError(OpsCenterError):
    """A rule can't be found."""


class RuleChanged(RuleError):
    """Somebody changed the rule meanwhile: what was decided before doesn't count."""


class WallError(OpsCenterError):
    """A wall, or what is to be hung on it, can't be found."""


class WallChanged(WallError):
    """Somebody changed what hangs on the wall meanwhile: what was decided before doesn't count."""


class SceneError(OpsCenterError):
    """A scene can't be found, or can't be deleted because it ships."""


class SceneChanged(SceneError):
    """Somebody changed the scene meanwhile: what was decided before doesn't count."""


class PlanError(OpsCenterError):
    """A plan can't be found, or is not right; says where."""


class PlanChanged(PlanError):
    """Somebody changed the plan meanwhile: what was decided before doesn't count."""


class SingleSignOnError(OpsCenterError):
    """What the city's single sign-on sent can't be believed or used; the message holds nothing of it."""


class SingleSignOnUnavailable(SingleSignOnError):
    """No answer from the city's single sign-on."""

    retriable = True


class PeerUnavailable(OpsCenterError):
    """No answer from a system that is told something; the message holds nothing of its address."""

    retriable = True


class AuditError(OpsCenterError):
    """The audit can't be exported, archived or accepted as it is; the message says why."""


class WireError(OpsCenterError):
    """Bytes that are not a record of ours."""


class Forbidden(OpsCenterError):
    """Who asks may not see or do this; the message says what, never why something else would be allowed."""


class ServerError(OpsCenterError):
    """An embedded server can't be found, started or reached; the message says what to install or look at."""


class BusError(OpsCenterError):
    """The log failed."""


class BusUnavailable(BusError):
    """No answer from the log."""

    retriable = True


class BusFull(BusError):
    """The log refuses more until it is read."""

    retriable = True


class PartitionLost(BusError):
    """Another worker owns the partition now: drop what was read from it."""


class StoreError(OpsCenterError):
    """The database refused."""


class StoreUnavailable(StoreError):
    """No answer from the database."""

    retriable = True


class Fenced(StoreError):
    """Another worker committed these offsets first: stop working on the partition, don't retry."""


class LiveUnavailable(OpsCenterError):
    """No answer from the cache of live values."""

    retriable = True
