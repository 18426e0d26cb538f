"""What the settings say about signing in, and what is told where a way in is closed."""

from __future__ import annotations

from dataclasses import dataclass

from ops_center.domain.people import Account
from ops_center.domain.rights import Role
from ops_center.domain.text import Label

BUSY_S = 2.0
"""after so long somebody tries again who found all places for hashing taken"""

NO_DEMO = Label("演示账号只在演示模式下、在本机上可用。", "Demo accounts are for demo mode on this machine only.")
DISABLED = Label("账号已停用，请联系管理员。", "The account is disabled; ask an administrator.")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about signing in."""

    totp_roles: frozenset[Role]
    """demand one-time codes"""
    demo: bool
    """the demo's ready accounts may enter without a password: demo mode, on loopback alone"""
    center: str = "城市运行中心"
    """what the app on the telephone calls us"""

    def demand_codes(self, account: Account) -> bool:
        """Return whether the account's roles demand one-time codes."""
        return any(grant.role in self.totp_roles for grant in account.grants)
