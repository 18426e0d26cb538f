"""A new display: its token, and the account that it stands for, which all displays of one scope share.

Called by the people page; administrators think of a place where a screen hangs, not of accounts.
"""

from __future__ import annotations

from itertools import count

from ops_center.domain.people import Account
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.text import Language
from ops_center.services.accounts import TAKEN, Accounts, Changed, Refused, WithSecret


def add_display(
    accounts: Accounts, label: str, department: str | None, district: str | None, language: Language, asker: Asker
) -> WithSecret | Refused:
    """Make a token for the display that hangs at ``label`` and shows ``department`` in ``district`` (None: all)."""
    grant = Grant(Role.DISPLAY, department, district)
    account = _account_of(accounts, grant) or _new_account(accounts, grant, language, asker)
    if isinstance(account, Refused):
        return account
    return accounts.add_token(account, "display", label, None, asker)


def _account_of(accounts: Accounts, grant: Grant) -> Account | None:
    fitting = (one for one in accounts.list() if one.grants == (grant,) and one.disabled_us is None)
    return next((one for one in fitting if one.origin == "local"), None)


def _new_account(accounts: Accounts, grant: Grant, language: Language, asker: Asker) -> Account | Refused:
    scope = "-".join(part.lower() for part in (grant.department, grant.district) if part)
    name = f"display-{scope}" if scope else "display"
    shown = f"Display {scope}".strip()
    for number in count(1):
        made = accounts.add(name if number == 1 else f"{name}-{number}", shown, [grant], language, asker)
        match made:
            case Changed(account):
                return account
            case Refused(reason) if reason is not TAKEN:
                return made
            case _:
                continue
    raise AssertionError("numbers don't end")
