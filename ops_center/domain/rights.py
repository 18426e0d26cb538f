"""Who may do what: what a page, layer, feed, route or callback declares where it is written, and what a person holds.

A :class:`Rights` is declared beside the thing it protects. A :class:`Grant` is given to an account: a role, over one
department or all, in one district or all. An :class:`Asker` is whoever asks, with all grants. Nothing here decides by
anything else, so that the table in docs/rights.md (generated from the declarations) is the whole truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from ops_center.domain.errors import ConfigurationError


class Role(Enum):
    """What somebody does in the center."""

    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    COMMANDER = "commander"
    DEPARTMENT = "department"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    DISPLAY = "display"
    FIELD_UNIT = "field_unit"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may see something, and who may change it; nobody else may."""

    see: frozenset[Role]
    change: frozenset[Role] = frozenset()
    anonymous: bool = False
    """both, also without signing in: the sign-in page, what it loads, and whether the center is alive"""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over a department and a district; written ``role``, ``role/department``, ``role/department/district``."""

    role: Role
    department: str | None = None
    """code as things carry it; None: all departments"""
    district: str | None = None
    """code in the city pack; None: the whole city"""

    def __str__(self) -> str:
        scope = [self.department or "*", self.district or "*"]
        while scope and scope[-1] == "*":
            scope.pop()
        return "/".join([self.role.value, *scope])

    @classmethod
    def parse(cls, text: str) -> Grant:
        """Return the grant that ``text`` writes; raises ConfigurationError."""
        role, *scope = text.strip().split("/")
        if role not in {known.value for known in Role} or len(scope) > 2 or not all(scope):
            raise ConfigurationError(f"{text!r} is no grant: role, role/department or role/department/district")
        department, district = [None if part == "*" else part for part in (*scope, "*", "*")[:2]]
        return cls(Role(role), department, district)

    def covers(self, department: str, district: str) -> bool:
        """Return whether what belongs to ``department`` in ``district`` is within its scope.

        What belongs to none ("") is the whole city's: only a grant over all covers it.
        """
        return self.department in {None, department} and self.district in {None, district}


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks."""

    account: str
    """name of the account; "" for somebody who has not signed in"""
    grants: tuple[Grant, ...] = ()
    session: str = ""
    """public id of the session, as the audit names it; "" where there is none"""
    display_name: str = ""

    @property
    def roles(self) -> frozenset[Role]:
        """Return the roles, whatever their scope."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def is_signed_in(self) -> bool:
        """Return whether the asker is known."""
        return bool(self.account)

    def may_see(self, rights: Rights) -> bool:
        """Return whether the asker may see anything at all of it; what it holds may be less (:meth:`may_see_of`)."""
        return rights.anonymous or not self.roles.isdisjoint(rights.see)

    def may_change(self, rights: Rights) -> bool:
        """Return whether the asker may change anything at all of it."""
        return rights.anonymous or not self.roles.isdisjoint(rights.change)

    def sees_all(self, rights: Rights) -> bool:
        """Return whether the asker may see it of every department in every district."""
        return self.may_see_of(rights, "", "")

    def may_see_of(self, rights: Rights, department: str, district: str) -> bool:
        """Return whether the asker may see what belongs to ``department`` in ``district``."""
        return self._holds(rights.see, department, district)

    def may_change_of(self, rights: Rights, department: str, district: str) -> bool:
        """Return whether the asker may change what belongs to ``department`` in ``district``."""
        return self._holds(rights.change, department, district)

    def _holds(self, roles: frozenset[Role], department: str, district: str) -> bool:
        return any(grant.role in roles and grant.covers(department, district) for grant in self.grants)


NOBODY = Asker("")
"""somebody who has not signed in"""

EVERYBODY = frozenset(Role)
"""all who have signed in"""

COMMAND_CENTER = frozenset(
    {Role.OPERATOR, Role.COORDINATOR, Role.COMMANDER, Role.LEADER, Role.ADMINISTRATOR, Role.DISPLAY}
)
"""everybody who works in front of the picture"""

PICTURE = COMMAND_CENTER | {Role.DEPARTMENT}
"""all who see live data: a department what is its own"""

WHOLE_CITY_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""can't be limited to a scope: what they are for has none"""

CLOSED = Rights(see=frozenset())
"""what declares nothing"""

OPEN = Rights(see=EVERYBODY, anonymous=True)
"""what everybody may see"""

SIGNED_IN = Rights(see=EVERYBODY, change=EVERYBODY)
"""what everybody may do who has signed in; what lies behind may ask for more"""

F = TypeVar("F", bound=Callable[..., Any])


def allows(rights: Rights) -> Callable[[F], F]:
    """Declare who may use what the decorated function answers: reading asks for ``see``, everything else ``change``."""

    def declare(function: F) -> F:
        function.__rights__ = rights  # type: ignore[attr-defined]
        return function

    return declare


def declared_rights(function: object) -> Rights | None:
    """Return what was declared at a function; None where nothing was."""
    found = getattr(function, "__rights__", None)
    return found if isinstance(found, Rights) else None
